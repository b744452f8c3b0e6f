"""The figures of a search: Optuna's own where it has them, each as an image and as an interactive chart.

`search_figures` says which there are: history, importance, slice, parallel, curves, pareto.
"""

from __future__ import annotations

import io
import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from analysis.figures.catalogue import slug
from analysis.figures.mpl import DPI
from analysis.read.visible import visible
from analysis.results.document import ShownTrial
from analysis.results.search import FEWEST_FOR_IMPORTANCE, PRUNED, RUNNING, is_drawable, quiet, study_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import optuna
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as MplFigure

    from analysis.results.search import SearchedTrial, SearchObjective, SearchResults

BASELINES = {"val/psnr": "val/psnr_copy_first"}
"""The note beside an objective that tells what repeating the first frame scores: no PSNR stands alone."""
PRUNED_COLOR, COMPLETE_COLOR, BEST_COLOR, BASELINE_COLOR = "#9A9A9A", "#5B8DB8", "#C0392B", "#767676"
GRID_COLOR = "#DDDDDD"
MOST_AXES = 3
"""A Pareto front is drawn in two or three axes."""
DARKER = "the darker, the later the trial"
ON_WHITE = {"page": "light"}
"""Tells the page to draw a chart on white whatever its colours are: Optuna's darkest blue is its best."""
CHART_HEIGHT_PX, SLICE_HEIGHT_PX, SLICE_COLUMNS = 400, 240, 2
MARGIN_PX = {"l": 64, "r": 16, "t": 24, "b": 72}
HEIGHT_IN, LEAST_WIDTH_IN = 4.2, 8.0


@dataclass(frozen=True)
class SearchFigure:
    """One figure of a search.

    Attributes:
        path: Of the PNG, relative to the report; the SVG lies beside it.
        title: What it is.
        notes: What a reader would not see in it.
        plot: Which: history, importance, slice, parallel, curves or pareto.
        search: What it shows.
        objective: Which of its objectives, by place.
        chart: The same as plotly.js draws it: plain values.
    """

    path: str
    title: str
    notes: tuple[str, ...]
    plot: str
    search: SearchResults
    objective: int
    chart: Mapping[str, Any]

    @property
    def svg_path(self) -> str:
        """Where the image lies as SVG."""
        return f"{self.path.removesuffix('.png')}.svg"

    @property
    def keys(self) -> tuple[str, ...]:
        """The metrics that it is drawn from."""
        objectives = self.search.objectives
        sought = objectives if self.plot == "pareto" else objectives[self.objective : self.objective + 1]
        return tuple(objective.metric for objective in sought)

    @property
    def shown(self) -> list[SearchedTrial]:
        """The trials that it is drawn from: of all but the curves those that scored, in a history the pruned too."""
        if self.plot == "curves":
            return [trial for trial in self.search.trials if trial.curve]
        return self.search.drawn

    @property
    def trials(self) -> tuple[ShownTrial, ...]:
        """The runs that it is drawn from."""
        return tuple(
            ShownTrial(trial.name, trial.fingerprint, trial.run_id, trial.outcome or RUNNING)
            for trial in self.shown
        )

    @property
    def content(self) -> dict[str, Any]:
        """What it says, words and values."""
        return {"title": self.title, "notes": self.notes, "keys": self.keys, "chart": self.chart}


def search_figures(search: SearchResults) -> tuple[SearchFigure, ...]:
    """Return the figures of a search: what too few trials cannot show is left out.

    History and best so far, importance, slice and parallel coordinates of each objective; then every curve with
    the pruned ones grey, or, for several objectives, the Pareto front.
    """
    if not search.trials:
        return ()
    study = study_of(search)
    return tuple(
        SearchFigure(
            f"search/{search.name}/{plot}{_mark(search, plot, index)}.png",
            f"{search.name}: {title}",
            notes,
            plot,
            search,
            index,
            _chart(search, plot, index, study),
        )
        for plot, index, title, notes in _wanted(search)
    )


