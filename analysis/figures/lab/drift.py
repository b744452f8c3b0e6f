"""Computes how a rollout drifts: what the PSNR of its frames loses with their number, against its own first frames.

Each predicted frame is made from the predicted frame before it, so that errors add up. The frames are averaged in windows,
and each line starts at 0: a line that falls is a rollout that gets worse, whatever its level. Repeating the first frame
falls as well, as the dancer moves away from it: a model drifts no more than the video moves where it stays above that line.
The slope is that of the least-squares line through all frames, in dB.
"""

from __future__ import annotations

import math
import statistics
from dataclasses import replace
from typing import TYPE_CHECKING

from analysis.figures.averages.band import Band
from analysis.figures.averages.repeats import Averaging
from analysis.figures.figure_data import FigureData, Panel, baselines, lines, notes
from analysis.results.curves import Curve
from analysis.results.results import FRAME_COPY_FIRST, FRAME_PSNR

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.figures.figure_data import Line
    from analysis.figures.groups import Group
    from analysis.results.results import Result

MOST_WINDOWS, FEWEST_FRAMES = 10, 8
"""How many windows a rollout is cut into, and how many frames it must have."""
SHORT_FRAMES = 200
"""Up to how many frames the slope is told for 10 frames, and beyond for 100."""


def drifts(
    path: str,
    title: str,
    panels: Sequence[tuple[str, Sequence[Group]]],
    axis: str = "",
    band: Band = Band.MINMAX,
) -> list[FigureData]:
    """Return the figure of the drift, a panel for each title and its groups; none where no rollout is long enough."""
    results = tuple(result for _, groups in panels for group in groups for result in group.results)
    curves = [result.curves[FRAME_PSNR] for result in results if FRAME_PSNR in result.curves]
    lengths = [len(curve.steps) for curve in curves]
    if max(lengths, default=0) < FEWEST_FRAMES:
        return []
    size, frames = math.ceil(max(lengths) / MOST_WINDOWS), 10 if max(lengths) <= SHORT_FRAMES else 100
    drawn = tuple(
        Panel(
            "frame",
            f"PSNR against the first {size} frames (dB)" if len(panels) == 1 else "PSNR change (dB)",
            _lines(groups, size, frames, band, with_slope=len(panels) == 1),
            empty="recorded when training ends",
            title=name,
            key=f"{FRAME_PSNR} drift",
        )
        for name, groups in panels
    )
    where = " (in the legend)" if len(panels) == 1 else ""
    told: tuple[str, ...] = (
        f"each point is the mean over {size} frames, minus that over the first {size}",
        f"slope{where}: that of the least-squares line through all frames, in dB per {frames} frames",
    )
    if len(panels) > 1:
        told = (*told, *(f"slopes, {name}: {_slopes(groups, frames)}" for name, groups in panels))
    keys = (FRAME_PSNR, FRAME_COPY_FIRST)
    return [
        FigureData(
            path, title, drawn, (*told, *notes(results, keys[:1], band=band)), keys, results, axis=axis
        )
    ]


def drifted(curve: Curve, size: int) -> Curve:
    """Return a curve over frames as means of windows of `size` frames, at their middle, minus the first of them."""
    windows = [
        (
            curve.steps[at : at + size],
            [value for value in curve.values[at : at + size] if math.isfinite(value)],
        )
        for at in range(0, len(curve.steps), size)
    ]
    means = [math.fsum(values) / len(values) if values else math.nan for _, values in windows]
    first = next((mean for mean in means if math.isfinite(mean)), math.nan)
    return Curve(tuple(steps[len(steps) // 2] for steps, _ in windows), tuple(mean - first for mean in means))


def slope(curve: Curve) -> float:
    """Return the slope of the least-squares line through a curve, for one step; NaN where it has none."""
    points = [(x, y) for x, y in zip(curve.steps, curve.values, strict=True) if math.isfinite(y)]
    if len(points) < 2:  # noqa: PLR2004 - a line
        return math.nan
    return statistics.linear_regression(*zip(*points, strict=True)).slope


def _lines(
    groups: Sequence[Group], size: int, frames: int, band: Band, *, with_slope: bool
) -> tuple[Line, ...]:
    drawn: list[Line] = []
    for group in groups:
        shown = replace(group, results=tuple(_with_drift(result, size) for result in group.results))
        words = f": {_mean_slope(group, frames)}" if with_slope else ""
        drawn += lines(shown, Averaging(FRAME_PSNR, band=band), suffix=words)
    results = [result for group in groups for result in group.results]
    copies = baselines(results, FRAME_COPY_FIRST) if drawn else ()
    for copied in copies:
        curve = Curve(tuple(map(int, copied.x)), copied.y)
        moved, name = drifted(curve, size), copied.label.partition(":")[0]
        words = f": {_told(frames * slope(curve))}" if with_slope else ""
        drawn.append(replace(copied, label=f"{name}{words}", x=moved.steps, y=moved.values))
    return tuple(drawn)


def _slopes(groups: Sequence[Group], frames: int) -> str:
    return ", ".join(f"{group.label} {_mean_slope(group, frames)}" for group in groups)


def _mean_slope(group: Group, frames: int) -> str:
    slopes = [slope(result.curves[FRAME_PSNR]) for result in group.results if FRAME_PSNR in result.curves]
    return _told(frames * math.fsum(slopes) / len(slopes)) if slopes else "not recorded"


def _told(slope_db: float) -> str:
    return f"{slope_db:+.2f} dB"


def _with_drift(result: Result, size: int) -> Result:
    curves = dict(result.curves)
    if FRAME_PSNR in curves:
        curves[FRAME_PSNR] = drifted(curves[FRAME_PSNR], size)
    return replace(result, curves=curves)
