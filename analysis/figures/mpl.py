"""Draws a `FigureData` with matplotlib, as PNG, SVG and PDF: the same bytes for the same data. Decides no value and no colour."""

from __future__ import annotations

import math
import re
import textwrap
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as MplFigure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import FixedLocator, MaxNLocator

from analysis.figures.figure_data import written_out
from analysis.figures.palette import BASELINE
from analysis.figures.saving_mpl import FILE_STYLE, saved_as
from analysis.figures.scale import clipped, do_coincide, even_steps, gaps_of, has_few_decades, limits, outside
from analysis.figures.words.ticks_mpl import linear_labels, log_labels
from analysis.figures.words.wrapping import (
    FONT,
    FULL_PT,
    HANDLE_CHARACTERS,
    LABEL_PT,
    SMALLEST_PT,
    TITLE_PT,
    WIDTH_IN,
    in_lines,
    legend_columns,
    legend_labels,
    legend_rows,
    note_lines,
    title_lines,
    wrapped,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import SubFigure

    from analysis.figures.figure_data import FigureData, Line, Panel
    from analysis.figures.palette import Style

PANEL_HEIGHT_IN = 1.0
SINGLE_HEIGHT_IN = 1.5
DPI = 300
MARKERS_A_LINE = 8
OUTSIDE_PT, GAP_PT, MARKER_PT, END_PT = 4.0, 3.6, 3.2, 6.0
STAR = 1.5
THICKEST_PT, USUAL_PT, THINNEST_PT, BASELINE_PT, TAIL_PT = 1.6, 1.1, 0.9, 1.0, 0.5
CROWDED, CROWDED_WIDTH = 120, 0.7
"""From how many points on a line is drawn thinner, and how much: else noise fills what it goes through."""
EMPTY_COLUMNS = 40
TITLE_ROW_IN, LEGEND_ROW_IN, NOTE_ROW_IN, AROUND_IN = 0.15, 0.12, 0.105, 0.1
LABEL_COLUMNS, SINGLE_LABEL_COLUMNS = 16, 24
"""How many characters fit beside a panel that is one of several, and beside one alone."""
MOST_TICKS, DIGIT_PT, TICK_GAP_PT = 10, 4.2, 5.0
"""Along x: how many ticks at most, how wide a digit of their labels is, and what stays free between two labels."""
AXES_PT = {1: 187.0, 2: 86.0}
"""How wide axes are at least, of so many panels side by side."""
SHORT_FROM = 1e6
"""From here on labels are short, as their power of ten stands apart."""
NOTE_COLOR = "#444444"
SHARED_LABELS = 10
"""How many lines one legend names below panels that stand side by side; beyond, each panel has its own."""
SMALL_ROW_IN, PANEL_TITLE_COLUMNS, NARROW_LABEL = 0.115, 24, 14
"""Of panels side by side: a row of their legend, how long a line of their title is, and a label of their legend."""

STYLE: dict[str, Any] = {
    "font.family": [FONT],
    "font.size": LABEL_PT,
    "axes.titlesize": LABEL_PT,
    "axes.labelsize": LABEL_PT,
    "xtick.labelsize": 6.5,
    "ytick.labelsize": 6.5,
    "figure.titlesize": TITLE_PT,
    "legend.fontsize": SMALLEST_PT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.5,
    "xtick.major.width": 0.5,
    "ytick.major.width": 0.5,
    "xtick.major.size": 2,
    "ytick.major.size": 2,
    "ytick.minor.size": 1.2,
    "ytick.minor.width": 0.4,
    "axes.labelpad": 2,
    "axes.grid": True,
    "grid.color": "#DDDDDD",
    "grid.linewidth": 0.4,
    "axes.axisbelow": True,
    "hatch.linewidth": 0.4,
    "legend.frameon": False,
    "figure.constrained_layout.use": True,
    "text.parse_math": False,
    "savefig.dpi": DPI,
    **FILE_STYLE,
}


_MADE_NAME = re.compile(rb"""(?<=["#])[a-z]+[0-9a-f]{10}(?=["')])""")
"""A name that matplotlib makes of a hash, where it is given and where it is used."""


def draw_panel(panel: Panel, ax: Axes, *, ticks: int = MOST_TICKS) -> None:
    """Draw one panel: labels with units, its lines, or in their place why there are none; with so many ticks along x at most."""
    ax.set_xlabel(panel.x_label)
    ax.set_ylabel(panel.y_label)
    ax.xaxis.set_major_locator(
        FixedLocator(few)
        if (few := even_steps(panel, ticks))
        else MaxNLocator(ticks, integer=True, min_n_ticks=1)
    )
    if panel.log:
        ax.set_yscale("log")
        log_labels(ax.yaxis, few=has_few_decades(panel.y_range))
    else:
        linear_labels(ax.yaxis)
    if not panel.lines:
        words = "\n".join(textwrap.fill(line, EMPTY_COLUMNS) for line in panel.empty.splitlines())
        ax.text(0.5, 0.5, words, transform=ax.transAxes, ha="center", va="center", color=NOTE_COLOR)
        ax.tick_params(left=False, labelleft=False)  # no ticks at all would take them from axes that share y
        return
    if panel.y_range:
        ax.set_ylim(*limits(panel.y_range, log=panel.log))
    models = [line for line in panel.lines if line.style != BASELINE]
    covers = do_coincide(models)
    for index, line in enumerate(models):
        draw_line(clipped(line, panel), ax, index, len(models), steps=panel.steps, covers=covers)
    for line in panel.lines:
        if line.style == BASELINE:
            draw_line(clipped(line, panel), ax)
        _mark_outside(line, panel, ax)


def marker_pt(style: Style) -> float:
    """How large the marker of a look is: a star fills less of its size than the others."""
    return MARKER_PT * (STAR if style.marker == "*" else 1.0)


def draw_line(
    line: Line, ax: Axes, index: int = 0, of: int = 1, *, steps: bool = False, covers: bool = False
) -> None:
    """Draw one of `of` lines; where some cover others earlier ones are thicker, so that the first still shows under the last."""
    share = index / (of - 1) if of > 1 else 1.0
    width = THICKEST_PT + (THINNEST_PT - THICKEST_PT) * share if covers else USUAL_PT
    if line.style == BASELINE:
        width = BASELINE_PT
    elif len(line.x) > CROWDED:
        width *= CROWDED_WIDTH
    stride = max(1, math.ceil(len(line.x) / MARKERS_A_LINE))
    # One point of a line without markers would not show; the baseline's level does not depend on the epoch.
    x, y = (line.x, line.y) if line.style.marker or len(line.x) > 1 else (_beside(line.x[0]), line.y * 2)
    ax.plot(
        x,
        y,
        label=line.label,
        drawstyle="steps-post" if steps else "default",
        color=line.style.color,
        linewidth=width,
        linestyle=(0, line.style.dash) if line.style.dash else "solid",
        marker=line.style.marker or None,
        markersize=marker_pt(line.style),
        markeredgecolor="white",
        markeredgewidth=0.3,
        markevery=(index * stride // max(1, of) if len(line.x) > stride else 0, stride),
        zorder=2 + share,
    )
    if line.low:
        ax.fill_between(
            line.x,
            line.low,
            line.high,
            step="post" if steps else None,
            color=line.style.color,
            alpha=0.18,
            linewidth=0,
            zorder=1.5,
        )
    for tail in line.tails:
        ax.plot(tail.x, tail.y, color=line.style.color, linewidth=TAIL_PT, zorder=1.8)
    if line.ends:
        x, y = zip(*line.ends, strict=True)
        ax.plot(x, y, color=line.style.color, linestyle="none", marker="|", markersize=END_PT, zorder=3.5)
    if gaps := gaps_of(line):
        floor = [0.03] * len(gaps)
        ax.plot(
            gaps,
            floor,
            transform=ax.get_xaxis_transform(),
            color=line.style.color,
            linestyle="none",
            marker="x",
            markersize=GAP_PT,
            markeredgewidth=1.0,
            zorder=4,
        )


def _mark_outside(line: Line, panel: Panel, ax: Axes) -> None:
    """Mark the points that the scale leaves out by triangles at its edge, which point to where they are."""
    far = outside(line, panel)
    for way, height, marker in ((True, 0.97, "^"), (False, 0.03, "v")):
        if found := [x for x, _, above in far if above is way]:
            ax.plot(
                found,
                [height] * len(found),
                transform=ax.get_xaxis_transform(),
                color=line.style.color,
                linestyle="none",
                marker=marker,
                markersize=OUTSIDE_PT,
                markeredgecolor="black",
                markeredgewidth=0.4,
                zorder=5,
            )


def _beside(x: float) -> tuple[float, float]:
    return x - 0.5, x + 0.5


def draw_figure(data: FigureData) -> MplFigure:
    """Draw a whole figure: title, panels, a legend, notes below."""
    with mpl.rc_context(fresh_style()):
        labels = list(dict.fromkeys(line.label for panel in data.panels for line in panel.lines))
        # One legend for all panels, unless the panels of many settings have too many lines between them.
        shared = data.columns == 1 or len(labels) <= SHARED_LABELS
        columns = data.columns if shared or max(map(len, labels)) <= NARROW_LABEL else 1
        rows = math.ceil(len(data.panels) / columns)
        rows_below = legend_rows(labels) if shared else 0
        panel_height_in = SINGLE_HEIGHT_IN if len(data.panels) == 1 else PANEL_HEIGHT_IN
        if any(panel.title for panel in data.panels):
            panel_height_in += TITLE_ROW_IN
        if not shared:
            panel_height_in += SMALL_ROW_IN * max(len(panel.lines) for panel in data.panels)
        figure, above = framed(data.title, data.notes, panel_height_in * rows + LEGEND_ROW_IN * rows_below)
        grid = above.subplots(rows, columns, sharex=True, sharey=data.columns > 1, squeeze=False)
        axes = list(grid.flat)[: len(data.panels)]
        for spare in list(grid.flat)[len(data.panels) :]:
            spare.set_axis_off()
        _draw_panels(data.panels, axes, columns)
        above.align_ylabels(list(grid[:, 0]))
        epochs = {x for panel in data.panels for line in panel.lines for x in line.places}
        if len(epochs) == 1:
            axes[-1].set_xlim(*_beside(*epochs))
        if not labels:
            axes[-1].set_xticks([])
        elif shared:
            shared_legend(above, axes, labels)
        else:
            for ax in axes:
                ax.legend(loc="upper left", bbox_to_anchor=(0.0, -0.2), fontsize=SMALLEST_PT, handlelength=3)
        return figure


def _draw_panels(panels: Sequence[Panel], axes: Sequence[Axes], columns: int) -> None:
    """Draw panels side by side, with labels at the outer ones."""
    label_columns = SINGLE_LABEL_COLUMNS if len(panels) <= columns else LABEL_COLUMNS
    ticks = _most_ticks(panels, columns)
    for index, (panel, ax) in enumerate(zip(panels, axes, strict=True)):
        draw_panel(panel, ax, ticks=ticks)
        ax.set_ylabel(in_lines(panel.y_label, label_columns))
        ax.label_outer()
        if index + columns >= len(panels):  # nothing stands below it, whichever row it is in
            ax.set_xlabel(panel.x_label)
            ax.tick_params(labelbottom=True)
        if panel.title:
            lines = wrapped(
                panel.title,
                PANEL_TITLE_COLUMNS * 2 // columns,
                size_pt=LABEL_PT,
                width_pt=FULL_PT / columns,
            )
            ax.set_title("\n".join(lines), pad=3)


def _most_ticks(panels: Sequence[Panel], columns: int) -> int:
    """How many labels along x have room beside each other."""
    largest = max((abs(x) for panel in panels for line in panel.lines for x in line.places), default=0)
    digits = len(f"{largest:.0f}") if largest < SHORT_FROM else 3
    return max(1, min(MOST_TICKS, int(AXES_PT[columns] / (DIGIT_PT * digits + TICK_GAP_PT))))


class SettledLayout(ConstrainedLayoutEngine):
    """Matplotlib's constrained layout, with ticks that stay where they are once axes have their place.

    Else axes that are made smaller for their labels can get other ticks, of which the last stands out of the image.
    """

    def execute(self, fig: MplFigure) -> None:
        """Place everything, keep the ticks that there are then, and place everything for these."""
        super().execute(fig)
        parts: list[MplFigure | SubFigure] = [fig, *fig.subfigs]
        axes = [axis for part in parts for ax in part.axes for axis in (ax.xaxis, ax.yaxis)]
        loose = [axis for axis in axes if not isinstance(axis.get_major_locator(), FixedLocator)]
        for axis in loose:
            axis.set_major_locator(FixedLocator(list(axis.get_majorticklocs())))
        if loose:
            super().execute(fig)


def framed(title: str, notes: Sequence[str], height_in: float) -> tuple[MplFigure, SubFigure]:
    """Return a figure with its title, its notes below, and between them a part for what it shows."""
    below_lines = note_lines(notes)
    titled = title_lines(title)
    heights_in = (
        height_in + TITLE_ROW_IN * len(titled) + AROUND_IN,
        NOTE_ROW_IN * len(below_lines) + AROUND_IN / 2 if below_lines else 0.0,
    )
    figure = MplFigure(figsize=(WIDTH_IN, sum(heights_in)), layout=SettledLayout())
    FigureCanvasAgg(figure)
    if below_lines:
        above, below = figure.subfigures(2, 1, height_ratios=heights_in, squeeze=False)[:, 0]
        below.text(
            0.015, 0.99, "\n".join(below_lines), fontsize=SMALLEST_PT, color=NOTE_COLOR, ha="left", va="top"
        )
    else:
        above = figure.subfigures(1, 1)
    above.suptitle("\n".join(titled))
    return figure, above


def draw_levels(levels: Sequence[tuple[str, float]], draw: Callable[..., Any]) -> None:
    """Draw the levels of a baseline, each with its name, by `axhline` or `axvline` of the axes."""
    for name, value in levels:
        draw(
            value,
            label=name,
            color=BASELINE.color,
            linestyle=(0, BASELINE.dash),
            linewidth=BASELINE_PT,
            zorder=1.5,
        )


def shared_legend(
    figure: SubFigure, axes: Sequence[Axes], labels: Sequence[str], *, handle: int = HANDLE_CHARACTERS
) -> None:
    """Name the lines of all axes in one legend below them, in the order of `labels`; `handle` as for `legend_columns`."""
    handles = {
        label: handle for ax in axes for handle, label in zip(*ax.get_legend_handles_labels(), strict=True)
    }
    ordered = [handles[label] for label in labels]
    columns = legend_columns(labels, handle)
    figure.legend(
        ordered,
        legend_labels(labels, handle),
        loc="outside lower center",
        ncols=columns,
        handlelength=2.7 if handle == HANDLE_CHARACTERS else 1.0,
        labelspacing=0.3,
        columnspacing=1.2,
        borderpad=0.2,
    )


def curve_images(data: FigureData, *, pdf: bool = False) -> tuple[bytes, ...]:
    """Return the image as PNG and as SVG, and with `pdf` as PDF; the same data give the same bytes."""
    return saved(lambda: draw_figure(written_out(data)), pdf=pdf)


def saved(draw: Callable[[], MplFigure], *, pdf: bool = False) -> tuple[bytes, ...]:
    """Draw in the report's style, and return the image as PNG and as SVG, and with `pdf` as PDF."""
    with mpl.rc_context(fresh_style()):
        figure = draw()
        png = saved_as(figure, "png")
        # The PNG has settled where everything goes: doing it again would take as long as drawing. "none" would keep an
        # engine that does nothing, for which matplotlib draws everything once more.
        with mpl.rc_context({"figure.constrained_layout.use": False}):
            figure.set_layout_engine(None)
        return png, numbered(saved_as(figure, "svg")), *([saved_as(figure, "pdf")] if pdf else [])


def numbered(svg: bytes) -> bytes:
    """Name the parts of an SVG by their order: matplotlib's names change with the last bit of a layout, which is solved anew each time."""
    names: dict[bytes, bytes] = {}
    return _MADE_NAME.sub(lambda found: names.setdefault(found[0], b"part%d" % len(names)), svg)


def fresh_style() -> Any:  # rcParams, whose keys matplotlib types as a literal of 300 names
    """Return the report's style on matplotlib's own defaults, not the user's: a report looks the same everywhere."""
    defaults = {key: value for key, value in mpl.rcParamsDefault.items() if not key.startswith("backend")}
    return {**defaults, **STYLE}
