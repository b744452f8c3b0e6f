"""The figures of the lab's report: teacher forcing ratios under each annealing strategy, and the strategies against each other."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from analysis.figures.averages.repeats import Averaging
from analysis.figures.figure_data import FigureData, Panel, baselines, lines, notes, panel
from analysis.figures.figure_request import FigureRequest
from analysis.figures.file_names import free, slug
from analysis.figures.frames.frames_data import FramesFigure, frames_figures
from analysis.figures.groups import grouped
from analysis.figures.heatmaps.heatmap_data import HeatmapFigure, heatmaps
from analysis.figures.lab.drift import drifts
from analysis.results.results import (
    ANNEALING,
    BETA,
    COPY_FIRST,
    FRAME_COPY_FIRST,
    FRAME_PSNR,
    KL,
    LOSS,
    MSE,
    PSNR,
    RATIO,
    TFR,
    Result,
    SweepResults,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from analysis.figures.averages.band import Band
    from analysis.figures.figure_data import Line
    from analysis.figures.groups import Group
    from analysis.results.pictures.clips import Clip

LabFigure = FigureData | HeatmapFigure | FramesFigure

SHORT_NAMES = {"Monotonic": "Mono"}
"""The lab report's file name for one loss figure: `Mono_loss.png`."""


def by_ratio(sweep: SweepResults, folder: str, clips: Mapping[str, Clip], band: Band) -> list[LabFigure]:
    """Teacher forcing ratios under each strategy: the losses, and what teacher forcing and beta did to PSNR."""
    figures: list[LabFigure] = [
        *heatmaps(sweep, f"{folder}diff_tfr/heatmap.png"),
        *frames_figures(sweep, f"{folder}diff_tfr/frames.png", clips),
    ]
    panels, names = [], set[str]()
    for strategy in sweep.expected.values(ANNEALING):
        name = free(slug(strategy), names)
        results = _having(sweep, ANNEALING, strategy)
        groups = grouped(results, RATIO, sweep.expected.values(RATIO))
        losses = {LOSS: "training loss", MSE: "MSE", KL: "KL divergence"}
        panels.append((_annealing(strategy), groups))
        schedules = (TFR, BETA, PSNR)
        figures += [
            FigureData(
                f"{folder}diff_tfr/{SHORT_NAMES.get(name, name)}_loss.png",
                f"Training losses by teacher forcing ratio, {_annealing(strategy)}",
                tuple(panel(groups, key, label, loss=True, band=band) for key, label in losses.items()),
                notes(results, tuple(losses), band=band),
                tuple(losses),
                results,
                axis=RATIO,
            ),
            FigureData(
                f"{folder}diff_tfr/{name}_TFR_Beta_PSNR.png",
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


def by_strategy(sweep: SweepResults, folder: str, clips: Mapping[str, Clip], band: Band) -> list[LabFigure]:
    """The annealing strategies against each other, and the PSNR of each frame under every one."""
    groups = grouped(sweep.results, ANNEALING, sweep.expected.values(ANNEALING))
    curves = f"{folder}diff_strategy"
    psnr = "Validation PSNR by KL annealing strategy", PSNR, "validation PSNR (dB)", COPY_FIRST
    requests = (
        FigureRequest(
            f"{curves}/train_loss", "Training loss by KL annealing strategy", LOSS, "training loss", band=band
        ),
        FigureRequest(f"{curves}/beta", "Weight of the KL divergence", BETA, "beta", band=band),
        FigureRequest(f"{curves}/tfr", "Teacher forcing ratio", TFR, "teacher forcing ratio", band=band),
        FigureRequest(f"{curves}/psnr_val", *psnr, band=band),
    )
    names = {slug(strategy) for strategy in sweep.expected.values(ANNEALING)}
    drift = f"{folder}psnr_per_frame/{free('drift', names)}.png"
    return [
        *frames_figures(sweep, f"{folder}diff_strategy/frames.png", clips),
        *(request.curves(groups, ANNEALING) for request in requests),
        *_per_frame(sweep, f"{folder}psnr_per_frame", groups, band),
        *drifts(drift, "How a rollout drifts, by KL annealing strategy", [("", groups)], ANNEALING, band),
    ]


def _per_frame(sweep: SweepResults, folder: str, groups: Sequence[Group], band: Band) -> list[FigureData]:
    """The PSNR of each frame: all strategies in one pair of axes, then each alone, on the same scale."""
    strategies = sweep.expected.values(ANNEALING)
    names = set[str]()
    own = [free(slug(strategy), names) for strategy in strategies]
    wanted = [(free("comparison", names), " by KL annealing strategy", groups)]
    wanted += [
        (name, f", {_annealing(strategy)}", alone)
        for name, strategy in zip(own, strategies, strict=True)
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


def _having(sweep: SweepResults, axis: str, value: Any) -> tuple[Result, ...]:
    return tuple(result for result in sweep.results if result.trial.axes.get(axis) == value)


def _annealing(strategy: Any) -> str:
    return "no KL annealing" if strategy == "None" else f"{strategy} KL annealing"
