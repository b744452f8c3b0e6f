"""Steps of rows that have a time and no counter."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

from sweeps.sources.formats.number import number
from sweeps.spec.trainer.source_model import STEP_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_TIMES = frozenset({"t", "time"})
_FEWEST = 3
_LARGEST = 1e8
"""A larger time is one of a clock."""
_OFF = 0.05
"""So far from a whole number of steps may a time be, as it is printed with few digits."""


def time_step(rows: Sequence[Mapping[Any, Any]]) -> str:
    """The expression that makes steps of a column `t` or `time`: the column, where it is whole, else `round(t / 0.2)`.

    Args:
        rows: The first rows, cells by column.

    Returns:
        The expression; empty where there is a counter, no such column, or its values are not evenly spaced.
    """
    names = [name for name in (rows[0] if rows else {}) if isinstance(name, str)]
    times = [name for name in names if name.lower() in _TIMES]
    if len(times) != 1 or set(names) & set(STEP_NAMES) or len(rows) < _FEWEST:
        return ""
    name = times[0]
    read = [_value(row.get(name)) for row in rows]
    values = [value for value in read if value is not None and math.isfinite(value)]
    if len(values) < len(rows) or any(b <= a for a, b in itertools.pairwise(values)):
        return ""
    if abs(values[0]) > _LARGEST:
        return ""
    if all(value.is_integer() for value in values):
        return name
    first, width = values[0], float(f"{(values[-1] - values[0]) / (len(values) - 1):.6g}")
    if any(abs((value - first) / width - at) > _OFF for at, value in enumerate(values)):
        return ""
    if first >= 0 and abs(first / width - round(first / width)) <= _OFF:
        return f"round({name} / {width:.6g})"
    return f"round(({name} {'-' if first > 0 else '+'} {abs(first):.6g}) / {width:.6g})"


def _value(cell: object) -> float | None:
    if isinstance(cell, str):
        return number(cell)
    return float(cell) if isinstance(cell, int | float) and not isinstance(cell, bool) else None
