"""The figures of a search: Optuna's own where it has them, each as an image and as an interactive chart.

`search_figures` says which there are: history, importance, slice, parallel, curves, pareto.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from analysis.figures.file_names import free, slug
from analysis.figures.image_files import ImageFiles
from analysis.results.document import ShownTrial
from analysis.results.searches.above_chance import above_chance
from analysis.results.searches.search import (
    COMPLETE,
    FEWEST_FOR_IMPORTANCE,
    PRUNED,
    RUNNING,
    is_drawable,
    quiet,
    study_of,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    import optuna

    from analysis.results.searches.search import SearchedTrial, SearchObjective, SearchResults

BASELINES = {"val/psnr": "val/psnr_copy_first"}
"""The note beside an objective that tells what repeating the first frame scores: no PSNR stands alone."""
PRUNED_COLOR, COMPLETE_COLOR, BEST_COLOR, BASELINE_COLOR = "#9A9A9A", "#5B8DB8", "#C0392B", "#767676"
GRID_COLOR = "#DDDDDD"
MOST_AXES = 3
"""A Pareto front is drawn in two or three axes."""
HOW_TOLD = "permutation test of each setting, p < 0.05 by Holm"
DARKER = "the darker, the later the trial"
ON_WHITE = {"page": "light"}
"""Tells the page to draw a chart on white whatever its colours are: Optuna's darkest blue is its best."""
CHART_HEIGHT_PX, SLICE_HEIGHT_PX, SLICE_COLUMNS = 400, 240, 2
MARGIN_PX = {"l": 64, "r": 16, "t": 24, "b": 72}


@dataclass(frozen=True)
class SearchFigure(ImageFiles):
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
    def keys(self) -> tuple[str, ...]:
        """The metrics that it is drawn from."""
        objectives = self.search.objectives
        sought = objectives if self.plot == "pareto" else objectives[self.objective : self.objective + 1]
        return tuple(objective.metric for objective in sought)

    @property
    def about(self) -> str:
        """The objective that it is about."""
        return self.keys[0]

    @property
    def axis(self) -> str:
        """Nothing: a search varies all its settings at once."""
        return ""

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


def search_figures(search: SearchResults, folder: str = "") -> tuple[SearchFigure, ...]:
    """Return the figures of a search, in its own folder or the one named: what too few trials cannot show is left out.

    History and best so far, importance, slice and parallel coordinates of each objective; then every curve with
    the pruned ones grey, or, for several objectives, the Pareto front.
    """
    if not search.trials:
        return ()
    study, taken = study_of(search), set[str]()
    return tuple(
        SearchFigure(
            f"search/{folder or search.name}/{free(f'{plot}{_mark(search, plot, index)}', taken)}.png",
            f"{search.name}: {title}",
            notes,
            plot,
            search,
            index,
            _chart(search, plot, index, study),
        )
        for plot, index, title, notes in _wanted(search)
    )


def _wanted(search: SearchResults) -> Iterator[tuple[str, int, str, tuple[str, ...]]]:
    """Each figure's plot, objective, title and notes."""
    drawn = search.drawn
    for index, objective in enumerate(search.objectives):
        metric = objective.words
        if drawn:  # of several objectives there is no one best
            best = "" if len(search.objectives) > 1 else ", and the best so far"
            yield "history", index, f"{metric} by trial{best}", ()
        differ = len({trial.values[index] for trial in drawn if trial.values}) > 1
        if differ and len(drawn) >= FEWEST_FOR_IMPORTANCE:
            yield (
                "importance",
                index,
                f"which settings matter for {metric}",
                tuple(_of_importance(search, index)),
            )
            yield "slice", index, f"{metric} over each setting", (DARKER,)
            yield "parallel", index, f"{metric} and all settings", ()
    if len(search.objectives) == 1 and any(trial.curve for trial in search.trials):
        is_pruned = any(trial.outcome == PRUNED for trial in search.trials)
        crosses = ("a cross is where a trial was pruned",) if is_pruned else ()
        yield "curves", 0, f"every trial by {search.steps}", crosses
    elif 1 < len(search.objectives) <= MOST_AXES and drawn:
        front = "red: on the front, no other trial is better in everything"
        yield "pareto", 0, "the Pareto front", (front,)


def _of_importance(search: SearchResults, index: int) -> Iterator[str]:
    """What a reader must know of importances: what they are shares of, which are more than chance gives, and what is left out."""
    drawn, known = search.drawn, _always_drawn(search)
    left_out = Counter(
        "without a number" if t.outcome == COMPLETE else t.outcome or RUNNING for t in search.trials
    )
    left_out["without a number"] -= len(drawn)
    others = ", ".join(f"{count} {kind}" for kind, count in sorted(left_out.items()) if count > 0)
    yield (
        f"fANOVA over {len(drawn)} finished trials{f' (left out: {others})' if others else ''}: each setting's share of what a model of the "
        "settings explains; the shares always add up to 1, also of noise"
    )
    told = above_chance_of(search, index)
    if len(told) == len(known):
        yield f"all of them are above chance ({HOW_TOLD})"
    else:
        which = (
            f"above chance are {', '.join(told)}; grey: not told apart from chance"
            if told
            else "none is told apart from chance"
        )
        yield f"{which} ({HOW_TOLD})"
    if some := [key for key in search.space if key not in known]:
        yield f"not in it, as drawn in some trials only: {', '.join(some)}"


def _always_drawn(search: SearchResults) -> list[str]:
    """The settings that every compared trial has."""
    return [key for key in search.space if all(key in trial.params for trial in search.drawn)]


