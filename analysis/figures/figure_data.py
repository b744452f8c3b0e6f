"""Computes what a figure shows as plain values: panels, lines, legends, notes. `mpl` and `plotly` draw it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from analysis.figures.averages.band import Band
from analysis.figures.averages.captions import apart_words, binned_words, mean_words, nothing_words
from analysis.figures.averages.repeats import Averaging, gaps_in, named
from analysis.figures.image_files import ImageFiles
from analysis.figures.palette import BASELINE, Style
from analysis.read.outcomes import Outcome
from analysis.results.document import ShownTrial
from analysis.results.grouping import is_repeated, names_of, steps_called
from analysis.results.provenance_marks import marked_groups, marks_of, run_differences
from analysis.results.results import (
    BETA,
    COPY_FIRST,
    FINISHED,
    FRAME_COPY_FIRST,
    TFR,
    Result,
    step_word,
)
from analysis.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from analysis.figures.averages.repeats import Tail
    from analysis.figures.groups import Group
    from analysis.results.curves import Curve
    from analysis.results.document import Figure

UNIT_RANGE = (0.0, 1.0)
"""What a ratio and beta lie in: a constant 1 is drawn as full, not as the middle of nothing."""
SAME_BASELINE_DB = 5e-3
"""PSNRs of copying closer than this are one line: they look the same and read the same to two decimals."""
SAME_BASELINE = 1e-3
"""Other baselines closer than this, in parts of one of them, are one line."""


@dataclass(frozen=True)
class Line:
    """One line of a panel; NaN in `y` is a gap, marked on the panel's floor.

    Attributes:
        label: What the legend says.
        style: Its look.
        x: Epochs, other steps, middles of bins of these, or frames, rising; of searches trials or time.
        y: Values; the mean where several runs are drawn as one.
        low: Lower edge of the band of the repeats at each x; empty for a single run.
        high: Its upper edge; empty for a single run.
        tails: The repeats that go on beyond the end of their mean.
        ends: Where each repeat has ended, as x and y, if they have not ended at once.
        scaling: The values that set the scale of y, a part each run, where some of its runs failed: those of the others; None: all.
        band: What the band is; empty for a single run.
        setting: What the lines of a setting are called in every panel, whatever their runs; empty for what is none.
    """

    label: str
    style: Style
    x: tuple[float, ...]
    y: tuple[float, ...]
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    tails: tuple[Tail, ...] = ()
    ends: tuple[tuple[float, float], ...] = ()
    scaling: tuple[tuple[float, ...], ...] | None = None
    band: str = ""
    setting: str = ""

    @property
    def places(self) -> tuple[float, ...]:
        """Every x of it and of its tails."""
        return self.x + tuple(x for tail in self.tails for x in tail.x)


@dataclass(frozen=True)
class Panel:
    """One pair of axes.

    Attributes:
        x_label: What is counted along x.
        y_label: What is measured, with its unit and, where it is one, "log scale".
        lines: In the order of drawing and of the legend.
        log: Whether y is on a log scale.
        y_range: The range of y that is shown, without margins; None lets the data choose.
        empty: What to say where there is no line.
        title: What all its lines share, where a figure has panels side by side.
        key: The metric; all panels of a sweep that show it have one scale.
        may_log: Whether y may be put on a log scale.
        steps: Whether a value holds until the next one.
    """

    x_label: str
    y_label: str
    lines: tuple[Line, ...]
    log: bool = False
    y_range: tuple[float, float] | None = None
    empty: str = ""
    title: str = ""
    key: str = ""
    may_log: bool = False
    steps: bool = False


class OfResults(ImageFiles):
    """What figures of a grid have in common, whatever they are drawn of: files and trials."""

    results: tuple[Result, ...]
    about: str = ""
    axis: str = ""

    @property
    def trials(self) -> tuple[ShownTrial, ...]:
        """The trials that it shows, each with its run."""
        return tuple(
            ShownTrial(
                result.trial.name,
                result.trial.fingerprint,
                result.run.run_id if result.run else None,
                result.state,
            )
            for result in self.results
        )


@dataclass(frozen=True)
class FigureData(OfResults):
    """One figure of curves: its place, its words, its panels, and whose data it shows.

    Attributes:
        path: Of the PNG, relative to the report; the SVG lies beside it.
        title: What it is.
        panels: One above the other and sharing x; or, with more columns, one metric under several settings, sharing y.
        notes: What a reader would not see in it.
        keys: The metrics that it is drawn from.
        results: The trials that it shows.
        columns: How many panels stand side by side.
        about: The metric, of those in `keys`, whose question it helps to answer; empty for the first of them.
        axis: The setting that tells its lines apart; empty where there is no single one.
    """

    path: str
    title: str
    panels: tuple[Panel, ...]
    notes: tuple[str, ...]
    keys: tuple[str, ...]
    results: tuple[Result, ...]
    columns: int = 1
    about: str = ""
    axis: str = ""

    @property
    def band(self) -> str:
        """What the bands of its lines are; empty where none has one."""
        return next((line.band for panel in self.panels for line in panel.lines if line.band), "")

    @property
    def content(self) -> dict[str, Any]:
        """What it says, words and values."""
        words = {"title": self.title, "notes": self.notes, "keys": self.keys}
        return {**words, "panels": self.panels, "columns": self.columns}


def written_out(data: FigureData) -> FigureData:
    """Return a figure in whose words is written out what no font draws, and no file takes."""
    panels = tuple(
        replace(
            panel,
            y_label=visible(panel.y_label),
            empty=visible(panel.empty),
            title=visible(panel.title),
            lines=tuple(replace(line, label=visible(line.label)) for line in panel.lines),
        )
        for panel in data.panels
    )
    return replace(data, title=visible(data.title), notes=tuple(map(visible, data.notes)), panels=panels)


def lines(group: Group, averaging: Averaging, suffix: str = "") -> tuple[Line, ...]:
    """Draw a group's metric as one line, of repeats their mean; as one of each where these have few steps in common.

    None at all where no run has the metric.
    """
    key = averaging.key
    runs = [result for result in group.results if key in result.curves]
    if not runs:
        return ()
    found = averaging.averaged(runs)
    label = group.label + suffix + state_words(group, runs, each=found is None)
    if len(runs) == 1 or found is None:
        drawn = [(run, curve) for run in runs for curve in averaging.alone(run).curves]
        return tuple(
            Line(
                label,
                group.style,
                curve.steps,
                curve.values,
                scaling=averaging.scaling([run]),
                setting=group.label + suffix,
            )
            for run, curve in drawn
        )
    mean = (found.steps, found.mean, found.low, found.high, found.tails, found.ends, averaging.scaling(runs))
    return (Line(label, group.style, *mean, averaging.band, group.label + suffix),)


def state_words(group: Group, drawn: Sequence[Result], *, each: bool) -> str:
    """Say behind a group's name how many of its runs are drawn, or how its only one stands, and their provenance."""
    mark = marks_of(group.results) if group.marked else ""
    if len(group.results) > 1:
        of = "" if len(drawn) == len(group.results) else f" of {len(group.results)}"
        failed = sum(result.state == Outcome.FAILED for result in drawn)
        how = f", {'all' if failed == len(drawn) else failed} failed" if failed else ""
        return f" (n = {len(drawn)}{of}{how}{', each run' if each else ''}){mark}"
    (result,) = group.results
    return mark if result.state == FINISHED else f" ({result.state}, {result.progress}){mark}"


