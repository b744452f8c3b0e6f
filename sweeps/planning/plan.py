"""Plans what to do: compares the trials of the file with the runs of the record. Pure; `sweep run` carries it out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from analysis.read import tags
from analysis.read.outcomes import Outcome
from analysis.read.params import same_param
from analysis.read.provenance import shortened
from analysis.read.standing import standing_runs
from analysis.results.searches.prunings import as_seen
from sweeps.rundir.lease import owner_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from analysis.read.store import RunRecord
    from sweeps.planning.search_history import Progress
    from sweeps.planning.sweep import Sweep
    from sweeps.planning.trial import Trial
    from sweeps.spec.yaml_reader import Value


class Action(Enum):
    """What is to be done with a trial; the value is the word that programs read, and users but for `Step.word`."""

    NEW = "new"
    CHANGED = "changed"
    AGAIN = "again"
    RESUME = "resume"
    RETRY = "retry"
    RUNNING = "running"
    DONE = "done"
    ABANDONED = "abandoned"

    @property
    def starts(self) -> bool:
        """Whether `sweep run` starts it without being asked to retry."""
        return self in {Action.NEW, Action.CHANGED, Action.AGAIN, Action.RESUME}

    @property
    def is_over(self) -> bool:
        """Whether `sweep run` does nothing with it, whatever its options: it has its result, or was given up."""
        return self in {Action.DONE, Action.ABANDONED}


_ORDER = {action: number for number, action in enumerate(Action)}
RESTART = "restart"
"""What users read of a trial that is taken up again, and goes on only if its program knows how."""


@dataclass(frozen=True, slots=True)
class Step:
    """One trial and what it needs.

    Attributes:
        trial: The trial.
        action: What it needs.
        record: The run that it has, or None.
        reason: Why, in words: who runs it, how its run failed, which keys changed.
        earlier: For a changed trial, the run of the same name with another config, or of another trainer; for one that
            is trained again, the run that stood for it.
        goes_on: Whether a trial that is taken up again goes on where it was; None: that is up to its program.
    """

    trial: Trial
    action: Action
    record: RunRecord | None = None
    reason: str = ""
    earlier: RunRecord | None = None
    goes_on: bool | None = True

    @property
    def word(self) -> str:
        """What is to be done, as users read it: what is taken up again and may not go on where it was is a `restart`."""
        is_restart = self.action is Action.RESUME and self.goes_on is not True
        return RESTART if is_restart else self.action.value

    @property
    def epochs_done(self) -> int:
        """Epochs that the trial's run has recorded, and that are not trained again; 0 for none."""
        if self.record is None or self.goes_on is False or self.action is Action.AGAIN:
            return 0
        return self.record.epochs

    @property
    def has_other_trainer(self) -> bool:
        """Whether a run with its very config is another trainer's."""
        return (
            self.action is Action.CHANGED
            and self.earlier is not None
            and self.earlier.fingerprint == self.trial.fingerprint
        )

    @property
    def label(self) -> str:
        """`sweep/trial`, as messages name it."""
        return f"{self.trial.sweep}/{self.trial.name}"


