"""The list of figures of a report: which ones each sweep gets, with their files, titles and metrics. Start here for another.

| the sweep varies | figures | made in |
| --- | --- | --- |
| `kl_anneal_type` and `tfr` | `diff_tfr/*_loss.png`, `diff_tfr/*_TFR_Beta_PSNR.png` | `by_ratio` |
| `kl_anneal_type` alone | `diff_strategy/*.png`, `psnr_per_frame/*.png` | `by_strategy` |
| anything else | `SWEEP/train_loss.png`, `SWEEP/psnr_val.png` | `by_settings` |
| any of these, by another trainer, or with `measures:` | a figure of each metric that none of those shows, `SWEEP/METRIC.png` | `by_metric` |

A metric that has one value a run is no curve: `by_settings` and `by_metric` show it by setting (`points`). A sweep over a numeric
setting has each measure over it, too, right behind the first figure of that measure (`responses`).

Sweeps that vary what weighs the rate of z share one figure, `rate_distortion.png`, which stands with the first of them.

Each of them also gets `heatmap.png` where it varies two axes or more, `drift.png` where frames were scored, and
`frames.png` where frames were handed over. All panels of a sweep that show one metric have one scale (`scale`).

To add a figure, add a `FigureData` to what one of these functions returns: its lines are drawn, listed in the manifest and
shown in the report with the question about the same metric and setting (`about`, `axis`). The figures of a search are listed in `search_figures`,
those of searches side by side in `course_figures`.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import chain, count
from typing import TYPE_CHECKING, Any

from analysis.figures.averages.band import Band
from analysis.figures.averages.repeats import Averaging
from analysis.figures.drift import drifts
from analysis.figures.facets import MOST_LINES, small_multiples
from analysis.figures.figure_data import (
    FigureData,
    Group,
    Line,
    Panel,
    baselines,
    grouped,
    grouped_by_settings,
    lines,
    notes,
    panel,
    shows_something,
)
from analysis.figures.frames.frames_data import FramesFigure, frames_figures
from analysis.figures.heatmaps.heatmap_data import HeatmapFigure, heatmaps
from analysis.figures.points.point_data import PointFigure, is_of_points, point_figures
from analysis.figures.rates.rate_data import RateFigure, rate_figures
from analysis.figures.responses.response_data import ResponseFigure, responses
from analysis.figures.scale import on_one_scale
from analysis.results.document import told_apart
from analysis.results.metric_names import PER_FRAME, is_loss
from analysis.results.pictures.clips import Clip
from analysis.results.results import (
    ANNEALING,
    BETA,
    COPY_FIRST,
    FRAME_COPY_FIRST,
    FRAME_PSNR,
    KL,
    LOSS,
    MOST_METRICS,
    MSE,
    PSNR,
    RATIO,
    TFR,
    Result,
    SweepResults,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

GridFigure = FigureData | PointFigure | HeatmapFigure | FramesFigure | RateFigure | ResponseFigure
"""A figure of a sweep that is no search."""

_Layout = Callable[[SweepResults, str, Mapping[str, Clip], Band], list[GridFigure]]

MOST_BYTES = 120
"""A longer name is cut in paths, as file systems take 255 bytes."""
SHORT_NAMES = {"Monotonic": "Mono"}
"""The lab report's file name for one loss figure: `Mono_loss.png`."""


