"""Imports once, in the forkserver, what every attempt will need (`sweeps.executors.local` names this module to it).

What cannot be imported here is left to the attempt itself, where its error belongs to a trial.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import sys

import sweeps.runner.attempt  # noqa: F401 - every attempt begins there
from sweeps.trainer.provenance import environment_identity

PRELOAD_VARIABLE = "SWEEP_PRELOAD"


def _preload() -> None:
    wanted = json.loads(os.environ.pop(PRELOAD_VARIABLE, '{"modules": [], "path": []}'))
    for place in reversed(wanted["path"]):
        if place not in sys.path:
            sys.path.insert(0, place)
    environment_identity()  # looked up once; attempts inherit it
    for module in wanted["modules"]:
        with contextlib.suppress(Exception):
            importlib.import_module(module)


if PRELOAD_VARIABLE in os.environ and "multiprocessing.forkserver" in sys.modules:
    _preload()
