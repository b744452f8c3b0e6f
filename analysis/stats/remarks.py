"""What a reader of a report must know before comparing the runs of a sweep: where they come from, how long they are, how they are judged."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from analysis.read.provenance import shortened
from analysis.results.criterion import BEST, PERCENT, TAIL, not_recorded, ranking_ones
from analysis.results.grouping import FROM_0, by_setting, end_apart, ends_words, is_irregular, shared_steps
from analysis.results.metric_names import PER_FRAME, UNKNOWN_WAY, is_test, is_validation, judges, suggestion
from analysis.results.results import FINISHED, RUNNING, from_zero, step_word
from analysis.results.shared_files import shared_files
from analysis.results.side_by_side import same_runs
from analysis.stats.seed_tests import FEWEST
from analysis.stats.words.phrases import joined
from analysis.stats.words.same_numbers import same_numbers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from analysis.results.criterion import Criterion
    from analysis.results.document import Finding
    from analysis.results.results import Result, SweepResults


MANY_STEPS = 100
"""From so many values a run on, its last one alone says little where they come at irregular steps."""
TWO_REPEATS = (
    "With two repeats of each setting (n = 2), about half of the differences of five standard deviations are missed; with three repeats few are. "
    'So settings may differ where the difference is "not significant". Where it is called significant, trust it as with more repeats.'
)
"""What n = 2 can tell, as `analysis/stats/seed_tests.py` tests it: of two settings whose runs share nothing by seed. Where they do, less is missed."""


def of_few_repeats(found: Iterable[Finding]) -> tuple[str, ...]:
    """Say what findings can tell where some of them tests settings that were repeated only once."""
    return (TWO_REPEATS,) if any(finding.repeats == FEWEST for finding in found) else ()


def warnings(sweep: SweepResults) -> tuple[str, ...]:
    """Return a sentence or two for each thing that may make what is concluded wrong."""
    results = sweep.results
    return (
        *filter(None, [same_runs(results), same_numbers(results)]),
        *shared_files(
            (result.run for result in results if result.run), (result.trial.config for result in results)
        ),
        *_two_trainings(results),
        *_two_readings(results),
    )


def remarks(sweep: SweepResults) -> tuple[str, ...]:
    """Return a sentence or two for each other thing to know, and for what the file could say."""
    results = sweep.results
    return (
        *_adopted(results),
        *_several(results),
        *_taken_up(results),
        *_lengths(sweep),
        *_means(sweep),
        *_by_test(sweep),
        *_single_values(sweep),
        *measure_remarks(sweep),
    )


def _two_trainings(results: Iterable[Result]) -> Iterator[str]:
    """Which curves are of two trainings."""
    mixed = [
        f"{result.trial.name} ({shortened(list(result.run.anew))} up to step {max(result.run.anew.values())})"
        for result in results
        if result.run and result.run.anew
    ]
    if mixed:
        yield (
            f"Of two trainings: {shortened(mixed)}. A later attempt began anew and gave other values; the first part of each curve is of the "
            "earlier one. `sweep run` with `--again` trains such a trial anew."
        )


def _two_readings(results: Iterable[Result]) -> Iterator[str]:
    """Which curves were read in several ways."""
    mixed = [
        f"{result.trial.name} ({shortened(result.run.read_in_several_ways)})"
        for result in results
        if result.run and result.run.read_in_several_ways
    ]
    if mixed:
        yield (
            f"Read in two ways: {shortened(mixed)}. How the file reads these metrics was edited before the trial was taken up again: parts of each "
            "curve are of either reading. `sweep run` with `--again` trains such a trial anew."
        )


def _taken_up(results: Iterable[Result]) -> Iterator[str]:
    """Which curves may be of two trainings: of programs that were taken up again, where nothing tells how."""
    found = [
        f"{result.trial.name} ({result.run.attempt})"
        for result in results
        if result.run and result.run.attempt > 1 and result.trial.goes_on is None and result.run.anew is None
    ]
    if found:
        yield (
            f"Taken up again, with the number of attempts: {shortened(found)}. Where the program began anew and did not go on from a "
            "checkpoint of its own, the first part of a curve is of an earlier attempt than the rest."
        )


def _adopted(results: Iterable[Result]) -> Iterator[str]:
    """Which runs `sweep` did not run, and where they were found."""
    found = [
        (result.trial.name, result.run.adopted) for result in results if result.run and result.run.adopted
    ]
    if found:
        places = "; ".join(f"{name} from {place}" for name, place in found)
        yield f"Adopted, and not run by `sweep`, which knows of them what was recorded there: {places}."


def _several(results: Iterable[Result]) -> Iterator[str]:
    """Which trials have further runs, and which one of them is shown."""
    shown: dict[str, list[str]] = {}
    for result in results:
        if result.others:
            what = {FINISHED: "that finished", RUNNING: "that still runs"}.get(result.state)
            which = f"the latest {what}" if what else f"the latest ({result.state})"
            shown.setdefault(which, []).append(f"{result.trial.name} ({result.others + 1})")
    if shown:
        told = "; of ".join(f"{joined(names)} {which} is shown" for which, names in shown.items())
        yield f"Trials with more than one run in the record: of {told}."


def _lengths(sweep: SweepResults) -> Iterator[str]:
    """Which settings have finished runs of different lengths: some trainers stop early."""
    if apart := _ends_apart(sweep):
        runs = [result for result in sweep.results if result.state == FINISHED and _last(result)]
        keys = {key for run in runs for key in run.curves}
        unit, numbered = step_word(runs, *keys), FROM_0 if from_zero(runs, *keys) else ""
        ranks = _ranks(sweep)
        hint = (
            f" Where the trainer keeps its best checkpoint, `value: {BEST}` of {ranks.called} ranks by each run's best value."
            if ranks is not None and ranks.is_last and not ranks.is_said
            else ""
        )
        yield (
            f"Finished runs of one setting end at different {unit}s, as where training stops early: {ends_words(apart)}{numbered}. "
            f"The last value of a run is the one at its own end.{hint}"
        )


def _means(sweep: SweepResults) -> Iterator[str]:
    """Which finished runs have fewer values of a measure than others, where their mean counts: a fold may be lacking."""
    finished = [result for result in sweep.results if result.state == FINISHED]
    for one in sweep.criteria:
        lengths = {
            run.trial.name: len(run.curves[one.metric].steps) for run in finished if one.metric in run.curves
        }
        most = max(lengths.values(), default=0)
        if one.is_mean and (
            fewer := [f"{name} ({count})" for name, count in lengths.items() if count < most]
        ):
            yield (
                f"A mean of {one.called} is of {most} values, and of fewer in {shortened(fewer)}: as where a fold of a cross-validation is lacking, "
                "such a run is not compared on the same data."
            )


def _ranks(sweep: SweepResults) -> Criterion | None:
    """The measure of the file that ranks the settings; None where it has none, or none is recorded."""
    return next(iter(ranking_ones(sweep.criteria)), None) if sweep.expected.criteria else None


def _ends_apart(sweep: SweepResults) -> dict[str, list[int]]:
    """The last steps of finished runs, of each setting whose runs end at different ones."""
    finished = [result for result in sweep.results if result.state == FINISHED and _last(result)]
    ends = {label: list(map(_last, runs)) for label, runs in by_setting(finished).items()}
    return {label: own for label, own in ends.items() if end_apart(own)}


def _by_test(sweep: SweepResults) -> Iterator[str]:
    """Whether settings are ranked by a metric of the test data, where one of validation data is recorded, too."""
    ranks = _ranks(sweep)
    others = [key for key in sweep.recorded if is_validation(key) and judges(key)]
    if ranks is None or not is_test(ranks.metric) or not others or len(by_setting(sweep.results)) == 1:
        return
    once = [key for key in others if sweep.is_single(key)]
    line = suggestion(others, stops_early=bool(_ends_apart(sweep)), once=once)
    yield (
        f"The settings are ranked by {ranks.called}. Choosing settings by a test metric makes its value optimistic; `{line}` ranks by "
        "validation data."
    )


def _single_values(sweep: SweepResults) -> Iterator[str]:
    """Which measures are judged by a last value that may be one episode's: they are recorded whenever one ends."""
    finished = [result for result in sweep.results if result.state == FINISHED]
    for one in sweep.criteria if sweep.expected.criteria else ():
        if not one.is_last or one.is_said:
            continue
        having = [result for result in finished if one.metric in result.curves]
        alike = [runs for runs in by_setting(having).values() if len(runs) > 1] or [tuple(having)]
        steps = [[run.curves[one.metric].steps for run in runs] for runs in alike]
        if any(map(_are_irregular, steps)):
            yield (
                f"{one.called} is recorded at irregular steps, so that its last value may be a single episode's; "
                f"`measures: {{{one.metric}: {{better: {one.better}, value: {TAIL}}}}}` judges by the mean of the last tenth."
            )