def lay_out(
    sweeps: Sequence[SweepResults], clips: Mapping[str, Clip] | None = None, band: Band = Band.MINMAX
) -> dict[str, tuple[GridFigure, ...]]:
    """Return the figures of every sweep, by its name; `clips` are what runs predicted, by run id, `band` is what means of repeats have.

    The first sweep over `kl_anneal_type` and `tfr`, and the first over `kl_anneal_type` alone, are drawn as in the lab
    report, in its folders. A second one over the same axes goes into a folder of its name, and so does any other sweep.
    """
    layouts: dict[frozenset[str] | None, _Layout] = {
        frozenset((ANNEALING, RATIO)): by_ratio,
        frozenset((ANNEALING,)): by_strategy,
    }
    taken: set[frozenset[str] | None] = set()
    folders = {"diff_tfr", "diff_strategy", "psnr_per_frame"}
    drawn: dict[str, tuple[GridFigure, ...]] = {}
    for sweep in sweeps:
        axes = frozenset(sweep.expected.settings) if _is_drawn_whole(sweep) else None
        folder = (
            "" if axes in layouts and axes not in taken else f"{free(slug(sweep.expected.name), folders)}/"
        )
        taken.add(axes)
        figures = layouts.get(axes, by_settings)(sweep, folder, clips or {}, band)
        if not sweep.is_scored_by_psnr:
            figures = [figure for figure in figures if shows_something(figure)]
        if sweep.expected.criteria or not sweep.is_scored_by_psnr:
            figures += by_metric(
                sweep, folder or f"{free(slug(sweep.expected.name), folders)}/", figures, band
            )
            judging = [criterion.metric for criterion in sweep.expected.criteria]
            figures.sort(
                key=lambda one: judging.index(one.keys[0]) if one.keys[0] in judging else len(judging)
            )
        better = {one.metric: one.way for one in sweep.expected.criteria}
        curves = [figure for figure in figures if isinstance(figure, FigureData)]
        scaled = iter(on_one_scale(curves, better=better))
        figures = [next(scaled) if isinstance(figure, FigureData) else figure for figure in figures]
        drawn[sweep.expected.name] = tuple(_with_responses(sweep, figures, band))
    drawn = _with_other_scales(drawn)
    for rates in rate_figures(sweeps, band):
        first = next(sweep.expected.name for sweep in sweeps if rates.results[0] in sweep.results)
        drawn[first] = (rates, *drawn[first])
    return drawn


def _with_other_scales(drawn: Mapping[str, Sequence[GridFigure]]) -> dict[str, tuple[GridFigure, ...]]:
    """The figures of all sweeps; where curves of a metric have a linear scale in one and a log scale in another, the first says so."""
    logs: dict[str, str] = {}
    for name, figures in drawn.items():
        for each in (each for one in figures if isinstance(one, FigureData) for each in one.panels):
            if each.log and each.key:
                logs.setdefault(each.key, name)

    def told(figure: GridFigure) -> GridFigure:
        if not isinstance(figure, FigureData):
            return figure
        other = {
            one.y_label: logs[one.key]
            for one in figure.panels
            if one.lines and not one.log and one.key in logs
        }
        words = (
            f"{label}: on a linear scale here, on a log scale in {name}" for label, name in other.items()
        )
        return replace(figure, notes=(*figure.notes, *words))

    return {name: tuple(map(told, figures)) for name, figures in drawn.items()}


def _with_responses(sweep: SweepResults, figures: Sequence[GridFigure], band: Band) -> list[GridFigure]:
    """The figures of a sweep, and behind the first of each metric its response curve, where it has one, in the same folder."""
    firsts: dict[str, GridFigure] = {}
    for figure in figures:
        firsts.setdefault(figure.keys[0], figure)
    taken = {figure.path.removesuffix(".png") for figure in figures}

    def beside(key: str, axis: str) -> str:
        if key not in firsts:
            return ""
        folder = firsts[key].path.rpartition("/")[0]
        name = f"{slug(key)}_over_{slug(axis.rpartition('.')[2])}"
        return f"{free(f'{folder}/{name}', taken)}.png"

    panels = [panel for one in figures if isinstance(one, FigureData) for panel in one.panels]
    logs = {panel.key for panel in panels if panel.log}
    found = {one.keys[0]: one for one in responses(sweep, beside, logs, band)}
    shown: list[GridFigure] = []
    for figure in figures:
        shown.append(figure)
        if response := found.pop(figure.keys[0], None):
            shown.append(response)
    return shown


def by_ratio(sweep: SweepResults, folder: str, clips: Mapping[str, Clip], band: Band) -> list[GridFigure]:
    """Teacher forcing ratios under each strategy: the losses, and what teacher forcing and beta did to PSNR."""
    figures: list[GridFigure] = [
        *heatmaps(sweep, f"{folder}diff_tfr/heatmap.png"),
        *frames_figures(sweep, f"{folder}diff_tfr/frames.png", clips),
    ]
    panels = []
    for strategy in sweep.expected.values(ANNEALING):
        results = _having(sweep, ANNEALING, strategy)
        groups = grouped(results, RATIO, sweep.expected.values(RATIO))
        losses = {LOSS: "training loss", MSE: "MSE", KL: "KL divergence"}
        panels.append((_annealing(strategy), groups))
        schedules = (TFR, BETA, PSNR)
        figures += [
            FigureData(
                f"{folder}diff_tfr/{SHORT_NAMES.get(strategy, slug(strategy))}_loss.png",
                f"Training losses by teacher forcing ratio, {_annealing(strategy)}",
                tuple(panel(groups, key, label, loss=True, band=band) for key, label in losses.items()),
                notes(results, tuple(losses), band=band),
                tuple(losses),
                results,
                axis=RATIO,
            ),
            FigureData(
                f"{folder}diff_tfr/{slug(strategy)}_TFR_Beta_PSNR.png",
                f"Schedules and validation PSNR, {_annealing(strategy)}",
                (
                    panel(groups, TFR, "teacher forcing ratio", band=band),
                    panel(groups, BETA, "beta", band=band),
                    panel(groups, PSNR, "validation PSNR (dB)", baseline=COPY_FIRST, band=band),
                ),
                notes(results, schedules, COPY_FIRST, band=band),
                (*schedules, COPY_FIRST),
                results,
                about=PSNR,
                axis=RATIO,
            ),
        ]
    title = "How a rollout drifts, by teacher forcing ratio"
    return [*figures, *drifts(f"{folder}diff_tfr/drift.png", title, panels, RATIO, band)]


