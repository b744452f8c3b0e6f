"""Computes what a heatmap shows: for each cell of a grid the final value, its spread over seeds, and how many ran."""

from __future__ import annotations

import itertools
import math
import statistics
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from analysis.figures.figure_data import OfResults, notes
from analysis.figures.heatmaps.heat_panel import HeatCell, HeatPanel
from analysis.results.criterion import AVERAGES, BEST, FORM, HIGHER, LAST, LOWER, MEAN, TAIL
from analysis.results.grouping import axis_name, n_words, still_to_finish, value_label, value_text
from analysis.results.metric_names import FRAME, is_loss
from analysis.results.provenance_marks import have_several_marks, marks_of
from analysis.results.results import COPY_FIRST, PSNR, Result, SweepResults, step_word
from analysis.visible import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from analysis.results.criterion import Criterion


MOST_COLUMNS, MOST_ROWS, MOST_PANELS = 7, 12, 6
"""Larger grids could not be read at the width of a paper's column: they have no heatmap."""
MOST_MEASURES = 2
"""Of a trainer whose measures are not known, so many metrics have a heatmap."""

LEAST_SCALE = 4.0
"""A scale spans so many standard deviations of the seeds at least, so that colours do not tell apart what seeds may do."""


@dataclass(frozen=True)
class HeatmapFigure(OfResults):
    """One figure of heatmaps, one above the other; attributes as of `FigureData`."""

    path: str
    title: str
    panels: tuple[HeatPanel, ...]
    notes: tuple[str, ...]
    keys: tuple[str, ...]
    results: tuple[Result, ...]

    @property
    def content(self) -> dict[str, Any]:
        """What it says, words and values."""
        return {"title": self.title, "heatmaps": self.panels, "notes": self.notes, "keys": self.keys}


@dataclass(frozen=True)
class _Measure:
    title: str
    final: Callable[[Result], float | None]
    better: str = ""
    floor: float | None = None
    remark: str = ""
    of_curve: str = LAST
    form: str = ""

    @property
    def words(self) -> str:
        """Its title, and which way is better; where that is not known, what colours mean."""
        return f"{self.title}, {f'{self.better} is better' if self.better else 'lighter is higher'}"


def heatmaps(sweep: SweepResults, path: str) -> list[HeatmapFigure]:
    """Return the heatmap of a grid over two axes or more; none where it has fewer, or cells that could not be read.

    Of two axes, each measure is a panel. Of more, the two with the most values are drawn under each combination of the
    others, and of the first measure alone.
    """
    expected = sweep.expected
    counts = {axis: len(expected.values(axis)) for axis in expected.settings} if expected.is_whole else {}
    varying = sorted((axis for axis in counts if counts[axis] > 1), key=lambda axis: -counts[axis])
    whole = all(axis in result.trial.axes for axis in counts for result in sweep.results)
    measures, keys = _measures(sweep)
    if len(varying) < 2 or not whole or not measures or not any(result.is_whole for result in sweep.results):  # noqa: PLR2004
        return []
    if len(varying) == 2:  # noqa: PLR2004 - in the order of the file
        varying = [axis for axis in expected.settings if axis in varying]
    y, x, *others = varying
    if counts[x] > counts[y] and counts[x] > MOST_COLUMNS:
        x, y = y, x
    held = list(itertools.product(*(expected.values(axis) for axis in others)))
    if counts[x] > MOST_COLUMNS or counts[y] > MOST_ROWS or len(held) > MOST_PANELS:
        return []
    measures = measures[:1] if others else measures
    panels = [
        _panel(sweep, measure, x, y, dict(zip(others, values, strict=True)))
        for measure in measures
        for values in held
    ]
    if others:
        low, high = min(panel.low for panel in panels), max(panel.high for panel in panels)
        panels = [replace(panel, low=low, high=high) for panel in panels]
    panels = _widened(panels)
    over = " and ".join(axis_name(axis, expected.names) for axis in (y, x))
    what = (
        "PSNR and skill"
        if sweep.is_scored_by_psnr and not others
        else " and ".join(measure.title.partition(" (")[0] for measure in measures)
    )
    return [
        HeatmapFigure(
            path,
            f"{_named(what, measures)} over {over}",
            tuple(panels),
            _notes(sweep, measures, panels, keys),
            keys,
            sweep.results,
        )
    ]


