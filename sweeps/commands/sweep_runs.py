"""The runs of whole sweeps: opened before their first trial starts, closed with an outcome, a note and the best trial."""

from __future__ import annotations

import contextlib
import functools
import json
import re
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from analysis.read import tags
from analysis.read.errors import masked
from analysis.read.outcomes import NOT_STARTED, Outcome
from sweeps.errors import HeldError, RunGoneError
from sweeps.planning.plan import Action
from sweeps.record.best_trial import best_recorded, last_scores, repeats_of, shown_files, signs_of
from sweeps.record.notes import sweep_note
from sweeps.rundir.lease import liveness, owner_tag, words_of_owner
from sweeps.scheduler.job import Phase

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from analysis.read.record import Record
    from analysis.read.store import RunRecord
    from sweeps.commands.session import Session
    from sweeps.planning.plan import Plan, Step
    from sweeps.record.ledger import Ledger
    from sweeps.rundir.paths import StateDir
    from sweeps.scheduler.job import Job
    from sweeps.trainer.snapshot import Snapshot

_USER_AND_PASSWORD = re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]*@")
"""`user:password@` of an address, and nothing like `git@` or `main@v1`: a text that is kept should lose nothing else."""
_STATE_OF_ACTION = {
    Action.DONE: Outcome.FINISHED,
    Action.RETRY: Outcome.FAILED,
    Action.RESUME: Outcome.INTERRUPTED,
    Action.RUNNING: "running",
    Action.ABANDONED: Outcome.ABANDONED,
    Action.NEW: NOT_STARTED,
    Action.CHANGED: NOT_STARTED,
    Action.AGAIN: NOT_STARTED,
}


def sweep_runs(runs: Iterable[RunRecord]) -> dict[str, str]:
    """The ids of the runs of sweeps, by the sweep's name."""
    return {run.sweep: run.run_id for run in runs if run.is_sweep and run.sweep}


def interrupted_at_the_end(runs: Iterable[RunRecord], plan: Plan) -> frozenset[str]:
    """The sweeps of which nothing is left to do, and whose run says that they were interrupted: a supervisor died just before it closed them."""
    states: dict[str, list[str]] = {}
    for step in plan.steps:
        states.setdefault(step.trial.sweep, []).append(_STATE_OF_ACTION[step.action])
    over = {name for name, own in states.items() if outcome_of_sweep(own) != Outcome.INTERRUPTED}
    interrupted = {run.sweep for run in runs if run.is_sweep and run.outcome is Outcome.INTERRUPTED}
    return frozenset(name for name in over & interrupted if not plan.to_begin_of(name))


def states_of(plan: Plan) -> dict[str, str]:
    """The state of each trial, by fingerprint."""
    return {step.trial.fingerprint: str(_STATE_OF_ACTION[step.action]) for step in plan.steps}


def still_held(record: Record, plan: Plan, jobs: Sequence[Job] = ()) -> Sequence[tuple[str, str]]:
    """The trials that were left to other `sweep run`s and have no result by now, each with who has it."""
    taken = {job.step.trial.fingerprint for job in jobs}
    held = (step for step in plan.steps if step.action is Action.RUNNING)
    left = {step.trial.fingerprint: step.label for step in held if step.trial.fingerprint not in taken}
    left |= {job.step.trial.fingerprint: job.label for job in jobs if job.phase is Phase.HELD}
    if not left:
        return ()
    is_alive = liveness(record.runs)
    found = []
    for fingerprint, label in left.items():
        run = record.standing.get(fingerprint)
        if run is not None and run.status == "RUNNING" and is_alive(run):
            found.append((label, f"held by {words_of_owner(run)}"))
        elif run is None or run.outcome is None or not run.outcome.is_closed:
            found.append((label, "was held, and is free now: run again"))
    return found


def open_sweep_runs(
    session: Session, ledger: Ledger, plan: Plan, existing: Mapping[str, str], snapshot: Snapshot | None
) -> dict[str, str]:
    """Open the run of every sweep that has something to start, has no run yet, or was interrupted when nothing was left.

    Args:
        session: The file.
        ledger: Writes the record.
        plan: The plan of all trials.
        existing: The runs that sweeps have already.
        snapshot: The code that the trials run, if there is a copy.

    Returns:
        The runs that are open now, by sweep.

    Raises:
        HeldError: Another `sweep run` has taken one of the sweeps in this moment.
        RecordError: The record cannot be written.
    """
    owner = json.loads(owner_tag())
    unclosed = interrupted_at_the_end(session.record.runs, plan)
    opened: dict[str, str] = {}
    for sweep in session.sweeps:
        steps = [step for step in plan.steps if step.trial.sweep == sweep.name]
        is_done = all(step.action.is_over for step in steps) and not plan.to_begin_of(sweep.name)
        is_closed = sweep.name in existing and sweep.name not in unclosed
        if (not steps and sweep.search is None) or (is_closed and is_done):
            continue
        own = {**sweep.spec.tag_texts, **session.origin(snapshot.identity if snapshot else None)}
        open_run = functools.partial(ledger.sweep_run, sweep.name, existing.get(sweep.name), owner, own)
        run_id = ledger.claims.take_sweep(sweep.name, existing.get(sweep.name), open_run)
        if not isinstance(run_id, str):
            for other in opened.values():
                ledger.end(other, Outcome.INTERRUPTED, "")
            raise held_error(session.spec.experiment, run_id.run)
        record_file(ledger, run_id, session, steps)
        if snapshot is not None:
            _record_code(ledger, run_id, snapshot, session)
        opened[sweep.name] = run_id
    return opened