def _are_irregular(runs: Sequence[tuple[int, ...]]) -> bool:
    """Whether runs recorded many values each, at uneven steps that they hardly have in common."""
    fewest = min((len(steps) for steps in runs), default=0)
    if len(runs) < 2 or fewest < MANY_STEPS:  # noqa: PLR2004 - one run has nothing to share steps with
        return False
    return not shared_steps(runs) and all(map(is_irregular, runs))


def _last(result: Result) -> int:
    """The greatest step of a run."""
    over_steps = (curve for key, curve in result.curves.items() if not key.startswith(PER_FRAME))
    return max((curve.steps[-1] for curve in over_steps), default=0)


def measure_remarks(sweep: SweepResults) -> Iterator[str]:
    """Say of the file's measures that there are none, that nothing recorded one, or that a unit does not fit."""
    if not sweep.criteria and not sweep.expected.criteria:
        line = suggestion(sweep.recorded, once=[key for key in sweep.recorded if sweep.is_single(key)])
        if line:
            choice = ", with the one word that is right," if UNKNOWN_WAY in line else ""
            yield (
                "The file does not say which metric these trials are judged by, so nothing is ranked or compared. "
                f"Add for example `{line}`{choice} to it, and make the report again."
            )
        return
    if any(result.state == FINISHED for result in sweep.results):  # others may not have come that far
        yield from not_recorded(sweep.expected.criteria, sweep.recorded)
    for criterion in sweep.expected.criteria:
        if criterion.unit == PERCENT and _is_share(sweep, criterion):
            yield (
                f"Every {sweep.called(criterion.metric)} lies between 0 and 1, and the file gives its unit as %: if 1 is the whole of it, "
                "leave the unit out. Numbers are shown as they are recorded."
            )


def _is_share(sweep: SweepResults, criterion: Criterion) -> bool:
    curves = [
        result.curves[criterion.metric] for result in sweep.results if criterion.metric in result.curves
    ]
    values = [value for curve in curves for value in curve.values if math.isfinite(value)]
    return bool(values) and all(0 <= value <= 1 for value in values)
