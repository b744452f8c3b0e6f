"""`sweep run`: holds the sweeps, repairs the record, plans, opens the sweeps' runs, supervises, closes them."""

from __future__ import annotations

import contextlib
import functools
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.read import tags
from analysis.read.outcomes import Outcome
from sweeps.commands.older_record import bring_up_to_date, mend_new_record
from sweeps.commands.sweep_runs import close_sweep_runs, open_sweep_runs, states_of, still_held, sweep_runs
from sweeps.commands.verdicts.for_good import settle_noted
from sweeps.errors import SweepError
from sweeps.hooks.teller import Teller
from sweeps.hooks.telling import Telling
from sweeps.pace.order import recorded_paces, steps_longest_first
from sweeps.planning.plan import Action
from sweeps.record.ledger import Ledger
from sweeps.record.outage import PATIENCE_S, Outage
from sweeps.record.refusals import Refusals
from sweeps.rundir.access import refuse_shared
from sweeps.rundir.lock import hold
from sweeps.rundir.paths import StateDir
from sweeps.scheduler.job import Job, Phase
from sweeps.scheduler.stopping import hold_ignored_interrupts
from sweeps.scheduler.supervisor import Supervisor
from sweeps.scheduler.write_queue import WriteQueue
from sweeps.spec.launch.order import LONGEST
from sweeps.trainer.imports import collisions
from sweeps.trainer.snapshot import take_snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sweeps.commands.session import Session
    from sweeps.executors.base import Executor
    from sweeps.executors.registry import ExecutorChoice
    from sweeps.pace.paces import Paces
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
    again: bool = False,
    patience_s: float = PATIENCE_S,
    sample_s: float | None = None,
    announce: Callable[[Plan, Sequence[Step]], None],
    notice: Callable[[str], None],
    listener: Callable[[int], Listener],
) -> Launched:
    """Carry out the plan, and tell the file's hooks of it.

    Args:
        session: The checked spec and the selected trials.
        choice: The executor that starts the trials, as the command line names it.
        retry_failed: Whether failed trials are taken up again.
        again: Whether the selected trials are trained anew, whatever they have.
        patience_s: How long a store that is away is waited for while no trial runs, in seconds.
        sample_s: How often is sampled what trials take of the machine, in seconds; None: not at all.
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
    uri, experiment = session.record.tracking_uri, session.spec.experiment
    with (
        _telling(session, state, notice) as teller,
        hold(state, experiment, [s.name for s in session.sweeps]),
    ):
        # Opened by the first step that writes: where nothing is to be done, nothing is created.
        opening = functools.partial(Ledger.open, uri, experiment, Outage(patience_s), Refusals(state))
        open_ledger = functools.cache(functools.partial(opening, began_ms=int(time.time() * 1000)))
        bring_up_to_date(session, choice, state, open_ledger, notice, again=again)
        work = _planned(session, teller, retry_failed=retry_failed)
        announce(work.plan, work.steps)
        if work.is_empty:
            launched = Launched(work.plan, (), stopped=False, held=still_held(session.record, work.plan, ()))
        else:
            launched = _carry_out(
                session,
                choice,
                state,
                work,
                teller=teller,
                open_ledger=open_ledger,
                listener=listener,
                notice=notice,
                patience_s=patience_s,
                sample_s=sample_s,
            )
        teller.done(launched.exit_code)
        return launched


@contextlib.contextmanager
def _telling(session: Session, state: StateDir, notice: Callable[[str], None]) -> Iterator[Teller]:
    """What tells the file's hooks, until this ends; then it waits a little for those that run."""
    asked = session.request
    about = (*session.labels, *asked.only, "but", *asked.excepting)
    teller = Teller(session.spec.hooks, state, session.spec.experiment, asked.file, about)
    try:
        yield teller
    finally:
        for text in teller.finish():
            notice(text)


