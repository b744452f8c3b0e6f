"""Draws the values of a metric by setting with matplotlib: a mark a run, a stroke at their mean, a bar for their spread."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import matplotlib as mpl

from analysis.figures.mpl import (
    GAP_PT,
    LEGEND_ROW_IN,
    OUTSIDE_PT,
    draw_levels,
    framed,
    fresh_style,
    marker_pt,
    saved,
    shared_legend,
)
from analysis.figures.points.point_data import ROW_COLUMNS, SPREAD, written_out
from analysis.figures.scale import has_few_decades
from analysis.figures.words.ticks_mpl import linear_labels, log_labels
from analysis.figures.words.wrapping import FEWEST_COLUMNS, LABEL_PT, legend_rows, width_of, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as MplFigure

    from analysis.figures.points.point_data import Point, PointFigure, PointRow

ROW_IN, LINE_IN, FOOT_IN = 0.2, 0.1, 0.32
"""The height of a row, what each further line of its name takes, and the axis below all rows."""
ROW_PT, NAME_COLUMNS, NAME_PT = 104.0, 40, 120.0
"""How wide the name of a row is at most, and how long a line of the metric's, so that it stands below the axes alone."""
STROKE_PT, STROKE_WIDTH_PT, BAR_PT, CAP_PT = 11.0, 1.8, 1.0, 4.5


def point_images(data: PointFigure, *, pdf: bool = False) -> tuple[bytes, ...]:
    """Return the image as PNG and as SVG, and with `pdf` as PDF; the same figure gives the same bytes."""
    return saved(lambda: draw_points(written_out(data)), pdf=pdf)


def draw_points(data: PointFigure) -> MplFigure:
    """Draw all rows in one pair of axes, the first at the top."""
    with mpl.rc_context(fresh_style()):
        names = ["\n".join(_name_lines(row)) for row in data.rows]
        levels = [name for name, _ in data.levels]
        rows_below = legend_rows(levels)
        x_lines = wrapped(data.x_label, NAME_COLUMNS, size_pt=LABEL_PT, width_pt=NAME_PT)
        height_in = sum(ROW_IN + LINE_IN * name.count("\n") for name in names)
        height_in += LEGEND_ROW_IN * (len(x_lines) - 1)
        figure, above = framed(data.title, data.notes, height_in + FOOT_IN + LEGEND_ROW_IN * rows_below)
        ax = above.subplots()
        if data.is_log:
            ax.set_xscale("log")
            log_labels(
                ax.xaxis, few=has_few_decades((data.scale.low, data.scale.high) if data.scale else None)
            )
        else:
            linear_labels(ax.xaxis)
        if data.ends:
            ax.set_xlim(*data.ends)
        for place, row in enumerate(data.rows):
            _draw_row(data, row, place, ax)
        draw_levels(data.levels, ax.axvline)
        ax.set_yticks(range(len(names)), names)
        ax.set_ylim(len(names) - 0.5, -0.5)
        ax.tick_params(axis="y", length=0)
        ax.set_xlabel("\n".join(x_lines))
        if levels:
            shared_legend(above, [ax], levels)
        return figure


def _name_lines(row: PointRow) -> list[str]:
    """The name of a row, in lines that leave the axes their width, also where it is of capitals."""
    widths = range(ROW_COLUMNS, FEWEST_COLUMNS, -1)
    fitting = (row.label_lines(columns) for columns in widths)
    return next(
        (lines for lines in fitting if all(width_of(line, LABEL_PT) <= ROW_PT for line in lines)),
        row.label_lines(FEWEST_COLUMNS),
    )


def _draw_row(data: PointFigure, row: PointRow, place: int, ax: Axes) -> None:
    if math.isfinite(row.mean):
        low, high = map(data.shown, row.ends)
        ax.plot(
            [low, high],
            [place, place],
            color=row.style.color,
            linewidth=BAR_PT,
            marker="|",
            markersize=CAP_PT,
            markeredgewidth=BAR_PT,
            zorder=2,
        )
        ax.plot(
            [data.shown(row.mean)],
            [place],
            color=row.style.color,
            marker="|",
            markersize=STROKE_PT,
            markeredgewidth=STROKE_WIDTH_PT,
            linestyle="none",
            zorder=3,
        )
    for point in row.points:
        _draw_point(data, row, point, place, ax)


def _draw_point(data: PointFigure, row: PointRow, point: Point, place: int, ax: Axes) -> None:
    at = place + SPREAD * point.place
    look: dict[str, Any] = {"color": row.style.color, "linestyle": "none", "zorder": 4}
    if math.isnan(point.value):
        edge = ax.get_yaxis_transform()
        ax.plot([0.02], [at], transform=edge, marker="x", markersize=GAP_PT, markeredgewidth=1.0, **look)
        return
    shown = data.shown(point.value)
    if shown != point.value:
        marker = ">" if point.value > shown else "<"
        ax.plot(
            [shown],
            [at],
            marker=marker,
            markersize=OUTSIDE_PT,
            markeredgecolor="black",
            clip_on=False,
            **look,
        )
        return
    ax.plot(
        [shown],
        [at],
        marker=row.style.marker or "o",
        markersize=marker_pt(row.style),
        markerfacecolor=row.style.color if point.is_finished else "white",
        markeredgecolor="white" if point.is_finished else row.style.color,
        markeredgewidth=0.3 if point.is_finished else 0.8,
        **look,
    )
