"""Experiments of an experiments.yaml, from Python: plan, run, look, compare. Imports neither torch nor cvae.

`plan`, `run`, `status`, `report` and `best` do what the verbs of the command line do, `compare` gives the report's comparisons as a
frame, `load_runs` and `load_curves` the record. Importing this package loads nothing for them; that comes with the first use of a name.
Part of the distribution sweep-experiments.
"""

import typing as _typing

if _typing.TYPE_CHECKING:
    from sweeps.api.notes import SweepWarning
    from sweeps.api.record import best, compare, load_curves, load_runs
    from sweeps.api.results import Launch, Report
    from sweeps.api.verbs import plan, report, run, status
    from sweeps.errors import SweepError

__all__ = [
    "Launch",
    "Report",
    "SweepError",
    "SweepWarning",
    "best",
    "compare",
    "load_curves",
    "load_runs",
    "plan",
    "report",
    "run",
    "status",
]
_PLACES = {
    "SweepError": "errors",
    "SweepWarning": "api.notes",
    **dict.fromkeys(("best", "compare", "load_curves", "load_runs"), "api.record"),
    **dict.fromkeys(("Launch", "Report"), "api.results"),
}


def _load_analysis() -> None:
    """Load the `analysis` that lies beside this package: a user's own may come first where modules are looked for."""
    import sys
    from importlib.machinery import PathFinder
    from importlib.util import module_from_spec
    from pathlib import Path

    spec = PathFinder.find_spec("analysis", [str(Path(__file__).resolve().parent.parent)])
    if "analysis" not in sys.modules and spec is not None and spec.loader is not None:
        sys.modules["analysis"] = module = module_from_spec(spec)
        spec.loader.exec_module(module)


_load_analysis()


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    found: object = getattr(import_module(f"{__name__}.{_PLACES.get(name, 'api.verbs')}"), name)
    return found


def __dir__() -> list[str]:
    return list(__all__)
