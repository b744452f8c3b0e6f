"""A search in the report: what it found, in words, a table and Optuna's own figures, from the record alone."""

from __future__ import annotations

import functools
import io
import math
import warnings
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import optuna
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from optuna.distributions import BaseDistribution

DPI = 130
COMPLETE, PRUNED = "finished", "pruned"
FEWEST_FOR_IMPORTANCE = 4
"""Fewer finished trials than this say nothing about which setting matters."""
BASELINES = {"val/psnr": "val/psnr_copy_first"}
"""Objective to the note that tells what repeating the first frame scores: no PSNR stands alone."""
PRUNED_COLOR, COMPLETE_COLOR, BEST_COLOR = "#B5B5B5", "#5B8DB8", "#C0392B"


@dataclass(frozen=True)
class Objective:
    """A metric that is sought, and whether large values are good."""

    metric: str
    maximize: bool


@dataclass(frozen=True)
class SearchedTrial:
    """One trial of a search as the record has it.

    Attributes:
        name: Readable name, such as `trial-007`.
        run_id: Its run.
        outcome: finished, pruned, failed, interrupted, orphaned; empty while it runs.
        params: What was suggested.
        values: Its objectives, where it finished and logged each of them.
        curve: The first objective by epoch.
        notes: Further numbers to tell of it, by name.
    """

    name: str
    run_id: str
    outcome: str
    params: Mapping[str, Any]
    values: tuple[float, ...] | None
    curve: Mapping[int, float]
    notes: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Search:
    """One search: its space and its trials, in the order in which they began."""

    name: str
    objectives: tuple[Objective, ...]
    space: Mapping[str, BaseDistribution]
    trials: tuple[SearchedTrial, ...]
    wanted: int
    command: str

    @property
    def scored(self) -> list[SearchedTrial]:
        """The trials that finished with a value of every objective."""
        return [trial for trial in self.trials if trial.values is not None]

    @property
    def best(self) -> list[SearchedTrial]:
        """The best trial; for several objectives those that no other is better than in every way."""
        return [one for one in self.scored if not any(self._beats(other, one) for other in self.scored)]

    def _beats(self, one: SearchedTrial, other: SearchedTrial) -> bool:
        mine, theirs = self._upwards(one), self._upwards(other)
        return mine != theirs and all(a >= b for a, b in zip(mine, theirs, strict=True))

    def _upwards(self, trial: SearchedTrial) -> list[float]:
        values = zip(trial.values or (), self.objectives, strict=True)
        return [value if objective.maximize else -value for value, objective in values]


@dataclass(frozen=True)
class SearchSection:
    """What a report says of a search: its text as Markdown, and its pictures by the path that the text gives them."""

    text: str
    pictures: Mapping[str, bytes]


def search_section(search: Search) -> SearchSection:
    """Tell and draw a search; the same record gives the same bytes.

    The pictures are history and best so far, importance, slice, parallel coordinates, the curves with the pruned
    ones among them, and, for several objectives, the Pareto front. What too few trials cannot show is left out
    and said.
    """
    parts = [f"## {search.name}", _summary(search)]
    pictures: dict[str, bytes] = {}
    for name, title, draw in _figures(search):
        path = f"search/{search.name}/{name}.png"
        pictures[path] = _png(draw)
        parts.append(f"![{search.name}: {title}]({path})")
    if len(search.scored) < FEWEST_FOR_IMPORTANCE:
        parts.append(
            f"Which setting matters takes {FEWEST_FOR_IMPORTANCE} finished trials to tell; there are "
            f"{len(search.scored)}."
        )
    parts += ["### Trials", _table(search)]
    return SearchSection("\n\n".join(parts) + "\n", pictures)


def study_of(search: Search) -> optuna.Study:
    """The search as an Optuna study in memory, made from the record."""
    import optuna

    states = {COMPLETE: optuna.trial.TrialState.COMPLETE, PRUNED: optuna.trial.TrialState.PRUNED}
    one = len(search.objectives) == 1
    with _quiet():
        study = optuna.create_study(
            study_name=search.name,
            directions=["maximize" if o.maximize else "minimize" for o in search.objectives],
        )
        for trial in search.trials:
            state = states.get(trial.outcome)
            if state is None or (trial.outcome == COMPLETE and trial.values is None):
                continue
            curve = {epoch: value for epoch, value in trial.curve.items() if math.isfinite(value)}
            study.add_trial(
                optuna.trial.create_trial(
                    state=state,
                    values=list(trial.values)
                    if trial.values is not None and trial.outcome == COMPLETE
                    else None,
                    params=dict(trial.params),
                    distributions={key: search.space[key] for key in trial.params},
                    intermediate_values=curve if one else None,
                    user_attrs={"name": trial.name, "run_id": trial.run_id},
                )
            )
    return study


