"""Computes what a heatmap shows: for each cell of a grid the final value, its spread over seeds, and how many ran."""

from __future__ import annotations

import itertools
import math
import statistics
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from analysis.figures.figure_data import OfResults, notes
from analysis.results.criterion import HIGHER, LOWER
from analysis.results.grouping import still_to_finish, value_label
from analysis.results.metric_names import FRAME, is_loss
from analysis.results.results import COPY_FIRST, PSNR, Result, SweepResults, step_word
from analysis.visible import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from analysis.results.criterion import Criterion


MOST_COLUMNS, MOST_ROWS, MOST_PANELS = 7, 12, 6
"""Larger grids could not be read at the width of a paper's column: they have no heatmap."""
MOST_MEASURES = 2
"""Of a trainer whose measures are not known, so many metrics have a heatmap."""

FIXED = (0.1, 1e4)
"""Values of this size are told with two decimals; others with three digits."""


@dataclass(frozen=True)
class HeatCell:
    """The finished runs of one setting.

    Attributes:
        value: The mean of their final values; NaN where there is none.
        spread: Their standard deviation (n - 1); NaN for fewer than two.
        n: How many there are.
        missing: In place of a value: how the setting's trials stand, the states separated by slashes.
    """

    value: float
    spread: float
    n: int
    missing: str = ""


@dataclass(frozen=True)
class HeatPanel:
    """One measure over two axes.

    Attributes:
        title: What the cells hold, with its unit, and what all of them share.
        x_label: The axis whose values are columns.
        y_label: The axis whose values are rows.
        columns: What each column is called.
        rows: What each row is called.
        cells: The cells, row by row.
        low: The value of the darkest colour.
        high: The value of the lightest.
        floor: Cells that are not above it are hatched; None: no cell is.
    """

    title: str
    x_label: str
    y_label: str
    columns: tuple[str, ...]
    rows: tuple[str, ...]
    cells: tuple[tuple[HeatCell, ...], ...]
    low: float
    high: float
    floor: float | None = None

    def share(self, cell: HeatCell) -> float:
        """Where between the darkest and the lightest colour a cell lies, 0 ... 1."""
        return 0.5 if self.low == self.high else (cell.value - self.low) / (self.high - self.low)

    def words(self, cell: HeatCell) -> tuple[str, ...]:
        """The lines that stand in a cell: its value and its spread, or why there is none."""
        if cell.missing:
            return tuple(cell.missing.split("/"))
        largest = max(abs(self.low), abs(self.high))
        # All cells of a panel have as many decimals, where two are enough.
        form = ".2f" if FIXED[0] <= largest < FIXED[1] or not largest else ".3g"
        spread = () if math.isnan(cell.spread) else (f"\N{PLUS-MINUS SIGN} {cell.spread:{form}}",)
        return (f"{cell.value:{form}}", *spread)

    def is_below(self, cell: HeatCell) -> bool:
        """Whether a cell is no better than the floor."""
        return self.floor is not None and cell.value <= self.floor


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

    @property
    def words(self) -> str:
        """Its title, and which way is better where that is known."""
        return f"{self.title}, {self.better} is better" if self.better else self.title


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
    panels = [
        _panel(sweep, measure, x, y, dict(zip(others, values, strict=True)))
        for measure in (measures[:1] if others else measures)
        for values in held
    ]
    if others:
        low, high = min(panel.low for panel in panels), max(panel.high for panel in panels)
        panels = [replace(panel, low=low, high=high) for panel in panels]
    over = " and ".join(_name(axis) for axis in (y, x))
    what = (
        "PSNR and skill" if sweep.is_scored_by_psnr and not others else measures[0].title.partition(" (")[0]
    )
    return [
        HeatmapFigure(
            path, f"Final {what} over {over}", tuple(panels), _notes(sweep, panels, keys), keys, sweep.results
        )
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
                "skill (dB): PSNR minus copying the first frame", lambda result: result.skill_db, floor=0.0
            ),
        ]
        return measures, (PSNR, COPY_FIRST)
    judging = sweep.criteria[:MOST_MEASURES] if sweep.expected.criteria else ()
    if judging:
        keys = tuple(one.metric for one in judging)
        return [_Measure(one.metric, _score_by(one), one.better) for one in judging], keys
    keys = sweep.metrics[:MOST_MEASURES]
    return [_Measure(key, _last_of(key), LOWER if is_loss(key) else "") for key in keys], keys


def _score_by(criterion: Criterion) -> Callable[[Result], float | None]:
    return lambda result: result.score(criterion)


def _last_of(key: str) -> Callable[[Result], float | None]:
    return lambda result: result.last(key)


def _panel(sweep: SweepResults, measure: _Measure, x: str, y: str, shared: dict[str, Any]) -> HeatPanel:
    columns, rows = sweep.expected.values(x), sweep.expected.values(y)
    cells = tuple(
        tuple(_cell(_having(sweep, {**shared, x: column, y: row}), measure) for column in columns)
        for row in rows
    )
    values = [cell.value for row in cells for cell in row if not cell.missing]
    under = ", ".join(value_label(axis, value) for axis, value in shared.items())
    return HeatPanel(
        f"{measure.words}, {under}" if under else measure.words,
        _name(x),
        _name(y),
        tuple(_value(x, value) for value in columns),
        tuple(_value(y, value) for value in rows),
        cells,
        min(values, default=math.inf),
        max(values, default=-math.inf),
        measure.floor,
    )


def _having(sweep: SweepResults, values: dict[str, Any]) -> list[Result]:
    return [
        result
        for result in sweep.results
        if all(result.trial.axes[axis] == value for axis, value in values.items())
    ]


def _cell(results: Sequence[Result], measure: _Measure) -> HeatCell:
    finals = [measure.final(result) for result in results if result.is_whole]
    values = [value for value in finals if value is not None and math.isfinite(value)]
    if not values:
        states = {result.state for result in results}
        return HeatCell(
            math.nan, math.nan, 0, "no value" if finals else "/".join(sorted(states)) or "not in grid"
        )
    spread = statistics.stdev(values) if len(values) > 1 else math.nan
    return HeatCell(math.fsum(values) / len(values), spread, len(values))


def _notes(sweep: SweepResults, panels: Sequence[HeatPanel], keys: tuple[str, ...]) -> tuple[str, ...]:
    cells = [cell for panel in panels for row in panel.cells for cell in row if not cell.missing]
    ns = sorted({cell.n for cell in cells})
    words = []
    if ns == [1]:
        shows = still_to_finish(sweep.results) or "--seeds 3 would show it"
        words.append(f"one run a cell: how much a seed does is not known; {shows}")
    elif ns:
        count = str(ns[0]) if len(ns) == 1 else f"{ns[0]} to {ns[-1]}"
        steps = step_word(sweep.results, *keys)
        end = "at the end" if steps == FRAME else f"at the last {steps}"
        words.append(f"mean and standard deviation of n = {count} seeds, {end}")
    if any(panel.is_below(cell) for panel in panels for row in panel.cells for cell in row):
        words.append("hatched: no better than copying the first frame")
    return (*words, *notes(sweep.results, keys, banded=False))


def _name(axis: str) -> str:
    names = {"tfr": "teacher forcing ratio", "kl_anneal_type": "KL annealing"}
    return names.get(axis, axis.rpartition(".")[2])


def _value(axis: str, value: Any) -> str:
    if axis == "kl_anneal_type":
        return value_label(axis, value)
    return f"{value:g}" if isinstance(value, int | float) and not isinstance(value, bool) else str(value)
