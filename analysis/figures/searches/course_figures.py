"""The figures of searches side by side: the best value so far by trial, and by training time, a line a sampler. Pure."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from analysis.figures.averages.band import Band
from analysis.figures.figure_data import FigureData, Line, Panel
from analysis.figures.file_names import free
from analysis.figures.palette import styles
from analysis.figures.scale import on_one_scale
from analysis.results.document import ShownTrial
from analysis.results.metric_names import is_loss
from analysis.results.searches.search import RUNNING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from analysis.figures.palette import Style
    from analysis.results.searches.courses import Comparison, Course

FOLDER = "comparison"
"""Below `search/`: where these figures lie."""
UNITS = ((3600.0, "h"), (60.0, "min"), (1.0, "s"), (0.001, "ms"))
"""Of the axis of training time, in seconds each."""
LOG_FROM = 3.0
"""The best of a search falls fast and then little, which is what tells samplers apart: its losses have a log scale sooner than curves."""
LEAST_UNITS = 8
"""A unit is used from so many of it on, as ticks stand at whole numbers."""


@dataclass(frozen=True)
class CourseFigure(FigureData):
    """A figure of searches; `shown` are their trials, other attributes are those of `FigureData`."""

    shown: tuple[ShownTrial, ...] = ()

    @property
    def trials(self) -> tuple[ShownTrial, ...]:
        """The trials that it shows, each with its search and its run."""
        return self.shown


def course_figures(
    comparisons: Iterable[Comparison], searches: Iterable[str], band: Band = Band.MINMAX
) -> list[tuple[CourseFigure, ...]]:
    """Return the figures of each comparison; `searches` are the folders of all searches, which lie beside these."""
    taken = set(searches)
    return [tuple(_figures(one, f"search/{free(FOLDER, taken)}", band)) for one in comparisons]


def _figures(comparison: Comparison, folder: str, band: Band) -> Iterator[CourseFigure]:
    looks = styles("", tuple(comparison.courses))
    by_trial = [
        line
        for label, courses in comparison.courses.items()
        if (line := _by_trial(label, looks[label], courses, band))
    ]
    panels = [("by_trial", "by trial", "trials", by_trial)]
    if all(course.spent_s for course in comparison.every):
        unit_s, unit = _unit(max(course.spent_s[-1] for course in comparison.every))
        by_time = [
            line
            for label, courses in comparison.courses.items()
            if (line := _by_time(label, looks[label], courses, unit_s, band))
        ]
        panels.append(("by_time", "by training time", f"training time ({unit})", by_time))
    metric, words = comparison.objective.metric, comparison.objective.words
    made = [
        CourseFigure(
            f"{folder}/{name}.png",
            f"Best {words} so far, {title}: {comparison.axis}s compared",
            (
                Panel(
                    x_label,
                    f"best {words} so far",
                    tuple(lines),
                    empty="no trial has finished with a value yet",
                    key=metric,
                    may_log=is_loss(metric),
                    steps=True,
                ),
            ),
            tuple(_notes(comparison, band)),
            (metric,),
            (),
            axis=comparison.axis,
            shown=tuple(_shown(comparison)),
        )
        for name, title, x_label, lines in panels
    ]
    yield from on_one_scale(made, log_from=LOG_FROM)


def _by_trial(label: str, style: Style, courses: Sequence[Course], band: Band) -> Line | None:
    """The best of each search after each trial, as far as all have come, from where all have one."""
    length = min(len(course.best) for course in courses)
    columns = [(n + 1, [course.best[n] for course in courses]) for n in range(length)]
    return _line(label, style, columns, len(courses), band)


def _by_time(label: str, style: Style, courses: Sequence[Course], unit_s: float, band: Band) -> Line | None:
    """The same at each moment at which the best of one of them changes, and at the end."""
    end_s = min(course.spent_s[-1] for course in courses)
    moments_s = sorted({time_s for course in courses for time_s in course.spent_s if time_s <= end_s})
    found = [(at_s, [_best_at(course, at_s) for course in courses]) for at_s in moments_s]
    changes = [next(alike) for _, alike in groupby(found, key=lambda moment: moment[1])]
    shown = changes if changes[-1] == found[-1] else [*changes, found[-1]]
    columns = [(round(at_s / unit_s, 2), values) for at_s, values in shown]
    return _line(label, style, columns, len(courses), band)


def _best_at(course: Course, at_s: float) -> float:
    ended = bisect_right(course.spent_s, at_s)
    return course.best[ended - 1] if ended else math.nan


def _line(
    label: str, style: Style, columns: Sequence[tuple[float, list[float]]], count: int, band: Band
) -> Line | None:
    known = [(x, values) for x, values in columns if not any(map(math.isnan, values))]
    if not known:
        return None
    x = tuple(place for place, _ in known)
    y = tuple(math.fsum(values) / len(values) for _, values in known)
    if count == 1:
        return Line(label, style, x, y)
    low, high = zip(*(band.of(values) for _, values in known), strict=True)
    return Line(f"{label} (n = {count})", style, x, y, low, high, band=band)


def _unit(longest_s: float) -> tuple[float, str]:
    """The largest unit of which the axis has a few."""
    return next((unit for unit in UNITS if longest_s >= LEAST_UNITS * unit[0]), UNITS[-1])


def _notes(comparison: Comparison, band: Band) -> Iterator[str]:
    if any(len(having) > 1 for having in comparison.courses.values()):
        yield (
            "a line is the mean of its n searches, one a seed, and stops where the first of them does; its band "
            f"{band.words}"
        )
    if any(len(having) == 1 for having in comparison.courses.values()):
        yield f"one search alone says nothing about its {comparison.axis}"
    yield "failed and pruned trials count as trials, and leave the best as it is"


def _shown(comparison: Comparison) -> Iterator[ShownTrial]:
    for course in comparison.every:
        for trial in course.trials:
            name = f"{course.search.name}/{trial.name}"
            yield ShownTrial(name, trial.fingerprint, trial.run_id, trial.outcome or RUNNING)
