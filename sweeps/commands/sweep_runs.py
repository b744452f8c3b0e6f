"""The runs of whole sweeps: opened before their first trial starts, closed with an outcome, a note and the best trial."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from analysis.read import tags
from analysis.read.outcomes import Outcome
from sweeps.planning.plan import Action
from sweeps.record.best_trial import best_of, last_scores, shown_files
from sweeps.record.notes import sweep_note
from sweeps.rundir.process_identity import this_process
from sweeps.scheduler.job import outcome_of_sweep

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from analysis.read.store import RunRecord
    from sweeps.commands.session import Session
    from sweeps.planning.plan import Plan, Step
    from sweeps.record.ledger import Ledger
    from sweeps.rundir.paths import StateDir
    from sweeps.trainer.snapshot import Snapshot

NOT_STARTED = "not started"
_STATE_OF_ACTION = {
    Action.DONE: Outcome.FINISHED,
    Action.RETRY: Outcome.FAILED,
    Action.RESUME: Outcome.INTERRUPTED,
    Action.RUNNING: "running",
    Action.NEW: NOT_STARTED,
    Action.CHANGED: NOT_STARTED,
}


def sweep_runs(runs: Iterable[RunRecord]) -> dict[str, str]:
    """The ids of the runs of sweeps, by the sweep's name."""
    return {run.sweep: run.run_id for run in runs if run.is_sweep and run.sweep}


def open_sweep_runs(
    session: Session, ledger: Ledger, plan: Plan, existing: Mapping[str, str], snapshot: Snapshot | None
) -> dict[str, str]:
    """Open the run of every sweep that has something to start, or has no run yet.

    Args:
        session: The file.
        ledger: Writes the record.
        plan: The plan of all trials.
        existing: The runs that sweeps have already.
        snapshot: The code that the trials run, if there is a copy.

    Returns:
        The runs that are open now, by sweep.

    Raises:
        RecordError: The record cannot be written.
    """
    owner = this_process().to_json()
    opened = {}
    for sweep in session.sweeps:
        steps = [step for step in plan.steps if step.trial.sweep == sweep.name]
        is_done = all(step.action is Action.DONE for step in steps) and not plan.to_begin_of(sweep.name)
        if (not steps and sweep.search is None) or (sweep.name in existing and is_done):
            continue
        run_id = ledger.sweep_run(sweep.name, existing.get(sweep.name), owner)
        ledger.text(run_id, session.spec.text, session.request.file.name)
        ledger.text(run_id, _plan_text(steps), "plan.json")
        if snapshot is not None:
            ledger.text(run_id, json.dumps(snapshot.identity, indent=1), f"code/{snapshot.digest}.json")
            if snapshot.diff:
                ledger.text(run_id, snapshot.diff, f"code/{snapshot.digest}.diff")
        opened[sweep.name] = run_id
    return opened


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
    finals = ledger.patiently(lambda: last_scores(session.record)) if opened else {}
    for name, run_id in opened.items():
        steps = [step for step in plan.steps if step.trial.sweep == name]
        states = [_STATE_OF_ACTION[step.action] for step in steps]
        states += [NOT_STARTED] * plan.to_begin_of(name)
        best = best_of((step.record for step in steps if step.record is not None), finals)
        for path in shown_files(state.run(best.run_id)) if best else ():
            ledger.artifact(run_id, path, "best")
        note = sweep_note(name, session.request.file.name, states, best, session.command("report"))
        ledger.end(run_id, outcome_of_sweep(states), "", {tags.NOTE: note})


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
            ledger.tag(run_id, {tags.ALSO: also})
