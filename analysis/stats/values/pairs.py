"""The comparisons of a page as values: every pair of settings that is tested, with what its findings say in words. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.stats.effects import page_of
from analysis.stats.findings import effects_of
from analysis.stats.searches.samplers import sampler_effect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.results.results import SweepResults
    from analysis.results.searches.courses import Comparison
    from analysis.stats.comparison import Contrast
    from analysis.stats.effects import Effect


@dataclass(frozen=True)
class Pair:
    """Two values of an axis against each other.

    Attributes:
        sweep: The sweep's name; empty where searches are compared.
        axis: The setting that they differ in.
        within: What they share, of the other settings; empty where they are compared by the mean over these.
        measure: The metric.
        low: The one with the lower mean.
        high: The other.
        n_low: How many runs the lower one has.
        n_high: How many the other.
        mean_low: The mean of the lower one; geometric where the unit is a percentage.
        mean_high: That of the other.
        difference: How far the higher lies above the lower, over the seeds that both have.
        ci_low: The lower end of its 95 % confidence interval, before any correction.
        ci_high: The upper end.
        unit: Of the difference and its interval: `%` of the lower one, or the measure's, which may be empty.
        p: Of their being alike, before any correction.
        p_corrected: The same, corrected for all that the page compares.
        significant: Whether the page claims the difference.
        better: `low` or `high`; None where neither way is better.
    """

    sweep: str
    axis: str
    within: str
    measure: str
    low: str
    high: str
    n_low: int
    n_high: int
    mean_low: float
    mean_high: float
    difference: float
    ci_low: float
    ci_high: float
    unit: str
    p: float
    p_corrected: float
    significant: bool
    better: str | None


def pairs_of(
    sweeps: Sequence[SweepResults], compared: Sequence[Comparison] = ()
) -> tuple[tuple[Pair, ...], tuple[tuple[str, Effect], ...]]:
    """Compare what `findings` compares, with the same correction: the pairs, and every question that was asked, with its sweep."""
    asked = [(sweep.expected.name, one) for sweep in sweeps for one in effects_of(sweep)]
    asked += [("", sampler_effect(one)) for one in compared]
    effects = [one for _, one in asked]
    page = page_of(effects)
    cells, found = iter(page.cells), []
    for (sweep, one), main in zip(asked, page.main, strict=True):
        found += [_pair(sweep, one, pair, "") for pair in main]
        for block in one.cells:
            found += [_pair(sweep, one, pair, block.label) for pair in next(cells)]
    return tuple(found), tuple(asked)


def _pair(sweep: str, effect: Effect, pair: Contrast, within: str) -> Pair:
    def told(difference: float) -> float:
        return 100 * math.expm1(difference) if effect.is_log else difference

    measure = effect.measure
    better = "high" if measure.best == "highest" else "low"
    return Pair(
        sweep,
        effect.axis,
        within,
        measure.key,
        pair.low.label,
        pair.high.label,
        pair.low.n,
        pair.high.n,
        effect.in_its_unit(pair.low.mean),
        effect.in_its_unit(pair.high.mean),
        told(pair.difference),
        told(pair.interval[0]),
        told(pair.interval[1]),
        "%" if effect.is_log else (measure.gap_unit or measure.unit).strip(),
        pair.alone,
        pair.p,
        pair.is_significant,
        None if measure.is_neutral else better,
    )
