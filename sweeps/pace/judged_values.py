"""By which values a trial that has ended is judged, where these are not its last ones."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from analysis.results.results import Curve

if TYPE_CHECKING:
    from collections.abc import Iterable

    from analysis.results.criterion import Criterion
    from sweeps.rundir.journal import Metrics


def judged_values(criteria: Iterable[Criterion], rows: Iterable[Metrics]) -> dict[str, tuple[float, str]]:
    """The best value, or the mean of the tail, of each measure of which that counts, with `best` or `tail`.

    Args:
        criteria: By what the trial is judged.
        rows: What it logged, in order; of a step that was logged twice the last value counts.
    """
    wanted = {one.metric: one for one in criteria if one.is_best or one.is_tail}
    points: dict[str, dict[int, float]] = {}
    for row in rows if wanted else ():
        for key in wanted.keys() & row.values.keys():
            points.setdefault(key, {})[row.step] = row.values[key]
    found = {}
    for key, own in points.items():
        curve, one = Curve.by_step(own), wanted[key]
        best = None if one.is_tail else curve.best_by(one.sign)
        value = curve.tail if one.is_tail else best[0] if best is not None else math.nan
        found[key] = (value, one.of_curve)
    return found