def above_chance_of(search: SearchResults, index: int) -> tuple[str, ...]:
    """The settings that one of the objectives depends on more than chance gives."""
    values = {key: [trial.params[key] for trial in search.drawn] for key in _always_drawn(search)}
    return above_chance(values, [trial.values[index] for trial in search.drawn if trial.values])


def _mark(search: SearchResults, plot: str, index: int) -> str:
    """What tells the figures of one objective from those of another."""
    several = len(search.objectives) > 1 and plot != "pareto"
    return f"_{slug(search.objectives[index].metric.replace('/', '_'))}" if several else ""


def optuna_figure(search: SearchResults, plot: str, index: int, study: optuna.Study, module: Any) -> Any:
    """One of Optuna's figures, by its plotly or its matplotlib module: both have the same functions."""
    from optuna.importance import FanovaImportanceEvaluator

    if plot == "pareto":
        return module.plot_pareto_front(study, target_names=[one.words for one in search.objectives])
    asked: dict[str, Any] = {"target_name": search.objectives[index].words}
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
    try:
        made: dict[str, Any] = _finite(_chart_of(search, plot, index, study))
    except Exception as error:  # noqa: BLE001 - Optuna's figures raise what they like at odd numbers
        text = {
            "text": not_drawn(error),
            "showarrow": False,
            "xref": "paper",
            "yref": "paper",
            "x": 0.5,
            "y": 0.5,
        }
        return {"data": [], "layout": {"annotations": [text], "height": CHART_HEIGHT_PX, "margin": MARGIN_PX}}
    return made


def not_drawn(error: Exception) -> str:
    """Say what stands in place of a figure that Optuna could not draw."""
    return f"cannot be drawn of these numbers ({type(error).__name__}); the table has them"


def _finite(value: Any) -> Any:
    """A chart without what JSON has no word for: NaN and infinities are gaps."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _chart_of(search: SearchResults, plot: str, index: int, study: optuna.Study) -> dict[str, Any]:
    objective = search.objectives[index]
    if plot == "curves":
        axis = {"zeroline": False}
        layout = {
            "xaxis": axis | {"title": {"text": search.steps}},
            "yaxis": axis | {"title": {"text": objective.metric}},
        }
        found: dict[str, Any] = {"data": list(_curve_traces(search)), "layout": layout}
    else:
        from optuna import visualization

        with quiet():
            found = json.loads(optuna_figure(search, plot, index, study, visualization).to_json())
    layout = found["layout"]
    for key in ("template", "title", "width"):
        layout.pop(key, None)
    layout |= {"height": CHART_HEIGHT_PX, "margin": MARGIN_PX}
    if plot == "slice":
        _stack(found)
    if plot == "history":
        _count_from_1(found)
    if plot == "pareto":
        _color_front(found)
    if plot == "importance":
        _grey_what_is_chance(found, above_chance_of(search, index))
    if plot in {"slice", "parallel"}:
        layout["meta"] = ON_WHITE
    if plot in {"history", "curves"}:
        layout["legend"] = {"orientation": "h", "yref": "container", "yanchor": "bottom", "y": 0, "x": 0}
        level_db = baseline(search, objective)
        if level_db is not None:
            line = {"color": BASELINE_COLOR, "dash": "dot"}
            across = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": level_db, "y1": level_db}
            label = {"text": baseline_label(level_db), "textposition": "end"}
            layout["shapes"] = [across | {"line": line, "label": label}]
    return found


def _grey_what_is_chance(chart: dict[str, Any], told: Collection[str]) -> None:
    """Colour the bars of importances: grey where a setting is not told apart from chance."""
    chart["layout"]["yaxis"]["automargin"] = True
    for trace in chart["data"]:
        trace["marker"] = {"color": [COMPLETE_COLOR if key in told else PRUNED_COLOR for key in trace["y"]]}


def _color_front(chart: dict[str, Any]) -> None:
    """One colour for the front and one for the rest: Optuna shades each by trial, on scales that lie on each other."""
    for trace in chart["data"]:
        color = BEST_COLOR if "Best Trial" in trace["hovertemplate"] else COMPLETE_COLOR
        trace["marker"] = {"color": color, "size": 7}
    chart["layout"]["showlegend"] = False  # the notes say it


def _count_from_1(chart: dict[str, Any]) -> None:
    """Count trials as their names do: trial-001 is the first."""
    for trace in chart["data"]:
        trace["x"] = [number + 1 for number in trace["x"]]


def _stack(chart: dict[str, Any]) -> None:
    """Put the settings of a slice plot into rows, where Optuna has them all side by side."""
    for trace in chart["data"]:
        trace.get("marker", {}).update(showscale=False)  # it says what the notes say
    layout = chart["layout"]
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
    for trial, label, color, wide in curves(search):
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
            "hovertemplate": f"{trial.name}, {search.steps} %{{x}}: %{{y:.4g}}<extra></extra>",
        }
        named.add(label)


def curves(search: SearchResults) -> list[tuple[SearchedTrial, str, str, bool]]:
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


def baseline(search: SearchResults, objective: SearchObjective) -> float | None:
    """What repeating the first frame scores, where the record tells."""
    note = BASELINES.get(objective.metric)
    found = [trial.notes[note] for trial in search.trials if note is not None and note in trial.notes]
    known = [value for value in found if is_drawable(value)]
    return known[-1] if known else None


def baseline_label(level_db: float) -> str:
    """Name the line of a baseline."""
    return f"copy first frame: {level_db:.2f} dB"
