"""Draws rate against distortion with matplotlib: a mark a setting, filled where z is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib as mpl

from analysis.figures.mpl import (
    LEGEND_ROW_IN,
    SINGLE_HEIGHT_IN,
    framed,
    fresh_style,
    saved,
    shared_legend,
)
from analysis.figures.rates.rate_data import written_out
from analysis.figures.scale import has_few_decades
from analysis.figures.words.ticks_mpl import linear_labels, log_labels
from analysis.figures.words.wrapping import MARK_CHARACTERS, legend_rows

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as MplFigure

    from analysis.figures.rates.rate_data import RateFigure, RateGroup

MARK_PT, EDGE_PT, BAR_PT, CAP_PT = 5.0, 1.1, 0.8, 4.0
MARGIN = 0.08
"""What stays free around the marks, so that none touches the frame."""


def rate_images(data: RateFigure, *, pdf: bool = False) -> tuple[bytes, ...]:
    """Return the image as PNG and as SVG, and with `pdf` as PDF; the same figure gives the same bytes."""
    return saved(lambda: draw_rate(written_out(data)), pdf=pdf)


def draw_rate(data: RateFigure) -> MplFigure:
    """Draw all marks in one pair of axes."""
    with mpl.rc_context(fresh_style()):
        labels = [group.label for group in data.groups]
        rows = legend_rows(labels, MARK_CHARACTERS)
        figure, above = framed(data.title, data.notes, SINGLE_HEIGHT_IN + LEGEND_ROW_IN * rows)
        ax = above.subplots()
        ax.margins(MARGIN)
        if data.is_log:
            ax.set_xscale("log")
            log_labels(ax.xaxis, few=has_few_decades(data.rates))
        else:
            linear_labels(ax.xaxis)
        linear_labels(ax.yaxis)
        for group in data.groups:
            _draw(group, ax)
        ax.set_xlabel(data.x_label)
        ax.set_ylabel(data.y_label.replace(": ", "\n"))
        shared_legend(above, [ax], labels, handle=MARK_CHARACTERS)
        return figure


def _draw(group: RateGroup, ax: Axes) -> None:
    for place, mark in enumerate(group.marks):
        (low, high), (least, most) = mark.rate_ends, mark.distortion_ends
        if mark.n > 1:  # `errorbar` refuses a bar that has the mean outside of it, as quartiles may
            bars = ((low, high), [mark.distortion] * 2, "|"), ([mark.rate] * 2, (least, most), "_")
            for x, y, cap in bars:
                color = group.style.color
                ax.plot(x, y, color=color, linewidth=BAR_PT, marker=cap, markersize=CAP_PT)
        ax.plot(
            mark.rate,
            mark.distortion,
            color=group.style.color,
            marker=group.style.marker,
            markersize=MARK_PT,
            markerfacecolor=group.style.color if mark.is_alive else "white",
            markeredgewidth=EDGE_PT,
            linestyle="none",
            label=group.label if place == 0 else None,
        )
