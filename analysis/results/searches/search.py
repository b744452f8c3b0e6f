"""A search as the record has it: its space, its objectives and its trials."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from analysis.results.criterion import MEAN, TAIL
from analysis.results.curves import LARGEST
from analysis.results.metric_names import EPOCH

if TYPE_CHECKING:
    from collections.abc import Mapping

    import optuna
    from optuna.distributions import BaseDistribution

COMPLETE, PRUNED = "finished", "pruned"
RUNNING = "running"
_AVERAGES = {"": "", TAIL: "tail of ", MEAN: "mean "}
FEWEST_FOR_IMPORTANCE = 4
"""Fewer finished trials than this say nothing about which setting matters."""


@dataclass(frozen=True)
class SearchObjective:
    """A metric that is sought.

    Attributes:
        metric: Its key.
        maximize: Whether large values are good.
        average: Which average of its curve judges a trial, `tail` or `mean`; empty where one value does.
    """

    metric: str
    maximize: bool
    average: str = ""

    @property
    def words(self) -> str:
        """What judges a trial: `acc`, `mean acc`, `tail of acc`."""
        return f"{_AVERAGES[self.average]}{self.metric}"


@dataclass(frozen=True)
class SearchedTrial:
    """One trial of a search as the record has it.

    Attributes:
        name: Readable name, such as `trial-007`.
        run_id: Its run.
        fingerprint: Its config's identity.
        command: Repeats this one trial from a shell.
        outcome: finished, pruned, failed, interrupted, orphaned; empty while it runs.
        params: What was suggested.
        values: Its objectives, where it finished and logged each of them.
        curve: The first objective by step.
        notes: Further numbers to tell of it, by name.
        epochs: How many epochs are recorded; None: nothing tells.
        spent_s: Seconds of training; None where that is not known.
    """

    name: str
    run_id: str
    fingerprint: str
    command: str
    outcome: str
    params: Mapping[str, Any]
    values: tuple[float, ...] | None
    curve: Mapping[int, float]
    notes: Mapping[str, float] = field(default_factory=dict)
    epochs: int | None = None
    spent_s: float | None = None


@dataclass(frozen=True)
class SearchResults:
    """One search: its space and its trials, in the order in which they were suggested.

    Attributes:
        name: Of the sweep.
        objectives: What it seeks.
        space: What is drawn.
        trials: Those that the record has.
        wanted: How many trials there are to be.
        command: Goes on with it.
        sampler: What suggests its trials, with the options that are given.
        pruner: What stops them.
        task: Equal for searches that differ in sampler, pruner, seeds and number of trials alone; empty where that is not known.
        seeds: Of its suggestions, and of its trials' training; None where these have none.
        steps: What the steps of its trials' curves are.
        unit: What the length of its trials is counted in: `epoch` or `step`.
        shared: Sentences on files that several of its trials wrote.
    """

    name: str
    objectives: tuple[SearchObjective, ...]
    space: Mapping[str, BaseDistribution]
    trials: tuple[SearchedTrial, ...]
    wanted: int
    command: str
    sampler: str = ""
    pruner: str = ""
    task: str = ""
    seeds: tuple[Any, Any] = (0, None)
    steps: str = EPOCH
    unit: str = EPOCH
    shared: tuple[str, ...] = ()

    @property
    def scored(self) -> list[SearchedTrial]:
        """The trials that finished with a value of every objective."""
        return [trial for trial in self.trials if trial.values is not None]

    @property
    def drawn(self) -> list[SearchedTrial]:
        """Those of them whose values are all numbers that can be drawn and compared."""
        return [trial for trial in self.scored if all(map(is_drawable, trial.values or ()))]

    @property
    def best(self) -> list[SearchedTrial]:
        """The best trial; for several objectives those that no other is better than in every way."""
        compared = self.drawn or self.scored
        return [one for one in compared if not any(self._beats(other, one) for other in compared)]

    def _beats(self, one: SearchedTrial, other: SearchedTrial) -> bool:
        mine, theirs = self._upwards(one), self._upwards(other)
        return mine != theirs and all(a >= b for a, b in zip(mine, theirs, strict=True))

    def _upwards(self, trial: SearchedTrial) -> list[float]:
        values = zip(trial.values or (), self.objectives, strict=True)
        return [value if objective.maximize else -value for value, objective in values]


def study_of(search: SearchResults) -> optuna.Study:
    """The search as an Optuna study in memory, made from the record."""
    import optuna

    states = {COMPLETE: optuna.trial.TrialState.COMPLETE, PRUNED: optuna.trial.TrialState.PRUNED}
    one = len(search.objectives) == 1
    drawn = {trial.run_id for trial in search.drawn}
    with quiet():
        study = optuna.create_study(
            study_name=search.name,
            directions=["maximize" if o.maximize else "minimize" for o in search.objectives],
        )
        for trial in search.trials:
            state = states.get(trial.outcome)
            if state is None or (trial.outcome == COMPLETE and trial.run_id not in drawn):
                continue
            curve = {step: value for step, value in trial.curve.items() if step >= 0 and is_drawable(value)}
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


def is_drawable(value: float) -> bool:
    """Whether a value is a number, and not so large that it stands for an infinity."""
    return abs(value) < LARGEST  # which no NaN is


def quiet() -> warnings.catch_warnings[None]:
    """Without Optuna's log and its warnings on what is experimental: none is the user's doing."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return warnings.catch_warnings(action="ignore")
