"""Spec, plan, scheduler, executors and ledger of an experiment sweep. Imports neither torch nor cvae.

Part of the distribution sweep-experiments.
"""

import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from pathlib import Path


def _load_analysis() -> None:
    """Load the `analysis` that lies beside this package: a user's own may come first where modules are looked for."""
    spec = PathFinder.find_spec("analysis", [str(Path(__file__).resolve().parent.parent)])
    if "analysis" not in sys.modules and spec is not None and spec.loader is not None:
        sys.modules["analysis"] = module = module_from_spec(spec)
        spec.loader.exec_module(module)


_load_analysis()
