"""`sweep run`: hold the sweeps, mend the record, open the runs, supervise, close."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.read import tags
from analysis.read.outcomes import Outcome
from sweeps.errors import HeldError, SweepError
from sweeps.planning.plan import Action
from sweeps.record.best_trial import best_of, last_scores, shown_files
from sweeps.record.ledger import Ledger
from sweeps.record.notes import sweep_note
from sweeps.record.outage import PATIENCE_S, Outage
from sweeps.record.write_queue import Recorder
from sweeps.rundir.lease import liveness, owner_of
from sweeps.rundir.lock import hold
from sweeps.rundir.paths import StateDir
from sweeps.rundir.process_identity import this_process
from sweeps.scheduler.job import Job, outcome_of_sweep
from sweeps.scheduler.recovery import mend
from sweeps.scheduler.supervisor import Supervisor
from sweeps.trainer.snapshot import take_snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from analysis.read.store import RunRecord
    from sweeps.commands.session import Session
    from sweeps.executors.base import Executor
    from sweeps.executors.registry import ExecutorChoice
    from sweeps.planning.plan import Plan, Step
    from sweeps.scheduler.events import Listener
    from sweeps.scheduler.job import JobSource
    from sweeps.trainer.snapshot import Snapshot


FINISH_S = 2.0
"""How long a search's study is waited for at the end, where the user or an error wants to be gone."""

_STATE_OF_ACTION = {
    Action.DONE: Outcome.FINISHED,
    Action.RETRY: Outcome.FAILED,
    Action.RESUME: Outcome.INTERRUPTED,
    Action.RUNNING: "running",
    Action.NEW: "not started",
    Action.CHANGED: "not started",
}


@dataclass(frozen=True, slots=True)
class Launched:
    """What a `sweep run` did.

    Attributes:
        plan: The plan it carried out.
        jobs: The trials that it took on, each with its outcome.
        stopped: Whether the user stopped it.
    """

    plan: Plan
    jobs: tuple[Job, ...]
    stopped: bool

    @property
    def exit_code(self) -> int:
        """0 all done, 1 some trial failed (now or before), 130 interrupted."""
        if self.stopped or any(job.state in {Outcome.INTERRUPTED, "waiting"} for job in self.jobs):
            return 130
        taken = {job.step.trial.fingerprint for job in self.jobs}
        earlier = (s for s in self.plan.steps if s.trial.fingerprint not in taken)
        failed = any(job.state == Outcome.FAILED for job in self.jobs)
        return 1 if failed or any(step.action is Action.RETRY for step in earlier) else 0


