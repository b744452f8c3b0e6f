"""Tells which settings the seeds do not tell apart from the best, with no library: for the last line of `sweep run`, too."""

from __future__ import annotations

import math
from statistics import variance
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_T = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228)
"""Two-sided 5 % quantiles of Student's t for 1 to 10 degrees of freedom."""
_NORMAL, _SLOPE = 1.96, 2.6
"""Beyond: `_NORMAL + _SLOPE / free`, which is right to 0.01."""


def is_near(best: Sequence[float], other: Sequence[float]) -> bool:
    """Whether seeds do not tell two settings apart: by Welch's t-test at 5 % for this pair alone.

    Settings with one number each have no spread, and nothing is said of them.
    """
    if min(len(best), len(other)) < 2 or not all(map(math.isfinite, (*best, *other))):  # noqa: PLR2004 - one has no spread
        return False
    scale = max(map(abs, (*best, *other))) or 1.0  # so that no square of 1e200 is infinite
    one, two = ([value / scale for value in values] for values in (best, other))
    parts = [(variance(values) / len(values), len(values) - 1) for values in (one, two)]
    squares = math.fsum(part for part, _ in parts)
    error = math.sqrt(squares)
    # Degrees of freedom by Satterthwaite: fewer, the more the spread is one setting's alone.
    lost = math.fsum((part / squares) ** 2 / free for part, free in parts) if squares else 1.0
    reach = _reach(1 / lost)
    return abs(math.fsum(one) / len(one) - math.fsum(two) / len(two)) <= reach * error


def _reach(free: float) -> float:
    """The quantile at so many degrees of freedom, between two whole numbers in a straight line over 1 / free."""
    below = int(free)
    if below >= len(_T):
        return _NORMAL + _SLOPE / free
    low, high = _T[below - 1], _T[below]
    return low + (high - low) * (1 / below - 1 / free) / (1 / below - 1 / (below + 1))
