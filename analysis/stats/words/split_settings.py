"""Says which settings have seeds that end at two values, of all measures of a sweep."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.results.document import Cell, Finding, Table
from analysis.results.expected import SEED_AXIS
from analysis.results.grouping import by_setting, is_repeated
from analysis.results.provenance_marks import run_differences
from analysis.results.results import FINISHED
from analysis.stats.measures import measure_of
from analysis.stats.samples.coarseness import rounding_of
from analysis.stats.samples.two_outcomes import is_testable, two_outcomes
from analysis.stats.seed_tests import Sample
from analysis.stats.words.phrases import joined

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from analysis.results.results import Result, SweepResults
    from analysis.stats.measures import Measure
    from analysis.stats.samples.two_outcomes import TwoOutcomes

QUESTION = "Do the seeds of a setting end at two values?"
METHOD = (
    "Told where the gap is far wider than what seeds do on both of its sides and in the other settings; a page tells of one by chance in 1 % of cases "
    "at most, where numbers are normal."
)


@dataclass(frozen=True)
class RepeatedMeasure:
    """The settings of a sweep by one measure, on the scale on which they are compared."""

    measure: Measure
    is_log: bool
    samples: tuple[Sample, ...]

    @property
    def tested(self) -> int:
        """How many of the settings have seeds enough to be cut in two."""
        return sum(map(is_testable, self.samples))


def repeated_measures(sweep: SweepResults) -> list[RepeatedMeasure]:
    """Return what finished runs gave, for each measure of the sweep; nothing where settings are not repeated."""
    if not is_repeated(sweep.results):
        return []
    found = []
    for place, criterion in enumerate(sweep.criteria):
        measure = measure_of(criterion, sweep.results, ranks=place == 0)
        settings = {label: _by_seed(runs, measure) for label, runs in by_setting(sweep.results).items()}
        values = [value for own in settings.values() for value in own.values()]
        is_log = measure.is_ratio and all(value > 0 for value in values)
        rounding = rounding_of(values, is_log=is_log)
        samples = tuple(
            Sample(label, {seed: math.log(one) if is_log else one for seed, one in own.items()}, rounding)
            for label, own in settings.items()
            if own
        )
        found.append(RepeatedMeasure(measure, is_log, samples))
    return found


def split_settings(sweep: SweepResults, repeated: Iterable[RepeatedMeasure], tested: int) -> Finding | None:
    """Say of which settings some seeds end near one value and the others near another; None where there is none.

    Args:
        sweep: The sweep.
        repeated: Its measures.
        tested: How many settings and measures the page has.
    """
    found = [(own, one) for own in repeated for one in two_outcomes(own.samples, tested)]
    if not found:
        return None
    told = [f"{_words(own, one, with_seeds=True)}, by the {own.measure.words}" for own, one in found]
    measures = {own.measure.key: own.measure for own, _ in found}
    first = found[0][0].measure
    settings = dict.fromkeys(one.sample.label for own, one in found if own.measure is first)
    more = f"; those of {joined(list(settings)[1:])} part, too" if len(settings) > 1 else ""
    differ = run_differences(sweep.results, set(measures))
    mixed = "; runs differ in " + joined([one.part for one in differ]) if differ else ""
    return Finding(
        QUESTION,
        f"{'. '.join(told)}. A mean of such a setting stands for neither{mixed}.",
        _numbers([(own, one, side) for own, one in found for side in (one.low, one.high)]),
        basis=(METHOD,),
        answered=True,
        headline=f"{first.heading}: {_words(*found[0])}{more}{mixed}",
        rank=not first.ranks,
        keys=tuple(measures),
        repeats=max(one.sample.n for _, one in found),
    )


def _by_seed(runs: Iterable[Result], measure: Measure) -> dict[object, float]:
    values = {
        run.trial.axes.get(SEED_AXIS): measure.value(run) if run.state == FINISHED else None for run in runs
    }
    return {seed: value for seed, value in values.items() if value is not None and math.isfinite(value)}


def _words(own: RepeatedMeasure, one: TwoOutcomes, *, with_seeds: bool = False) -> str:
    """`2 of 5 seeds of lr 0.03 end near 0.30, 3 near 0.85`: the fewer first."""
    fewer, more = sorted((one.low, one.high), key=len)
    near = [
        f"near {_near(own, one, side)}{f' ({_seeds(side)})' if with_seeds else ''}" for side in (fewer, more)
    ]
    return f"{len(fewer)} of {one.sample.n} seeds of {one.sample.label} end {near[0]}, {len(more)} {near[1]}"


def _near(own: RepeatedMeasure, one: TwoOutcomes, side: Mapping[object, float]) -> str:
    mean = statistics.fmean(side.values())
    value = math.exp(mean) if own.is_log else mean
    scatter = one.scatter * abs(value) if own.is_log else one.scatter
    return f"{own.measure.with_spread(value, scatter)[0]}{own.measure.unit}"


def _seeds(side: Mapping[object, float]) -> str:
    return f"seed{'s' * (len(side) > 1)} {joined([str(seed) for seed in side])}"


def _numbers(sides: list[tuple[RepeatedMeasure, TwoOutcomes, Mapping[object, float]]]) -> Table:
    rows = tuple(
        tuple(
            map(
                Cell,
                (
                    one.sample.label,
                    own.measure.words,
                    _near(own, one, side),
                    str(len(side)),
                    ", ".join(str(seed) for seed in side),
                ),
            )
        )
        for own, one, side in sides
    )
    return Table(
        (("setting", "text"), ("measure", "text"), ("near", "number"), ("n", "number"), ("seeds", "text")),
        rows,
    )