def launch(
    session: Session,
    choice: ExecutorChoice,
    *,
    retry_failed: bool,
    patience_s: float = PATIENCE_S,
    announce: Callable[[Plan, Sequence[Step]], None],
    listener: Callable[[int], Listener],
) -> Launched:
    """Carry out the plan.

    Args:
        session: The checked spec and the selected trials.
        choice: What starts the trials.
        retry_failed: Whether failed trials are taken up again.
        patience_s: How long a store that is away is waited for while no trial runs, in seconds.
        announce: Told the plan and what will start, before anything starts.
        listener: Makes the display, given how many attempts run at once.

    Raises:
        HeldError: Another process runs one of the sweeps.
        RecordError: The record cannot be read or written.
        SelectionError: The executor can never run a trial.
        LaunchError: The executor cannot be reached, or is not installed.
    """
    state = StateDir.here()
    names = [sweep.name for sweep in session.sweeps]
    with hold(state, session.spec.experiment, names):
        outage = Outage(patience_s)
        ledger = _mended(session, state, choice, outage)
        plan = session.plan()
        steps = plan.to_start(retry_failed=retry_failed)
        announce(plan, steps)
        parents = _parents(session.record.runs)
        asks = session.selection.is_all
        if (
            not steps
            and not (asks and plan.to_begin)
            and parents.keys() >= {step.trial.sweep for step in plan.steps}
        ):
            return Launched(plan, (), stopped=False)
        snapshot = take_snapshot(session.trainer.spec, state)
        search_path = snapshot.search_path(session.search_path) if snapshot else session.search_path
        executor = _open_executor(session, choice, search_path, state)
        ledger = ledger or Ledger(session.record.tracking_uri, session.spec.experiment, outage)
        parents = _open_sweeps(session, ledger, plan, parents, snapshot)
        searched = {sweep.name for sweep in session.sweeps if sweep.search is not None}
        jobs = tuple(
            _job(session, step, parents[step.trial.sweep])
            for step in steps
            if step.trial.sweep not in searched
        )
        shown = listener(max(executor.slots.slots(sweep.spec.resources) for sweep in session.sweeps))
        recorder = Recorder(ledger)
        supervisor = Supervisor(
            recorder=recorder,
            executor=executor,
            state=state,
            trainer=session.trainer,
            identity=_identity(session, snapshot),
            listener=shown,
            search_path=search_path,
            snapshot=snapshot,
        )
        sources: list[JobSource] = []
        finish_s = FINISH_S
        try:
            sources += _sources(session, recorder, state, steps, parents, asks=asks, notice=shown.noticed)
            supervisor.run(jobs, sources)
            if supervisor.stopped is None:
                finish_s = patience_s
        finally:
            for source in sources:
                source.finish(finish_s)
            recorder.close()
            shown.close()
        session.record.refresh()
        found = ledger.patiently(session.whole_plan)
        _close_sweeps(session, ledger, found, parents, state)
        if supervisor.wrong is not None:
            raise supervisor.wrong
        given = (job for source in sources for job in source.jobs)
        return Launched(plan, (*jobs, *given), stopped=supervisor.stopped is not None)


def _open_executor(
    session: Session, choice: ExecutorChoice, search_path: Sequence[str], state: StateDir
) -> Executor:
    """The executor, once every sweep fits it, warming up."""
    trainer = session.trainer.spec
    modules = [trainer.run.partition(":")[0]] if trainer.run else []
    executor = choice.open(modules, search_path, state)
    try:
        for sweep in session.sweeps:
            executor.slots.check(sweep.spec.resources, sweep.name)
    except SweepError:
        executor.close()
        raise
    executor.warm_up()
    return executor


def _sources(
    session: Session,
    recorder: Recorder,
    state: StateDir,
    steps: Sequence[Step],
    parents: Mapping[str, str],
    *,
    asks: bool,
    notice: Callable[[str], None],
) -> list[JobSource]:
    """The searches that have something to do, each with its study open."""
    from sweeps.search.factory import open_search

    searches = [sweep for sweep in session.sweeps if sweep.search is not None and sweep.name in parents]
    return [
        open_search(
            sweep,
            recorder=recorder,
            state=state,
            record=session.record,
            steps=steps,
            make_job=functools.partial(_job, session, parent=parents[sweep.name]),
            parent=parents[sweep.name],
            asks=asks,
            notice=notice,
        )
        for sweep in searches
    ]


def _mended(session: Session, state: StateDir, choice: ExecutorChoice, outage: Outage) -> Ledger | None:
    """Put right what dead supervisors left RUNNING; the ledger, if that took one.

    What the executor still has is left as it is: the supervisor takes it over.

    Raises:
        HeldError: A supervisor on another machine holds one of the sweeps.
    """
    held = {sweep.name for sweep in session.sweeps}
    session.record.refresh()  # it may have changed until the sweeps were held
    records = session.record.runs
    is_alive = liveness(records)
    running = [r for r in records if r.status == "RUNNING" and r.tags.get(tags.SWEEP) in held]
    for record in running:
        owner = owner_of(record)
        if record.is_sweep and owner is not None and not owner.is_here() and is_alive(record):
            told = f"is being run by pid {owner.pid} on {owner.host}; wait for it, or stop it there"
            raise HeldError(f"{session.spec.experiment}/{record.tags[tags.SWEEP]}: {told}")
    dead = [record for record in running if not is_alive(record)]
    kept = choice.kept(state.run(record.run_id) for record in dead)
    left = [record for record in dead if state.run(record.run_id) not in kept]
    if not left:
        return None
    ledger = Ledger(session.record.tracking_uri, session.spec.experiment, outage)
    for record in left:
        mend(ledger, record, state)
    session.record.refresh()
    return ledger


