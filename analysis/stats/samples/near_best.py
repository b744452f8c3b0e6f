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
    """Whether seeds do not tell two settings apart: by a t-test at 5 % for this pair alone, with a variance of each.

    Settings with one number each have no spread, and nothing is said of them.
    """
    if min(len(best), len(other)) < 2 or not all(map(math.isfinite, (*best, *other))):  # noqa: PLR2004 - one has no spread
        return False
    scale = max(map(abs, (*best, *other))) or 1.0  # so that no square of 1e200 is infinite
    one, two = ([value / scale for value in values] for values in (best, other))
    free = len(one) + len(two) - 2
    reach = _T[free - 1] if free <= len(_T) else _NORMAL + _SLOPE / free
    error = math.sqrt(variance(one) / len(one) + variance(two) / len(two))
    return abs(math.fsum(one) / len(one) - math.fsum(two) / len(two)) <= reach * error
