"""Draws a response curve with matplotlib: marks at the means, joined, with bars for the repeats, and each run as a faint point."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import matplotlib as mpl

from analysis.figures.mpl import (
    GAP_PT,
    LEGEND_ROW_IN,
    OUTSIDE_PT,
    SINGLE_HEIGHT_IN,
    SINGLE_LABEL_COLUMNS,
    draw_levels,
    framed,
    fresh_style,
    marker_pt,
    saved,
    shared_legend,
)
from analysis.figures.responses.response_data import written_out
from analysis.figures.scale import has_few_decades
from analysis.figures.words.ticks_mpl import linear_labels, log_labels
from analysis.figures.words.wrapping import in_lines, legend_rows

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as MplFigure

    from analysis.figures.responses.response_data import ResponseFigure, ResponseLine

LINE_PT, BAR_PT, CAP_PT = 1.0, 0.7, 1.6
RUN_PT, FAINT = 2.6, 0.4


def response_images(data: ResponseFigure, *, pdf: bool = False) -> tuple[bytes, ...]:
    """Return the image as PNG and as SVG, and with `pdf` as PDF; the same figure gives the same bytes."""
    return saved(lambda: draw_response(written_out(data)), pdf=pdf)


def draw_response(data: ResponseFigure) -> MplFigure:
    """Draw all curves in one pair of axes."""
    with mpl.rc_context(fresh_style()):
        labels = [line.label for line in data.lines if line.label] + [name for name, _ in data.levels]
        height_in = SINGLE_HEIGHT_IN + LEGEND_ROW_IN * legend_rows(labels)
        figure, above = framed(data.title, data.notes, height_in)
        ax = above.subplots()
        if data.x_is_log:
            ax.set_xscale("log")
        ax.set_xticks([x for x, _ in data.ticks], [text for _, text in data.ticks])
        ax.set_xticks([], minor=True)
        ax.set_xlim(*data.x_ends)
        if data.scale and data.is_log:
            ax.set_yscale("log")
            log_labels(ax.yaxis, few=has_few_decades((data.scale.low, data.scale.high)))
        else:
            linear_labels(ax.yaxis)
        if data.ends:
            ax.set_ylim(*data.ends)
        for line in data.lines:
            _draw(data, line, ax)
        draw_levels(data.levels, ax.axhline)
        ax.set_xlabel(data.x_label)
        ax.set_ylabel("\n".join(in_lines(line, SINGLE_LABEL_COLUMNS) for line in data.y_lines))
        if labels:
            shared_legend(above, [ax], labels)
        return figure


def _draw(data: ResponseFigure, line: ResponseLine, ax: Axes) -> None:
    color, marks = line.style.color, line.marks
    if any(mark.n > 1 for mark in marks):
        inside = [(run.x, run.value) for run in line.runs if not data.is_outside(run.value)]
        ax.plot(
            [data.place(line, x) for x, _ in inside],
            [y for _, y in inside],
            color=color,
            linestyle="none",
            marker="o",
            markersize=RUN_PT,
            markeredgewidth=0,
            alpha=FAINT,
            zorder=1.8,
        )
    for mark in marks:
        if mark.n > 1:
            low, high = data.shown(mark.low), data.shown(mark.high)
            ax.plot(
                [data.place(line, mark.x)] * 2,
                [low, high],
                color=color,
                linewidth=BAR_PT,
                marker="_",
                markersize=2 * CAP_PT,
            )
    ax.plot(
        [data.place(line, mark.x) for mark in marks],
        [data.shown(mark.mean) for mark in marks],
        label=line.label or None,
        color=color,
        linewidth=LINE_PT,
        linestyle=(0, line.style.dash) if line.style.dash else "solid",
        marker=line.style.marker or "o",
        markersize=marker_pt(line.style),
        markeredgecolor="white",
        markeredgewidth=0.3,
        zorder=3,
    )
    _mark_others(data, line, ax)


def _mark_others(data: ResponseFigure, line: ResponseLine, ax: Axes) -> None:
    """Mark runs outside the scale by triangles at its edge, and what is no finite number by an x at the bottom."""
    for run in line.runs:
        if math.isfinite(run.value) and not data.is_outside(run.value):
            continue
        is_far = data.is_outside(run.value)
        above = is_far and run.value > data.shown(run.value)
        ax.plot(
            [data.place(line, run.x)],
            [0.97 if above else 0.03],
            transform=ax.get_xaxis_transform(),
            color=line.style.color,
            linestyle="none",
            marker=("^" if above else "v") if is_far else "x",
            markersize=OUTSIDE_PT if is_far else GAP_PT,
            markeredgecolor="black" if is_far else line.style.color,
            markeredgewidth=0.4 if is_far else 1.0,
            zorder=5,
        )
