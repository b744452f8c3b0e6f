"""What there is to know beside a frame: kept in its `attrs` as values, and warned of where the caller's line is."""

from __future__ import annotations

import inspect
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

NOTES = "notes"
"""Under this name the `attrs` of a frame have them."""


class SweepWarning(UserWarning):
    """A note of `sweeps`, such as that no run recorded a measure. `warnings.simplefilter("ignore", sweeps.SweepWarning)` turns them off."""


def noted(frame: pd.DataFrame, notes: Iterable[str]) -> pd.DataFrame:
    """The frame with its notes, which are warned of."""
    frame.attrs[NOTES] = list(dict.fromkeys(notes))
    warn(frame.attrs[NOTES])
    return frame


def warn(notes: Iterable[str]) -> None:
    """Warn of each at the line outside this package that asked, every time: Python would say it once for each line."""
    frame = inspect.currentframe()
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] == "sweeps":
        frame = frame.f_back
    file, line = ("sweeps", 1) if frame is None else (frame.f_code.co_filename, frame.f_lineno)
    for note in notes:
        warnings.warn_explicit(note, SweepWarning, file, line)
