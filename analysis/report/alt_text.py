"""Says in words what a figure shows, for those who cannot see it: what is drawn, from where to where. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from analysis.figures.figure_data import FigureData
from analysis.figures.frames.frames_data import FramesFigure
from analysis.figures.heatmaps.heatmap_data import HeatmapFigure
from analysis.figures.points.point_data import PointFigure
from analysis.figures.rates.rate_data import RateFigure
from analysis.figures.responses.response_data import ResponseFigure
from analysis.results.grouping import short_number

if TYPE_CHECKING:
    from analysis.figures.figure_data import Line, Panel
    from analysis.figures.heatmaps.heat_panel import HeatPanel
    from analysis.figures.points.point_data import PointRow
    from analysis.figures.rates.rate_data import RateGroup
    from analysis.figures.responses.response_data import ResponseLine
    from analysis.results.document import Figure

MOST_PANELS, MOST_LINES = 4, 6
"""What a listener can follow; the rest is counted."""


def alt_text(figure: Figure) -> str:
    """Return the text that stands for a figure: its title, and for curves where each starts and ends."""
    if isinstance(figure, HeatmapFigure):
        return " ".join([f"{figure.title}.", *map(_heatmap, figure.panels[:MOST_PANELS])])
    if isinstance(figure, PointFigure):
        return " ".join([f"{figure.title}.", *map(_points, figure.rows)])
    if isinstance(figure, RateFigure):
        return " ".join([f"{figure.title}.", *map(_rates, figure.groups)])
    if isinstance(figure, ResponseFigure):
        return " ".join([f"{figure.title}.", *map(_response, figure.lines)])
    if isinstance(figure, FramesFigure):
        frames = ", ".join(map(str, figure.truth.frames))
        rows = "; ".join(f"{row.label}, {row.score}" if row.score else row.label for row in figure.rows)
        return f"{figure.title} {frames}, of: {rows}."
    if not isinstance(figure, FigureData):
        count = len(figure.trials)
        return f"{figure.title}, drawn from {count} trial{'' if count == 1 else 's'}."
    drawn = [_panel(panel) for panel in figure.panels[:MOST_PANELS]]
    if (more := len(figure.panels) - MOST_PANELS) > 0:
        drawn.append(f"And {more} more panels.")
    return " ".join([f"{figure.title}.", *drawn])


def _heatmap(panel: HeatPanel) -> str:
    cells = "; ".join(
        f"{row}, {column}: {' '.join(panel.words(cell))}"
        for row, cells in zip(panel.rows, panel.cells, strict=True)
        for column, cell in zip(panel.columns, cells, strict=True)
    )
    return f"{panel.title} by {panel.y_label} and {panel.x_label}: {cells}."


def _points(row: PointRow) -> str:
    values = ", ".join(
        "not a finite number" if math.isnan(one.value) else short_number(one.value) for one in row.points
    )
    mean = (
        f"; mean {short_number(row.mean)}, standard deviation {row.spread:.2g}"
        if math.isfinite(row.mean)
        else ""
    )
    return f"{row.label}: {values}{mean}."


def _rates(group: RateGroup) -> str:
    marks = "; ".join(
        f"{short_number(mark.distortion)} at {mark.rate:.3g} nats a frame" for mark in group.marks
    )
    return f"{group.label}, {marks}."


def _response(line: ResponseLine) -> str:
    marks = "; ".join(
        f"{mark.label}: {short_number(mark.mean) if mark.n else 'no value'}"
        + (f" ({short_number(mark.low)} to {short_number(mark.high)})" if mark.n > 1 else "")
        for mark in line.marks
    )
    return f"{line.label}, {marks}." if line.label else f"{marks}."


def _panel(panel: Panel) -> str:
    title = f"{panel.title}: " if panel.title else ""
    if not panel.lines:
        return f"{title}{panel.y_label}: nothing to show, {' '.join(panel.empty.split())}."
    lines = [_line(line) for line in panel.lines[:MOST_LINES]]
    if (more := len(panel.lines) - MOST_LINES) > 0:
        lines.append(f"and {more} more lines")
    return f"{title}{panel.y_label} by {panel.x_label}: {'; '.join(lines)}."


def _line(line: Line) -> str:
    finite = [(x, y) for x, y in zip(line.x, line.y, strict=True) if math.isfinite(y)]
    if not finite:
        return f"{line.label} has no finite value"
    (first, start), (last, end) = finite[0], finite[-1]
    if len(finite) == 1:
        return f"{line.label} is {short_number(start)} at {first}"
    values = [y for _, y in finite]
    if max(values) == min(values):
        return f"{line.label} stays at {short_number(end)}"
    return f"{line.label} goes from {short_number(start)} at {first} to {short_number(end)} at {last}, between {short_number(min(values))} and {short_number(max(values))}"
