"""One metric of one run, by step, and which of its values may count. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.results.criterion import BEST, MEAN, TAIL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Self

TAIL_PARTS = 10
"""The tail of a curve is the last one of so many equal parts of its steps."""
LARGEST = 1e300
"""Numbers from here on count as infinite: SQL stores write an infinity as the greatest float there is, and what is larger
than this can be neither averaged nor drawn."""


@dataclass(frozen=True)
class Curve:
    """One metric of one run: `values[i]` at `steps[i]`, steps rising; NaN where it was not a finite number."""

    steps: tuple[int, ...]
    values: tuple[float, ...]

    @classmethod
    def by_step(cls, points: Mapping[int, float]) -> Self:
        """Return the curve of the values at some steps, which stand in any order."""
        steps = tuple(sorted(points))
        return cls(steps, tuple(points[step] for step in steps))

    @property
    def last(self) -> float:
        """The value at the greatest step; NaN where that is what was logged."""
        return self.values[-1]

    @property
    def mean(self) -> float:
        """The mean of the values; NaN where one of them is no finite number."""
        return _mean(self.values)

    @property
    def tail(self) -> float:
        """The mean of the values in the last tenth of its steps, from the first to the last; NaN where one of them is no finite number."""
        first, last = self.steps[0], self.steps[-1]
        pairs = zip(self.steps, self.values, strict=True)
        return _mean([value for step, value in pairs if TAIL_PARTS * (last - step) <= last - first])

    def best_by(self, sign: int) -> tuple[float, int] | None:
        """The greatest value, with sign -1 the least, and its step (the first of equals); None where every value is NaN."""
        pairs = zip(self.values, self.steps, strict=True)
        finite = [(sign * value, -step) for value, step in pairs if not math.isnan(value)]
        if not finite:
            return None
        value, minus_step = max(finite)
        return sign * value, -minus_step

    def counted(self, which: str, *, is_high: bool) -> float:
        """The value that counts: `last`, `best`, `tail` or `mean`; `is_high`: whether the greatest is the best one."""
        if which == BEST:
            best = self.best_by(1 if is_high else -1)
            return math.nan if best is None else best[0]
        return self.tail if which == TAIL else self.mean if which == MEAN else self.last


def is_finite(value: float) -> bool:
    """Whether a value is a number, and none that stands for an infinity."""
    return abs(value) < LARGEST  # which no NaN is


def _mean(values: Sequence[float]) -> float:
    """The mean; NaN where one of them is no finite number."""
    return math.fsum(values) / len(values) if all(map(is_finite, values)) else math.nan