def search_png_and_svg(figure: SearchFigure) -> tuple[bytes, bytes]:
    """Return the image as PNG and as SVG; the same figure gives the same bytes."""
    import matplotlib as mpl
    from matplotlib import pyplot as plt
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    style: dict[Any, Any] = {
        "font.family": ["DejaVu Sans"],
        "svg.hashsalt": "sweep",
        "text.parse_math": False,
    }
    with quiet(), mpl.rc_context(style):  # Optuna's figures set a global style
        drawn = _draw(figure)
        _write_out(drawn)
        FigureCanvasAgg(drawn)
        saved = []
        for form, metadata in (("png", {"Software": None}), ("svg", {"Date": None, "Creator": None})):
            buffer = io.BytesIO()
            drawn.savefig(buffer, format=form, dpi=DPI, bbox_inches="tight", metadata=metadata)
            saved.append(buffer.getvalue())
        plt.close(drawn)
    return saved[0], saved[1]


def _write_out(drawn: MplFigure) -> None:
    """Write out in a figure's words what no font draws, and no file takes."""
    for axes in drawn.axes:
        legend = axes.get_legend()
        words = [axes.title, axes.xaxis.label, axes.yaxis.label, *(legend.get_texts() if legend else ())]
        for text in words:
            text.set_text(visible(text.get_text()))


def _wanted(search: SearchResults) -> Iterator[tuple[str, int, str, tuple[str, ...]]]:
    """Each figure's plot, objective, title and notes."""
    drawn = search.drawn
    for index, objective in enumerate(search.objectives):
        metric = objective.metric
        if drawn:  # of several objectives there is no one best
            best = "" if len(search.objectives) > 1 else ", and the best so far"
            yield "history", index, f"{metric} by trial{best}", ()
        differ = len({trial.values[index] for trial in drawn if trial.values}) > 1
        if differ and len(drawn) >= FEWEST_FOR_IMPORTANCE:
            note = f"fANOVA over {len(drawn)} finished trials: how much of the score's variance a setting explains"
            yield "importance", index, f"which settings matter for {metric}", (note,)
            yield "slice", index, f"{metric} over each setting", (DARKER,)
            yield "parallel", index, f"{metric} and all settings", ()
    if len(search.objectives) == 1 and any(trial.curve for trial in search.trials):
        yield "curves", 0, "every trial by epoch", ("a cross is where a trial was pruned",)
    elif 1 < len(search.objectives) <= MOST_AXES and drawn:
        front = "red: on the front, no other trial is better in everything"
        yield "pareto", 0, "the Pareto front", (front,)


def _mark(search: SearchResults, plot: str, index: int) -> str:
    """What tells the figures of one objective from those of another."""
    several = len(search.objectives) > 1 and plot != "pareto"
    return f"_{slug(search.objectives[index].metric.replace('/', '_'))}" if several else ""


def _optuna(search: SearchResults, plot: str, index: int, study: optuna.Study, module: Any) -> Any:
    """One of Optuna's figures, by its plotly or its matplotlib module: both have the same functions."""
    from optuna.importance import FanovaImportanceEvaluator

    if plot == "pareto":
        return module.plot_pareto_front(study, target_names=[one.metric for one in search.objectives])
    asked: dict[str, Any] = {"target_name": search.objectives[index].metric}
    if len(search.objectives) > 1:
        asked["target"] = lambda trial: trial.values[index]
    if plot == "importance":
        return module.plot_param_importances(study, evaluator=FanovaImportanceEvaluator(seed=0), **asked)
    functions = {
        "history": module.plot_optimization_history,
        "slice": module.plot_slice,
        "parallel": module.plot_parallel_coordinate,
    }
    return functions[plot](study, **asked)


