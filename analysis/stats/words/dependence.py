"""Finds on what it depends which of two settings is the better one, and says so in place of a mean that hides it."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.results.grouping import short_name
from analysis.stats.samples.reversal import reversal
from analysis.stats.seed_tests import LEVEL
from analysis.stats.words.phrases import joined, p_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from analysis.stats.comparison import Contrast
    from analysis.stats.effects import Effect
    from analysis.stats.samples.reversal import Reversal

METHOD = (
    "Where which setting is {better} changes with the other axes by more than noise (Gail and Simon's test, p < {level}, not corrected for "
    "the page; here p {p}), no mean over them is told."
)
MOST_FURTHER = 2
"""How many places a line names beside that where the difference is greatest."""
_BY_SEED = dict[object, float]


@dataclass(frozen=True)
class Dependence:
    """Two settings, each of which is the lower one somewhere.

    Attributes:
        pair: The two.
        on: The axes that decide which.
        found: How far `pair.high` lies above `pair.low` under each value of these axes.
    """

    pair: Contrast
    on: tuple[str, ...]
    found: Reversal

    @property
    def p(self) -> float:
        """That none of the two is better in one place and worse in another."""
        return self.found.p

    def method(self, effect: Effect) -> str:
        """By what rule it is told."""
        return METHOD.format(better=effect.measure.better, level=LEVEL, p=p_words(self.p))

    def words(self, effect: Effect) -> str:
        """Say which of the two is the better one where, without the measure."""
        is_low = effect.measure.best == "lowest"
        low, high = self.pair.low.label, self.pair.high.label
        sides = (
            self._side(effect, low, high, 1 if is_low else -1),
            self._side(effect, high, low, -1 if is_low else 1),
        )
        on = joined([short_name(axis, effect.names) for axis in self.on])
        return f"which of {low} and {high} is {'lower' if is_low else 'higher'} depends on {on}: {'; '.join(sides)}"

    def _side(self, effect: Effect, best: str, other: str, sign: int) -> str:
        """Where `best` is the better one, and how far off the other lies where it is farthest; `sign`: of the differences there."""
        of_side = sorted(
            ((sign * mean, name) for name, mean in self.found.means.items() if sign * mean > 0), reverse=True
        )
        # All of a side together are more than noise, of each but the farthest that is known only where it is apart by itself.
        (far, first), *rest = [
            one for place, one in enumerate(of_side) if not place or one[1] in self.found.apart
        ]
        lies = effect.distance(far, up=effect.measure.best == "lowest").lies
        further = [name for _, name in rest] if len(rest) <= MOST_FURTHER else [f"{len(rest)} others"]
        return f"{best} with {first} ({other} {lies}){f', also with {joined(further)}' if further else ''}"


def dependence_of(effect: Effect, pairs: Sequence[Contrast]) -> Dependence | None:
    """Return what decides which of a pair is better, of the pair where that is clearest; None where nothing does."""
    found = [one for pair in pairs if (one := _of(effect, pair)) is not None]
    return min(found, key=lambda one: one.found.p, default=None)


def _of(effect: Effect, pair: Contrast) -> Dependence | None:
    found_groups = groupings(effect, pair)
    tested = [
        Dependence(pair, on, found)
        for on, groups in found_groups
        if (found := reversal(groups, least_noise(pair))) is not None
    ]
    clearest = min(tested, key=lambda one: one.found.p, default=None)
    return clearest if clearest and clearest.found.p * len(found_groups) < LEVEL else None


def groupings(effect: Effect, pair: Contrast) -> list[tuple[tuple[str, ...], Mapping[str, Sequence[float]]]]:
    """How far the higher of two settings lies above the other, seed by seed: by each other axis, in the mean over the rest, and in each block by itself.

    Only those of more than one group.
    """
    blocks = _differences(effect, pair)
    found: list[tuple[tuple[str, ...], Mapping[str, Sequence[float]]]] = []
    for place, axis in enumerate(effect.others):
        held: defaultdict[str, list[_BY_SEED]] = defaultdict(list)
        for shared, by_seed in blocks:
            held[shared[place]].append(by_seed)
        found.append(((axis,), {label: list(_mean(having).values()) for label, having in held.items()}))
    if len(effect.others) > 1:
        by_block = {", ".join(shared): list(by_seed.values()) for shared, by_seed in blocks}
        found.append((effect.others, by_block))
    return [(on, groups) for on, groups in found if len(groups) > 1]


def least_noise(pair: Contrast) -> float:
    """The least variance that a difference of two settings can have: what rounding them has hidden."""
    return 2 * pair.low.rounding**2 / 12


def _differences(effect: Effect, pair: Contrast) -> list[tuple[tuple[str, ...], _BY_SEED]]:
    """What each block shares, and how far the one lies above the other there, seed by seed."""
    found = []
    for block in effect.judged:
        having = {sample.label: sample.by_seed for sample in block.samples}
        low, high = having.get(pair.low.label, {}), having.get(pair.high.label, {})
        if by_seed := {seed: high[seed] - low[seed] for seed in low if seed in high}:
            found.append((block.shared, by_seed))
    return found


def _mean(having: Sequence[_BY_SEED]) -> _BY_SEED:
    """The mean of several, of the seeds that all have."""
    seeds = [seed for seed in having[0] if all(seed in one for one in having)]
    return {seed: math.fsum(one[seed] for one in having) / len(having) for seed in seeds}