def _widened(panels: Sequence[HeatPanel]) -> list[HeatPanel]:
    """The panels, on scales of `LEAST_SCALE` at least around the middle of their cells; panels of one measure keep one scale."""
    spans = [LEAST_SCALE * panel.pooled for panel in panels]
    if len({(panel.low, panel.high) for panel in panels}) == 1:
        spans = [max(spans)] * len(spans)
    return [
        replace(
            panel,
            low=(panel.low + panel.high - span) / 2,
            high=(panel.low + panel.high + span) / 2,
            is_widened=True,
        )
        if panel.low <= panel.high and panel.high - panel.low < span
        else panel
        for panel, span in zip(panels, spans, strict=True)
    ]


def written_out(data: HeatmapFigure) -> HeatmapFigure:
    """Return a heatmap in whose words is written out what no font draws, and no file takes."""
    panels = tuple(
        replace(
            panel,
            title=visible(panel.title),
            x_label=visible(panel.x_label),
            y_label=visible(panel.y_label),
            columns=tuple(map(visible, panel.columns)),
            rows=tuple(map(visible, panel.rows)),
        )
        for panel in data.panels
    )
    return replace(data, title=visible(data.title), notes=tuple(map(visible, data.notes)), panels=panels)


def _measures(sweep: SweepResults) -> tuple[list[_Measure], tuple[str, ...]]:
    if sweep.is_scored_by_psnr:
        measures = [
            _Measure("validation PSNR (dB)", _last_of(PSNR), HIGHER),
            _Measure(
                "skill (dB)",
                lambda result: result.skill_db,
                HIGHER,
                floor=0.0,
                remark="skill: PSNR minus that of copying the first frame",
            ),
        ]
        return measures, (PSNR, COPY_FIRST)
    judging = sweep.criteria[:MOST_MEASURES] if sweep.expected.criteria else ()
    if judging:
        keys = tuple(one.metric for one in judging)
        return [
            _Measure(
                one.called,
                _score_by(one),
                one.way,
                of_curve="" if one.is_said else one.of_curve,
                form=one.wording.form if one.wording.form != FORM else "",
            )
            for one in judging
        ], keys
    keys = sweep.metrics[:MOST_MEASURES]
    return [_Measure(sweep.called(key), _last_of(key), LOWER if is_loss(key) else "") for key in keys], keys


def _named(what: str, measures: Sequence[_Measure]) -> str:
    """What is drawn, with which value of each run counts."""
    kinds = {measure.of_curve for measure in measures}
    if kinds == {TAIL}:
        return f"Mean {what} {AVERAGES[TAIL]}"
    words = {LAST: "final", BEST: "best", TAIL: "tail of", MEAN: "mean", "": ""}
    if len(kinds) > 1:
        what = " and ".join(f"{words[one.of_curve]} {one.title}".strip() for one in measures)
        return f"{what[:1].upper()}{what[1:]}"
    return f"{words[kinds.pop()].capitalize()} {what}".strip()


def _ends(measures: Sequence[_Measure], steps: str) -> str:
    """At which of its steps that value stands."""
    kinds = {measure.of_curve for measure in measures}
    over = {**AVERAGES, **({MEAN: f"of all {FRAME}s"} if steps == FRAME else {})}
    if len(kinds) > 1:
        return "; ".join(
            f"{one.title}: {f'the mean {over[one.of_curve]} of each run' if one.of_curve in over else f'at the {one.of_curve} {steps}'}"
            for one in measures
            if one.of_curve
        )
    if kinds == {""}:
        return "one value a run"
    (kind,) = kinds
    if kind in over:
        return f"each the mean {over[kind]} of a run"
    if kind == BEST:
        return f"at each run's best {steps}"
    return "at the end" if steps == FRAME else f"at the last {steps}"