@dataclass(frozen=True, slots=True)
class Plan:
    """All trials of the file with what they need, and the recorded runs that the file no longer names.

    Attributes:
        steps: One a trial.
        removed: Runs that the file no longer names; they are kept.
        differences: In what the trials' runs differ: a sentence for each of code, files, how metrics are read, data and environment.
        eta_s: Seconds that the steps to start will take; None where no time is recorded.
        searches: How far each search is; its recorded trials are steps like any other.
    """

    steps: tuple[Step, ...]
    removed: tuple[RunRecord, ...] = ()
    differences: tuple[str, ...] = ()
    eta_s: float | None = None
    searches: tuple[Progress, ...] = ()

    @property
    def to_begin(self) -> int:
        """How many trials the searches have yet to suggest."""
        return sum(search.to_begin for search in self.searches)

    @property
    def named_runs(self) -> tuple[tuple[str, RunRecord], ...]:
        """The runs of the steps, each once, with the name that the file gives its trial now."""
        named = ((step.trial.name, step.record) for step in self.steps)
        return tuple({run.run_id: (name, run) for name, run in named if run is not None}.values())

    def to_begin_of(self, sweep: str) -> int:
        """How many trials a sweep's search has yet to suggest; 0 where it has none."""
        return sum(search.to_begin for search in self.searches if search.sweep == sweep)

    def to_start(self, *, retry_failed: bool = False) -> tuple[Step, ...]:
        """The steps that `sweep run` takes; a trial that two sweeps share stands once, one to be trained again has no run."""
        wanted: dict[str, Step] = {}
        for step in self.steps:
            if step.action.starts or (retry_failed and step.action is Action.RETRY):
                wanted.setdefault(step.trial.fingerprint, anew(step))
        return tuple(wanted.values())

    def counts(self) -> dict[str, int]:
        """How many trials need what, in the order of `Action`; actions that none needs are left out."""
        by_action = Counter(step.action for step in self.steps)
        counts = {action.value: by_action[action] for action in Action if by_action[action]}
        return counts | ({"removed": len(self.removed)} if self.removed else {})

    @property
    def summary(self) -> str:
        """The same in words, as users read them: `1 new, 2 restart, 3 done`; empty where there is none."""
        by_word = Counter(step.word for step in sorted(self.steps, key=lambda step: _ORDER[step.action]))
        words = [f"{count} {word}" for word, count in by_word.items()]
        return ", ".join([*words, *([f"{len(self.removed)} removed"] if self.removed else [])])


def make_plan(
    sweeps: Sequence[Sweep],
    records: Iterable[RunRecord],
    *,
    is_alive: Callable[[RunRecord], bool],
    profile: str | None = None,
    others: Iterable[RunRecord] = (),
    trainer: str = "",
) -> Plan:
    """Compare the trials that the file stands for with the runs that the record holds.

    Args:
        sweeps: The expanded sweeps.
        records: The runs of the experiment.
        is_alive: Whether somebody works on a run that the record calls RUNNING.
        profile: Runs of other profiles are neither changed nor removed ones of this file.
        others: Runs of trials that other trainers ran: they leave the trial to do.
        trainer: The file's trainer, as messages call it.
    """
    records = tuple(records)
    runs = [record for record in records if record.is_trial]
    by_fingerprint = standing_runs(records)
    of_others = standing_runs(others)
    by_name: dict[tuple[str, str], RunRecord] = {}
    for run in runs:
        if run.tags.get(tags.PROFILE, "") == (profile or ""):
            name = (run.sweep, run.trial)
            by_name[name] = max(by_name.get(name, run), run, key=lambda other: other.start_ms)
    steps = tuple(
        _changed_trainer(trial, of_others[trial.fingerprint], trainer)
        if trial.fingerprint in of_others and trial.fingerprint not in by_fingerprint
        else _step(trial, _seen(by_fingerprint.get(trial.fingerprint), sweep), by_name, is_alive)
        for sweep in sweeps
        for trial in sweep.trials
    )
    wished = {step.trial.fingerprint for step in steps} | {s.earlier.fingerprint for s in steps if s.earlier}
    names = {sweep.name for sweep in sweeps}
    removed = tuple(
        run for (sweep, _), run in by_name.items() if sweep in names and run.fingerprint not in wished
    )
    return Plan(steps, removed)


def trainer_changes(plan: Plan) -> tuple[str, ...]:
    """Which trials are to be trained although another trainer has, in a sentence for each such trainer."""
    names: dict[str, list[str]] = {}
    for step in plan.steps:
        if step.has_other_trainer:
            names.setdefault(step.reason, []).append(step.trial.name)
    return tuple(f"changed: {reason} ({shortened(trials)})" for reason, trials in names.items())


