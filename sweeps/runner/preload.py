"""Imports once, in the forkserver, what every attempt will need (`sweeps.executors.local` names this module to it).

A trainer's own modules are left to the attempts: what they do when they are imported, start threads, open files, draw random
numbers or fail, belongs to a trial. Only libraries that are known to be safe are imported here, with one thread, and
attempts get fresh interpreters where that does not hold.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

import sweeps.runner.attempt  # noqa: F401 - every attempt begins there
from sweeps.runner.fresh import note_threads
from sweeps.runner.guard import stand_by
from sweeps.runner.inheritance import find_pools
from sweeps.trainer.imports import HOME, OWN, put_first
from sweeps.trainer.libraries import safe_libraries
from sweeps.trainer.provenance import environment_identity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PRELOAD_VARIABLE = "SWEEP_PRELOAD"
FOR_OPTIMIZERS = "torch._dynamo"
"""What torch imports when the first optimizer is made: it takes a second, which each trial would spend."""
_RESTORE_VARIABLE = "SWEEP_RESTORE"
_BLAS_THREADS = "OPENBLAS_NUM_THREADS"
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
    stand_by()
    wanted = json.loads(os.environ.pop(PRELOAD_VARIABLE, '{"modules": [], "path": []}'))
    put_first(wanted["path"])
    environment_identity()  # looked up once; attempts inherit it
    _note_threads("the start of Python")
    with _no_blas_threads():
        for library in safe_libraries(wanted["modules"], wanted["path"]):
            with contextlib.suppress(Exception):
                importlib.import_module(library)
            _note_threads(f"import {library}")
        if _is_torch_without_cuda():
            with contextlib.suppress(Exception):
                importlib.import_module(FOR_OPTIMIZERS)
            _note_threads(f"import {FOR_OPTIMIZERS}")
    find_pools()


def _is_torch_without_cuda() -> bool:
    """Whether torch is imported, and is one that nothing can start CUDA in: a fork behind that could use no GPU."""
    torch = sys.modules.get("torch")
    return torch is not None and not torch.backends.cuda.is_built()


def _note_threads(after: str) -> None:
    if psutil.Process().num_threads() > 1:
        note_threads(after)


@contextlib.contextmanager
def _no_blas_threads() -> Iterator[None]:
    """OpenBLAS starts no threads when it is loaded in here; each attempt sets how many it has."""
    before = os.environ.get(_BLAS_THREADS)
    os.environ[_BLAS_THREADS] = "1"
    try:
        yield
    finally:
        _put_back({_BLAS_THREADS: before})


if _RESTORE_VARIABLE in os.environ and "multiprocessing.forkserver" in sys.modules:
    _put_back(json.loads(os.environ[_RESTORE_VARIABLE]))
if PRELOAD_VARIABLE in os.environ and "multiprocessing.forkserver" in sys.modules:
    _preload()
