"""Computes the figure of a metric that has one value a run, as a test loss has: the runs of each setting, their mean and spread."""

from __future__ import annotations

import math
import re
import statistics
import textwrap
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from analysis.figures.facets import MOST_FIGURES, MOST_LINES, no_room
from analysis.figures.figure_data import Line, OfResults, Panel, baselines, level_label, state_words
from analysis.figures.groups import grouped_by_settings
from analysis.figures.palette import BLUE, Style
from analysis.figures.scale import OnScale, Scale, outside_runs, scale_of
from analysis.read.outcomes import Outcome
from analysis.results.expected import SEED_AXIS
from analysis.results.metric_names import PER_FRAME, is_loss
from analysis.results.results import FINISHED, Result, SweepResults, counted
from analysis.visible import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.figures.averages.band import Band
    from analysis.figures.figure_request import FigureRequest
    from analysis.figures.groups import Group

MOST_ROWS = 24
"""Settings of one figure; more are shown in further ones, up to `MOST_FIGURES`."""
ROW_COLUMNS = 26
"""How many characters of a row's name stand on one line."""
SPREAD = 0.24
"""How far from the middle of its row a mark stands at most, in rows."""
PLAIN = Style(BLUE, marker="o")
"""The look of all settings where there are more of them than colours."""


@dataclass(frozen=True)
class Point:
    """One run.

    Attributes:
        name: Of its trial.
        value: What it recorded; NaN where that is not a finite number.
        place: Where it stands in its row, from the top, -1, to the bottom, 1: a seed has the same place in every row.
        is_finished: Whether the run has finished, so that it counts.
        has_failed: Whether it failed, so that it does not set the scale.
    """

    name: str
    value: float
    place: float
    is_finished: bool
    has_failed: bool = False

    @property
    def is_counted(self) -> bool:
        """Whether the mean of its row has it."""
        return self.is_finished and math.isfinite(self.value)


@dataclass(frozen=True)
class PointRow:
    """One setting.

    Attributes:
        label: What it is called, with how many runs it has.
        style: The look of its marks.
        points: Its runs.
        mean: Of the finished runs that have a finite number; NaN for fewer than two.
        spread: Their standard deviation (n - 1 in the denominator); NaN for fewer than two.
        ends: Of the bar around the mean; NaN for fewer than two.
    """

    label: str
    style: Style
    points: tuple[Point, ...]
    mean: float
    spread: float
    ends: tuple[float, float]

    def label_lines(self, columns: int) -> list[str]:
        """The label on lines of so many characters; what stands in brackets, as `(n = 3)`, stays on one."""
        whole = re.sub(
            r"[(\[][^()\[\]]*[)\]]", lambda found: found[0].replace(" ", "\N{NO-BREAK SPACE}"), self.label
        )
        return [line.replace("\N{NO-BREAK SPACE}", " ") for line in textwrap.wrap(whole, columns)]


@dataclass(frozen=True)
class PointFigure(OnScale, OfResults):
    """The values of a metric, a row a setting; other attributes are those of `FigureData`.

    Attributes:
        x_label: The metric, with its unit, and which way is better where one is.
        rows: From top to bottom, in the order of the file.
        levels: The baselines, each with what it is called.
        scale: The range that is shown, and whether on a log scale; None lets the data choose.
        band: What the bars are; empty where no row has one.
    """

    path: str
    title: str
    x_label: str
    rows: tuple[PointRow, ...]
    levels: tuple[tuple[str, float], ...]
    scale: Scale | None
    notes: tuple[str, ...]
    keys: tuple[str, ...]
    results: tuple[Result, ...]
    band: str = ""

    @property
    def content(self) -> dict[str, Any]:
        """What it says, words and values."""
        words = {"title": self.title, "x": self.x_label, "notes": self.notes, "keys": self.keys}
        return {**words, "rows": self.rows, "levels": self.levels, "scale": self.scale}


def is_of_points(sweep: SweepResults, key: str) -> bool:
    """Whether a metric has one value a run: some finished run has it, and none has it at a second step."""
    return (
        not key.startswith(PER_FRAME)
        and sweep.is_single(key)
        and any(result.state == FINISHED and key in result.curves for result in sweep.results)
    )