def _figures(search: Search) -> Iterator[tuple[str, str, Callable[[], Figure]]]:
    if not search.scored:
        return
    study = study_of(search)
    for index, objective in enumerate(search.objectives):
        one = len(search.objectives) == 1
        mark = "" if one else f"_{objective.metric.replace('/', '_')}"
        asked: dict[str, Any] = {"target_name": objective.metric}
        if not one:
            asked["target"] = lambda trial, index=index: trial.values[index]
        history = _optuna("plot_optimization_history", study, asked)
        yield (
            f"history{mark}",
            f"{objective.metric} by trial",
            functools.partial(_draw_history, search, objective, history),
        )
        if len(search.scored) >= FEWEST_FOR_IMPORTANCE:
            yield (
                f"importance{mark}",
                f"which settings matter for {objective.metric}",
                _importance(study, asked),
            )
            yield f"slice{mark}", f"{objective.metric} over each setting", _optuna("plot_slice", study, asked)
            title = f"{objective.metric} and all settings"
            yield f"parallel{mark}", title, _optuna("plot_parallel_coordinate", study, asked)
    if len(search.objectives) == 1:
        yield (
            "curves",
            "every trial by epoch, the pruned ones grey",
            lambda: _with_baseline(search, search.objectives[0], _draw_curves(search)),
        )
    elif len(search.objectives) <= 3:  # noqa: PLR2004 - a front has two or three axes
        names = [objective.metric for objective in search.objectives]
        yield "pareto", "the Pareto front", _optuna("plot_pareto_front", study, {"target_names": names})


def _optuna(name: str, study: optuna.Study, asked: Mapping[str, Any]) -> Callable[[], Figure]:
    def draw() -> Figure:
        from optuna.visualization import matplotlib as optuna_figures

        return _figure_of(getattr(optuna_figures, name)(study, **asked))

    return draw


def _draw_history(search: Search, objective: Objective, history: Callable[[], Figure]) -> Figure:
    return _with_baseline(search, objective, history())


def _with_baseline(search: Search, objective: Objective, figure: Figure) -> Figure:
    """The figure with a line at what repeating the first frame scores, where the record tells."""
    note = BASELINES.get(objective.metric)
    found = [trial.notes[note] for trial in search.trials if note is not None and note in trial.notes]
    if found:
        axes: Axes = figure.axes[0]
        label = f"copy first frame: {found[-1]:.2f} dB"
        axes.axhline(found[-1], color="#555555", linestyle="dotted", label=label)
        axes.legend(frameon=False)
    return figure


def _importance(study: optuna.Study, asked: Mapping[str, Any]) -> Callable[[], Figure]:
    def draw() -> Figure:
        from optuna.importance import FanovaImportanceEvaluator
        from optuna.visualization.matplotlib import plot_param_importances

        evaluator = FanovaImportanceEvaluator(seed=0)
        return _figure_of(plot_param_importances(study, evaluator=evaluator, **asked))

    return draw


def _figure_of(drawn: Any) -> Figure:
    """The figure of what Optuna returns: axes, or an array of them, widened so that labels have room."""
    axes = drawn.flat[0] if hasattr(drawn, "flat") else drawn
    figure: Figure = axes.figure
    width_a_part = 2.8 if hasattr(drawn, "flat") else 1.5
    figure.set_size_inches(max(8.0, width_a_part * len(figure.axes)), 4.2)
    return figure


