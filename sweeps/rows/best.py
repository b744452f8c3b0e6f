"""Makes the rows of `sweep best`: for each sweep the setting that its finished runs were best with."""

from __future__ import annotations

import functools
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from analysis.read.outcomes import Outcome
from analysis.results.criterion import HIGHER, LOWER, Criterion, each_metric_once, meant, ranking_ones
from analysis.results.machine import OF_MACHINE
from analysis.results.metric_names import is_loss
from analysis.results.results import counted
from sweeps.commands.seeds import seeds_hint
from sweeps.errors import SweepError
from sweeps.planning.plan import Action
from sweeps.planning.search_history import curves_by_run, scores
from sweeps.record.best_trial import SCORES, as_measured, lengths_of, ranking_of, repeats_of, scores_of
from sweeps.spec.sweep_parser import SEED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from analysis.read.store import RunRecord
    from sweeps.commands.session import Session
    from sweeps.planning.sweep import Sweep
    from sweeps.planning.trial import Trial
    from sweeps.record.best_trial import Repeats
    from sweeps.spec.settings import Setting
    from sweeps.spec.yaml_reader import Value


SEARCHED = ".search"
"""How the layer of a setting ends that a search has drawn."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A setting of a sweep with what its finished runs ended with; runs that differ in the seed alone are repeats.

    Attributes:
        trials: All of its trials, in the file's order.
        values: One number for each finished run that has one.
        runs: These runs, in the order of their trials.
    """

    trials: tuple[Trial, ...]
    values: tuple[float, ...]
    runs: tuple[RunRecord, ...] = ()

    @property
    def varied(self) -> dict[str, Value]:
        """What varies in the sweep, but the seed where it is repeated."""
        first = self.trials[0]
        keys: Collection[str] = first.axes
        if drawn := [key for key, one in first.settings.items() if one.layer.endswith(SEARCHED)]:
            keys = drawn  # what was not drawn in this trial has some value, and no part in it
        return {key: value for key, value in self.settings.items() if key in keys}

    @property
    def settings(self) -> dict[str, Value]:
        """What the file sets, but the seed where it is repeated, with the values of the first trial."""
        return {key: one.value for key, one in self._settings()}

    @property
    def written(self) -> dict[str, Value]:
        """The settings as the file has them: a file with these as `defaults` trains the same, each repeat by its own seed."""
        return {key: one.value if one.written is None else one.written for key, one in self._settings()}

    def _settings(self) -> Iterator[tuple[str, Setting]]:
        first = self.trials[0]
        return ((key, one) for key, one in first.settings.items() if key != SEED or key not in first.axes)


@dataclass(frozen=True, slots=True)
class BestSetting:
    """The best setting of a sweep.

    Attributes:
        sweep: The sweep's name.
        criterion: By what it is the best.
        value: The mean over its finished runs.
        first: The setting.
        of: How many settings there are.
        ranked: How many of them have a finished run with a number.
        equals: Further settings whose means are equal to its own.
        near: Further ones that the seeds do not tell apart from it.
        behind: How many rank behind the others, as runs of theirs ended without a number.
        unfinished: How many may change their rank, as runs of theirs are still to finish.
        lacking: The measures before this one by which no finished run can be judged.
        differ: In what the runs that count differ that are to be alike: `differ in code`; empty where in nothing.
        means_of: Of how many values the mean of a run is, at least and at most; None where no means rank them.
        is_searched: Whether a search suggested it: then it is the luckiest of its trials.
        pruned: How many trials the search pruned.
        front: Of a search of several objectives each with the setting's value, as it is on the Pareto front; empty: it is the one best.
    """

    sweep: str
    criterion: Criterion
    value: float
    first: Standing
    of: int
    ranked: int
    equals: tuple[Standing, ...] = ()
    near: tuple[Standing, ...] = ()
    behind: int = 0
    unfinished: int = 0
    lacking: tuple[str, ...] = ()
    differ: str = ""
    means_of: tuple[int, int] | None = None
    is_searched: bool = False
    pruned: int = 0
    front: tuple[tuple[Criterion, float], ...] = ()