def point_figures(sweep: SweepResults, request: FigureRequest) -> list[PointFigure]:
    """Draw a metric that has one value a run, in as many figures as its settings take, up to `MOST_FIGURES`."""
    key, band = request.key, request.band
    groups = [
        group
        for group in grouped_by_settings(sweep.results)
        if any(key in result.curves for result in group.results)
    ]
    seeds = list(dict.fromkeys(result.trial.axes.get(SEED_AXIS) for result in sweep.results))
    rows = [_row(group, key, seeds, band, has_colour=len(groups) <= MOST_LINES) for group in groups]
    levels = levels_of(sweep.results, request.baseline)
    criterion = sweep.criterion_of(key)
    scale = _scale(key, levels, rows, criterion.way if criterion else "")
    pages = [slice(first, first + MOST_ROWS) for first in range(0, len(rows), MOST_ROWS)]
    better = f", {criterion.way_in_words}" if criterion and criterion.ranks else ""
    figures = []
    for number, page in enumerate(pages[:MOST_FIGURES], start=1):
        results = tuple(result for group in groups[page] for result in group.results)
        # What failed before it had the value stands in no row: the first figure tells of it.
        told = results if number > 1 else _with_those_without(sweep, groups, results)
        captions = (*_own_notes(rows[page], scale, band), *request.notes(told, band=None))
        if number == MOST_FIGURES and (rest := rows[MOST_FIGURES * MOST_ROWS :]):
            captions = (*captions, no_room(counted(len(rest), "setting")))
        figures.append(
            PointFigure(
                *request.page(number, min(len(pages), MOST_FIGURES)),
                f"{request.label}{' (log scale)' if scale and scale.log else ''}{better}",
                tuple(rows[page]),
                levels,
                scale,
                captions,
                request.keys,
                told,
                band if any(math.isfinite(row.mean) for row in rows[page]) else "",
            )
        )
    return figures


def written_out(data: PointFigure) -> PointFigure:
    """Return a figure in whose words is written out what no font draws, and no file takes."""
    return replace(
        data,
        title=visible(data.title),
        x_label=visible(data.x_label),
        rows=tuple(replace(row, label=visible(row.label)) for row in data.rows),
        levels=tuple((visible(name), value) for name, value in data.levels),
        notes=tuple(map(visible, data.notes)),
    )


def _row(group: Group, key: str, seeds: Sequence[Any], band: Band, *, has_colour: bool) -> PointRow:
    having = [result for result in group.results if key in result.curves]
    points = tuple(
        Point(
            result.trial.name,
            result.curves[key].last,
            _place(seeds.index(result.trial.axes.get(SEED_AXIS)), len(seeds)),
            result.state == FINISHED,
            result.state == Outcome.FAILED,
        )
        for result in having
    )
    counted = [point.value for point in points if point.is_counted]
    is_repeated = len(counted) > 1
    return PointRow(
        f"{group.label}{state_words(group, having, each=False)}",
        group.style if has_colour else PLAIN,
        points,
        statistics.fmean(counted) if is_repeated else math.nan,
        statistics.stdev(counted) if is_repeated else math.nan,
        band.of(counted) if is_repeated else (math.nan, math.nan),
    )


def _scale(
    key: str, levels: Sequence[tuple[str, float]], rows: Sequence[PointRow], better: str
) -> Scale | None:
    points = [point for row in rows for point in row.points]
    return scale_of_runs(
        key,
        levels,
        [point.value for point in points if not point.has_failed],
        [point.value for point in points if point.has_failed],
        better,
        bars=[end for row in rows for end in row.ends],
    )


def _place(index: int, of: int) -> float:
    return 2 * index / (of - 1) - 1 if of > 1 else 0.0


def levels_of(results: Sequence[Result], baseline: str | float | None) -> tuple[tuple[str, float], ...]:
    """The levels of a baseline, a metric or a number, each with what a legend calls it; none where there is no baseline."""
    if baseline is None:
        return ()
    if isinstance(baseline, str):
        drawn = baselines(results, baseline)
        return tuple((line.label, next(y for y in line.y if math.isfinite(y))) for line in drawn)
    return ((level_label(baseline), baseline),)


def scale_of_runs(
    key: str,
    levels: Sequence[tuple[str, float]],
    values: Sequence[float],
    failed: Sequence[float] = (),
    better: str = "",
    bars: Sequence[float] = (),
) -> Scale | None:
    """Return the scale of a metric of which each run has one value: a few may lie far off, all levels have to be seen.

    It is moved out a little to the ends of `bars` that are no run's value; as to what failed runs have near.
    """
    beyond = [end for end in bars if math.isfinite(end) and end not in values]
    parts = ((values, None), ([value for _, value in levels], None), (failed, ()), (beyond, ()))
    lines = tuple(
        Line("", PLAIN, tuple(range(len(part))), tuple(part), scaling=scaling)
        for part, scaling in parts
        if part
    )
    return scale_of([Panel("", "", lines, key=key, may_log=is_loss(key))], better=better)


def _with_those_without(
    sweep: SweepResults, groups: Sequence[Group], results: tuple[Result, ...]
) -> tuple[Result, ...]:
    """The results of a figure, and those of settings of which no run has the metric."""
    drawn = {id(result) for group in groups for result in group.results}
    return (*results, *(result for result in sweep.results if id(result) not in drawn))


def _own_notes(rows: Sequence[PointRow], scale: Scale | None, band: Band) -> list[str]:
    """What the marks mean, and which lie outside the scale."""
    points = [point for row in rows for point in row.points]
    told = []
    if any(math.isfinite(row.mean) for row in rows):
        told.append(
            "a mark is one run; in each row the seeds stand from top to bottom in the same order; the long stroke is their mean, the "
            f"bar with caps {band.words}"
        )
    if any(not point.is_finished for point in points):
        told.append("open: the run has not finished, and does not count in the mean")
    return [*told, *outside_runs(((point.name, point.value) for point in points), scale)]
