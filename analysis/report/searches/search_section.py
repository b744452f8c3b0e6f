"""Writes the section of a search: its summary, its best trial, and the table of its trials."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from analysis.report.tables import have_length, plain_number
from analysis.results.document import Cell, Command, Finding, Listing, Question, Section, Table, told_apart
from analysis.results.results import counted
from analysis.results.searches.search import COMPLETE, FEWEST_FOR_IMPORTANCE, PRUNED, RUNNING
from analysis.stats.measures import NONE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.figures.searches.search_figures import SearchFigure
    from analysis.report.links import RunLinks
    from analysis.results.document import ColumnType
    from analysis.results.searches.search import SearchedTrial, SearchResults


def search_section(search: SearchResults, figures: Sequence[SearchFigure], links: RunLinks) -> Section:
    """Return the section of one search; `figures` are its own."""
    few = len(search.scored) < FEWEST_FOR_IMPORTANCE
    too_few = f"At least {FEWEST_FOR_IMPORTANCE} finished trials are needed to say which setting matters; there are {len(search.scored)}."
    finding = _finding(search, links)
    return Section(
        name=search.name,
        summary=_summary(search),
        incomplete=tuple(
            (trial.name, trial.outcome or RUNNING)
            for trial in search.trials
            if trial.outcome not in {COMPLETE, PRUNED}
        ),
        warnings=search.shared,
        differences=(),
        questions=(Question(finding.question, finding, tuple(figures)),),
        results=Listing(search.name, _table(search, _ranked(search), links)),
        commands=(
            Command(f"go on with {search.name}", (search.command,)),
            *(Command(trial.name, (trial.command,)) for trial in search.trials),
        ),
        remarks=(too_few,) if few else (),
    )


def _summary(search: SearchResults) -> str:
    outcomes = Counter(trial.outcome or RUNNING for trial in search.trials)
    states = ", ".join(f"{count} {outcome}" for outcome, count in outcomes.items()) or "none begun"
    return (
        f"Searched: {', '.join(search.space)}. {len(search.trials)} of {counted(search.wanted, 'trial')}: {states}. "
        "Each trial is a run in MLflow and a trial of Optuna's study."
    )


def _finding(search: SearchResults, links: RunLinks) -> Finding:
    sought = " and ".join(
        f"{objective.words} as {'large' if objective.maximize else 'small'} as can be"
        for objective in search.objectives
    )
    best = search.best
    question = f"Which settings give {sought}?"
    table = _table(search, best, links)
    if not best:
        return Finding(question, "The data cannot tell: no trial has finished with a value.", table)
    if len(search.objectives) > 1:
        answer = f"On the Pareto front, where none is better in every way: {', '.join(trial.name for trial in best)}."
    else:
        settings = ", ".join(f"{key} {_value(value)}" for key, value in best[0].params.items())
        answer = f"{best[0].name}: {_values_in_words(search, best[0])}, with {settings}."
    basis = (
        f"The best of {len(search.scored)} finished trials, one run each: how much of its lead is chance, only "
        "repeats by seed tell."
    )
    return Finding(
        question,
        answer,
        table,
        basis=(basis,),
        answered=True,
        headline=f"{answer.removesuffix('.')}; the best of {len(search.scored)} finished trials",
    )


def _values_in_words(search: SearchResults, trial: SearchedTrial) -> str:
    values = zip(search.objectives, trial.values or (), strict=True)
    words = [f"{objective.words} {value:.6g}" for objective, value in values]
    return ", ".join([*words, *(f"{name} {value:.6g}" for name, value in trial.notes.items())])


def _table(search: SearchResults, trials: Sequence[SearchedTrial], links: RunLinks) -> Table:
    notes = list(dict.fromkeys(name for trial in search.trials for name in trial.notes))
    numbers = [*(objective.words for objective in search.objectives), *notes]
    length = f"{search.unit}s"
    is_counted = have_length([trial.epochs for trial in search.trials])
    own = {"trial", "outcome", length, "MLflow run"}
    taken = {*own, *search.space}
    columns: tuple[tuple[str, ColumnType], ...] = (
        ("trial", "name"),
        ("outcome", "text"),
        *(((length, "number"),) if is_counted else ()),
        *((told_apart(name, taken, "metric"), "number") for name in numbers),
        *(
            (told_apart(key, own, "setting"), "text" if hasattr(space, "choices") else "number")
            for key, space in search.space.items()
        ),
        ("MLflow run", "name"),
    )
    rows = tuple(
        (
            Cell(trial.name),
            Cell(trial.outcome or RUNNING),
            *((_cell(trial.epochs),) if is_counted else ()),
            *(_cell(value) for value in trial.values or [None] * len(search.objectives)),
            *(_cell(trial.notes.get(name)) for name in notes),
            *(_cell(trial.params.get(key)) for key in search.space),
            Cell(trial.run_id[:8], links.to(trial.run_id)),
        )
        for trial in trials
    )
    return Table(columns, rows)


def _ranked(search: SearchResults) -> Sequence[SearchedTrial]:
    first = search.objectives[0]

    def rank(trial: SearchedTrial) -> tuple[bool, float]:
        value = trial.values[0] if trial.values else 0.0
        return trial.values is None, -value if first.maximize else value

    return sorted(search.trials, key=rank)


def _cell(value: Any) -> Cell:
    return Cell(_value(value), value=plain_number(value))


def _value(value: Any) -> str:
    if value is None:
        return NONE
    return f"{value:.4g}" if isinstance(value, float) else str(value)