def baselines(results: Iterable[Result], key: str, *, mean: bool = False) -> tuple[Line, ...]:
    """A baseline, such as copying the first frame: one line where all runs agree on it, else one for each that does not."""
    results = tuple(results)
    copies = key in (COPY_FIRST, FRAME_COPY_FIRST)
    name, unit = ("copy first frame", " dB") if copies else (names_of(results).get(key, key), "")
    found: list[tuple[float, Curve, str]] = []
    for result in results:
        curve = result.curves.get(key)
        if curve is None or not (finite := [value for value in curve.values if math.isfinite(value)]):
            continue
        level = math.fsum(finite) / len(finite)
        same = [
            index
            for index, (other, _, _) in enumerate(found)
            if abs(other - level)
            < (SAME_BASELINE_DB if copies else SAME_BASELINE * abs(other) or SAME_BASELINE)
        ]
        if not same:
            found.append((level, curve, result.trial.name))
        elif len(curve.steps) > len(found[same[0]][1].steps):
            found[same[0]] = (level, curve, found[same[0]][2])
    word = "mean " if mean else ""
    return tuple(
        Line(
            f"{name}{f' in {trial}' if len(found) > 1 else ''}: {word}{level:{'.2f' if copies else '.4g'}}{unit}",
            BASELINE,
            curve.steps,
            curve.values,
        )
        for level, curve, trial in found
    )


