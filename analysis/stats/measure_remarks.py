"""What a reader of a report must know of the file's measures: that there are none, that nothing recorded one, that a unit does not fit."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from analysis.results.criterion import PERCENT, not_recorded
from analysis.results.metric_names import suggestion

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analysis.results.criterion import Criterion
    from analysis.results.results import SweepResults


def measure_remarks(sweep: SweepResults) -> Iterator[str]:
    """Yield a sentence or two for each."""
    if not sweep.criteria and not sweep.expected.criteria:
        line = suggestion(sweep.recorded)
        if line:
            yield (
                "The file does not say which metric these trials are judged by, so nothing is ranked or compared. "
                f"Add for example `{line}` to it, and make the report again."
            )
        return
    yield from not_recorded(sweep.expected.criteria, sweep.recorded)
    for criterion in sweep.expected.criteria:
        if criterion.unit == PERCENT and _is_share(sweep, criterion):
            yield (
                f"Every {criterion.metric} lies between 0 and 1, and the file gives its unit as %: if 1 is the whole of it, "
                "leave the unit out. Numbers are shown as they are recorded."
            )


def _is_share(sweep: SweepResults, criterion: Criterion) -> bool:
    curves = [
        result.curves[criterion.metric] for result in sweep.results if criterion.metric in result.curves
    ]
    values = [value for curve in curves for value in curve.values if math.isfinite(value)]
    return bool(values) and all(0 <= value <= 1 for value in values)
