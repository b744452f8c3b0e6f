"""`sweep run`: holds the sweeps, repairs the record, plans, opens the sweeps' runs, supervises, closes them."""

from __future__ import annotations

import contextlib
import functools
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.read import tags
from analysis.read.outcomes import Outcome
from sweeps.commands.older_record import mend_new_record
from sweeps.commands.running.asked import Asked
from sweeps.commands.running.file_watch import FileWatch
from sweeps.commands.running.handover import forget_notes
from sweeps.commands.running.open_sweeps import OpenSweeps
from sweeps.commands.running.repair import repair
from sweeps.commands.sweep_runs import open_sweep_runs, sweep_runs
from sweeps.errors import SweepError
from sweeps.planning.plan import Action
from sweeps.record.ledger import Ledger
from sweeps.record.outage import PATIENCE_S, Outage
from sweeps.record.refusals import Refusals
from sweeps.rundir.access import refuse_shared
from sweeps.rundir.lease import liveness, words_of_owner
from sweeps.rundir.lock import hold
from sweeps.rundir.paths import StateDir
from sweeps.scheduler.job import Job, Phase
from sweeps.scheduler.stopping import hold_ignored_interrupts
from sweeps.scheduler.supervisor import Supervisor
from sweeps.scheduler.write_queue import WriteQueue
from sweeps.trainer.imports import collisions
from sweeps.trainer.snapshot import take_snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from analysis.read.record import Record
    from sweeps.commands.session import Session
    from sweeps.executors.base import Executor
    from sweeps.executors.registry import ExecutorChoice
    from sweeps.planning.plan import Plan, Step
    from sweeps.scheduler.events import Listener
    from sweeps.scheduler.job import JobSource
    from sweeps.trainer.snapshot import Snapshot


FINISH_S = 2.0
"""How long a search's study is waited for at the end, where the user or an error stopped the run."""


@dataclass(frozen=True, slots=True)
class Launched:
    """The result of a `sweep run`.

    Attributes:
        plan: The plan that it carried out.
        jobs: The trials that it took on, each with its outcome.
        stopped: Whether the user stopped it.
        held: Its trials that it left to another `sweep run`, and that have no result yet; each with who has it.
        lost: The runs that somebody deleted meanwhile: their trials are not done.
    """

    plan: Plan
    jobs: tuple[Job, ...]
    stopped: bool
    held: Sequence[tuple[str, str]] = ()
    lost: frozenset[str] = frozenset()

    @property
    def exit_code(self) -> int:
        """0 all done, 1 some failed (now or before) or was deleted, 3 another `sweep run` has some, 130 interrupted."""
        if self.stopped or any(job.state in {Outcome.INTERRUPTED, Phase.WAITING} for job in self.jobs):
            return 130
        taken = {job.step.trial.fingerprint for job in self.jobs}
        earlier = (s for s in self.plan.steps if s.trial.fingerprint not in taken)
        failed = any(job.state == Outcome.FAILED or job.run_id in self.lost for job in self.jobs)
        if failed or any(step.action is Action.RETRY for step in earlier):
            return 1
        return 3 if self.held else 0