def panel(
    groups: Sequence[Group],
    key: str,
    y_label: str,
    *,
    loss: bool = False,
    baseline: str | float | None = None,
    beside: Sequence[Result] = (),
    band: Band = Band.MINMAX,
) -> Panel:
    """One metric of every group over its steps; with the baseline's metric, or its value, that one below them.

    `beside` are all trials of the figure, where it has further panels, which have the same bins.
    """
    results = [result for group in groups for result in group.results]
    averaging = Averaging.of(beside or results, key, band)
    drawn = [one for group in groups for one in lines(group, averaging)]
    copies = _below(baseline, drawn, results) if baseline is not None and drawn else ()
    return Panel(
        steps_called(beside or results, key),
        y_label,
        (*drawn, *copies),
        y_range=UNIT_RANGE if key in (TFR, BETA) and _within(drawn, UNIT_RANGE) else None,
        empty=nothing_words(results, names_of(results).get(key, key)),
        key=key,
        may_log=loss,
    )


def _below(baseline: str | float, lines: Sequence[Line], results: Sequence[Result]) -> tuple[Line, ...]:
    """What the lines are to be compared with: a metric, or one level; one that was logged once is a level too."""
    steps = [step for drawn in lines for step in drawn.places]
    ends = tuple(sorted({min(steps), max(steps)})) if steps else ()
    if isinstance(baseline, str):
        return tuple(
            replace(one, x=ends, y=one.y * len(ends)) if len(one.x) == 1 else one
            for one in baselines(results, baseline)
        )
    return (Line(level_label(baseline), BASELINE, ends, (baseline,) * len(ends)),)


def level_label(baseline: float) -> str:
    """What a legend calls a baseline that is a number."""
    return f"baseline: {baseline:g}"


def shows_something(figure: Figure) -> bool:
    """Return whether anything is drawn in a figure."""
    return not isinstance(figure, FigureData) or any(panel.lines for panel in figure.panels)


def _within(lines: Iterable[Line], bounds: tuple[float, float]) -> bool:
    low, high = bounds
    return all(low <= value <= high for drawn in lines for value in drawn.y if math.isfinite(value))


def notes(
    results: Sequence[Result],
    keys: Sequence[str],
    baseline: str = "",
    *,
    band: Band | None = Band.MINMAX,
    gaps: bool = True,
) -> tuple[str, ...]:
    """List what a reader would not see: trials that are missing or not finished, gaps, differences between the runs.

    `band` is what repeats by seed have around their mean, which is told, too; None where no mean is drawn. `gaps` says whether curves have their gaps marked.
    """
    remarks = [(result.condition, result.trial.name) for result in results if not result.is_whole]
    called = {key: key for key in (*keys, baseline)} | dict(names_of(results))
    for result in results:
        lacking = [key for key in keys if key not in result.curves] if result.state == FINISHED else []
        settings = {name.rpartition(".")[2] for name in result.trial.config} if lacking else set()
        own = [key for key in lacking if key in settings]
        if own:  # a column that repeats it is no metric
            words = " and no ".join(called[key] for key in own)
            remarks.append((f"recorded no {words} that differs from the setting", result.trial.name))
        if none := [called[key] for key in lacking if key not in own]:
            remarks.append((f"recorded no {' and no '.join(none)}", result.trial.name))
        remarks.extend(
            (
                f"{called[key]} is not a finite number at {step_word(results, key)}{'s' * (len(at) > 1)} {named(at)}, marked x",
                result.trial.name,
            )
            for key in keys
            if gaps and key in result.curves and (at := gaps_in(result.curves[key]))
        )
    names: dict[str, list[str]] = {}
    for condition, name in remarks:
        names.setdefault(condition, []).append(name)
    captions = [f"{named(having)}: {condition}" for condition, having in names.items()]
    drawn = any(key in result.curves for result in results for key in keys)
    if baseline and drawn and not baselines(results, baseline):
        captions.append(f"no baseline: no run has recorded {called[baseline]}")
    if band:
        captions += (*apart_words(results, keys), *binned_words(results, keys))
        captions += mean_words(results, keys, band) if is_repeated(results) else ()
    for difference in run_differences(results, keys):
        groups = "; ".join(words for words, _ in marked_groups(results, difference))
        captions.append(f"runs {difference.claim}: {groups}")
    return tuple(captions)