@dataclass(frozen=True, slots=True)
class _Work:
    """The work of one `sweep run`.

    Attributes:
        plan: The whole plan.
        steps: Its steps to start now, in the order in which they start.
        paces: How fast such trials were, as far as the record tells.
        suggests: Whether searches may suggest new trials.
        sweep_runs: The sweeps that have a run already, each with its id.
    """

    plan: Plan
    steps: Sequence[Step]
    paces: Paces
    suggests: bool
    sweep_runs: Mapping[str, str]

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
        sample_s: As for `launch`.
    """

    executor: Executor
    snapshot: Snapshot | None
    search_path: Sequence[str]
    sample_s: float | None


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


def _close(
    session: Session,
    state: StateDir,
    ledger: Ledger,
    parents: Mapping[str, str],
    jobs: Sequence[Job],
    notice: Callable[[str], None],
) -> None:
    """Record again what the store lost of this launch's runs, and end the sweeps' runs."""
    session.record.refresh()
    ended = {job.run_id for job in jobs if job.run_id is not None}
    for text in mend_new_record(session.record, ended, state, ledger):
        notice(text)
    settle_noted(session, state, lambda: ledger)  # of trials that this launch had not selected
    close_sweep_runs(session, ledger, parents, state)


def _planned(session: Session, teller: Teller, *, retry_failed: bool) -> _Work:
    plan = session.plan()
    teller.states(states_of(plan))
    teller.left(session.record.runs)
    steps: Sequence[Step] = plan.to_start(retry_failed=retry_failed)
    paces = recorded_paces(plan.steps, session.trainer.epochs_of)
    if session.spec.order == LONGEST:
        steps = steps_longest_first(steps, paces, session.trainer.epochs_of)
    return _Work(
        plan,
        steps,
        paces,
        session.selection.is_all,
        sweep_runs(session.record.runs),
    )


def _prepare(
    session: Session,
    choice: ExecutorChoice,
    state: StateDir,
    notice: Callable[[str], None],
    sample_s: float | None,
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
    return _Start(executor, snapshot, search_path, sample_s)


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


def _carry_out(
    session: Session,
    choice: ExecutorChoice,
    state: StateDir,
    work: _Work,
    *,
    teller: Teller,
    open_ledger: Callable[[], Ledger],
    listener: Callable[[int], Listener],
    notice: Callable[[str], None],
    patience_s: float,
    sample_s: float | None,
) -> Launched:
    """Run what is to be run, and have the record say what came of it."""
    teller.owe_done()
    start = _prepare(session, choice, state, notice, sample_s)
    ledger = open_ledger()
    parents = open_sweep_runs(session, ledger, work.plan, work.sweep_runs, start.snapshot)
    ended = _supervise(
        session,
        state,
        work,
        parents,
        start=start,
        ledger=ledger,
        listener=lambda slots: Telling(listener(slots), teller),
        patience_s=patience_s,
    )
    _close(session, state, ledger, parents, ended.jobs, notice)
    if ended.wrong is not None:
        raise ended.wrong
    held, lost = still_held(session.record, work.plan, ended.jobs), frozenset(ledger.refusals.lost)
    return Launched(work.plan, ended.jobs, ended.stopped, held, lost)


def _supervise(
    session: Session,
    state: StateDir,
    work: _Work,
    parents: Mapping[str, str],
    start: _Start,
    *,
    ledger: Ledger,
    listener: Callable[[int], Listener],
    patience_s: float,
) -> _Ended:
    """Run what is to be run, until all of it has ended or the user stops it."""
    searched = {sweep.name for sweep in session.sweeps if sweep.search is not None}
    steps = [step for step in work.steps if step.trial.sweep not in searched]
    jobs = tuple(_job(session, work, step, parents[step.trial.sweep]) for step in steps)
    slots = max(start.executor.slots.slots(sweep.spec.resources) for sweep in session.sweeps)
    sources: list[JobSource] = []
    finish_s = FINISH_S
    with contextlib.closing(listener(slots)) as display, WriteQueue(ledger) as queue:
        supervisor = Supervisor(
            queue=queue,
            executor=start.executor,
            state=state,
            trainer=session.trainer,
            identity=_identity(session, start.snapshot),
            listener=display,
            search_path=start.search_path,
            snapshot=start.snapshot,
            sample_s=start.sample_s,
        )
        try:
            sources += _sources(session, work, parents, queue, state, display.noticed)
            supervisor.run(jobs, sources)
            if supervisor.stopped is None:
                finish_s = patience_s
        finally:
            for source in sources:
                source.finish(finish_s)
    suggested = (job for source in sources for job in source.jobs)
    return _Ended((*jobs, *suggested), supervisor.stopped is not None, supervisor.wrong)


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
            make_job=functools.partial(_job, session, work, parent=parents[sweep.name]),
            parent=parents[sweep.name],
            suggests=work.suggests,
            notice=notice,
        )
        for sweep in session.sweeps
        if sweep.search is not None and sweep.name in parents
    ]


def _job(session: Session, work: _Work, step: Step, parent: str) -> Job:
    sweep = next(sweep.spec for sweep in session.sweeps if sweep.name == step.trial.sweep)
    return Job(
        step=step,
        resources=sweep.resources,
        limits=sweep.limits,
        keeps=session.keeps.get(step.trial.fingerprint, frozenset({sweep.keep})),
        tags=sweep.tag_texts,
        parent=parent,
        repeat=session.repeat_command(step.trial),
        epochs=session.trainer.epochs_of(step.trial.config),
        expected=work.paces.of(step.trial.config),
    )


def _identity(session: Session, snapshot: Snapshot | None) -> dict[str, str]:
    code = None if snapshot is None else snapshot.identity
    wished = {tags.PROFILE: session.profile or "", tags.WISH: session.request.wish}
    return {**session.identity(code), **wished, **session.origin(code)}