def _score_by(criterion: Criterion) -> Callable[[Result], float | None]:
    return lambda result: result.score(criterion)


def _last_of(key: str) -> Callable[[Result], float | None]:
    return lambda result: result.last(key)


def _panel(sweep: SweepResults, measure: _Measure, x: str, y: str, shared: dict[str, Any]) -> HeatPanel:
    columns, rows = sweep.expected.values(x), sweep.expected.values(y)
    has_marks = have_several_marks(sweep.results)
    cells = tuple(
        tuple(
            _cell(_having(sweep, {**shared, x: column, y: row}), measure, has_marks=has_marks)
            for column in columns
        )
        for row in rows
    )
    values = [cell.value for row in cells for cell in row if not cell.missing]
    names = sweep.expected.names
    under = ", ".join(value_label(axis, value, names) for axis, value in shared.items())
    return HeatPanel(
        f"{measure.words}, {under}" if under else measure.words,
        axis_name(x, names),
        axis_name(y, names),
        tuple(_value(x, value) for value in columns),
        tuple(_value(y, value) for value in rows),
        cells,
        min(values, default=math.inf),
        max(values, default=-math.inf),
        measure.floor,
        measure.better,
        measure.form,
    )


def _having(sweep: SweepResults, values: dict[str, Any]) -> list[Result]:
    return [
        result
        for result in sweep.results
        if all(result.trial.axes[axis] == value for axis, value in values.items())
    ]


def _cell(results: Sequence[Result], measure: _Measure, *, has_marks: bool) -> HeatCell:
    finals = [(result, measure.final(result)) for result in results if result.is_whole]
    counted = [(result, value) for result, value in finals if value is not None and math.isfinite(value)]
    values = [value for _, value in counted]
    if not values:
        states = {result.state for result in results}
        return HeatCell(
            math.nan, math.nan, 0, "no value" if finals else "/".join(sorted(states)) or "not in grid"
        )
    spread = statistics.stdev(values) if len(values) > 1 else math.nan
    mark = marks_of(result for result, _ in counted) if has_marks else ""
    return HeatCell(math.fsum(values) / len(values), spread, len(values), mark=mark)


def _notes(
    sweep: SweepResults, measures: Sequence[_Measure], panels: Sequence[HeatPanel], keys: tuple[str, ...]
) -> tuple[str, ...]:
    cells = [cell for panel in panels for row in panel.cells for cell in row if not cell.missing]
    ns = sorted({cell.n for cell in cells})
    words = []
    if ns == [1]:
        why = sweep.expected.without_seed
        shows = (
            still_to_finish(sweep.results) or f"{f'{why}; with one, ' if why else ''}--seeds 3 would show it"
        )
        words.append(f"one run a cell: how much a seed does is not known; {shows}")
    elif ns:
        steps = step_word(sweep.results, *keys)
        words.append(
            f"mean \N{PLUS-MINUS SIGN} standard deviation of {n_words(ns)} seeds, {_ends(measures, steps)}"
        )
    if any(known := [bool(measure.better) for measure in measures]):  # else the titles say what light means
        words.append("the lighter, the better" + ("" if all(known) else ", where it is said what is better"))
    if any(panel.is_widened for panel in panels):
        which = (
            ""
            if all(panel.is_widened for panel in panels)
            else " of "
            + " and ".join(
                dict.fromkeys(panel.title.partition(",")[0] for panel in panels if panel.is_widened)
            )
        )
        words.append(
            f"the cells{which} lie less than {LEAST_SCALE:g} standard deviations of the seeds apart, so their colours are alike"
        )
    words += [measure.remark for measure in measures if measure.remark]
    if any(panel.is_below(cell) for panel in panels for row in panel.cells for cell in row):
        words.append("hatched: no better than copying the first frame")
    return (*words, *notes(sweep.results, keys, band=None))


def _value(axis: str, value: Any) -> str:
    if axis == "kl_anneal_type":
        return value_label(axis, value, {})
    return value_text(value)