def best_settings(session: Session, metric: str | None = None) -> tuple[list[BestSetting], list[str]]:
    """The best setting of each sweep of a session, by the mean over its finished runs, and of each sweep that has none, why.

    Args:
        session: The checked file.
        metric: What judges; None: the sweep's objective, the file's first measure that is recorded, or a metric of a usual name.

    Raises:
        SweepError: No sweep has a finished run with a number, or nothing says whether high or low is better.
        AnalysisError: The record cannot be read.
    """
    steps = [step for step in session.whole_plan().steps if step.trial in session.selection]
    last: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for point in session.record.finals():
        last[point.key][point.run_id] = point.value
    found, lacking = [], []
    for sweep in session.sweeps:
        own = repeats_of((step.trial, step.record) for step in steps if step.trial.sweep == sweep.name)
        runs = [run.run_id for one in own for run in one.runs]
        if metric is None and (front := _front(session, sweep, own, last)):
            found += front
            continue
        criteria = as_measured(session.record, _criteria(session, sweep, metric, last), runs)
        finals = {one.metric: _values(session, sweep, one, own, last) for one in criteria}
        lengths, is_named = lengths_of(session.record, criteria, runs), bool(_named(session, sweep))
        best = _best_of(sweep.name, criteria, own, finals, lengths, is_named=is_named and metric is None)
        if best is not None:
            found.append(_of_search(best, sweep, own))
        elif own or sweep.search is not None:
            lacking.append(sweep)
    hint = seeds_hint(session, "best") if lacking or not found else None
    without = functools.partial(_nothing, session, metric, last, with_seeds=hint is not None)
    if not found:
        raise SweepError(f"{session.request.file}: {without(lacking)}{'' if hint is None else f'; {hint}'}")
    return found, [without([sweep]) for sweep in lacking]


def _of_search(best: BestSetting, sweep: Sweep, settings: Sequence[Repeats]) -> BestSetting:
    """With what is to be known of it where a search suggested it."""
    if sweep.search is None:
        return best
    pruned = sum(run.outcome is Outcome.PRUNED for one in settings for run in one.runs)
    return replace(best, is_searched=True, pruned=pruned)


def _front(
    session: Session,
    sweep: Sweep,
    settings: Sequence[Repeats],
    last: Mapping[str, Mapping[str, float]],
) -> list[BestSetting]:
    """The Pareto front of a search of several objectives: the trials that no other is at least as good as in everything, and better in something."""
    objectives = sweep.search.spec.objectives if sweep.search is not None else ()
    if len(objectives) < 2:  # noqa: PLR2004 - one objective has one best
        return []
    judging = [one.criterion for one in objectives]
    finals = [_values(session, sweep, one, settings, last) for one in judging]
    having = [one for one in settings if all(one.ends(values) for values in finals)]
    points = [tuple(one.mean(values) for values in finals) for one in having]

    def beats(other: Sequence[float], one: Sequence[float]) -> bool:
        pairs = [
            (judge.sign * theirs, judge.sign * own)
            for judge, theirs, own in zip(judging, other, one, strict=True)
        ]
        return all(theirs >= own for theirs, own in pairs) and any(theirs > own for theirs, own in pairs)

    front = [
        (point, one)
        for point, one in zip(points, having, strict=True)
        if not any(beats(other, point) for other in points)
    ]
    return [
        _of_search(
            BestSetting(
                sweep.name,
                judging[0],
                point[0],
                Standing(one.trials, tuple(one.ends(finals[0]).values()), one.runs),
                len(settings),
                len(having),
                front=tuple(zip(judging, point, strict=True)),
            ),
            sweep,
            settings,
        )
        for point, one in sorted(front, key=lambda pair: -judging[0].sign * pair[0][0])
    ]


def _nothing(
    session: Session,
    metric: str | None,
    recorded: Collection[str],
    sweeps: Sequence[Sweep],
    *,
    with_seeds: bool = False,
) -> str:
    """Why none of these sweeps has a best setting, and what to do; `with_seeds`: finished trials may be of other seeds than the file's."""
    own = [sweep.name for sweep in sweeps]
    names = ", ".join(own)
    steps = [step for step in session.selected_plan().steps if step.trial.sweep in own]
    finished = sum(step.action is Action.DONE for step in steps)
    if steps and not finished and not with_seeds:
        return f"{names}: no trial has finished; see `{session.command('status')}`"
    if metric is None and not any(_named(session, sweep) for sweep in sweeps):
        return f"{names}: {_unjudged(session, sweeps, finished)}"
    judging = {key for key in recorded if not key.startswith(OF_MACHINE)}
    named = [one.metric for sweep in sweeps for one in _named(session, sweep)] if metric is None else [metric]
    what = " or ".join(dict.fromkeys(named))
    if judging and judging.isdisjoint(named):
        what = f"{what}; {meant(named[0], judging)}"
    return f"{names}: no trial has finished with {what}"


