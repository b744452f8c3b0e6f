"""The questions that a report answers, and the answers: pure functions from results to findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.results.criterion import AVERAGES, ranking_ones
from analysis.results.grouping import as_wholes, short_name, still_to_finish
from analysis.results.results import ANNEALING, FINISHED, RATIO, TFR, Result, SweepResults, step_word
from analysis.stats.answers import answer
from analysis.stats.baseline import against_baseline
from analysis.stats.effects import Effect, effect, page_of
from analysis.stats.lab.cycles import beta_cycles
from analysis.stats.lab.latent import use_of_z
from analysis.stats.measures import AT_THE_LAST, last_loss, last_psnr, loss_while_forced, measure_of
from analysis.stats.ranking import ranking
from analysis.stats.searches.samplers import sampler_effect, sampler_finding
from analysis.stats.words.single_runs import SEEDS, observed
from analysis.stats.words.split_settings import repeated_measures, split_settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from analysis.results.document import Finding
    from analysis.results.searches.courses import Comparison
    from analysis.stats.comparison import Contrast
    from analysis.stats.measures import Measure


def findings(
    sweeps: Sequence[SweepResults], compared: Sequence[Comparison] = ()
) -> tuple[tuple[Finding, ...], ...]:
    """Answer every question that the axes and measures of a page's sweeps raise, for each sweep in its order.

    After those of the sweeps come those of each comparison of searches.

    All comparisons of the page are corrected together: that any of them is false has a chance of 5 % at most.

    Where nobody said which way a metric is better, nothing is asked.
    """
    asked = [effects_of(sweep) for sweep in sweeps]
    of_searches = [sampler_effect(one) for one in compared]
    effects = [*(one for of_sweep in asked for one in of_sweep), *of_searches]
    page = page_of(effects)
    main, cells = iter(page.main), iter(page.cells)
    repeats = [repeated_measures(sweep) for sweep in sweeps]
    tested = sum(one.tested for own in repeats for one in own)
    found = []
    for sweep, of_sweep, repeated in zip(sweeps, asked, repeats, strict=True):
        answers, once = [], [one for one in of_sweep if one.ran_once]
        alone: dict[str, Sequence[Contrast]] = {}
        for one in of_sweep:
            pairs, single = next(main), [next(cells) for _ in one.cells]
            if not one.others:
                alone[one.measure.key] = pairs
            if not one.ran_once:
                answers.append(answer(one, pairs, single, page))
        cycles, of_z = (
            (beta_cycles(sweep), use_of_z(sweep.results)) if sweep.is_scored_by_psnr else (None, None)
        )
        seen = [observed(once, still_to_finish(sweep.results) or _instead(sweep))] if once else []
        split = split_settings(sweep, repeated, tested)
        found.append(
            (
                *_standing(sweep, alone),
                *filter(None, [split, of_z]),
                *seen,
                *answers,
                *filter(None, [cycles]),
            )
        )
    found += [(sampler_finding(one, next(main), page),) for one in of_searches]
    return tuple(found)


def _instead(sweep: SweepResults) -> str:
    """What to do in place of asking for more seeds: some are recorded, or the program takes none; empty: ask for them."""
    if seeds := sweep.expected.recorded_seeds:
        return f"`sweep report --seeds {seeds}` counts the seeds that are recorded"
    why = sweep.expected.without_seed
    return f"{why}; with one, {SEEDS}" if why else ""


def _standing(sweep: SweepResults, pairs: Mapping[str, Sequence[Contrast]]) -> Iterator[Finding]:
    """How the trials stand by each measure that has a baseline, and by the first that ranks in any case; `pairs`: of the only axis, by measure."""
    for place, criterion in enumerate(ranking_ones(sweep.criteria)):
        if criterion.baseline is not None:
            yield against_baseline(sweep.results, criterion)
        elif place == 0:
            yield ranking(sweep.results, criterion, pairs.get(criterion.metric, ()))


def effects_of(sweep: SweepResults) -> list[Effect]:
    """Every question that the axes and measures of a sweep raise."""
    sweep = as_wholes(sweep)
    expected = sweep.expected
    if not expected.is_whole:
        return []
    axes = [axis for axis in expected.settings if len(expected.values(axis)) > 1]
    if not expected.criteria:
        return [asked for axis in axes if sweep.criteria for asked in _effects_in_lab(sweep, axis)]
    measures = [measure_of(one, sweep.results, ranks=place == 0) for place, one in enumerate(sweep.criteria)]
    return [_which(sweep, axis, measure) for axis in axes for measure in measures]


def _which(sweep: SweepResults, axis: str, measure: Measure) -> Effect:
    """Which value of an axis is the better one by a measure, or the best of several; where neither way is better, how they differ."""
    name = "annealing strategy" if axis == ANNEALING else short_name(axis, sweep.expected.names)
    better = "higher" if measure.best == "highest" else "lower"
    if len(sweep.expected.values(axis)) > 2:  # noqa: PLR2004 - of two one is the better, of more the best
        better = measure.best
    what = measure.words.partition(AT_THE_LAST)[0]
    if measure.is_neutral:
        return effect(sweep, axis, measure, f"How does {what} differ between values of {name}?")
    verb = "reaches" if what.startswith("best ") or what.endswith((*AVERAGES.values(),)) else "ends with"
    if what == measure.words and measure.is_said:  # its name says it all
        verb = "has"
    what = what.removeprefix("last ").removeprefix("best ")
    return effect(sweep, axis, measure, f"Which {name} {verb} the {better} {what}?")


def _effects_in_lab(sweep: SweepResults, axis: str) -> list[Effect]:
    """What is asked of an axis of the video's trainer."""
    loss, psnr = last_loss(sweep.results), last_psnr(sweep.results)
    if axis == RATIO:
        forced = loss_while_forced(sweep.results)
        while_on = [
            effect(sweep, axis, forced, "What does teacher forcing do to the training loss while it is on?")
        ]
        after = effect(
            sweep,
            axis,
            loss,
            "What does teacher forcing do to the training loss at the end?",
            remarks=_ratio_at_the_end(sweep.results),
        )
        scored = effect(sweep, axis, psnr, "What does teacher forcing do to validation PSNR?")
        return [*(while_on if forced.epochs else ()), after, scored]
    return [_which(sweep, axis, measure) for measure in (loss, psnr)]


def _ratio_at_the_end(results: Sequence[Result]) -> tuple[str, ...]:
    last = [
        value for result in results if result.state == FINISHED and (value := result.last(TFR)) is not None
    ]
    if not last or any(value != 0 for value in last):
        return ()
    return (
        (
            f"At the last {step_word(results, TFR)} the ratio is 0 in every finished run: what is compared here is what "
            "teacher forcing has left behind, not what it does while it is on."
        ),
    )
