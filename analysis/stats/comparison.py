"""Decides which differences a page may claim: every comparison of the page is corrected for all the others.

Within a finding a pair counts where all settings together differ (the F-test of `seed_tests`) and the pair itself does, corrected by
Shaffer's rule: once some settings are known to differ, at most (k - 1)(k - 2) / 2 pairs of k settings can be alike. Over
the page the findings share the level, and a finding hands its share on once all its pairs are told apart. Both are
closed testing, so that the chance of a single false claim on the page stays below 5 %.

Single cells of a grid come after the main effects: all of them together are one more finding, corrected by Holm's rule.

Source: Shaffer, "Modified sequentially rejective multiple test procedures", 1986, https://doi.org/10.1080/01621459.1986.10478341;
Marcus, Peritz and Gabriel, "On closed testing procedures", 1976, https://doi.org/10.1093/biomet/63.3.655; Holm, "A simple
sequentially rejective multiple test procedure", 1979, https://www.jstor.org/stable/4615733.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

from analysis.stats.seed_tests import FEWEST, LEVEL, compare_all, compare_two

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.stats.seed_tests import Sample

TOGETHER_FROM = 3
"""From this number of settings on they are tested together before any pair is."""


@dataclass(frozen=True)
class Contrast:
    """Two settings against each other, the one with the lower results first.

    Attributes:
        low: The lower setting.
        high: The other.
        difference: How far the higher lies above the lower; over the seeds that both have.
        interval: 95 % confidence interval of the difference, before any correction.
        alone: p of their being alike, before any correction.
        p: The same, corrected for all that the page compares.
    """

    low: Sample
    high: Sample
    difference: float
    interval: tuple[float, float]
    alone: float
    p: float

    @property
    def is_significant(self) -> bool:
        """Whether the page may claim the difference."""
        return self.p < LEVEL

    @property
    def is_lost(self) -> bool:
        """Whether it is the correction alone that takes the difference away."""
        return self.alone < LEVEL and not self.is_significant


@dataclass(frozen=True)
class Page:
    """What the findings of a page tell, each with a contrast for every pair of settings that is tested.

    Attributes:
        main: For each finding.
        cells: For each group of cells.
    """

    main: tuple[tuple[Contrast, ...], ...]
    cells: tuple[tuple[Contrast, ...], ...]

    @property
    def questions(self) -> int:
        """How many findings share the level; the single cells of all of them are one more."""
        return sum(bool(found) for found in self.main)


def decide(main: Sequence[Sequence[Sample]], cells: Sequence[Sequence[Sample]] = ()) -> Page:
    """Compare the settings of each finding of a page, and of each group of its cells, with one correction for all."""
    found = [_within(comparable(samples)) for samples in main]
    single = [_pairs(comparable(samples)) for samples in cells]
    stepped = iter(_stepped([one.p for group in single for one in group]))
    single = [[replace(one, p=next(stepped)) for one in group] for group in single]
    families = [*found, [one for group in single for one in group]]
    # A finding hands its share on only when all its pairs are told apart: its greatest p stands for it.
    greatest = [max((one.p for one in family), default=0.0) for family in families]

    def corrected(group: Sequence[Contrast], family: int) -> tuple[Contrast, ...]:
        others = [p for place, p in enumerate(greatest) if place != family and families[place]]
        return tuple(replace(one, p=_among(one.p, others)) for one in group)

    return Page(
        tuple(corrected(group, family) for family, group in enumerate(found)),
        tuple(corrected(group, len(found)) for group in single),
    )


def comparable(samples: Sequence[Sample]) -> tuple[Sample, ...]:
    """Return the settings that can be tested against each other: repeated, and not all of them without any spread."""
    repeated = tuple(sample for sample in samples if sample.n >= FEWEST)
    return repeated if len(repeated) > 1 and any(sample.varies for sample in repeated) else ()


def _pairs(samples: Sequence[Sample]) -> list[Contrast]:
    return [_contrast(one, other) for one, other in combinations(samples, 2)]


def _contrast(one: Sample, other: Sample) -> Contrast:
    found = compare_two(one, other)
    if found.estimate >= 0:
        return Contrast(other, one, found.estimate, found.interval, found.p, found.p)
    low, high = found.interval
    return Contrast(one, other, -found.estimate, (-high, -low), found.p, found.p)


def _within(samples: Sequence[Sample]) -> list[Contrast]:
    """The pairs of one finding, each p corrected for the others of the finding."""
    pairs = _pairs(samples)
    together = compare_all(samples) if len(samples) >= TOGETHER_FROM else None
    most = len(pairs) if together is None else (len(samples) - 1) * (len(samples) - 2) // 2
    stepped = _stepped([one.p for one in pairs], most)
    return [replace(one, p=max(together or 0.0, p)) for one, p in zip(pairs, stepped, strict=True)]


def _stepped(values: Sequence[float], most: int | None = None) -> list[float]:
    """Holm's correction, in the order of the values; `most` is how many of them can stand for equal settings."""
    order = sorted(range(len(values)), key=lambda index: values[index])
    corrected = [0.0] * len(values)
    least = 0.0
    for rank, index in enumerate(order):
        left = len(values) - rank
        least = max(least, min(1.0, values[index] * (left if most is None else min(left, most))))
        corrected[index] = least
    return corrected


def _among(p: float, others: Sequence[float]) -> float:
    """Correct p of one finding for the page; `others` are the greatest p of the other findings.

    By closed testing with Bonferroni's rule: p counts where in each set of findings with its own the least p does.
    """
    ranked = sorted(others, reverse=True)
    worst = max([p, *((rank + 2) * min(p, other) for rank, other in enumerate(ranked))])
    return min(1.0, worst)