def _unjudged(session: Session, sweeps: Sequence[Sweep], finished: int) -> str:
    """That the file does not say by what a setting is the best, and what to do; of sweeps where it does not."""
    neutral = dict.fromkeys(
        one.metric for sweep in sweeps for one in session.spec.measures_of(sweep.name) if not one.ranks
    )
    why = f" (of {', '.join(neutral)} it says that neither way is better)" if neutral else ""
    other = "another metric" if neutral else "one"
    return (
        f"{counted(finished, 'trial')} finished, and the file does not say by what one is best{why}; name {other} with --metric, "
        "or write `measures: {METRIC: higher}`, or lower, into the file"
    )


def _best_of(
    sweep: str,
    criteria: Sequence[Criterion],
    settings: Sequence[Repeats],
    finals: Mapping[str, Mapping[str, float]],
    lengths: Mapping[str, Mapping[str, int]],
    *,
    is_named: bool,
) -> BestSetting | None:
    ranking = ranking_of(settings, finals, {one.metric: one.sign for one in criteria}, lengths)
    if ranking is None:
        return None
    values = finals[ranking.metric]

    def standing(one: Repeats) -> Standing:
        ends = one.ends(values)
        return Standing(
            one.trials, tuple(ends.values()), tuple(run for run in one.runs if run.run_id in ends)
        )

    judged = next(one for one in criteria if one.metric == ranking.metric)
    value = ranking.first.mean(values)
    return BestSetting(
        sweep,
        judged,
        value,
        standing(ranking.first),
        len(settings),
        ranking.ranked,
        equals=tuple(map(standing, ranking.equals)),
        near=tuple(map(standing, ranking.near)),
        behind=ranking.behind,
        unfinished=ranking.unfinished,
        lacking=tuple(one.metric for one in criteria[: criteria.index(judged)]) if is_named else (),
        differ=ranking.differ,
        means_of=ranking.means_of,
    )


def _values(
    session: Session,
    sweep: Sweep,
    criterion: Criterion,
    settings: Sequence[Repeats],
    last: Mapping[str, Mapping[str, float]],
) -> Mapping[str, float]:
    """What judges each run: what counts of its curve, of a search by its objective."""
    objectives = sweep.search.spec.objectives if sweep.search is not None else ()
    sought = [one for one in objectives if one.key == criterion.metric]
    if not sought and criterion.is_last:
        return last.get(criterion.metric, {})
    runs = [run.run_id for one in settings for run in one.runs]
    if not sought:
        return scores_of(session.record, [criterion], runs)[criterion.metric]
    curves = curves_by_run(session.record.points([criterion.metric], runs)) if runs else {}
    found = {run: scores(sought[:1], own) for run, own in curves.items()}
    return {run: own[0] for run, own in found.items() if own}


def _named(session: Session, sweep: Sweep) -> list[Criterion]:
    """What ranks the settings of a sweep by the file: what its search seeks, and its measures of which one way is better."""
    objectives = sweep.search.spec.objectives if sweep.search is not None else ()
    sought = [one.criterion for one in objectives]
    return each_metric_once([*sought, *ranking_ones(session.spec.measures_of(sweep.name))])


def _criteria(
    session: Session, sweep: Sweep, metric: str | None, recorded: Collection[str]
) -> list[Criterion]:
    """What may judge a sweep, the first choice first."""
    named = _named(session, sweep)
    usual = [Criterion(key, HIGHER if sign > 0 else LOWER) for key, sign in SCORES.items()]
    if metric is None:
        return named if named or session.spec.measures_of(sweep.name) else usual
    if any(one.metric == metric and not one.ranks for one in session.spec.measures_of(sweep.name)):
        raise SweepError(
            f"{session.request.file}: `measures:` says that neither high nor low {metric} is better, so no setting is the best by it; "
            f"if one is, write `{metric}: higher`, or lower, there"
        )
    found = next((one for one in [*named, *usual] if one.metric == metric), None)
    if found is None and metric in recorded and not is_loss(metric):
        hint = f"write `measures: {{{metric}: higher}}`, or lower, into the file"
        raise SweepError(
            f"{session.request.file}: nothing says whether high or low {metric} is better; {hint}"
        )
    return [found or Criterion(metric, LOWER)]