def by_strategy(sweep: SweepResults, folder: str, clips: Mapping[str, Clip], band: Band) -> list[GridFigure]:
    """The annealing strategies against each other, and the PSNR of each frame under every one."""
    groups = grouped(sweep.results, ANNEALING, sweep.expected.values(ANNEALING))
    wanted = (
        ("train_loss", LOSS, "Training loss by KL annealing strategy", "training loss", None),
        ("beta", BETA, "Weight of the KL divergence", "beta", None),
        ("tfr", TFR, "Teacher forcing ratio", "teacher forcing ratio", None),
        ("psnr_val", PSNR, "Validation PSNR by KL annealing strategy", "validation PSNR (dB)", COPY_FIRST),
    )
    names = {slug(strategy) for strategy in sweep.expected.values(ANNEALING)}
    drift = f"{folder}psnr_per_frame/{free('drift', names)}.png"
    return [
        *frames_figures(sweep, f"{folder}diff_strategy/frames.png", clips),
        *(
            replace(
                _single(f"{folder}diff_strategy/{name}.png", title, groups, key, label, baseline, band=band),
                axis=ANNEALING,
            )
            for name, key, title, label, baseline in wanted
        ),
        *_per_frame(sweep, f"{folder}psnr_per_frame", groups, band),
        *drifts(drift, "How a rollout drifts, by KL annealing strategy", [("", groups)], ANNEALING, band),
    ]


def by_settings(sweep: SweepResults, folder: str, clips: Mapping[str, Clip], band: Band) -> list[GridFigure]:
    """Any other sweep: a line a setting, in small multiples where there are more than colours."""
    name, groups = sweep.expected.name, grouped_by_settings(sweep.results)
    panels = [("", groups)] if len(groups) <= MOST_LINES else []
    curves = [
        figure
        for file, key, title, label, baseline in (
            ("train_loss", LOSS, f"Training loss, {name}", "training loss", None),
            ("psnr_val", PSNR, f"Validation PSNR, {name}", "validation PSNR (dB)", COPY_FIRST),
        )
        for figure in _of_settings(sweep, f"{folder}{file}", title, key, label, baseline, band=band)
    ]
    return [
        *heatmaps(sweep, f"{folder}heatmap.png"),
        *frames_figures(sweep, f"{folder}frames.png", clips),
        *curves,
        *drifts(f"{folder}drift.png", f"How a rollout drifts, {name}", panels, band=band),
    ]


def by_metric(sweep: SweepResults, folder: str, before: Sequence[GridFigure], band: Band) -> list[GridFigure]:
    """Each metric that no figure shows already: over its steps, or frames; first the file's measures, with their baselines.

    Of the video's trainer, whose other metrics belong to its own figures, the file's measures alone.
    """
    name = sweep.expected.name
    shown = {key for figure in before if isinstance(figure, FigureData | PointFigure) for key in figure.keys}
    taken = {figure.path.rpartition("/")[2].removesuffix(".png") for figure in before}
    over_steps = [key for key in sweep.metrics if key not in shown][:MOST_METRICS]
    over_frames = [key for key in sweep.frame_metrics if key not in shown]
    figures: list[GridFigure] = []
    for key in (*over_steps, *over_frames):
        criterion = sweep.criterion_of(key)
        if sweep.is_scored_by_psnr and criterion is None:
            continue
        named = told_apart(sweep.called(key), sweep.setting_names, "metric")
        title = f"{named} of each frame, {name}" if key.startswith(PER_FRAME) else f"{named}, {name}"
        path = f"{folder}{free(slug(key), taken)}"
        label = f"{named}{criterion.unit_in_head}" if criterion else named
        baseline = criterion.baseline if criterion else None
        figures += _of_settings(sweep, path, title, key, label, baseline, band=band)
    return figures


