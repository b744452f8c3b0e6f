"""Runs when a program's Python starts: prepares MLflow's calls, then lets the machine's own module of this name run."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path


def _run_the_next() -> None:
    """Import the `sitecustomize` that this one stands before, if there is one."""
    here = Path(__file__).parent
    path, this = sys.path[:], sys.modules.pop(__name__, None)
    sys.path[:] = [place for place in path if not place or Path(place) != here]
    try:
        importlib.import_module("sitecustomize")
    except ModuleNotFoundError as error:
        if error.name != "sitecustomize":
            raise
    finally:
        sys.path[:] = path
        if this is not None:
            sys.modules.setdefault(__name__, this)


if __name__ == "sitecustomize":
    importlib.import_module("trial_mlflow").install()
    _run_the_next()
