"""Tests of settings that were repeated by seed: two against each other, and all of a finding together.

The same seed in two settings gives results that go together: a seed with a kind start is kind to both. So two settings
are compared seed by seed, where both have the seed (paired t-test), and as two independent samples (Welch's t-test). A
difference is taken at the level a where the paired test passes 3/4 a, or Welch's passes 1/2 a. Together the two stay below
a, as they mostly pass together: `benchmarks/reports/findings.py` measures it.

Three settings or more are first tested together: setting and seed as blocks, what is left as the noise of all (F-test). That
noise is known far better from all settings than from two, but it is one setting's alone where that is noisier; so no
pair counts for the F-test only.

Source: Welch, "The generalization of Student's problem", 1947, https://doi.org/10.1093/biomet/34.1-2.28; Fisher, "The
Design of Experiments", 1935, for blocks and pairs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

LEVEL = 0.05
"""How often, at most, a page may claim a difference where there is none."""

SHARE_BY_SEED, SHARE_ALONE = 0.75, 0.5
"""The parts of the level at which the paired test and Welch's test each count; together they stay below it."""

ROUNDING = 1e-9
"""Numbers closer than this, in parts of the greatest, are taken for equal: what is left of them is rounding."""

FEWEST = 2
"""A setting with fewer repeats has no spread, and is not tested."""


@dataclass(frozen=True)
class Sample:
    """What the repeats of one setting gave.

    Attributes:
        label: The setting.
        by_seed: One finite number for each seed; the seed is None where there are no seeds.
        rounding: How coarsely the numbers are written, in their own unit; 0 where that is not known.
    """

    label: str
    by_seed: Mapping[Any, float] = field(hash=False)
    rounding: float = 0.0

    @property
    def values(self) -> tuple[float, ...]:
        """The numbers, in the order of the seeds."""
        return tuple(self.by_seed.values())

    @property
    def n(self) -> int:
        """How many repeats there are."""
        return len(self.by_seed)

    @property
    def mean(self) -> float:
        """Their mean; there is at least one."""
        return math.fsum(self.values) / self.n

    @property
    def spread(self) -> float | None:
        """Their standard deviation (n - 1 in the denominator); None where there is only one."""
        if self.n < FEWEST:
            return None
        mean = self.mean
        return math.hypot(*(value - mean for value in self.values)) / math.sqrt(self.n - 1)

    @property
    def varies(self) -> bool:
        """Whether its repeats differ by more than rounding."""
        return max(self.values) - min(self.values) > ROUNDING * max(map(abs, self.values))


@dataclass(frozen=True)
class Difference:
    """One setting minus another.

    Attributes:
        estimate: The mean over the seeds that both have; of the means, where they share fewer than two.
        interval: 95 % confidence interval.
        p: Two-sided; before any correction for other comparisons.
    """

    estimate: float
    interval: tuple[float, float]
    p: float


def written_to(values: Iterable[float]) -> float:
    """Return how coarsely these numbers are written: 0.01 for 0.9, 0.93 and 12.25; what they hide is up to half of it."""
    exponents = [
        exponent
        for value in values
        if value and isinstance(exponent := Decimal(repr(float(value))).normalize().as_tuple().exponent, int)
    ]
    return 10.0 ** min(exponents) if exponents else 0.0


def compare_two(one: Sample, other: Sample) -> Difference:
    """Test `one` minus `other`, by seed and as independent samples; each has two repeats or more, whose seeds may differ."""
    scale = max(map(abs, (*one.values, *other.values))) or 1.0  # so that no square of 1e200 is infinite
    noise = _noise_of_writing((one, other), scale)
    a = {seed: value / scale for seed, value in one.by_seed.items()}
    b = {seed: value / scale for seed, value in other.by_seed.items()}
    tests = [_Tested.welch(list(a.values()), list(b.values()), noise)]
    shared = [seed for seed in a if seed in b]
    shares = [1.0]
    if len(shared) >= FEWEST:
        tests.insert(0, _Tested.of([a[seed] - b[seed] for seed in shared], 2 * noise))
        shares = [SHARE_BY_SEED, SHARE_ALONE]
    p = min(1.0, *(test.p / share for test, share in zip(tests, shares, strict=True)))
    bounds = [test.interval(LEVEL * share) for test, share in zip(tests, shares, strict=True)]
    low, high = max(low for low, _ in bounds), min(high for _, high in bounds)
    estimate = tests[0].estimate
    if not low <= estimate <= high:  # the two look at other seeds, and contradict each other
        low, high = bounds[0]
    return Difference(estimate * scale, (low * scale, high * scale), p)


def compare_all(samples: Sequence[Sample]) -> float | None:
    """Return p of "all settings are alike" with seeds as blocks; None where the repeats do not suffice to tell."""
    import numpy as np

    seeds = list(dict.fromkeys(seed for sample in samples for seed in sample.by_seed))
    scale = max(abs(value) for sample in samples for value in sample.values) or 1.0
    rows = [(place, seeds.index(seed)) for place, sample in enumerate(samples) for seed in sample.by_seed]
    values = np.array([value / scale for sample in samples for value in sample.values])
    setting = np.array([[place == other for other in range(len(samples))] for place, _ in rows], dtype=float)
    seed = np.array([[place == other for other in range(len(seeds))] for _, place in rows], dtype=float)
    whole, alike = _left(np.hstack([setting, seed]), values), _left(seed, values)
    between = alike.free - whole.free
    if whole.free < 1 or between < 1:
        return None
    from scipy.special import fdtrc

    noise = max(whole.squares / whole.free, _noise_of_writing(samples, scale))
    return float(fdtrc(between, whole.free, max(0.0, alike.squares - whole.squares) / between / noise))


def _noise_of_writing(samples: Sequence[Sample], scale: float) -> float:
    """The least variance that these numbers can have, in parts of `scale`: what rounding them has hidden."""
    step = min(1.0, max(sample.rounding for sample in samples) / scale)
    return step**2 / 12 + ROUNDING**2


@dataclass(frozen=True)
class _Tested:
    """A t-test: an estimate, its standard error and its degrees of freedom."""

    estimate: float
    error: float
    free: float

    @classmethod
    def of(cls, values: Sequence[float], noise: float) -> _Tested:
        return cls(_mean(values), math.sqrt(max(_variance(values), noise) / len(values)), len(values) - 1)

    @classmethod
    def welch(cls, a: Sequence[float], b: Sequence[float], noise: float) -> _Tested:
        parts = [max(_variance(values), noise) / len(values) for values in (a, b)]
        free = sum(parts) ** 2 / sum(
            part**2 / (len(values) - 1) for part, values in zip(parts, (a, b), strict=True)
        )
        return cls(_mean(a) - _mean(b), math.sqrt(sum(parts)), free)

    @property
    def p(self) -> float:
        from scipy.special import stdtr

        return 2 * float(stdtr(self.free, -abs(self.estimate) / self.error))

    def interval(self, level: float) -> tuple[float, float]:
        from scipy.special import stdtrit

        reach = -float(stdtrit(self.free, level / 2)) * self.error
        return self.estimate - reach, self.estimate + reach


@dataclass(frozen=True)
class _Left:
    """What a model leaves unexplained: the sum of squares, and its degrees of freedom."""

    squares: float
    free: int


def _left(design: Any, values: Any) -> _Left:
    import numpy as np

    found, _, rank, _ = np.linalg.lstsq(design, values, rcond=None)
    return _Left(float(((values - design @ found) ** 2).sum()), len(values) - int(rank))


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def _variance(values: Sequence[float]) -> float:
    mean = _mean(values)
    return math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1)
