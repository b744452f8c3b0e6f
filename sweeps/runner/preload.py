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
from typing import TYPE_CHECKING

import psutil

import sweeps.runner.attempt  # noqa: F401 - every attempt begins there
from sweeps.runner.fresh import note_threads
from sweeps.runner.guard import stand_by
from sweeps.runner.inheritance import find_pools
from sweeps.trainer.libraries import safe_libraries
from sweeps.trainer.provenance import environment_identity

if TYPE_CHECKING:
    from collections.abc import Iterator

PRELOAD_VARIABLE = "SWEEP_PRELOAD"
_BLAS_THREADS = "OPENBLAS_NUM_THREADS"


def _preload() -> None:
    stand_by()
    wanted = json.loads(os.environ.pop(PRELOAD_VARIABLE, '{"modules": [], "path": []}'))
    for place in reversed(wanted["path"]):
        if place not in sys.path:
            sys.path.insert(0, place)
    environment_identity()  # looked up once; attempts inherit it
    _note_threads("the start of Python")
    with _no_blas_threads():
        for library in safe_libraries(wanted["modules"], wanted["path"]):
            with contextlib.suppress(Exception):
                importlib.import_module(library)
            _note_threads(f"import {library}")
    find_pools()


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
        del os.environ[_BLAS_THREADS]
        if before is not None:
            os.environ[_BLAS_THREADS] = before


if PRELOAD_VARIABLE in os.environ and "multiprocessing.forkserver" in sys.modules:
    _preload()
