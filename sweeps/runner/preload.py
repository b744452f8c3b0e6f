"""Imports once, in the forkserver, what every attempt will need (`sweeps.executors.local` names this module to it).

What cannot be imported here is left to the attempt itself, where its error belongs to a trial.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import sweeps.runner.attempt  # noqa: F401 - every attempt begins there
from sweeps.trainer.imports import HOME, OWN, put_first
from sweeps.trainer.provenance import environment_identity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PRELOAD_VARIABLE = "SWEEP_PRELOAD"
_RESTORE_VARIABLE = "SWEEP_RESTORE"
_CHANGED = ("PYTHONPATH", "PYTHONSAFEPATH")


@contextlib.contextmanager
def own_modules_first() -> Iterator[None]:
    """A Python that is started in here finds sweep's modules and its own, whatever a user has in the working directory.

    Its first import of this module puts the environment back, so that trials have the user's.
    """
    before = {name: os.environ.get(name) for name in _CHANGED}
    places = filter(None, (before["PYTHONPATH"] or "").split(os.pathsep))
    is_installed = HOME.name in {"site-packages", "dist-packages"} and not any(
        Path(place, name).exists() for place in places for name in OWN
    )
    os.environ["PYTHONSAFEPATH"] = "1"
    if not is_installed:
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(HOME), before["PYTHONPATH"])))
    os.environ[_RESTORE_VARIABLE] = json.dumps(before)
    try:
        yield
    finally:
        _put_back(before)


def _put_back(before: Mapping[str, str | None]) -> None:
    os.environ.pop(_RESTORE_VARIABLE, None)
    for name, value in before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def _preload() -> None:
    wanted = json.loads(os.environ.pop(PRELOAD_VARIABLE, '{"modules": [], "path": []}'))
    put_first(wanted["path"])
    environment_identity()  # looked up once; attempts inherit it
    for module in wanted["modules"]:
        with contextlib.suppress(Exception):
            importlib.import_module(module)


if _RESTORE_VARIABLE in os.environ and "multiprocessing.forkserver" in sys.modules:
    _put_back(json.loads(os.environ[_RESTORE_VARIABLE]))
if PRELOAD_VARIABLE in os.environ and "multiprocessing.forkserver" in sys.modules:
    _preload()
