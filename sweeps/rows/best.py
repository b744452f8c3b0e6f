"""Makes the rows of `sweep best`: for each sweep the setting that its finished runs were best with."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.read.outcomes import Outcome
from analysis.results.criterion import HIGHER, LOWER, Criterion
from analysis.results.metric_names import is_loss
from analysis.results.search import is_drawable
from sweeps.errors import SweepError
from sweeps.planning.search_history import curves_by_run, scores
from sweeps.record.best_trial import SCORES, best_of, repeats_of
from sweeps.spec.sweep_parser import SEED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
    def varied(self) -> dict[str, Value]:
        """What varies in the sweep, but the seed where it is repeated."""
        return {key: value for key, value in self.settings.items() if key in self.trials[0].axes}

    @property
    def settings(self) -> dict[str, Value]:
        """What the file sets, but the seed where it is repeated: a file with these as `defaults` trains the same."""
        repeated = {SEED} & set(self.trials[0].axes)
        return {key: one.value for key, one in self.trials[0].settings.items() if key not in repeated}


@dataclass(frozen=True, slots=True)
class BestSetting:
    """The best setting of a sweep.

    Attributes:
        sweep: The sweep's name.
        criterion: By what it is the best.
        value: The mean over its finished runs.
        first: The setting.
        equals: Further settings that are as good.
        of: How many settings there are.
        ranked: How many of them have a finished run with a number.
    """

    sweep: str
    criterion: Criterion
    value: float
    first: Standing
    equals: tuple[Standing, ...]
    of: int
    ranked: int


def best_settings(session: Session, metric: str | None = None) -> tuple[list[BestSetting], list[str]]:
    """The best setting of each sweep of a session, by the mean over its finished runs, and why others have none.

    Args:
        session: The checked file.
        metric: What judges; None: the sweep's objective, the file's first measure that is recorded, or a metric of a usual name.

    Raises:
        SweepError: No sweep has a finished run with a number, or nothing says whether high or low is better.
        AnalysisError: The record cannot be read.
    """
    steps = [step for step in session.whole_plan().steps if step.trial in session.selection]
    found, lacking = [], []
    for sweep in session.sweeps:
        own = [step for step in steps if step.trial.sweep == sweep.name]
        if (best := _best_of(session, sweep, own, metric)) is not None:
            found.append(best)
        elif own or sweep.search is not None:
            lacking.append(sweep.name)
    if not found:
        what = metric or "a metric that judges; name one with --metric, or write `measures:` into the file"
        raise SweepError(f"{session.request.file}: {', '.join(lacking)}: no trial has finished with {what}")
    return found, lacking


def _best_of(session: Session, sweep: Sweep, steps: Sequence[Step], metric: str | None) -> BestSetting | None:
    criteria = {criterion.metric: criterion for criterion in _criteria(session, sweep, metric)}
    finals = {key: _values(session, sweep, one, steps) for key, one in criteria.items()}
    repeats = repeats_of((step.trial, step.record) for step in steps)
    best = best_of(repeats, finals, {key: one.sign for key, one in criteria.items()})
    if best is None:
        return None
    settings: dict[str, list[Step]] = {}
    for step in steps:
        settings.setdefault(step.trial.setting_name, []).append(step)
    first, *equals = (_standing(settings[name], finals[best.metric]) for name in (best.name, *best.equals))
    return BestSetting(
        sweep.name, criteria[best.metric], best.value, first, tuple(equals), len(settings), best.compared
    )


def _standing(steps: Sequence[Step], values: Mapping[str, float]) -> Standing:
    runs = [step.record for step in steps if step.record is not None]
    counting = [values.get(run.run_id, math.nan) for run in runs if run.outcome is Outcome.FINISHED]
    return Standing(tuple(step.trial for step in steps), tuple(filter(is_drawable, counting)))


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