def launch(
    session: Session,
    choice: ExecutorChoice,
    *,
    retry_failed: bool,
    patience_s: float = PATIENCE_S,
    announce: Callable[[Plan, Sequence[Step]], None],
    notice: Callable[[str], None],
    listener: Callable[[int], Listener],
) -> Launched:
    """Carry out the plan.

    Args:
        session: The checked spec and the selected trials.
        choice: The executor that starts the trials, as the command line names it.
        retry_failed: Whether failed trials are taken up again.
        patience_s: How long a store that is away is waited for while no trial runs, in seconds.
        announce: Called with the plan and the steps to start, before anything starts.
        notice: Called with what the user should know of the code and of the record before anything starts.
        listener: Makes the display, given how many attempts run at once.

    Raises:
        HeldError: Another process runs one of the sweeps.
        StateError: The state directory cannot be written, or others may write it.
        RecordError: The record cannot be read or written.
        SelectionError: The executor can never run a trial.
        LaunchError: The executor cannot be reached, or is not installed.
    """
    state = StateDir.here()
    refuse_shared(state)
    forget_notes(state)
    uri, experiment = session.record.tracking_uri, session.spec.experiment
    names = [sweep.name for sweep in session.sweeps]
    with contextlib.ExitStack() as locks:
        locks.enter_context(hold(state, experiment, names, Asked.of(session).to_json()))
        # Opened by the first step that writes: where nothing is to be done, nothing is created.
        opening = functools.partial(Ledger.open, uri, experiment, Outage(patience_s), Refusals(state))
        open_ledger = functools.cache(functools.partial(opening, began_ms=int(time.time() * 1000)))
        repair(session, choice, state, open_ledger, notice)
        work = _planned(session, retry_failed=retry_failed)
        announce(work.plan, work.steps)
        if work.is_empty:
            return Launched(work.plan, (), stopped=False, held=_held(session.record, work.plan, ()))
        start = _prepare(session, choice, state, notice)
        ledger = open_ledger()
        parents = open_sweep_runs(session, ledger, work.plan, work.sweep_runs, start.snapshot)
        sweeps = OpenSweeps(session, work.plan, parents, state, ledger, start.snapshot, locks)
        ended = _supervise(sweeps, work, start, listener=listener, patience_s=patience_s)
        _close(sweeps, ended.jobs, notice)
        if ended.wrong is not None:
            raise ended.wrong
        held, lost = _held(session.record, sweeps.plan, ended.jobs), frozenset(ledger.refusals.lost)
        return Launched(sweeps.plan, ended.jobs, ended.stopped, held, lost)