def record_file(ledger: Ledger, run_id: str, session: Session, steps: Sequence[Step]) -> None:
    """Record the file that is in force with the run of one of its sweeps, and what is planned for that.

    Raises:
        RecordError: The record cannot be written.
    """
    ledger.text(run_id, _without_passwords(session, session.spec.text), session.request.file.name)
    ledger.text(run_id, _plan_text(steps), "plan.json")


def held_error(experiment: str, run: RunRecord) -> HeldError:
    """What to raise where the run of a sweep has another supervisor."""
    holder = f"is being run by {words_of_owner(run)}; wait for it, or stop it there"
    return HeldError(f"{experiment}/{run.sweep}: {holder}")


def close_sweep_runs(session: Session, ledger: Ledger, opened: Mapping[str, str], state: StateDir) -> None:
    """End the open runs as the record now has their trials, and tag shared trials with their other sweeps.

    Args:
        session: The file, its record read anew.
        ledger: Writes the record.
        opened: The open runs, by sweep.
        state: Where runs keep their files.

    Raises:
        RecordError: The record cannot be read or written.
    """
    plan = ledger.patiently(session.whole_plan)
    _tag_shared_trials(ledger, plan)
    keys = {key for name in opened for key in signs_of(session.spec.measures_of(name))}
    finals = ledger.patiently(lambda: last_scores(session.record, keys)) if opened else {}
    descriptions = {sweep.name: sweep.spec.description for sweep in session.sweeps}
    for name, run_id in opened.items():
        steps = [step for step in plan.steps if step.trial.sweep == name]
        states = [_STATE_OF_ACTION[step.action] for step in steps]
        states += [NOT_STARTED] * plan.to_begin_of(name)
        repeats = repeats_of((step.trial, step.record) for step in steps)
        judging = functools.partial(best_recorded, session.record, session.spec.measures_of(name))
        best, criteria = ledger.patiently(functools.partial(judging, repeats, finals))
        with contextlib.suppress(RunGoneError):  # somebody deleted it, which `ledger.refusals` tells
            for path in shown_files(state.run(best.run_id)) if best else ():
                ledger.artifact(run_id, path, "best")
            note = sweep_note(
                name, session.request.file.name, states, best, session.command("report"), criteria
            )
            if description := descriptions[name]:
                note = f"{description}\n\n{note}"
            note = ledger.refusals.in_note(run_id, note) or note
            ledger.end(run_id, outcome_of_sweep(states), "", {tags.NOTE: note})


@contextlib.contextmanager
def opened_sweeps(
    session: Session, ledger: Ledger, names: Collection[str], state: StateDir
) -> Iterator[dict[str, str]]:
    """Have the runs of some sweeps open, so that no other machine runs them, and end them as their trials then are.

    Raises:
        HeldError: Another `sweep run` has one of them.
        RecordError: The record cannot be read or written.
    """
    plan = session.whole_plan()
    mine = replace(session, sweeps=tuple(sweep for sweep in session.sweeps if sweep.name in names))
    opened = open_sweep_runs(mine, ledger, plan, sweep_runs(session.record.runs), None)
    try:
        yield opened
    finally:
        session.record.refresh()
        close_sweep_runs(session, ledger, opened, state)
    session.record.refresh()


def outcome_of_sweep(states: Iterable[str]) -> Outcome:
    """The outcome of a sweep's run from the states of its trials: finished, failed, or interrupted; abandoned ones do not count."""
    states = set(states) - {Outcome.ABANDONED}
    if states <= {Outcome.FINISHED, Outcome.FAILED}:
        return Outcome.FAILED if Outcome.FAILED in states else Outcome.FINISHED
    return Outcome.INTERRUPTED


def _without_passwords(session: Session, text: str) -> str:
    """A text that quotes the file, with its passwords and the addresses of its hooks masked: all who see the record see it."""
    storages = {sweep.search.storage for sweep in session.spec.sweeps if sweep.search is not None}
    for storage in filter(None, storages):
        text = text.replace(storage, masked(storage))
    return _USER_AND_PASSWORD.sub("***@", session.spec.hooks.without_secrets(text))


def _record_code(ledger: Ledger, run_id: str, snapshot: Snapshot, session: Session) -> None:
    ledger.text(run_id, json.dumps(snapshot.identity, indent=1), f"code/{snapshot.digest}.json")
    if snapshot.diff:
        with TemporaryDirectory() as folder:
            patch = Path(folder, f"{snapshot.digest}.diff")
            # It may be in any encoding, or in several.
            diff = _without_passwords(session, snapshot.diff.decode(errors="surrogateescape"))
            patch.write_bytes(diff.encode(errors="surrogateescape"))
            ledger.artifact(run_id, patch, "code")


def _plan_text(steps: Sequence[Step]) -> str:
    rows = [
        {
            "trial": step.trial.name,
            "action": step.action.value,
            "fingerprint": step.trial.fingerprint,
            "reason": step.reason,
        }
        for step in steps
    ]
    return json.dumps(rows, indent=1)


def _tag_shared_trials(ledger: Ledger, plan: Plan) -> None:
    """Note on runs that several sweeps share which other sweeps they belong to."""
    sweeps_of: dict[str, set[str]] = {}
    runs: dict[str, RunRecord] = {}
    for step in plan.steps:
        if step.record is not None:
            sweeps_of.setdefault(step.record.run_id, set()).add(step.trial.sweep)
            runs[step.record.run_id] = step.record
    for run_id, sweeps in sweeps_of.items():
        noted = runs[run_id].tags.get(tags.ALSO, "")
        others = sweeps.union(filter(None, noted.split(","))) - {runs[run_id].sweep}
        if (also := ",".join(sorted(others))) != noted:
            with contextlib.suppress(RunGoneError):
                ledger.tag(run_id, {tags.ALSO: also})