def _parents(records: Sequence[RunRecord]) -> dict[str, str]:
    """The runs of the sweeps that have one."""
    return {r.tags[tags.SWEEP]: r.run_id for r in records if r.is_sweep and tags.SWEEP in r.tags}


def _open_sweeps(
    session: Session,
    ledger: Ledger,
    plan: Plan,
    existing: Mapping[str, str],
    snapshot: Snapshot | None,
) -> dict[str, str]:
    """Open the run of every sweep that has something to start, or none yet."""
    owner = this_process().to_json()
    parents = {}
    for sweep in session.sweeps:
        steps = [step for step in plan.steps if step.trial.sweep == sweep.name]
        is_done = all(step.action is Action.DONE for step in steps) and not plan.to_begin_of(sweep.name)
        if (not steps and sweep.search is None) or (sweep.name in existing and is_done):
            continue
        run_id = ledger.sweep_run(sweep.name, existing.get(sweep.name), owner)
        ledger.text(run_id, session.spec.text, session.request.file.name)
        rows = [
            {
                "trial": s.trial.name,
                "action": s.action.value,
                "fingerprint": s.trial.fingerprint,
                "reason": s.reason,
            }
            for s in steps
        ]
        ledger.text(run_id, json.dumps(rows, indent=1), "plan.json")
        if snapshot is not None:
            ledger.text(run_id, json.dumps(snapshot.identity, indent=1), f"code/{snapshot.digest}.json")
            if snapshot.diff:
                ledger.text(run_id, snapshot.diff, f"code/{snapshot.digest}.diff")
        parents[sweep.name] = run_id
    return parents


def _close_sweeps(
    session: Session, ledger: Ledger, plan: Plan, parents: Mapping[str, str], state: StateDir
) -> None:
    """End the sweeps' runs as the record now has their trials, and note on shared trials whose they are too."""
    members: dict[str, set[str]] = {}
    tagged: dict[str, Mapping[str, str]] = {}
    for step in plan.steps:
        if step.record is not None:
            members.setdefault(step.record.run_id, set()).add(step.trial.sweep)
            tagged[step.record.run_id] = step.record.tags
    for run_id, sweeps in members.items():
        before = tagged[run_id].get(tags.ALSO, "")
        others = sweeps.union(filter(None, before.split(","))) - {tagged[run_id].get(tags.SWEEP, "")}
        if (also := ",".join(sorted(others))) != before:
            ledger.tag(run_id, {tags.ALSO: also})
    finals = ledger.patiently(lambda: last_scores(session.record)) if parents else {}
    for name, run_id in parents.items():
        steps = [step for step in plan.steps if step.trial.sweep == name]
        states = [_STATE_OF_ACTION[step.action] for step in steps]
        states += ["not started"] * plan.to_begin_of(name)
        best = best_of((step.record for step in steps if step.record is not None), finals)
        for path in shown_files(state.run(best.run_id)) if best else ():
            ledger.artifact(run_id, path, "best")
        note = sweep_note(name, session.request.file.name, states, best)
        ledger.end(run_id, outcome_of_sweep(states), "", {tags.NOTE: note})


def _job(session: Session, step: Step, parent: str) -> Job:
    sweep = next(sweep.spec for sweep in session.sweeps if sweep.name == step.trial.sweep)
    config = session.config(step.trial)
    epochs = config.get(session.trainer.spec.epochs)
    return Job(
        step=step,
        config=config,
        resources=sweep.resources,
        limits=sweep.limits,
        parent=parent,
        repeat=session.repeat_command(step.trial),
        epochs=epochs if isinstance(epochs, int) and epochs > 0 else None,
    )


def _identity(session: Session, snapshot: Snapshot | None) -> dict[str, str]:
    code = None if snapshot is None else snapshot.identity
    return {**session.identity(code), tags.PROFILE: session.profile or ""}
