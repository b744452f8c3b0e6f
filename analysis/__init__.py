"""Reading the record: tidy frames, figures, the report. Imports no torch.

Importing this package is free of pandas, matplotlib and MLflow; they come with the first use of a name.
"""

import typing as _typing

if _typing.TYPE_CHECKING:
    from analysis.read.frames import load_curves, load_runs

__all__ = ["load_curves", "load_runs"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from analysis.read import frames

    found: object = getattr(frames, name)
    return found


def __dir__() -> list[str]:
    return list(__all__)
