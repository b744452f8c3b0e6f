"""Makes the rows of `sweep best`: for each sweep the setting that its finished runs were best with."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.read.outcomes import Outcome
from analysis.results.criterion import HIGHER, LOWER, Criterion
from analysis.results.expected import SEED_AXIS
from analysis.results.metric_names import is_loss
from analysis.results.search import is_drawable
from sweeps.errors import SweepError
from sweeps.planning.search_history import curves_by_run, scores
from sweeps.record.best_trial import SCORES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sweeps.commands.session import Session
    from sweeps.planning.plan import Step
    from sweeps.planning.sweep import Sweep
    from sweeps.planning.trial import Trial
    from sweeps.spec.yaml_reader import Value


@dataclass(frozen=True, slots=True)
class Standing:
    """A setting of a sweep with what its finished runs ended with; runs that differ in the seed alone are repeats.

    Attributes:
        trials: All of its trials, in the file's order.
        values: One number for each finished run that has one.
    """

    trials: tuple[Trial, ...]
    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        """The mean over its finished runs; there is at least one."""
        return math.fsum(value / len(self.values) for value in self.values)  # the sum may be infinite

    @property
    def varied(self) -> dict[str, Value]:
        """What varies in the sweep, but the seed where it is repeated."""
        trial = self.trials[0]
        return {key: trial.settings[key].value for key in trial.axes if key in self.settings}

    @property
    def settings(self) -> dict[str, Value]:
        """What the file sets, but the seed where it is repeated: a file with these as `defaults` trains the same."""
        repeated = SEED_AXIS in self.trials[0].axes
        settings = self.trials[0].settings.items()
        return {key: one.value for key, one in settings if not (repeated and key == SEED_AXIS)}


@dataclass(frozen=True, slots=True)
class Best:
    """The best setting of a sweep.

    Attributes:
        sweep: The sweep's name.
        criterion: By what it is the best.
        first: The setting.
        alike: Further settings with the very same number, in the file's order.
        of: How many settings there are.
        ranked: How many of them have a finished run with a number.
    """

    sweep: str
    criterion: Criterion
    first: Standing
    alike: tuple[Standing, ...]
    of: int
    ranked: int


def best_settings(session: Session, metric: str | None = None) -> list[Best]:
    """The best setting of each sweep of a session, by the mean over its finished runs.

    Args:
        session: The checked file.
        metric: What judges; None: the sweep's objective, the file's first measure that is recorded, or a metric of a usual name.

    Raises:
        SweepError: A sweep has no finished run with a number, or nothing says whether high or low is better.
        AnalysisError: The record cannot be read.
    """
    plan = session.whole_plan()
    return [
        _best_of(session, sweep, [step for step in plan.steps if step.trial.sweep == sweep.name], metric)
        for sweep in session.sweeps
        if any(trial in session.selection for trial in sweep.trials) or sweep.search is not None
    ]


def _best_of(session: Session, sweep: Sweep, steps: Sequence[Step], metric: str | None) -> Best:
    settings = _settings(step for step in steps if step.trial in session.selection)
    criteria = _criteria(session, sweep, metric)
    for place, criterion in enumerate(criteria):
        ranked = _ranked(session, sweep, criterion, settings)
        if not ranked:
            continue
        first = _leaders(ranked, criterion)
        for further in criteria[place + 1 :]:  # among equals the next one tells
            equals = [own.trials for own in first]
            told = [one for one in _ranked(session, sweep, further, settings) if one.trials in equals]
            winners = [one.trials for one in _leaders(told, further)] if told else equals
            first = [one for one in first if one.trials in winners]
        return Best(sweep.name, criterion, first[0], tuple(first[1:]), len(settings), len(ranked))
    what = metric or "a metric that judges; name one with --metric, or write `measures:` into the file"
    raise SweepError(f"{session.request.file}: {sweep.name}: no trial has finished with {what}")


def _leaders(ranked: Sequence[Standing], criterion: Criterion) -> list[Standing]:
    """Those with the best mean: one, or several equals."""
    most = max(criterion.sign * one.mean for one in ranked)
    return [one for one in ranked if criterion.sign * one.mean == most]


def _ranked(
    session: Session, sweep: Sweep, criterion: Criterion, settings: Sequence[Sequence[Step]]
) -> list[Standing]:
    """The settings that have a finished run with a number."""
    values = _values(session, sweep, criterion, [step for own in settings for step in own])
    standings = [_standing(own, values) for own in settings]
    return [one for one in standings if one.values]


def _settings(steps: Iterator[Step]) -> list[list[Step]]:
    """The steps of each setting: those that differ in nothing but the seed."""
    found: dict[str, list[Step]] = {}
    for step in steps:
        varied = {key: step.trial.settings.get(key) for key in step.trial.axes if key != SEED_AXIS}
        label = repr({key: None if one is None else one.value for key, one in varied.items()})
        found.setdefault(label, []).append(step)
    return list(found.values())


def _standing(steps: Sequence[Step], values: Mapping[str, float]) -> Standing:
    finished = (step.record for step in steps if step.record is not None)
    runs = [run.run_id for run in finished if run.outcome is Outcome.FINISHED]
    return Standing(
        tuple(step.trial for step in steps),
        tuple(values[run] for run in runs if is_drawable(values.get(run, math.nan))),
    )


def _values(session: Session, sweep: Sweep, criterion: Criterion, steps: Sequence[Step]) -> dict[str, float]:
    """What judges each run: the last value, of a metric over frames the mean, of a search what its objective says."""
    objectives = sweep.search.spec.objectives if sweep.search is not None else ()
    sought = [one for one in objectives if one.key == criterion.metric]
    if not sought and not criterion.is_per_frame:
        return {point.run_id: point.value for point in session.record.finals([criterion.metric])}
    runs = [step.record.run_id for step in steps if step.record is not None]
    curves = curves_by_run(session.record.points([criterion.metric], runs)) if runs else {}
    if sought:
        found = {run: scores(sought[:1], own) for run, own in curves.items()}
        return {run: own[0] for run, own in found.items() if own}
    frames = {run: list(own.get(criterion.metric, {}).values()) for run, own in curves.items()}
    return {run: math.fsum(each / len(own) for each in own) for run, own in frames.items() if own}


def _criteria(session: Session, sweep: Sweep, metric: str | None) -> list[Criterion]:
    """What may judge a sweep, the first choice first."""
    objectives = sweep.search.spec.objectives if sweep.search is not None else ()
    known = [Criterion(one.key, HIGHER if one.maximize else LOWER) for one in objectives]
    known += session.spec.measures_of(sweep.name)
    usual = [Criterion(key, HIGHER if sign > 0 else LOWER) for key, sign in SCORES.items()]
    if metric is None:
        return known or usual
    found = next((one for one in [*known, *usual] if one.metric == metric), None)
    if found is None and not is_loss(metric):
        hint = f"write `measures: {{{metric}: higher}}`, or lower, into the file"
        raise SweepError(
            f"{session.request.file}: nothing says whether high or low {metric} is better; {hint}"
        )
    return [found or Criterion(metric, LOWER)]