def changed_keys(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """`lr 0.0001 -> 0.001, tfr (new)`: how two configs, as params, differ."""
    changes = []
    for key in sorted(before.keys() | after.keys()):
        if key not in before:
            changes.append(f"{key} (new)")
        elif key not in after:
            changes.append(f"{key} (gone)")
        elif not same_param(before[key], after[key]):
            changes.append(f"{key} {before[key]} -> {after[key]}")
    return ", ".join(changes)


def with_changed_keys(
    plan: Plan,
    params: Iterable[tuple[str, str, str]],
    param_text: Callable[[Value], str],
    unrecorded: Mapping[str, Value] | None = None,
) -> Plan:
    """The plan whose changed trials name the keys that changed as the reason.

    Args:
        plan: The plan.
        params: The recorded params: run, key and value; only those of changed trials' earlier runs matter.
        param_text: Writes a value as the record does.
        unrecorded: Keys that the trainer got later, with the value that runs without them had.
    """
    had = {key: param_text(value) for key, value in (unrecorded or {}).items()}
    before: dict[str, dict[str, str]] = {
        step.earlier.run_id: dict(had) for step in plan.steps if step.earlier and not step.has_other_trainer
    }
    for run_id, key, value in params:
        if run_id in before:
            before[run_id][key] = value
    steps = []
    for step in plan.steps:
        if step.earlier is None or step.has_other_trainer:
            steps.append(step)
        else:
            after = {key: param_text(value) for key, value in step.trial.config.items()}
            steps.append(replace(step, reason=changed_keys(before[step.earlier.run_id], after)))
    return replace(plan, steps=tuple(steps))


def with_beginnings(plan: Plan, goes_on: Callable[[Step], bool | None]) -> Plan:
    """The plan whose interrupted and failed trials know whether they go on where they were.

    Args:
        plan: The plan.
        goes_on: Whether such a trial goes on where it was; None: that is up to its program.
    """
    steps = (
        replace(step, goes_on=goes_on(step)) if step.action in {Action.RESUME, Action.RETRY} else step
        for step in plan.steps
    )
    return replace(plan, steps=tuple(steps))


def anew(step: Step) -> Step:
    """The step with another run to come, where its trial is to be trained again."""
    return replace(step, record=None, earlier=step.record) if step.action is Action.AGAIN else step


def _seen(run: RunRecord | None, sweep: Sweep) -> RunRecord | None:
    return None if run is None else as_seen(run, sweep.pruning)


def _step(
    trial: Trial,
    run: RunRecord | None,
    by_name: Mapping[tuple[str, str], RunRecord],
    is_alive: Callable[[RunRecord], bool],
) -> Step:
    if run is None:
        earlier = by_name.get((trial.sweep, trial.name))
        if earlier is None:
            return Step(trial, Action.NEW)
        reason = f"the recorded run {earlier.run_id[:8]} has another config"
        return Step(trial, Action.CHANGED, None, reason, earlier)
    if run.is_open:
        if is_alive(run):
            return Step(trial, Action.RUNNING, run, _owner_words(run))
        return Step(trial, Action.RESUME, run, "its supervisor is gone")
    if run.set_aside_ms:
        return Step(trial, Action.AGAIN, run, "somebody asked for it; what it has stays in the record")
    return _ended_step(trial, run)


def _ended_step(trial: Trial, run: RunRecord) -> Step:
    match run.outcome:
        case Outcome.FINISHED:
            return Step(trial, Action.DONE, run, f"adopted from {run.adopted}" if run.adopted else "")
        case Outcome.PRUNED:
            return Step(trial, Action.DONE, run, f"pruned {run.reason}".strip())
        case Outcome.ABANDONED:
            return Step(trial, Action.ABANDONED, run, run.reason)
        case Outcome.FAILED:
            return Step(trial, Action.RETRY, run, run.reason)
        case _:
            return Step(trial, Action.RESUME, run, run.reason or run.outcome or run.status.lower())


def _changed_trainer(trial: Trial, run: RunRecord, trainer: str) -> Step:
    reason = f"trainer {run.tags.get(tags.TRAINER, '')} -> {trainer}"
    return Step(trial, Action.CHANGED, None, reason, run)


def _owner_words(run: RunRecord) -> str:
    owner = owner_of(run)
    return f"by pid {owner.pid} on {owner.host}" if owner else ""
