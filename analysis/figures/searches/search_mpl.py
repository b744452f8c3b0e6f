"""Draws the figures of a search with matplotlib: Optuna's own and the curves, in the look of the report's others."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from analysis.figures.saving_mpl import FILE_STYLE, saved_as
from analysis.figures.scale import has_few_decades
from analysis.figures.searches.search_figures import (
    BASELINE_COLOR,
    COMPLETE_COLOR,
    GRID_COLOR,
    PRUNED_COLOR,
    above_chance_of,
    baseline,
    baseline_label,
    curves,
    not_drawn,
    optuna_figure,
)
from analysis.figures.words.ticks_mpl import log_labels
from analysis.results.searches.search import PRUNED, is_drawable, quiet, study_of
from analysis.visible import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as MplFigure

    from analysis.figures.searches.search_figures import SearchFigure

HEIGHT_IN, LEAST_WIDTH_IN, DPI = 4.2, 8.0, 150


def search_images(figure: SearchFigure, *, pdf: bool = False) -> tuple[bytes, ...]:
    """Return the image as PNG and as SVG, and with `pdf` as PDF; the same figure gives the same bytes."""
    import matplotlib as mpl
    from matplotlib import pyplot as plt

    style: dict[Any, Any] = {
        "font.family": ["DejaVu Sans"],
        "text.parse_math": False,
        **FILE_STYLE,
    }
    forms = ("png", "svg", *(("pdf",) if pdf else ()))
    with quiet(), mpl.rc_context(style):  # Optuna's figures set a global style
        try:
            saved = _saved(_draw(figure), forms)
        except Exception as error:  # noqa: BLE001 - Optuna's figures raise what they like at odd numbers
            saved = _saved(_words_alone(figure.title, not_drawn(error)), forms)
        plt.close("all")
    return saved


def _saved(drawn: MplFigure, forms: Sequence[str]) -> tuple[bytes, ...]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    _write_out(drawn)
    FigureCanvasAgg(drawn)
    return tuple(saved_as(drawn, form, dpi=DPI, bbox_inches="tight") for form in forms)


def _words_alone(title: str, words: str) -> MplFigure:
    from matplotlib.figure import Figure as MplFigure

    drawn = MplFigure(figsize=(LEAST_WIDTH_IN, HEIGHT_IN))
    drawn.suptitle(visible(title))
    drawn.text(0.5, 0.5, words, ha="center", va="center")
    return drawn


def _write_out(drawn: MplFigure) -> None:
    """Write out in a figure's words what no font draws, and no file takes."""
    for axes in drawn.axes:
        legend = axes.get_legend()
        words = [axes.title, axes.xaxis.label, axes.yaxis.label, *(legend.get_texts() if legend else ())]
        for text in words:
            text.set_text(visible(text.get_text()))


def _draw(figure: SearchFigure) -> MplFigure:
    search, objective = figure.search, figure.search.objectives[figure.objective]
    if figure.plot == "curves":
        drawn = _draw_curves(figure)
    else:
        from optuna.visualization import matplotlib as optuna_figures

        axes = optuna_figure(search, figure.plot, figure.objective, study_of(search), optuna_figures)
        many = hasattr(axes, "flat")  # axes, or an array of them, widened so that labels have room
        drawn = (axes.flat[0] if many else axes).figure
        drawn.set_size_inches(max(LEAST_WIDTH_IN, (2.8 if many else 1.5) * len(drawn.axes)), HEIGHT_IN)
        _restyle(drawn, figure, many=many)
        if figure.plot == "importance":
            _grey_what_is_chance(drawn.axes[0], figure)
    level_db = baseline(search, objective)
    if figure.plot in {"history", "curves"} and level_db is not None:
        drawn.axes[0].axhline(
            level_db, color=BASELINE_COLOR, linestyle="dotted", label=baseline_label(level_db)
        )
        drawn.axes[0].legend(frameon=False)
    return drawn


def _restyle(drawn: MplFigure, figure: SearchFigure, *, many: bool) -> None:
    """Have Optuna's figure look like the report's others, and say what it shows."""
    from matplotlib.ticker import MaxNLocator

    if many:
        drawn.suptitle(figure.title)
    else:
        drawn.axes[0].set_title("", loc="left")  # where Optuna has the one of importances
        drawn.axes[0].set_title(figure.title)
    for axes in drawn.axes:
        axes.set_facecolor("white")
        if figure.plot == "history":
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
            axes.xaxis.set_major_formatter(lambda number, _: f"{number + 1:.0f}")  # trial-001 is the first
        if figure.plot != "parallel" and axes.get_label() != "<colorbar>":
            axes.grid(color=GRID_COLOR, linewidth=0.6)
        if (legend := axes.get_legend()) is not None:
            legend.set_frame_on(False)
        for axis in (axes.xaxis, axes.yaxis):
            if axis.get_scale() == "log":  # matplotlib's own labels are TeX, and nothing is read as TeX here
                low, high = axis.get_view_interval()
                log_labels(axis, few=has_few_decades((low, high)))


def _grey_what_is_chance(axes: Axes, figure: SearchFigure) -> None:
    """Colour the bars as in the chart: grey where a setting is not told apart from chance."""
    told = above_chance_of(figure.search, figure.objective)
    for bar, label in zip(axes.patches, axes.get_yticklabels(), strict=True):
        bar.set_color(COMPLETE_COLOR if label.get_text() in told else PRUNED_COLOR)


def _draw_curves(figure: SearchFigure) -> MplFigure:
    from matplotlib.figure import Figure as MplFigure
    from matplotlib.ticker import MaxNLocator

    drawn = MplFigure(figsize=(LEAST_WIDTH_IN, HEIGHT_IN))
    axes: Axes = drawn.subplots()
    labelled: set[str] = set()
    for trial, label, color, wide in curves(figure.search):
        steps = sorted(trial.curve)
        values = [value if is_drawable(value := trial.curve[step]) else math.nan for step in steps]
        shown_as = None if label in labelled else label
        axes.plot(steps, values, color=color, linewidth=2.2 if wide else 1.2, label=shown_as)
        if trial.outcome == PRUNED:
            axes.plot(steps[-1:], values[-1:], marker="x", color=color, linestyle="none")
        labelled.add(label)
    axes.set_xlabel(figure.search.steps)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_ylabel(figure.keys[0])
    axes.set_title(figure.title)
    axes.legend(frameon=False)
    axes.grid(color=GRID_COLOR, linewidth=0.6)
    return drawn