def _chart(search: SearchResults, plot: str, index: int, study: optuna.Study) -> dict[str, Any]:
    objective = search.objectives[index]
    if plot == "curves":
        axis = {"zeroline": False}
        layout = {
            "xaxis": axis | {"title": {"text": "epoch"}},
            "yaxis": axis | {"title": {"text": objective.metric}},
        }
        found: dict[str, Any] = {"data": list(_curve_traces(search)), "layout": layout}
    else:
        from optuna import visualization

        with quiet():
            found = json.loads(_optuna(search, plot, index, study, visualization).to_json())
    layout = found["layout"]
    for key in ("template", "title", "width"):
        layout.pop(key, None)
    layout |= {"height": CHART_HEIGHT_PX, "margin": MARGIN_PX}
    if plot == "slice":
        _stack(layout)
        for trace in found["data"]:
            trace.get("marker", {}).update(showscale=False)  # it says what the notes say
    if plot == "pareto":
        _color_front(found)
    if plot == "importance":
        layout["yaxis"]["automargin"] = True
    if plot in {"slice", "parallel"}:
        layout["meta"] = ON_WHITE
    if plot in {"history", "curves"}:
        layout["legend"] = {"orientation": "h", "yref": "container", "yanchor": "bottom", "y": 0, "x": 0}
        level_db = _baseline(search, objective)
        if level_db is not None:
            line = {"color": BASELINE_COLOR, "dash": "dot"}
            across = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": level_db, "y1": level_db}
            label = {"text": _baseline_label(level_db), "textposition": "end"}
            layout["shapes"] = [across | {"line": line, "label": label}]
    return found


def _color_front(chart: dict[str, Any]) -> None:
    """One colour for the front and one for the rest: Optuna shades each by trial, on scales that lie on each other."""
    for trace in chart["data"]:
        color = BEST_COLOR if "Best Trial" in trace["hovertemplate"] else COMPLETE_COLOR
        trace["marker"] = {"color": color, "size": 7}
    chart["layout"]["showlegend"] = False  # the notes say it


