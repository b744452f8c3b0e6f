"""Says under which value of the other axes two settings differ, where they do under one alone: a mean over all hides that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.stats.samples.lone_difference import LEVEL, LoneDifference, lone_difference
from analysis.stats.words.dependence import groupings, least_noise
from analysis.stats.words.phrases import p_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.stats.comparison import Contrast
    from analysis.stats.effects import Effect

METHOD = (
    "Settings differ only with one value of the other axes where they differ there from the mean of the rest (t-test, p {p}, below {level}, not corrected for the page), and "
    "under each of the rest by no more than noise, nor by half as much (95 % intervals)."
)


@dataclass(frozen=True)
class OnlyWith:
    """Two settings that differ in one place.

    Attributes:
        pair: The two.
        found: How far `pair.high` lies above `pair.low` there; its p corrected for the ways to group the others.
    """

    pair: Contrast
    found: LoneDifference

    def method(self, _: Effect) -> str:
        """By what rule it is told."""
        return METHOD.format(p=p_words(self.found.p), level=LEVEL)

    def words(self, effect: Effect) -> str:
        """Say where they differ and how far, without the measure."""
        low, high = self.pair.low.label, self.pair.high.label
        if self.found.mean < 0:
            low, high = high, low
        best, other = (low, high) if effect.measure.best == "lowest" else (high, low)
        lies = effect.distance(abs(self.found.mean), up=other == high).lies
        return f"only with {self.found.group} do {best} and {other} differ: {other} {lies}"


def only_with(effect: Effect, pairs: Sequence[Contrast]) -> OnlyWith | None:
    """Return where a pair differs, if in one place alone, of the pair where that is clearest."""
    tested = [
        (pair, lone_difference(groups, least_noise(pair)))
        for pair in pairs
        for _, groups in groupings(effect, pair)
    ]
    clear = [
        OnlyWith(pair, LoneDifference(found.group, found.mean, p))
        for pair, found in tested
        if found is not None and (p := found.p * len(tested)) < LEVEL
    ]
    return min(clear, key=lambda one: one.found.p, default=None)
