"""Spec, plan, scheduler, executors and ledger of an experiment sweep. Imports neither torch nor cvae.

`plan`, `run`, `status` and `report` do what the verbs of the command line do, from Python (`sweeps.api.verbs`). Importing this
package loads nothing for them; that comes with the first use of a name. Part of the distribution sweep-experiments.
"""

from __future__ import annotations

import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sweeps.api.verbs import Launch, Report, plan, report, run, status
    from sweeps.errors import SweepError

__all__ = ["Launch", "Report", "SweepError", "plan", "report", "run", "status"]


def _load_analysis() -> None:
    """Load the `analysis` that lies beside this package: a user's own may come first where modules are looked for."""
    spec = PathFinder.find_spec("analysis", [str(Path(__file__).resolve().parent.parent)])
    if "analysis" not in sys.modules and spec is not None and spec.loader is not None:
        sys.modules["analysis"] = module = module_from_spec(spec)
        spec.loader.exec_module(module)


_load_analysis()


def __getattr__(name: str) -> Any:
    if name == "SweepError":
        from sweeps.errors import SweepError

        return SweepError
    if name in __all__:
        from sweeps.api import verbs

        return getattr(verbs, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