def _stack(layout: dict[str, Any]) -> None:
    """Put the settings of a slice plot into rows, where Optuna has them all side by side."""
    numbers = [key.removeprefix("xaxis") for key in layout if key.startswith("xaxis")]
    rows = -(-len(numbers) // SLICE_COLUMNS)
    height = 1 / rows
    for place, number in enumerate(numbers):
        row, column = divmod(place, SLICE_COLUMNS)
        if layout[f"xaxis{number}"].get("type") == "log":
            layout[f"xaxis{number}"] |= {"dtick": 1, "exponentformat": "power"}
        left, top = column / SLICE_COLUMNS, 1 - row * height
        layout[f"xaxis{number}"]["domain"] = [left, left + 0.86 / SLICE_COLUMNS]
        y_axis = layout[f"yaxis{number}"]
        y_axis |= {"domain": [top - 0.5 * height, top], "showticklabels": column == 0}
        if column:
            y_axis.pop("title", None)
        else:
            y_axis["title"] = layout["yaxis"]["title"]
    layout |= {"height": SLICE_HEIGHT_PX * rows, "showlegend": False}


def _curve_traces(search: SearchResults) -> Iterator[dict[str, Any]]:
    named: set[str] = set()
    for trial, label, color, wide in _curves(search):
        steps = sorted(trial.curve)
        yield {
            "type": "scatter",
            "mode": "lines+markers",
            "name": label,
            "legendgroup": label,
            "showlegend": label not in named,
            "x": steps,
            "y": [value if is_drawable(value := trial.curve[step]) else None for step in steps],
            "line": {"color": color, "width": 3 if wide else 1.5},
            "marker": {
                "color": color,
                "symbol": ["circle"] * (len(steps) - 1) + ["x" if trial.outcome == PRUNED else "circle"],
                "size": [1] * (len(steps) - 1) + [9 if trial.outcome == PRUNED else 5],
            },
            "hovertemplate": f"{trial.name}, epoch %{{x}}: %{{y:.4g}}<extra></extra>",
        }
        named.add(label)


def _curves(search: SearchResults) -> list[tuple[SearchedTrial, str, str, bool]]:
    """Each trial that has a curve with its label and colour, the best last: it lies above the others."""
    best = {trial.run_id for trial in search.best}
    ordered = sorted(search.trials, key=lambda trial: (trial.run_id in best, trial.outcome != PRUNED))
    return [
        (trial, f"best: {trial.name}", BEST_COLOR, True)
        if trial.run_id in best
        else (
            trial,
            trial.outcome or RUNNING,
            PRUNED_COLOR if trial.outcome == PRUNED else COMPLETE_COLOR,
            False,
        )
        for trial in ordered
        if trial.curve
    ]


def _baseline(search: SearchResults, objective: SearchObjective) -> float | None:
    """What repeating the first frame scores, where the record tells."""
    note = BASELINES.get(objective.metric)
    found = [trial.notes[note] for trial in search.trials if note is not None and note in trial.notes]
    known = [value for value in found if is_drawable(value)]
    return known[-1] if known else None


def _baseline_label(level_db: float) -> str:
    return f"copy first frame: {level_db:.2f} dB"


def _draw(figure: SearchFigure) -> MplFigure:
    search, objective = figure.search, figure.search.objectives[figure.objective]
    if figure.plot == "curves":
        drawn = _draw_curves(figure)
    else:
        from optuna.visualization import matplotlib as optuna_figures

        axes = _optuna(search, figure.plot, figure.objective, study_of(search), optuna_figures)
        many = hasattr(axes, "flat")  # axes, or an array of them, widened so that labels have room
        drawn = (axes.flat[0] if many else axes).figure
        drawn.set_size_inches(max(LEAST_WIDTH_IN, (2.8 if many else 1.5) * len(drawn.axes)), HEIGHT_IN)
        _restyle(drawn, figure, many=many)
    level_db = _baseline(search, objective)
    if figure.plot in {"history", "curves"} and level_db is not None:
        drawn.axes[0].axhline(
            level_db, color=BASELINE_COLOR, linestyle="dotted", label=_baseline_label(level_db)
        )
        drawn.axes[0].legend(frameon=False)
    return drawn


def _restyle(drawn: MplFigure, figure: SearchFigure, *, many: bool) -> None:
    """Have Optuna's figure look like the report's others, and say what it shows."""
    if many:
        drawn.suptitle(figure.title)
    else:
        drawn.axes[0].set_title("", loc="left")  # where Optuna has the one of importances
        drawn.axes[0].set_title(figure.title)
    for axes in drawn.axes:
        axes.set_facecolor("white")
        if figure.plot != "parallel" and axes.get_label() != "<colorbar>":
            axes.grid(color=GRID_COLOR, linewidth=0.6)
        if (legend := axes.get_legend()) is not None:
            legend.set_frame_on(False)


def _draw_curves(figure: SearchFigure) -> MplFigure:
    from matplotlib.figure import Figure as MplFigure
    from matplotlib.ticker import MaxNLocator

    drawn = MplFigure(figsize=(LEAST_WIDTH_IN, HEIGHT_IN))
    axes: Axes = drawn.subplots()
    labelled: set[str] = set()
    for trial, label, color, wide in _curves(figure.search):
        steps = sorted(trial.curve)
        values = [value if is_drawable(value := trial.curve[step]) else math.nan for step in steps]
        shown_as = None if label in labelled else label
        axes.plot(steps, values, color=color, linewidth=2.2 if wide else 1.2, label=shown_as)
        if trial.outcome == PRUNED:
            axes.plot(steps[-1:], values[-1:], marker="x", color=color, linestyle="none")
        labelled.add(label)
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_ylabel(figure.keys[0])
    axes.set_title(figure.title)
    axes.legend(frameon=False)
    axes.grid(color=GRID_COLOR, linewidth=0.6)
    return drawn
