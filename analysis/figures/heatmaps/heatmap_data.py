"""Computes what a heatmap shows: for each cell of a grid the final value, its spread over seeds, and how many ran."""

from __future__ import annotations

import itertools
import math
import statistics
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from analysis.figures.figure_data import OfResults, notes
from analysis.results.criterion import BEST, HIGHER, LAST, LOWER, OF_TAIL, TAIL
from analysis.results.grouping import still_to_finish, value_label, value_text
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

FIXED = (0.1, 1e4)
"""Values of this size are told with two decimals; others with three digits."""
FEWEST_DIGITS, MOST_DIGITS = 3, 6
"""How many digits values have at least where two that differ would read alike, and at most where their colours differ."""
SPREAD_PLACES = 4
"""How many decimals all values get at most so that no spread reads as zero; one that still would has a digit of its own."""
SEEN = 0.02
"""From this difference on, as a share of the scale, two colours can be told apart side by side."""
ROW_CHARACTERS = 60
"""How many characters stand in a row of cells."""


@dataclass(frozen=True)
class HeatCell:
    """The finished runs of one setting.

    Attributes:
        value: The mean of their final values; NaN where there is none.
        spread: Their standard deviation (n - 1); NaN for fewer than two.
        n: How many there are.
        missing: In place of a value: how the setting's trials stand, the states separated by slashes.
        mark: The provenance groups of its runs, as ` [a]`; empty where the sweep has one alone.
    """

    value: float
    spread: float
    n: int
    missing: str = ""
    mark: str = ""


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
        low: The least value of the scale.
        high: The greatest.
        better: `higher` or `lower`, which has the lightest colour; empty where that is not known, as for `higher`.
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
    better: str = ""

    @property
    def is_flipped(self) -> bool:
        """Whether the least value has the lightest colour, as the best one."""
        return self.better == LOWER

    def share(self, cell: HeatCell) -> float:
        """Where between the darkest and the lightest colour a cell lies, 0 ... 1: the better, the lighter."""
        if self.low == self.high:
            return 0.5
        share = (cell.value - self.low) / (self.high - self.low)
        return 1 - share if self.is_flipped else share

    def words(self, cell: HeatCell) -> tuple[str, ...]:
        """The lines that stand in a cell: its value and its spread, or why there is none."""
        if cell.missing:
            return tuple(cell.missing.split("/"))
        form = self._form
        spread = () if math.isnan(cell.spread) else (f"\N{PLUS-MINUS SIGN} {_spread(cell.spread, form)}",)
        return (f"{cell.value:{form}}{cell.mark}", *spread)

    @cached_property
    def _form(self) -> str:
        """How all values of the panel are written, so that cells that differ can be told apart."""
        largest = max(abs(self.low), abs(self.high))
        is_fixed = FIXED[0] <= largest < FIXED[1] or not largest
        kind, fewest = ("f", 2) if is_fixed else ("g", 3)
        before = len(f"{largest:.0f}") if is_fixed and largest >= 1 else 0
        cells = [cell for row in self.cells for cell in row if not cell.missing]
        values = sorted(cell.value for cell in cells)
        numbers = [*values, *(-cell.spread for cell in cells)]  # a spread has a sign before it, too
        longest = ROW_CHARACTERS // max(1, len(self.columns)) - max(
            (len(cell.mark) for cell in cells), default=0
        )
        form = f".{fewest}{kind}"
        for places in range(fewest, MOST_DIGITS + 1):
            wider = f".{places}{kind}"
            if places > fewest and any(len(f"{one:{wider}}") > longest for one in numbers):
                break
            form = wider
            hides = places < SPREAD_PLACES and any(_reads_zero(cell.spread, form) for cell in cells)
            if not hides and not self._is_confusing(values, form, is_short=before + places < FEWEST_DIGITS):
                break
        return form

    def _is_confusing(self, values: Sequence[float], form: str, *, is_short: bool) -> bool:
        """Whether two values read alike and are not: of few digits any two, else those whose colours tell them apart."""
        least = 0.0 if is_short else SEEN * (self.high - self.low)
        return any(
            other > value and other - value >= least and f"{value:{form}}" == f"{other:{form}}"
            for value, other in itertools.pairwise(values)
        )

    def is_below(self, cell: HeatCell) -> bool:
        """Whether a cell is no better than the floor."""
        return self.floor is not None and cell.value <= self.floor


def _reads_zero(spread: float, form: str) -> bool:
    return spread > 0 and float(f"{spread:{form}}") == 0


def _spread(spread: float, form: str) -> str:
    return f"{spread:.1g}" if _reads_zero(spread, form) else f"{spread:{form}}"


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
    over = " and ".join(_name(axis) for axis in (y, x))
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
            _Measure(one.metric, _score_by(one), one.better, of_curve="" if one.is_said else one.value)
            for one in judging
        ], keys
    keys = sweep.metrics[:MOST_MEASURES]
    return [_Measure(key, _last_of(key), LOWER if is_loss(key) else "") for key in keys], keys


def _named(what: str, measures: Sequence[_Measure]) -> str:
    """What is drawn, with which value of each run counts."""
    kinds = {measure.of_curve for measure in measures}
    if kinds == {TAIL}:
        return f"Mean {what} {OF_TAIL}"
    words = {LAST: "final", BEST: "best", TAIL: "tail of", "": ""}
    if len(kinds) > 1:
        what = " and ".join(f"{words[one.of_curve]} {one.title}".strip() for one in measures)
        return f"{what[:1].upper()}{what[1:]}"
    return f"{words[kinds.pop()].capitalize()} {what}".strip()


def _ends(measures: Sequence[_Measure], steps: str) -> str:
    """At which of its steps that value stands."""
    kinds = {measure.of_curve for measure in measures}
    tail = f"the mean {OF_TAIL} of each run"
    if len(kinds) > 1:
        return "; ".join(
            f"{one.title}: {tail if one.of_curve == TAIL else f'at the {one.of_curve} {steps}'}"
            for one in measures
            if one.of_curve
        )
    if kinds == {""}:
        return "one value a run"
    if TAIL in kinds:
        return f"each the mean {OF_TAIL} of a run"
    if BEST in kinds:
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
        measure.better,
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
        count = str(ns[0]) if len(ns) == 1 else f"{ns[0]} to {ns[-1]}"
        steps = step_word(sweep.results, *keys)
        words.append(
            f"mean \N{PLUS-MINUS SIGN} standard deviation of n = {count} seeds, {_ends(measures, steps)}"
        )
    known = [bool(measure.better) for measure in measures]
    if any(known):
        words.append(f"the lighter, the better{'' if all(known) else ', where it is said what is better'}")
    words += [measure.remark for measure in measures if measure.remark]
    if any(panel.is_below(cell) for panel in panels for row in panel.cells for cell in row):
        words.append("hatched: no better than copying the first frame")
    return (*words, *notes(sweep.results, keys, banded=False))


def _name(axis: str) -> str:
    names = {"tfr": "teacher forcing ratio", "kl_anneal_type": "KL annealing"}
    return names.get(axis, axis.rpartition(".")[2])


def _value(axis: str, value: Any) -> str:
    if axis == "kl_anneal_type":
        return value_label(axis, value)
    return (
        f"{value:g}" if isinstance(value, int | float) and not isinstance(value, bool) else value_text(value)
    )
