"""Tells which settings the seeds do not tell apart from the best: for the report, `sweep best` and the last line of `sweep run`.

All three ask here. The test is that which compares settings in the report; where its library is not installed, Student's.
"""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import variance
from typing import TYPE_CHECKING, Any

from analysis.stats.samples.coarseness import rounding_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_T = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228)
"""Two-sided 5 % quantiles of Student's t for 1 to 10 degrees of freedom."""
_NORMAL, _SLOPE = 1.96, 2.6
"""Beyond: `_NORMAL + _SLOPE / free`, which is right to 0.01."""


def is_near(best: Mapping[Any, float], other: Mapping[Any, float], *, is_ratio: bool = False) -> bool:
    """Whether seeds do not tell two settings apart: by a test at 5 % of this pair alone.

    Settings with one number each have no spread, and nothing is said of them.

    Args:
        best: What the runs of the one ended with, by seed.
        other: The same of the other.
        is_ratio: Whether such values differ by factors, as losses do: positive ones are compared on a log scale.
    """
    return _is_near(tuple(best.items()), tuple(other.items()), is_ratio=is_ratio)


@lru_cache(maxsize=4096)  # the end of a `sweep run` asks twice: for the sweep's run and for the terminal
def _is_near(
    best_ends: tuple[tuple[Any, float], ...], other_ends: tuple[tuple[Any, float], ...], *, is_ratio: bool
) -> bool:
    best, other = dict(best_ends), dict(other_ends)
    values = (*best.values(), *other.values())
    if min(len(best), len(other)) < 2 or not all(map(math.isfinite, values)):  # noqa: PLR2004 - one has no spread
        return False
    try:
        from analysis.stats.seed_tests import LEVEL, Sample, compare_two

        is_log = is_ratio and min(values) > 0
        rounding = rounding_of(values, is_log=is_log)
        one, two = (
            Sample("", {seed: math.log(end) if is_log else end for seed, end in ends.items()}, rounding)
            for ends in (best, other)
        )
        return compare_two(one, two).p >= LEVEL
    except ImportError:
        return is_near_by_student(tuple(best.values()), tuple(other.values()))


def is_near_by_student(best: Sequence[float], other: Sequence[float]) -> bool:
    """The same by Student's t-test with a variance of each, which needs no library; of finite numbers, two of each at least."""
    scale = max(map(abs, (*best, *other))) or 1.0  # so that no square of 1e200 is infinite
    one, two = ([value / scale for value in values] for values in (best, other))
    free = len(one) + len(two) - 2
    reach = _T[free - 1] if free <= len(_T) else _NORMAL + _SLOPE / free
    error = math.sqrt(variance(one) / len(one) + variance(two) / len(two))
    return abs(math.fsum(one) / len(one) - math.fsum(two) / len(two)) <= reach * error
