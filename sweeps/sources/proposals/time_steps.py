"""Steps of rows that have a time, or a counter that is not usually the step, such as a day."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

from sweeps.sources.following.visits import Rounds
from sweeps.sources.formats.number import number
from sweeps.spec.fields import is_number
from sweeps.spec.trainer.source_model import STEP_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TIMES = frozenset({"t", "time"})
"""What columns of times are called."""
COUNTING = frozenset(
    {
        "day",
        "week",
        "month",
        "year",
        "hour",
        "timestep",
        "time_step",
        "turn",
        "tick",
        "cycle",
        "period",
        "frame",
    }
    | {"generation", "gen", "round", "batch", "update", "episode", "it", "sweep"}
)
"""What first columns are called that count the rows, beside the names that are taken for the step anyway."""
_FEWEST = 3
_LOOKED = 20
"""So many times are looked at."""
_LARGEST = 1e8
"""A larger time is one of a clock."""
_OFF = 0.05
"""So far from a whole number of steps may a time be, as it is printed with few digits."""


def time_step(rows: Sequence[Mapping[Any, Any]]) -> str:
    """The first column, where it counts, as `day` does; or what makes steps of a column `t` or `time`: it, or `round(t / 0.2)`.

    Returns:
        The expression; empty where there is a counter, no such column, or its values are not evenly spaced. Of a counter that begins
        again in each fold, which another column counts, `fold * 10 + epoch`.
    """
    names = [name for name in (rows[0] if rows else {}) if isinstance(name, str)]
    if not names or len(rows) < _FEWEST:
        return ""
    if usual := next((name for name in STEP_NAMES if name in names), ""):
        return _of_rounds(rows, usual)
    rows = rows[:_LOOKED]
    if names[0].lower() in COUNTING:
        counted = _rising(rows, names[0])
        return names[0] if counted and all(value.is_integer() for value in counted) else ""
    times = [name for name in names if name.lower() in TIMES]
    values = _rising(rows, times[0]) if len(times) == 1 else []
    return _of_time(times[0], values) if values else ""


def _of_rounds(rows: Sequence[Mapping[Any, Any]], counter: str) -> str:
    """The expression that keeps rounds apart in which a counter begins again; empty where it does not, or no column counts them."""
    rounds = Rounds()
    for row in rows:
        values = {str(name): value for name, cell in row.items() if (value := _value(cell)) is not None}
        if not values.get(counter, math.nan).is_integer():
            return ""
        rounds.note(int(values[counter]), values)
    return rounds.step((counter,))


def _of_time(name: str, values: Sequence[float]) -> str:
    """The expression that makes steps of rising times; empty where they are not evenly spaced."""
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


def _rising(rows: Sequence[Mapping[Any, Any]], name: str) -> list[float]:
    """The values of a column where each is a number above the one before; else none."""
    read = [_value(row.get(name)) for row in rows]
    values = [value for value in read if value is not None and math.isfinite(value)]
    is_rising = len(values) == len(rows) and all(a < b for a, b in itertools.pairwise(values))
    return values if is_rising else []


def _value(cell: object) -> float | None:
    if isinstance(cell, str):
        read = number(cell)
        return None if read is None else float(read)
    return float(cell) if is_number(cell) else None
