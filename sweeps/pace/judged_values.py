"""By which values a trial that has ended is judged, where these are not its last ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.results.curves import Curve

if TYPE_CHECKING:
    from collections.abc import Iterable

    from analysis.results.criterion import Criterion
    from sweeps.rundir.journal import Metrics


def judged_values(criteria: Iterable[Criterion], rows: Iterable[Metrics]) -> dict[str, tuple[float, str]]:
    """What counts of each measure of which that is not the last value, with `best`, `tail` or `mean`.

    Args:
        criteria: By what the trial is judged.
        rows: What it logged, in order; of a step that was logged twice the last value counts.
    """
    wanted = {one.metric: one for one in criteria if one.needs_curve}
    points: dict[str, dict[int, float]] = {}
    for row in rows if wanted else ():
        for key in wanted.keys() & row.values.keys():
            points.setdefault(key, {})[row.step] = row.values[key]
    found = {}
    for key, own in points.items():
        one = wanted[key]
        found[key] = (Curve.by_step(own).counted(one.of_curve, is_high=one.is_high), one.of_curve)
    return found
