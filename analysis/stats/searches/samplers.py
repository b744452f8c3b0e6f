"""Compares samplers, or pruners, by the best value that searches of one task found in the same number of trials. Pure.

A search is to a sampler what a run is to a setting: one says nothing, and those with the same seed begin alike. So the question is
put as an `Effect`, and answered by the tests of grids.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from analysis.read.outcomes import Outcome
from analysis.results.document import Cell, Table
from analysis.results.metric_names import is_loss
from analysis.stats.answers import answer
from analysis.stats.effects import Block, Effect
from analysis.stats.measures import NONE, Measure, duration, number
from analysis.stats.samples.coarseness import rounding_of
from analysis.stats.seed_tests import Sample
from analysis.stats.words.single_runs import observed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from analysis.results.document import ColumnType, Finding
    from analysis.results.searches.courses import Comparison, Course
    from analysis.stats.comparison import Contrast, Page

NEAR = 0.01
"""How near to the best of all, in parts of it, a search is to have come."""
ALONE = "one search each says nothing about a {axis}: other seeds may reverse it"
FORM = ".4g"


def sampler_effect(comparison: Comparison) -> Effect:
    """Gather what tells the samplers of a comparison apart: the best value of each search."""
    metric, count, axis = comparison.objective.metric, comparison.count, comparison.axis
    best = "highest" if comparison.objective.maximize else "lowest"
    trials = f"{count} trial{'' if count == 1 else 's'}"
    found = {label: _found(courses, count) for label, courses in comparison.courses.items()}
    values = [value for ends in found.values() for value in ends.values()]
    is_log = is_loss(metric) and all(value > 0 for value in values)
    rounding = rounding_of(values, is_log=is_log)
    samples = tuple(
        Sample(label, {key: math.log(end) if is_log else end for key, end in ends.items()}, rounding)
        for label, ends in found.items()
        if ends
    )
    missing = tuple(
        (label, len(found[label]), len(courses))
        for label, courses in comparison.courses.items()
        if len(found[label]) < len(courses)
    )
    doubt = "" if len(samples) > 1 else f"no two {axis}s have found a value yet"
    if not doubt and comparison.found_the_same:
        doubt = (
            f"the best trials of every {axis} are the very same runs; what each spent on them, the table says"
        )
    return Effect(
        question=f"Which {axis} finds the {best} {comparison.objective.words} in {trials}?",
        axis=axis,
        measure=Measure(
            f"best {metric} of {trials}",
            best,
            "",
            FORM,
            lambda _: None,
            is_ratio=is_loss(metric),
            key=metric,
            ranks=True,
        ),
        is_log=is_log,
        blocks=(Block("", samples, missing, doubt),),
        main=() if doubt else samples,
        numbers=_numbers(comparison, found),
        remarks=tuple(_remarks(comparison)),
        left_out=(),
        too_many=False,
        repeats="searches",
    )


def sampler_finding(effect: Effect, pairs: Sequence[Contrast], page: Page) -> Finding:
    """Answer the question of a comparison; `pairs` and `page` are as for `answer`."""
    if not effect.ran_once:
        return answer(effect, pairs, (), page)
    seen = observed([effect], ALONE.format(axis=effect.axis))
    return replace(seen, question=effect.question, numbers=effect.numbers, axis=effect.axis)


def _found(courses: Sequence[Course], count: int) -> dict[object, float]:
    """What each search found in so many trials, by its seeds; those of equal seeds are told apart by their order."""
    seen: Counter[object] = Counter()
    found: dict[object, float] = {}
    for course in courses:
        seeds = course.search.seeds
        seen[seeds] += 1
        if not math.isnan(course.best[count - 1]):
            found[seeds if seen[seeds] == 1 else (*seeds, seen[seeds])] = course.best[count - 1]
    return found


def _remarks(comparison: Comparison) -> Iterator[str]:
    count, best = comparison.count, comparison.best
    if any(len(course.trials) > count for course in comparison.every) or comparison.waiting:
        yield f"Compared as far as all have come: {count} trial{'' if count == 1 else 's'} each."
    if comparison.waiting:
        yield f"Not compared, as no trial has ended: {', '.join(comparison.waiting)}."
    if best is not None:
        yield (
            f"Within 1 %: after how many trials the best value was within 1 % of {number(best, FORM)}, the best of all. "
            "Failed and pruned trials count as trials."
        )
    if shared := comparison.shared:
        yield (
            f"{shared} run{' is a trial' if shared == 1 else 's are trials'} of several of these searches, trained once and "
            "counted for each, as searches with the same seed begin alike."
        )
    if (found := comparison.found_by_several) and not comparison.found_the_same:
        yield (
            f"{found} of these runs {'is' if found == 1 else 'are'} the best of searches by several {comparison.axis}s: between these the "
            "comparison has no difference to go by."
        )
    yield (
        "A best value is the luckiest of many runs: its settings, trained again with another seed, are likely to do worse."
    )


def _numbers(comparison: Comparison, found: Mapping[str, Mapping[object, float]]) -> Table:
    count = comparison.count
    numbers = (
        f"best {comparison.objective.words}",
        "trials until within 1 %",
        "pruned",
        "failed",
        "epochs",
        "time",
    )
    columns: tuple[tuple[str, ColumnType], ...] = (
        (comparison.axis, "text"),
        ("searches", "number"),
        *((head, "number") for head in numbers),
    )
    rows = []
    for label, courses in comparison.courses.items():
        trials = [trial for course in courses for trial in course.trials[:count]]
        outcomes = Counter(trial.outcome for trial in trials)
        spent = [course.spent_s[count - 1] for course in courses if course.spent_s]
        whole = len(spent) == len(courses)
        epochs = [trial.epochs for trial in trials if trial.epochs is not None]
        rows.append(
            (
                Cell(label),
                Cell(str(len(courses)), value=len(courses)),
                Cell(_spread(list(found[label].values()))),
                Cell(_until(comparison, courses)),
                Cell(f"{outcomes[Outcome.PRUNED]} of {len(trials)}", value=outcomes[Outcome.PRUNED]),
                Cell(f"{outcomes[Outcome.FAILED]} of {len(trials)}", value=outcomes[Outcome.FAILED]),
                Cell(_each(f"{sum(epochs) / len(courses):.0f}", len(courses)) if epochs else NONE),
                Cell(_each(duration(math.fsum(spent) / len(courses)), len(courses)) if whole else NONE),
            )
        )
    return Table(columns, tuple(rows))


def _spread(values: Sequence[float]) -> str:
    """The mean, and the ends of what it is the mean of."""
    if not values:
        return NONE
    mean = number(math.fsum(values) / len(values), FORM)
    if len(values) == 1:
        return mean
    return f"{mean} ({number(min(values), FORM)} to {number(max(values), FORM)})"


def _until(comparison: Comparison, courses: Sequence[Course]) -> str:
    """After how many trials searches came near the best of all, and how many of them did."""
    best, sign = comparison.best, 1 if comparison.objective.maximize else -1
    if best is None:
        return NONE
    level = best - sign * NEAR * abs(best)
    reached = sorted(n for course in courses if (n := course.trials_until(level, comparison.count)))
    if not reached:
        return "never"
    ends = str(reached[0]) if reached[0] == reached[-1] else f"{reached[0]} to {reached[-1]}"
    return ends if len(reached) == len(courses) else f"{ends} ({len(reached)} of {len(courses)} searches)"


def _each(words: str, searches: int) -> str:
    return words if searches == 1 else f"{words} each"