@dataclass(frozen=True, slots=True)
class _Work:
    """The work of one `sweep run`.

    Attributes:
        plan: The whole plan.
        steps: Its steps to start now.
        suggests: Whether searches may suggest new trials.
        sweep_runs: The sweeps that have a run already, each with its id.
        retry_failed: Whether failed trials are taken up again.
    """

    plan: Plan
    steps: Sequence[Step]
    suggests: bool
    sweep_runs: Mapping[str, str]
    retry_failed: bool

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be started, and every sweep has its run."""
        if self.steps or (self.suggests and self.plan.to_begin):
            return False
        return self.sweep_runs.keys() >= {step.trial.sweep for step in self.plan.steps}


@dataclass(frozen=True, slots=True)
class _Start:
    """What trials are started with: an executor, and the code that they run.

    Attributes:
        executor: The executor, open.
        snapshot: The copy of the trainer's code; None: the code is run where it is.
        search_path: Where the trainer's modules are looked for first.
    """

    executor: Executor
    snapshot: Snapshot | None
    search_path: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Ended:
    """How supervising ended.

    Attributes:
        jobs: Every job that was taken on.
        stopped: Whether the user stopped it.
        wrong: What a trial showed to be wrong with the file, or None.
    """

    jobs: tuple[Job, ...]
    stopped: bool
    wrong: SweepError | None


def _close(sweeps: OpenSweeps, jobs: Sequence[Job], notice: Callable[[str], None]) -> None:
    """Record again what the store lost of this launch's runs, and end the sweeps' runs."""
    record = sweeps.session.record
    record.refresh()
    ended = {job.run_id for job in jobs if job.run_id is not None}
    for text in mend_new_record(record, ended, sweeps.state, sweeps.ledger):
        notice(text)
    sweeps.close()


def _held(record: Record, plan: Plan, jobs: Sequence[Job]) -> Sequence[tuple[str, str]]:
    """The trials that were left to other `sweep run`s and have no result by now, each with who has it."""
    taken = {job.step.trial.fingerprint for job in jobs}
    left = {
        step.trial.fingerprint: step.label
        for step in plan.steps
        if step.action is Action.RUNNING and step.trial.fingerprint not in taken
    }
    left |= {job.step.trial.fingerprint: job.label for job in jobs if job.phase is Phase.HELD}
    if not left:
        return ()
    is_alive = liveness(record.runs)
    found = []
    for fingerprint, label in left.items():
        run = record.standing.get(fingerprint)
        if run is not None and run.status == "RUNNING" and is_alive(run):
            found.append((label, f"held by {words_of_owner(run)}"))
        elif run is None or run.outcome is None or not run.outcome.is_result:
            found.append((label, "was held, and is free now: run again"))
    return found


def _planned(session: Session, *, retry_failed: bool) -> _Work:
    plan = session.plan()
    return _Work(
        plan,
        plan.to_start(retry_failed=retry_failed),
        session.selection.is_all,
        sweep_runs(session.record.runs),
        retry_failed,
    )


def _prepare(
    session: Session, choice: ExecutorChoice, state: StateDir, notice: Callable[[str], None]
) -> _Start:
    """Take the snapshot of the code, say what is not in it, and open the executor."""
    hold_ignored_interrupts()
    snapshot = take_snapshot(session.trainer.spec, state)
    for collision in collisions(session.search_path):
        notice(collision)
    if snapshot is not None and snapshot.findings:
        notice(f"the copy of the code: {'; '.join(snapshot.findings)}")
    search_path = snapshot.search_path(session.search_path) if snapshot else session.search_path
    executor = _open_executor(session, choice, search_path, state)
    hold_ignored_interrupts()  # the processes that it started may have let go
    return _Start(executor, snapshot, search_path)


def _open_executor(
    session: Session, choice: ExecutorChoice, search_path: Sequence[str], state: StateDir
) -> Executor:
    """Open the executor, check that every sweep fits it, and warm it up."""
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


def _supervise(
    sweeps: OpenSweeps,
    work: _Work,
    start: _Start,
    *,
    listener: Callable[[int], Listener],
    patience_s: float,
) -> _Ended:
    """Run what is to be run, until all of it has ended or the user stops it."""
    session, parents, state = sweeps.session, sweeps.parents, sweeps.state
    searched = {sweep.name for sweep in session.sweeps if sweep.search is not None}
    steps = [step for step in work.steps if step.trial.sweep not in searched]
    jobs = tuple(_job(session, step, parents[step.trial.sweep]) for step in steps)
    slots = max(start.executor.slots.slots(sweep.spec.resources) for sweep in session.sweeps)
    sources: list[JobSource] = []
    finish_s = FINISH_S
    with contextlib.closing(listener(slots)) as display, WriteQueue(sweeps.ledger) as queue:
        supervisor = Supervisor(
            queue=queue,
            executor=start.executor,
            state=state,
            trainer=session.trainer,
            identity=_identity(session, start.snapshot),
            listener=display,
            search_path=start.search_path,
            snapshot=start.snapshot,
        )
        try:
            sources += _sources(session, work, parents, queue, state, display.noticed)
            watch = FileWatch(sweeps, start.executor.slots, queue, _job, retry_failed=work.retry_failed)
            with watch as wishes:
                supervisor.run(jobs, sources, wishes)
            if supervisor.stopped is None:
                finish_s = patience_s
        finally:
            for source in sources:
                source.finish(finish_s)
    suggested = (job for source in sources for job in source.jobs)
    return _Ended((*supervisor.wished.jobs, *suggested), supervisor.stopped is not None, supervisor.wrong)


def _sources(
    session: Session,
    work: _Work,
    parents: Mapping[str, str],
    queue: WriteQueue,
    state: StateDir,
    notice: Callable[[str], None],
) -> list[JobSource]:
    """The searches that have something to do, each with its study open."""
    from sweeps.search.factory import open_search

    return [
        open_search(
            sweep,
            queue=queue,
            state=state,
            record=session.record,
            steps=work.steps,
            make_job=functools.partial(_job, session, parent=parents[sweep.name]),
            parent=parents[sweep.name],
            suggests=work.suggests,
            notice=notice,
        )
        for sweep in session.sweeps
        if sweep.search is not None and sweep.name in parents
    ]


def _job(session: Session, step: Step, parent: str) -> Job:
    sweep = next(sweep.spec for sweep in session.sweeps if sweep.name == step.trial.sweep)
    return Job(
        step=step,
        resources=sweep.resources,
        limits=sweep.limits,
        tags=sweep.tag_texts,
        parent=parent,
        repeat=session.repeat_command(step.trial),
        epochs=session.trainer.epochs_of(step.trial.config),
    )


def _identity(session: Session, snapshot: Snapshot | None) -> dict[str, str]:
    code = None if snapshot is None else snapshot.identity
    return {**session.identity(code), tags.PROFILE: session.profile or "", **session.origin(code)}
