"""Tells which metrics nobody compares runs by: times and speeds, schedules, values that repeat a curve. Pure.

The data say so, and names only of times and speeds: a learning rate that the program lowers when it sees fit differs by seed, and
is none of these.
"""

from __future__ import annotations

import math
from functools import cache, partial
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from analysis.results.grouping import by_setting, names_of
from analysis.results.metric_names import PER_FRAME, is_speed
from analysis.results.results import FINISHED
from analysis.stats.samples.coarseness import written_to
from analysis.stats.samples.ties import are_close
from analysis.stats.seed_tests import ROUNDING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from analysis.results.curves import Curve
    from analysis.results.results import Result, SweepResults

SPEED = "a time or a speed"
SAME = "the same in all finished runs"
SCHEDULE = "the same in all seeds of a setting"
PARTS = {1.0: "", 0.01: ", as a share", 100.0: ", in percent"}
"""What a value may be of the one that it repeats, and what is said of it."""
LEAST_SHARE = 0.25
"""Values that repeat others agree with them by this share of their own range, at least."""

FEWEST_POINTS, FROM_LINE, FROM_RANGE = 16, 0.01, 0.001
MOST_ON_IT, AT_BENDS = 0.95, 0.05
"""Of curves at different steps: how many points tell that they are one line; how far off it a point may lie, in parts of its value
and of the range of all; which share of the points, and how far off the others, as a schedule may bend between two steps."""


class _Ends(NamedTuple):
    """The values of a curve that a program may record once more; NaN where there is none."""

    last: float
    highest: float
    lowest: float


def minor_metrics(sweep: SweepResults) -> dict[str, str]:
    """Return the metrics that no runs are compared by, each with what it is; none of the measures, and none of their baselines.

    Of the video's trainer, whose metrics are known, none.
    """
    judging = {key for one in sweep.criteria for key in one.keys}
    if sweep.is_scored_by_psnr:
        return {}
    keys = [key for key in sweep.recorded if key not in judging and not key.startswith(PER_FRAME)]
    finished = [result for result in sweep.results if result.state == FINISHED]
    ends_of = cache(partial(_ends_of, finished))  # each metric of one value is compared with all of them
    found = {}
    for key in sorted(keys):
        what = SPEED if is_speed(key) else _schedule(finished, key) or _repeats(finished, key, ends_of)
        if what:
            found[key] = what
    return found


def _schedule(results: Sequence[Result], key: str) -> str:
    """What a metric is that does not depend on what a run came to; empty where it does, or nothing tells."""
    curves = [result.curves[key] for result in results if key in result.curves]
    if len(curves) < 2:  # noqa: PLR2004 - nothing to compare
        return ""
    if any(len(curve.steps) < 2 for curve in curves):  # noqa: PLR2004 - no curve
        return SAME if _is_constant(curves) else ""
    if all(_is_alike(one, other) for one, other in pairwise(curves)):
        return SAME
    repeats = _repeated(results, key)
    if not repeats or not all(_is_alike(one, other) for one, other in repeats):
        return ""
    others = {other for result in results for other in result.curves} - {key}
    seed_is_lost = all(
        _is_alike(one, two)
        for other in others
        if not is_speed(other)
        for one, two in _repeated(results, other)
    )
    return "" if seed_is_lost else SCHEDULE


def _is_constant(curves: Sequence[Curve]) -> bool:
    """Whether all values of all curves are one number, as of a count that the settings fix."""
    first = curves[0].last
    return all(are_close(value, first) for curve in curves for value in curve.values)


def _repeated(results: Sequence[Result], key: str) -> list[tuple[Curve, Curve]]:
    """Each two neighbours among the runs of a setting that have a metric."""
    having = [result for result in results if key in result.curves]
    return [
        (one.curves[key], other.curves[key])
        for runs in by_setting(having).values()
        for one, other in pairwise(runs)
    ]


def _is_alike(one: Curve, other: Curve) -> bool:
    """Whether two curves have the same values at the steps that both have; between steps that differ, the same line."""
    there = dict(zip(other.steps, other.values, strict=True))
    pairs = [(mine, there[step]) for step, mine in zip(one.steps, one.values, strict=True) if step in there]
    if len(pairs) < min(len(one.steps), len(there)):
        return _is_same_line(one, other)
    return all(are_close(mine, theirs) for mine, theirs in pairs)


def _is_same_line(one: Curve, other: Curve) -> bool:
    """Whether a curve goes through the points of another, as that of a schedule whose runs record it at steps of their own."""
    import numpy as np

    shared = [step for step in other.steps if one.steps[0] <= step <= one.steps[-1]]
    values = (*one.values, *other.values)
    if len(shared) < FEWEST_POINTS or not all(map(math.isfinite, values)):
        return False
    mine, theirs = (np.interp(shared, curve.steps, curve.values) for curve in (one, other))
    off, span = np.abs(mine - theirs), max(values) - min(values)
    on_it = off <= FROM_LINE * np.maximum(np.abs(mine), np.abs(theirs)) + FROM_RANGE * span
    return bool(np.mean(on_it) >= MOST_ON_IT and (off <= AT_BENDS * span).all())


def _repeats(results: Sequence[Result], key: str, ends_of: Callable[[str], Mapping[int, _Ends]]) -> str:
    """Which curve a metric with one value a run repeats the end or the best of; empty where it does none.

    `ends_of` gives those of another metric, by identity of the result.
    """
    having = [result for result in results if key in result.curves]
    if len(having) < 2 or any(len(result.curves[key].steps) > 1 for result in having):  # noqa: PLR2004 - chance
        return ""
    values = [result.curves[key].last for result in having]
    for other in sorted({name for result in having for name in result.curves} - {key}):
        if any(other not in one.curves for one in having) or all(
            len(one.curves[other].steps) == 1 for one in having
        ):
            continue
        of_runs = [ends_of(other)[id(result)] for result in having]
        for what, ends in zip(_Ends._fields, zip(*of_runs, strict=True), strict=True):
            for factor, told in PARTS.items():
                if _agree(values, ends, factor):
                    return f"the {what} {names_of(results).get(other, other)} again{told}"
    return ""


def _ends_of(results: Sequence[Result], key: str) -> dict[int, _Ends]:
    return {id(result): _ends(result.curves[key]) for result in results if key in result.curves}


def _ends(curve: Curve) -> _Ends:
    highest, lowest = (curve.best_by(sign) or (math.nan, 0) for sign in (1, -1))
    return _Ends(curve.last, highest[0], lowest[0])


def _agree(values: Sequence[float], ends: Sequence[float], factor: float) -> bool:
    """Whether values are those ends, as far as the digits of both tell, which is much less than their range."""
    if not all(map(math.isfinite, (*values, *ends))):
        return False
    of_ends = [factor * end for end in ends]
    slack = 0.5 * max(written_to(values), factor * written_to(ends)) + ROUNDING * max(map(abs, values))
    spread = max(values) - min(values)
    return slack <= LEAST_SHARE * spread and all(
        abs(mine - theirs) <= slack * (1 + ROUNDING) for mine, theirs in zip(values, of_ends, strict=True)
    )
