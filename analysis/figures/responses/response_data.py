"""Computes the response curve of a measure: over a numeric setting, to scale, the mean of the repeats with bars, and each run."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from analysis.figures.averages.band import Band
from analysis.figures.figure_data import OfResults, notes
from analysis.figures.groups import grouped
from analysis.figures.palette import BLUE, Style, is_number
from analysis.figures.points.point_data import is_of_points, levels_of, scale_of_runs
from analysis.figures.scale import LOG_FROM_RATIO, OnScale, Scale, limits, outside_runs
from analysis.results.criterion import Criterion
from analysis.results.document import told_apart
from analysis.results.grouping import axis_name, n_words, value_label, value_text
from analysis.results.metric_names import is_score
from analysis.results.provenance_marks import have_several_marks, marks_of
from analysis.results.results import FINISHED
from analysis.visible import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from analysis.results.results import Result, SweepResults

FEWEST_VALUES, MOST_LINES = 3, 6
"""How many values a setting needs for a curve over it, and how many values of another one have a line each."""
MOST_CURVES = 2
"""Of a trainer whose measures are not known, so many metrics over steps are drawn so."""
EVEN = 0.1
"""Gaps that differ by no more than this share are even."""
TICK_COLUMNS, TICK_GAP = 40, 1
"""How many characters of tick labels fit along x on paper and on a phone, and how many stay free between two."""
BESIDE = 0.008
"""How far lines with bars stand beside each other, as a share of the axis."""
OTHER_SCALE = (
    "on a linear scale, as these values lie close together; their curves over steps are on a log scale"
)
PLAIN = Style(BLUE, marker="o")
"""The look of a curve that is the only one."""


@dataclass(frozen=True)
class ResponseRun:
    """One finished run: its trial, the value of its setting, and by what it is judged; NaN where that is no finite number."""

    name: str
    x: float
    value: float


@dataclass(frozen=True)
class ResponseMark:
    """The finished runs of one value of the setting.

    Attributes:
        label: The value as a legend says it: `lr 0.1`.
        x: The value.
        mean: Of the runs that have a finite number; NaN for none.
        low: The lower end of the bar around it; NaN where there is none.
        high: The upper one.
        n: How many they are.
    """

    label: str
    x: float
    mean: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class ResponseLine:
    """One curve.

    Attributes:
        label: The value of the other setting that varies; empty where there is none.
        style: Its look.
        marks: Of each value of the setting, rising.
        runs: The single runs.
    """

    label: str
    style: Style
    marks: tuple[ResponseMark, ...]
    runs: tuple[ResponseRun, ...]


@dataclass(frozen=True)
class ResponseFigure(OnScale, OfResults):
    """A measure over a numeric setting; other attributes are those of `FigureData`.

    Attributes:
        x_label: The setting.
        y_lines: The measure with its unit, and which way is better where one is, a line each.
        lines: One, or one for each value of the other setting.
        levels: The baselines, each with what it is called.
        x_ends: The ends of the axis of the setting.
        x_is_log: Whether it has a log scale.
        ticks: The values of the setting; those have a label that have room for one, with provenance marks on a line below where no
            legend has them.
        scale: The range of the measure that is shown, and whether on a log scale; None lets the data choose.
        band: What the bars are; empty where no mark has one.
    """

    path: str
    title: str
    x_label: str
    y_lines: tuple[str, ...]
    lines: tuple[ResponseLine, ...]
    levels: tuple[tuple[str, float], ...]
    x_ends: tuple[float, float]
    x_is_log: bool
    ticks: tuple[tuple[float, str], ...]
    scale: Scale | None
    notes: tuple[str, ...]
    keys: tuple[str, ...]
    results: tuple[Result, ...]
    axis: str = ""
    band: str = ""

    @property
    def content(self) -> dict[str, Any]:
        """What it says, words and values."""
        words = {"title": self.title, "x": self.x_label, "y": self.y_lines, "notes": self.notes}
        axes = {"x_ends": self.x_ends, "x_is_log": self.x_is_log, "ticks": self.ticks, "scale": self.scale}
        return {**words, **axes, "responses": self.lines, "levels": self.levels, "keys": self.keys}

    def place(self, line: ResponseLine, x: float) -> float:
        """Where a line has the marks of a value of the setting: a little beside those of other lines, whose bars would hide its own."""
        if len(self.lines) < 2 or not any(mark.n > 1 for one in self.lines for mark in one.marks):  # noqa: PLR2004
            return x
        beside = BESIDE * (self.lines.index(line) - (len(self.lines) - 1) / 2)
        low, high = self.x_ends
        return x * (high / low) ** beside if self.x_is_log else x + (high - low) * beside

    def is_outside(self, value: float) -> bool:
        """Whether the scale leaves a value out."""
        return math.isfinite(value) and self.shown(value) != value


def responses(
    sweep: SweepResults,
    path_beside: Callable[[str, str], str],
    logs: Collection[str] = (),
    band: Band = Band.MINMAX,
) -> list[ResponseFigure]:
    """Return a response curve of each measure, and of each further metric with one value a run; none where no setting is fit.

    A setting is fit that is numeric and has `FEWEST_VALUES` values, and beside which one other at most varies, over `MOST_LINES`
    values at most. Of two that are fit it is the one with more values.

    Args:
        sweep: The sweep.
        path_beside: The path of a figure, by the metric and the setting; empty where the report shows no figure of that metric.
        logs: The metrics whose curves have a log scale.
        band: What the bar around a mean is.
    """
    axes = _axes(sweep)
    if axes is None:
        return []
    axis, other = axes
    figures = []
    for criterion in _judged(sweep):
        path = path_beside(criterion.metric, axis)
        lines = _lines(sweep, criterion, (axis, other), band) if path else ()
        if any(sum(mark.n > 0 for mark in line.marks) >= FEWEST_VALUES for line in lines):
            figure = _figure(sweep, criterion, axis, path, lines, band)
            is_other = criterion.metric in logs and not figure.is_log
            figures.append(replace(figure, notes=(*figure.notes, OTHER_SCALE)) if is_other else figure)
    return figures


def written_out(data: ResponseFigure) -> ResponseFigure:
    """Return a figure in whose words is written out what no font draws, and no file takes."""
    return replace(
        data,
        title=visible(data.title),
        x_label=visible(data.x_label),
        y_lines=tuple(map(visible, data.y_lines)),
        lines=tuple(replace(line, label=visible(line.label)) for line in data.lines),
        levels=tuple((visible(name), value) for name, value in data.levels),
        notes=tuple(map(visible, data.notes)),
    )


def _axes(sweep: SweepResults) -> tuple[str, str] | None:
    """The setting along x, and the one that tells lines apart, empty where there is none; None where no setting is fit."""
    expected = sweep.expected
    if not expected.is_whole:
        return None
    counts = {axis: len(values) for axis in expected.settings if len(values := expected.values(axis)) > 1}
    fit = [axis for axis in counts if counts[axis] >= FEWEST_VALUES and _is_numeric(expected.values(axis))]
    if not fit or len(counts) > 2:  # noqa: PLR2004 - x and lines
        return None
    axis = max(fit, key=lambda one: counts[one])
    other = next((one for one in counts if one != axis), "")
    return None if other and counts[other] > MOST_LINES else (axis, other)


def _is_numeric(values: Sequence[Any]) -> bool:
    return all(map(is_number, values))


def _judged(sweep: SweepResults) -> list[Criterion]:
    """By what it is drawn: the measures, then each metric with one value a run; without measures the first metrics as well."""
    measures = [one for one in sweep.criteria if one.is_tabled and one.metric in sweep.recorded]
    taken = {key for one in measures for key in one.keys}
    others = [key for key in sweep.metrics if key not in taken and is_score(key)]
    single = [key for key in others if is_of_points(sweep, key)]
    curves = [] if measures else [key for key in others if key not in single][:MOST_CURVES]
    return [
        *measures,
        *(Criterion(key, "", is_single=key in single) for key in others if key in single or key in curves),
    ]


def _lines(
    sweep: SweepResults, criterion: Criterion, axes: tuple[str, str], band: Band
) -> tuple[ResponseLine, ...]:
    axis, other = axes
    if not other:
        return (_line("", PLAIN, sweep.results, sweep, criterion, axis, band=band),)
    return tuple(
        _line(
            f"{group.label}{marks_of(group.results) if group.marked else ''}",
            group.style,
            group.results,
            sweep,
            criterion,
            axis,
            band=band,
        )
        for group in grouped(sweep.results, other, sweep.expected.values(other))
    )


def _line(
    label: str,
    style: Style,
    results: Sequence[Result],
    sweep: SweepResults,
    criterion: Criterion,
    axis: str,
    *,
    band: Band,
) -> ResponseLine:
    values = sorted(sweep.expected.values(axis))
    runs = [
        (result.trial.axes[axis], ResponseRun(result.trial.name, float(result.trial.axes[axis]), score))
        for result in results
        if result.state == FINISHED and (score := result.score(criterion)) is not None
    ]
    marks = tuple(
        _mark(
            value_label(axis, value, sweep.expected.names),
            float(value),
            [run.value for own, run in runs if own == value],
            band,
        )
        for value in values
    )
    return ResponseLine(label, style, marks, tuple(run for _, run in runs))


def _mark(label: str, x: float, values: Sequence[float], band: Band) -> ResponseMark:
    counted = [value for value in values if math.isfinite(value)]
    if not counted:
        return ResponseMark(label, x, math.nan, math.nan, math.nan, 0)
    return ResponseMark(label, x, math.fsum(counted) / len(counted), *band.of(counted), len(counted))


def _figure(
    sweep: SweepResults,
    criterion: Criterion,
    axis: str,
    path: str,
    lines: tuple[ResponseLine, ...],
    band: Band,
) -> ResponseFigure:
    key, values = criterion.metric, sorted(map(float, sweep.expected.values(axis)))
    levels = levels_of(sweep.results, criterion.baseline)
    values_of_runs = [run.value for line in lines for run in line.runs]
    bars = [end for line in lines for mark in line.marks if mark.n > 1 for end in (mark.low, mark.high)]
    scale = scale_of_runs(key, levels, values_of_runs, better=criterion.way, bars=bars)
    x_is_log = is_spread_in_decades(values)
    names = sweep.expected.names
    criterion = replace(criterion, wording=replace(criterion.wording, name=sweep.called(key)))
    named = told_apart(criterion.sentence, sweep.setting_names, "metric")
    words = criterion.in_words.replace(criterion.called, named)
    title = words if words == named else f"{words[0].upper()}{words[1:]}"  # the case of a metric's name stays
    return ResponseFigure(
        path,
        f"{title} over {axis_name(axis, names)}, {sweep.expected.name}",
        f"{axis_name(axis, names)}{' (log scale)' if x_is_log else ''}",
        (
            f"{named}{criterion.unit_in_head}{' (log scale)' if scale and scale.log else ''}",
            *([criterion.way_in_words] if criterion.ranks else []),
        ),
        lines,
        levels,
        limits((values[0], values[-1]), log=x_is_log),
        x_is_log,
        _ticks(sorted(sweep.expected.values(axis)), _marks_below(sweep, key, axis, lines), is_log=x_is_log),
        scale,
        (*_own_notes(lines, scale, band), *notes(sweep.results, (key,), band=None, gaps=False)),
        criterion.keys,
        sweep.results,
        axis=axis,
        band=band if bars else "",
    )


def is_spread_in_decades(values: Sequence[float]) -> bool:
    """Whether rising values want a log scale: all are positive, and even in the logarithm alone or far apart."""
    if values[0] <= 0:
        return False
    gaps, in_log = (
        [after - before for before, after in pairwise(own)] for own in (values, list(map(math.log, values)))
    )
    return values[-1] / values[0] > LOG_FROM_RATIO or (_unevenness(in_log) <= min(EVEN, _unevenness(gaps)))


def _unevenness(gaps: Sequence[float]) -> float:
    return max(gaps) / min(gaps) - 1 if min(gaps) > 0 else math.inf


def _marks_below(
    sweep: SweepResults, key: str, axis: str, lines: Sequence[ResponseLine]
) -> Mapping[float, str]:
    """The provenance marks of what a value has drawn, by the value: of a single curve, which no legend names."""
    if len(lines) > 1 or lines[0].label or not have_several_marks(sweep.results):
        return {}
    drawn = [one for one in sweep.results if one.state == FINISHED and key in one.curves]
    values = map(float, sweep.expected.values(axis))
    return {
        value: marks_of(one for one in drawn if one.trial.axes[axis] == value).strip() for value in values
    }


def _ticks(
    values: Sequence[Any], marks: Mapping[float, str], *, is_log: bool
) -> tuple[tuple[float, str], ...]:
    """A tick at each value, with its marks below; where labels would touch, the last value keeps its own, then each from the left that has room."""
    height = math.log if is_log else float
    first, last = height(values[0]), height(values[-1])
    texts = [f"{value_text(value)}\n{marks.get(float(value), '')}".strip() for value in values]
    middles = [TICK_COLUMNS * (height(value) - first) / (last - first) for value in values]
    widths = [max(map(len, text.splitlines())) for text in texts]

    def fits(one: int, other: int) -> bool:
        wide = (widths[one] + widths[other]) / 2 + TICK_GAP
        return abs(middles[one] - middles[other]) >= wide

    end = len(values) - 1
    kept = [0]
    for place in range(1, end):
        if fits(place, kept[-1]) and fits(place, end):
            kept.append(place)
    kept.append(end)
    return tuple(
        (float(value), text if place in kept else "")
        for place, (value, text) in enumerate(zip(values, texts, strict=True))
    )


def _own_notes(lines: Sequence[ResponseLine], scale: Scale | None, band: Band) -> Iterator[str]:
    """What the marks mean, and what lies outside the scale or is no number."""
    ns = [mark.n for line in lines for mark in line.marks if mark.n]
    if max(ns) > 1:
        yield (
            f"a mark is the mean of {n_words(ns)} finished runs, its bar {band.words}; a faint point is one run"
        )
        if len(lines) > 1:
            yield "lines stand a little beside each other, so that no bar hides another"
    else:
        yield "a mark is one finished run"
    runs = [run for line in lines for run in line.runs]
    if broken := [run.name for run in runs if not math.isfinite(run.value)]:
        yield f"{', '.join(broken)}: not a finite number, marked x"
    yield from outside_runs(((run.name, run.value) for run in runs), scale)
