"""Draws heatmaps with matplotlib: each cell a rectangle with its value written in it, so that nobody has to read colours."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import matplotlib as mpl
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle

from analysis.figures.heatmaps.heatmap_data import written_out
from analysis.figures.mpl import framed, fresh_style, saved
from analysis.figures.words.wrapping import LABEL_PT, SMALLEST_PT, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as MplFigure

    from analysis.figures.heatmaps.heat_panel import HeatCell, HeatPanel
    from analysis.figures.heatmaps.heatmap_data import HeatmapFigure

COLORS = "cividis"
"""From dark to light in even steps of lightness, for colour-blind readers and in grey alike."""
CELL_HEIGHT_IN, HEAD_HEIGHT_IN, FOOT_HEIGHT_IN = 0.3, 0.2, 0.28
ROW_COLUMNS, COLUMN_CHARACTERS = 14, 44
"""How many characters of a row's name stand on one line, and of all columns' names together."""
NAME_COLUMNS, NAME_PT = 40, 180.0
"""How long a line of an axis' name is at most; beside its cells it is no longer than they are high."""
MISSING_COLOR = "#EEEEEE"


def heatmap_images(data: HeatmapFigure, *, pdf: bool = False) -> tuple[bytes, ...]:
    """Return the image as PNG and as SVG, and with `pdf` as PDF; the same figure gives the same bytes."""
    return saved(lambda: draw_heatmap(written_out(data)), pdf=pdf)


def draw_heatmap(data: HeatmapFigure) -> MplFigure:
    """Draw the panels above each other."""
    with mpl.rc_context(fresh_style()):
        heights_in = [CELL_HEIGHT_IN * len(panel.rows) + HEAD_HEIGHT_IN for panel in data.panels]
        figure, above = framed(data.title, data.notes, sum(heights_in) + FOOT_HEIGHT_IN)
        grid = above.subplots(len(data.panels), 1, sharex=True, squeeze=False, height_ratios=heights_in)
        for panel, ax in zip(data.panels, grid[:, 0], strict=True):
            draw_panel(panel, ax)
            ax.label_outer()
        return figure


def draw_panel(panel: HeatPanel, ax: Axes) -> None:
    """Draw one heatmap, the first row at the top."""
    ax.set_title(panel.title, loc="left", pad=2)
    for row, cells in enumerate(panel.cells):
        for column, cell in enumerate(cells):
            _draw_cell(panel, cell, ax, column, row)
    ax.set_xlim(0, len(panel.columns))
    ax.set_ylim(len(panel.rows), 0)
    longest = max(1, COLUMN_CHARACTERS // len(panel.columns))
    ax.set_xticks(
        [column + 0.5 for column in range(len(panel.columns))],
        ["\n".join(textwrap.wrap(name, longest)) for name in panel.columns],
    )
    ax.set_yticks(
        [row + 0.5 for row in range(len(panel.rows))],
        ["\n".join(textwrap.wrap(name, ROW_COLUMNS)) for name in panel.rows],
    )
    high_pt = 72 * CELL_HEIGHT_IN * len(panel.rows)
    for label, set_label, width_pt in (
        (panel.x_label, ax.set_xlabel, NAME_PT),
        (panel.y_label, ax.set_ylabel, high_pt),
    ):
        set_label("\n".join(wrapped(label, NAME_COLUMNS, size_pt=LABEL_PT, width_pt=width_pt)))
    ax.tick_params(length=0)
    ax.grid(visible=False)
    for spine in ax.spines.values():
        spine.set_visible(False)


def _draw_cell(panel: HeatPanel, cell: HeatCell, ax: Axes, column: int, row: int) -> None:
    color = to_rgb(MISSING_COLOR) if cell.missing else mpl.colormaps[COLORS](panel.share(cell))[:3]
    ax.add_patch(
        Rectangle(
            (column, row),
            1,
            1,
            facecolor=color,
            edgecolor="white",
            linewidth=1,
        )
    )
    ink = "black" if panel.has_dark_words(cell) else "white"
    if panel.is_below(cell):
        hatched = Rectangle((column, row), 1, 1, fill=False, hatch="////", linewidth=0, alpha=0.3)
        hatched.set_edgecolor(ink)
        ax.add_patch(hatched)
    ax.text(
        column + 0.5,
        row + 0.5,
        "\n".join(panel.words(cell)),
        ha="center",
        va="center",
        fontsize=SMALLEST_PT,
        color=ink,
    )
