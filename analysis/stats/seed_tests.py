"""Tests of settings that were repeated by seed: two against each other, and all of a finding together.

The same seed in two settings gives results that go together: a seed with a kind start is kind to both. How much they go
together is not known, and three seeds hardly tell. Were it known, so would be how noisy the sums of the pairs are beside
their differences: both would tell of the noise, and the test would be a t-test with twice the degrees of freedom. So the test of
two settings is that t-test at each ratio of the two noises, weighed by how well the ratio agrees with the data. Where seeds
share nothing it is near Welch's test, where they share nearly all near the paired one.

In formulas, with k shared seeds, m = k - 1, D and S the sums of squares of differences and sums about their means: were
the noise of sums w times that of differences, then S / D / w would be F(m, m). So p is the mean over F ~ F(m, m), with weights
min(1, S / D / F)^(2 / m) as seeds rarely go against each other, of the t-test of the mean difference with the variance D (1 + F) / 2m.
Its degrees of freedom are Satterthwaite's, which are fewer where one setting is noisier: differences and sums then tell the
same. The exponent and `CALIBRATED` are set so that a page of two settings is wrong in 5 % at most, for 2 to 20 seeds and any correlation from 0
to 1, and in 6 % where one is three times as noisy: `benchmarks/reports/two_settings.py` measures it.

Three settings or more are first tested together: setting and seed as blocks, what is left as the noise of all (F-test). That
noise is known far better from all settings than from two, but it is one setting's alone where that is noisier; so no
pair counts for the F-test only.

Source: Tsui and Weerahandi, "Generalized p-values in significance testing of hypotheses in the presence of nuisance parameters",
1989, https://doi.org/10.1080/01621459.1989.10478810, for the mean over what is not known; Satterthwaite, "An approximate distribution of
estimates of variance components", 1946, https://doi.org/10.2307/3002019; Welch, "The generalization of Student's problem", 1947,
https://doi.org/10.1093/biomet/34.1-2.28; Fisher, "The Design of Experiments", 1935, for blocks and pairs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

LEVEL = 0.05
"""How often, at most, a page may claim a difference where there is none."""

CALIBRATED = 0.94
"""The part of the level at which the test by seed counts: a mean over what is not known is not exact."""

CALIBRATED_TWO = 1.25
"""The same where there are two seeds only: the mean is too careful there."""

SHARE_BY_SEED, SHARE_ALONE = 0.75, 0.4
"""The parts of the level for shared seeds and for all, where some are not shared; together the two tests stay below it."""

NODES = 32
"""Ratios of the noises over which p is a mean, equally probable."""

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


def compare_two(one: Sample, other: Sample) -> Difference:
    """Test `one` minus `other`, by seed and as independent samples; each has two repeats or more, whose seeds may differ."""
    scale = max(map(abs, (*one.values, *other.values))) or 1.0  # so that no square of 1e200 is infinite
    noise = _noise_of_writing((one, other), scale)
    a = {seed: value / scale for seed, value in one.by_seed.items()}
    b = {seed: value / scale for seed, value in other.by_seed.items()}
    shared = [seed for seed in a if seed in b]
    is_paired, is_whole = len(shared) >= FEWEST, len(a) == len(b) == len(shared)
    tests = []
    if is_paired:
        by_seed = _Tested.by_seed([a[seed] for seed in shared], [b[seed] for seed in shared], noise)
        calibrated = CALIBRATED_TWO if len(shared) == FEWEST else CALIBRATED
        tests.append((by_seed, calibrated if is_whole else SHARE_BY_SEED))
    if not is_whole:
        alone = _Tested.welch(list(a.values()), list(b.values()), noise)
        tests.append((alone, SHARE_ALONE if is_paired else 1.0))
    p = min(1.0, *(test.p / share for test, share in tests))
    bounds = [test.interval(LEVEL * share) for test, share in tests]
    low, high = max(low for low, _ in bounds), min(high for _, high in bounds)
    estimate = tests[0][0].estimate
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
    """A mean over t-tests: an estimate, and for each test its standard error, degrees of freedom and weight."""

    estimate: float
    errors: NDArray[np.float64]
    free: NDArray[np.float64]
    weights: NDArray[np.float64]

    @classmethod
    def by_seed(cls, a: Sequence[float], b: Sequence[float], noise: float) -> _Tested:
        """Test a pair of numbers for each seed; `noise` is the least variance of one number."""
        import numpy as np

        count, free = len(a), len(a) - 1
        differences = [one - other for one, other in zip(a, b, strict=True)]
        sums = [one + other for one, other in zip(a, b, strict=True)]
        of_differences = max(_variance(differences), 2 * noise)
        of_sums = max(_variance(sums), 2 * noise)
        alike = _covariance(differences, sums) ** 2 / of_differences / of_sums
        ratios = _ratios(free)
        weights = np.minimum(1.0, of_sums / of_differences / ratios) ** (2 / free)
        return cls(
            _mean(differences),
            np.sqrt(of_differences * (1 + ratios) / 2 / count),
            free * (1 + ratios) ** 2 / (1 + ratios**2 + 2 * alike * ratios),
            weights / weights.sum(),
        )

    @classmethod
    def welch(cls, a: Sequence[float], b: Sequence[float], noise: float) -> _Tested:
        """Test two independent samples."""
        import numpy as np

        parts = [max(_variance(values), noise) / len(values) for values in (a, b)]
        free = sum(parts) ** 2 / sum(
            part**2 / (len(values) - 1) for part, values in zip(parts, (a, b), strict=True)
        )
        error = math.sqrt(sum(parts))
        return cls(_mean(a) - _mean(b), np.array([error]), np.array([free]), np.ones(1))

    @property
    def p(self) -> float:
        return self._p_at(abs(self.estimate))

    def interval(self, level: float) -> tuple[float, float]:
        """The true differences whose p is `level` or more."""
        from scipy.optimize import brentq
        from scipy.special import stdtrit

        reaches = -stdtrit(self.free, level / 2) * self.errors
        reach, most = float(reaches.min()), float(reaches.max())
        if most - reach > ROUNDING * most:
            reach = brentq(lambda far: self._p_at(far) - level, reach, most, xtol=ROUNDING * reach)
        return self.estimate - reach, self.estimate + reach

    def _p_at(self, distance: float) -> float:
        """Two-sided p of a true difference so far from the estimate."""
        from scipy.special import stdtr

        return 2 * float(self.weights @ stdtr(self.free, -distance / self.errors))


@cache
def _ratios(free: int) -> NDArray[np.float64]:
    """Equally probable numbers of an F distribution with `free` degrees of freedom twice."""
    import numpy as np
    from scipy.special import fdtri

    return np.asarray(fdtri(free, free, (np.arange(NODES) + 0.5) / NODES))


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
    return _covariance(values, values)


def _covariance(a: Sequence[float], b: Sequence[float]) -> float:
    of_a, of_b = _mean(a), _mean(b)
    return math.fsum((one - of_a) * (other - of_b) for one, other in zip(a, b, strict=True)) / (len(a) - 1)