def _draw_curves(search: Search) -> Figure:
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(8.0, 4.2))
    axes: Axes = figure.subplots()
    best = {trial.run_id for trial in search.best}
    labelled: set[str] = set()
    for trial in sorted(search.trials, key=lambda trial: (trial.run_id in best, trial.outcome != PRUNED)):
        if not trial.curve:
            continue
        kind = "best" if trial.run_id in best else trial.outcome or "running"
        color = {"best": BEST_COLOR, PRUNED: PRUNED_COLOR}.get(kind, COMPLETE_COLOR)
        label = f"best: {trial.name}" if kind == "best" else kind
        steps = sorted(trial.curve)
        axes.plot(
            steps,
            [trial.curve[step] for step in steps],
            color=color,
            linewidth=2.2 if kind == "best" else 1.2,
            label=None if label in labelled else label,
        )
        if kind == PRUNED:
            axes.plot(steps[-1:], [trial.curve[steps[-1]]], marker="x", color=color, linestyle="none")
        labelled.add(label)
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_ylabel(search.objectives[0].metric)
    axes.set_title(f"{search.name}: every trial by epoch; a cross is where one was pruned")
    axes.legend(frameon=False)
    axes.grid(color="#DDDDDD", linewidth=0.6)
    return figure


def _png(draw: Callable[[], Figure]) -> bytes:
    import matplotlib as mpl
    from matplotlib import pyplot as plt
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    with _quiet(), mpl.rc_context({"font.family": ["DejaVu Sans"]}):  # Optuna's figures set a global style
        figure = draw()
        buffer = io.BytesIO()
        FigureCanvasAgg(figure)
        figure.savefig(buffer, format="png", dpi=DPI, bbox_inches="tight", metadata={"Software": None})
        plt.close(figure)
    return buffer.getvalue()


def _quiet() -> warnings.catch_warnings[None]:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return warnings.catch_warnings(action="ignore")


def _summary(search: Search) -> str:
    outcomes = Counter(trial.outcome or "running" for trial in search.trials)
    counted = ", ".join(f"{count} {outcome}" for outcome, count in outcomes.items()) or "none begun"
    sought = " and ".join(
        f"`{objective.metric}` as {'large' if objective.maximize else 'small'} as can be"
        for objective in search.objectives
    )
    lines = [f"{len(search.trials)} of {search.wanted} trials: {counted}. Sought: {sought}."]
    best = search.best
    if not best:
        lines.append("No trial has finished with a value.")
    elif len(search.objectives) == 1:
        lines.append(f"**Best: `{best[0].name}`, {_told(search, best[0])}**, with {_settings(best[0])}.")
    else:
        lines.append(f"On the Pareto front: {', '.join(f'`{t.name}`' for t in best)}.")
    lines.append(
        f"Each trial is a run in MLflow and a trial of the study; `{search.command}` goes on with it."
    )
    return " ".join(lines)


def _told(search: Search, trial: SearchedTrial) -> str:
    values = zip(search.objectives, trial.values or (), strict=True)
    told = [f"{objective.metric} {value:.6g}" for objective, value in values]
    return ", ".join([*told, *(f"{name} {value:.6g}" for name, value in trial.notes.items())])


def _settings(trial: SearchedTrial) -> str:
    return ", ".join(f"`{key}` {_value(value)}" for key, value in trial.params.items())


def _table(search: Search) -> str:
    notes = list(dict.fromkeys(name for trial in search.trials for name in trial.notes))
    sought = [objective.metric for objective in search.objectives]
    head = ["trial", "outcome", "epochs", *sought, *notes, *(f"`{key}`" for key in search.space), "run"]
    rows = [head, ["---", "---", *(["---:"] * (len(head) - 3)), "---"]]
    rows += [
        [
            f"`{trial.name}`",
            trial.outcome or "running",
            str(max(trial.curve) + 1) if trial.curve else "0",
            *(_number(trial.values[index] if trial.values else None) for index in range(len(sought))),
            *(_number(trial.notes.get(name)) for name in notes),
            *(_value(trial.params.get(key)) for key in search.space),
            f"`{trial.run_id}`",
        ]
        for trial in _ranked(search)
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _ranked(search: Search) -> Sequence[SearchedTrial]:
    first = search.objectives[0]

    def rank(trial: SearchedTrial) -> tuple[bool, float]:
        value = trial.values[0] if trial.values else 0.0
        return trial.values is None, -value if first.maximize else value

    return sorted(search.trials, key=rank)


def _number(value: float | None) -> str:
    return "\N{EN DASH}" if value is None else f"{value:.4g}"


def _value(value: Any) -> str:
    if value is None:
        return "\N{EN DASH}"
    return f"{value:.4g}" if isinstance(value, float) else str(value).replace("|", r"\|")