def _of_settings(
    sweep: SweepResults,
    path: str,
    title: str,
    key: str,
    label: str,
    baseline: str | float | None,
    *,
    band: Band,
) -> list[FigureData] | list[PointFigure]:
    if is_of_points(sweep, key):
        return point_figures(sweep, path, title, key, label, baseline, band=band)
    groups = grouped_by_settings(sweep.results)
    if len(groups) > MOST_LINES:
        return small_multiples(sweep, path, title, key, label, baseline, band=band)
    return [_single(f"{path}.png", title, groups, key, label, baseline, band=band)]


def free(name: str, taken: set[str]) -> str:
    """Return `name`, numbered where it is taken already, and take it."""
    numbered = (f"{name}-{number}" for number in count(2))
    free = next(one for one in chain((name,), numbered) if one not in taken)
    taken.add(free)
    return free


def _single(
    path: str,
    title: str,
    groups: Sequence[Group],
    key: str,
    label: str,
    baseline: str | float | None,
    *,
    band: Band,
) -> FigureData:
    results = tuple(result for group in groups for result in group.results)
    beside = (baseline,) if isinstance(baseline, str) else ()
    return FigureData(
        path,
        title,
        (panel(groups, key, label, loss=is_loss(key), baseline=baseline, band=band),),
        notes(results, (key,), *beside, band=band),
        (key, *beside),
        results,
    )


def _per_frame(sweep: SweepResults, folder: str, groups: Sequence[Group], band: Band) -> list[FigureData]:
    """The PSNR of each frame: all strategies in one pair of axes, then each alone, on the same scale."""
    strategies = sweep.expected.values(ANNEALING)
    names = {slug(strategy) for strategy in strategies}
    wanted = [(free("comparison", names), " by KL annealing strategy", groups)]
    wanted += [
        (slug(strategy), f", {_annealing(strategy)}", alone)
        for strategy in strategies
        if (alone := grouped(_having(sweep, ANNEALING, strategy), ANNEALING, strategies))
    ]
    figures = []
    for name, under, shown in wanted:
        results = tuple(result for group in shown for result in group.results)
        frames = Averaging.of(results, FRAME_PSNR, band)
        means = [(group, _mean(lines(group, frames))) for group in shown]
        drawn = [one for group, mean in means for one in lines(group, frames, suffix=mean)]
        copies = baselines(results, FRAME_COPY_FIRST, mean=True) if drawn else ()
        waiting = "; ".join(f"{result.trial.name}: {result.condition}" for result in results)
        empty = f"recorded when training ends\n{waiting}"
        figures.append(
            FigureData(
                f"{folder}/{name}.png",
                f"PSNR of each validation frame{under}",
                (Panel("frame", "PSNR (dB)", (*drawn, *copies), empty=empty, key=FRAME_PSNR),),
                notes(results, (FRAME_PSNR,), FRAME_COPY_FIRST, band=band),
                (FRAME_PSNR, FRAME_COPY_FIRST),
                results,
                axis=ANNEALING,
            )
        )
    return figures


def _mean(drawn: Sequence[Line]) -> str:
    values = [value for one in drawn for value in one.y if math.isfinite(value)]
    return f": mean {math.fsum(values) / len(values):.2f} dB" if values else ""


def _is_drawn_whole(sweep: SweepResults) -> bool:
    """Whether each value of an axis can have a look of its own in one panel."""
    expected = sweep.expected
    return expected.is_whole and all(len(expected.values(axis)) <= MOST_LINES for axis in expected.settings)


def _having(sweep: SweepResults, axis: str, value: Any) -> tuple[Result, ...]:
    return tuple(result for result in sweep.results if result.trial.axes.get(axis) == value)


def _annealing(strategy: Any) -> str:
    return "no KL annealing" if strategy == "None" else f"{strategy} KL annealing"


def slug(name: Any) -> str:
    """Return `name` as one part of a path, whatever characters it has and however many."""
    text = re.sub(r"[^\w.-]+", "-", str(name)).strip(".-") or "unnamed"
    raw = text.encode()
    if len(raw) <= MOST_BYTES:
        return text
    return f"{raw[:MOST_BYTES].decode(errors='ignore')}-{hashlib.sha256(raw).hexdigest()[:8]}"
