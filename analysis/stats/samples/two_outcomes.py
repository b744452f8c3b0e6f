"""Finds settings whose seeds end at two values with nothing between, as where some runs collapse: their mean stands for neither.

The seeds are cut in two, at least two on each side, where the means of both sides lie farthest apart in units of the scatter within
them (t, with n - 2 degrees of freedom). Of normal numbers one given cut has that t by chance with the p of a t-test, and there are
2^(n-1) - 1 - n cuts: so many times that p bounds the chance of any, and `LEVEL` is shared by all settings and measures of the page. The
scatter is that within the sides or, where that is more, what is usual for the other settings; so a gap counts only where it is large beside what
seeds do elsewhere. It must also be `LEAST_GAP` times as wide as the scatter.

Of 20,000 simulated pages without any such setting, with 4, 5 or 10 seeds, it is wrong in 1.0 % where the page has one setting of normal numbers,
and in none of those with 3 or 10 settings. Where numbers are skewed or heavy-tailed (log-normal, exponential, t with 1.5 or 3 degrees of freedom, one in
ten 10 times as noisy) and the page has 3 settings or more, in 0.7 %, with 10 seeds of the last in 3.2 %; where it has one, in 6.4 % at most.
Numbers that are capped, as accuracies at 1, scatter not at all where they are at the cap: of 4000 pages with one setting, it is told in 1.8 to 2.9 % where a sixth of
the seeds are there; where half are or more, in 1.8 to 5.3 % with 4 or 5 seeds and in 18 to 26 % with 10. Then seeds do end at two kinds of values, at the cap and below.
With 3 settings it is 1.6 % at most (2000 pages).
"""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from analysis.stats.seed_tests import Sample

FEWEST_SEEDS = 4
"""Of fewer there are no two sides with a scatter."""
LEVEL = 0.01
"""How often, at most, a page may tell of two outcomes where there are none."""
LEAST_GAP = 3.0
"""How wide the gap between the sides is at least, in units of the scatter within them."""


@dataclass(frozen=True)
class TwoOutcomes:
    """A setting whose seeds end at two values.

    Attributes:
        sample: The setting.
        low: The numbers by seed of those that end lower.
        high: Those of the others.
        scatter: The standard deviation within both.
    """

    sample: Sample
    low: dict[object, float]
    high: dict[object, float]
    scatter: float


def is_testable(sample: Sample) -> bool:
    """Whether a setting has seeds enough."""
    return sample.n >= FEWEST_SEEDS


def two_outcomes(samples: Sequence[Sample], tested: int) -> Iterator[TwoOutcomes]:
    """Yield those of a measure's settings whose seeds end at two values; `tested` is how many settings and measures the page has."""
    spreads = [sample.spread for sample in samples]
    for place, sample in enumerate(samples):
        others = [one for at, one in enumerate(spreads) if at != place and one is not None]
        usual = max(statistics.median(others) if others else 0.0, sample.rounding / math.sqrt(12))
        if is_testable(sample) and (found := _cut(sample, usual)) and found[1] * tested < LEVEL:
            yield found[0]


def _cut(sample: Sample, usual: float) -> tuple[TwoOutcomes, float] | None:
    """The clearest cut of a setting's seeds, and a bound of the chance of any that is as clear; None where the gap is narrow."""
    from scipy.special import stdtr

    ordered = sorted(sample.by_seed.items(), key=lambda item: item[1])
    free, found = sample.n - 2, []
    for count in range(2, sample.n - 1):
        below = {seed for seed, _ in ordered[:count]}
        low = {seed: value for seed, value in sample.by_seed.items() if seed in below}
        high = {seed: value for seed, value in sample.by_seed.items() if seed not in below}
        within = math.sqrt((_squares(low) + _squares(high)) / free)
        scatter = max(within, usual)
        apart = statistics.fmean(high.values()) - statistics.fmean(low.values())
        if scatter and min(high.values()) - max(low.values()) >= LEAST_GAP * scatter:
            t = apart / (scatter * math.sqrt(1 / len(low) + 1 / len(high)))
            found.append((t, TwoOutcomes(sample, low, high, within)))
    if not found:
        return None
    t, clearest = max(found, key=lambda one: one[0])
    cuts = 2 ** (sample.n - 1) - 1 - sample.n
    return clearest, cuts * 2 * float(stdtr(free, -t))


def _squares(numbers: dict[object, float]) -> float:
    mean = statistics.fmean(numbers.values())
    return math.fsum((one - mean) ** 2 for one in numbers.values())
