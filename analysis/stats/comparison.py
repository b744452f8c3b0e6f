"""Compares settings that were repeated by seed: which differences are significant.

A difference of two means is *significant* when it is larger than the spread (standard deviation over seeds) of either
setting, and Welch's t-test, two-sided, gives p < 0.05 after Holm's correction for all pairs that are tested together.
With one run a setting no difference is significant.

Source: Welch, "The generalization of Student's problem", 1947, https://doi.org/10.1093/biomet/34.1-2.28; Holm, "A
simple sequentially rejective multiple test procedure", 1979, https://www.jstor.org/stable/4615733.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LEVEL = 0.05
"""Below this p a difference is significant, where it is larger than the spread too."""

TEST = (
    "Significant means: the difference of the means is larger than the spread (standard deviation over seeds) of "
    "either setting, and Welch's t-test, two-sided, gives p < 0.05 after Holm's correction"
)


@dataclass(frozen=True)
class Sample:
    """The values that one setting's repeats gave, in no order that matters; all are finite."""

    label: str
    values: tuple[float, ...]

    @property
    def n(self) -> int:
        """How many repeats there are."""
        return len(self.values)

    @property
    def mean(self) -> float:
        """Their mean; there is at least one."""
        return math.fsum(self.values) / self.n

    @property
    def spread(self) -> float | None:
        """Their standard deviation (n - 1 in the denominator); None where there is only one."""
        if self.n < 2:  # noqa: PLR2004 - one value has no spread
            return None
        mean = self.mean
        return math.hypot(*(value - mean for value in self.values)) / math.sqrt(self.n - 1)


@dataclass(frozen=True)
class Contrast:
    """Two settings against each other, the one with the lower mean first.

    Attributes:
        low: The setting with the lower mean.
        high: The other.
        interval: 95 % confidence interval of the difference, before any correction; None where there is no test.
        p: Of Welch's test, corrected for the pairs tested with it; None where there is no test.
    """

    low: Sample
    high: Sample
    interval: tuple[float, float] | None = None
    p: float | None = None

    @property
    def difference(self) -> float:
        """How far the higher mean lies above the lower."""
        return self.high.mean - self.low.mean

    @property
    def is_significant(self) -> bool:
        """Whether the difference is larger than what the seeds make; see the head of this file."""
        spreads = [spread for spread in (self.low.spread, self.high.spread) if spread is not None]
        return self.p is not None and self.p < LEVEL and self.difference > max(spreads)


def contrasts(samples: Iterable[Sequence[Sample]]) -> tuple[tuple[Contrast, ...], ...]:
    """Compare all pairs within each group of samples; the correction is for the pairs of all groups together."""
    pairs = [[_contrast(one, other) for one, other in combinations(group, 2)] for group in samples]
    raw = [contrast.p for group in pairs for contrast in group if contrast.p is not None]
    corrected = iter(holm(raw))
    return tuple(
        tuple(contrast if contrast.p is None else replace(contrast, p=next(corrected)) for contrast in group)
        for group in pairs
    )


def holm(values: Sequence[float]) -> list[float]:
    """Correct p-values for being tested together, in their order."""
    order = sorted(range(len(values)), key=lambda index: values[index])
    corrected = [0.0] * len(values)
    least = 0.0
    for rank, index in enumerate(order):
        least = max(least, min(1.0, (len(values) - rank) * values[index]))
        corrected[index] = least
    return corrected


def _contrast(one: Sample, other: Sample) -> Contrast:
    low, high = sorted((one, other), key=lambda sample: sample.mean)
    # Without spread on either side there is nothing to test: one run, or a seed that changes nothing.
    if not low.spread or not high.spread:
        return Contrast(low, high)
    from scipy import stats  # 1 s to import, and most reports have nothing to test

    test = stats.ttest_ind(high.values, low.values, equal_var=False)
    bounds = test.confidence_interval(0.95)
    return Contrast(low, high, (float(bounds.low), float(bounds.high)), float(test.pvalue))
