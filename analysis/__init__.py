"""Reading the record: tidy frames, figures, the report. Imports no torch.

Importing this package is free of pandas, matplotlib and MLflow; they come with the first use of a name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analysis.read.frames import load_curves, load_runs

__all__ = ["load_curves", "load_runs"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from analysis.read import frames

        return getattr(frames, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
