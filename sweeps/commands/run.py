"""`sweep run`: holds the sweeps, brings the record up to date, plans, opens the sweeps' runs, supervises, closes them."""

from __future__ import annotations

import contextlib
import functools
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.read.outcomes import Outcome
from sweeps.commands.running.asked import Asked
from sweeps.commands.running.handover import forget_notes
from sweeps.commands.running.older_record import bring_up_to_date, mend_new_record
from sweeps.commands.running.open_sweeps import OpenSweeps
from sweeps.commands.running.starting import LaunchSettings, prepare
from sweeps.commands.running.supervision import Supervision
from sweeps.commands.sweep_runs import (
    interrupted_at_the_end,
    open_sweep_runs,
    states_of,
    still_held,
    sweep_runs,
)
from sweeps.commands.verdicts.for_good import settle_noted
from sweeps.hooks.caller import HookCaller
from sweeps.planning.plan import Action
from sweeps.record.ledger import Ledger
from sweeps.record.outage import Outage
from sweeps.record.refusals import Refusals
from sweeps.rundir.access import refuse_shared
from sweeps.rundir.lock import hold
from sweeps.rundir.paths import StateDir
from sweeps.scheduler.job import Job, Phase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sweeps.commands.session import Session
    from sweeps.pace.paces import Paces
    from sweeps.planning.plan import Plan, Step
    from sweeps.scheduler.events import Listener


@dataclass(frozen=True, slots=True)
class Launched:
    """The result of a `sweep run`.

    Attributes:
        plan: The plan that it carried out; without the trials that were given up meanwhile.
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
    settings: LaunchSettings,
    *,
    announce: Callable[[Plan, Sequence[Step]], None],
    notice: Callable[[str], None],
    listener: Callable[[int], Listener],
) -> Launched:
    """Carry out the plan, and tell the file's hooks of it.

    Args:
        session: The checked spec and the selected trials.
        settings: How trials are run.
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
    with _hooks_of(session, state, notice) as caller, contextlib.ExitStack() as locks:
        locks.enter_context(hold(state, experiment, names, Asked.of(session).to_json()))
        # Opened by the first step that writes: where nothing is to be done, nothing is created.
        opening = functools.partial(
            Ledger.open, uri, experiment, Outage(settings.patience_s), Refusals(state)
        )
        open_ledger = functools.cache(functools.partial(opening, began_ms=int(time.time() * 1000)))
        bring_up_to_date(session, settings.choice, state, open_ledger, notice, again=settings.again)
        work = _planned(session, caller, retry_failed=settings.retry_failed)
        announce(work.plan, work.steps)
        if work.is_empty:
            launched = Launched(work.plan, (), stopped=False, held=still_held(session.record, work.plan))
        else:
            caller.owe_done()
            start = prepare(session, settings.choice, state, notice)
            ledger = open_ledger()
            parents = open_sweep_runs(session, ledger, work.plan, work.sweep_runs, start.snapshot)
            sweeps = OpenSweeps(session, work.plan, parents, state, ledger, start.snapshot, locks, caller)
            launched = _carried_out(
                Supervision(sweeps, start, work.steps, work.paces, settings), listener, notice
            )
        caller.done(launched.exit_code)
        return launched


@contextlib.contextmanager
def _hooks_of(session: Session, state: StateDir, notice: Callable[[str], None]) -> Iterator[HookCaller]:
    """What tells the file's hooks, until this ends; then it waits a little for those that run."""
    asked = session.request
    about = (*session.labels, *asked.only, "but", *asked.excepting)
    caller = HookCaller(session.spec.hooks, state, session.spec.experiment, asked.file, about)
    try:
        yield caller
    finally:
        for text in caller.finish():
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
        unclosed: Those of them whose run has yet to be closed.
    """

    plan: Plan
    steps: Sequence[Step]
    paces: Paces
    suggests: bool
    sweep_runs: Mapping[str, str]
    unclosed: frozenset[str]

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be started, and every sweep has its run, which is closed."""
        if self.steps or self.unclosed or (self.suggests and self.plan.to_begin):
            return False
        return self.sweep_runs.keys() >= {step.trial.sweep for step in self.plan.steps}


def _planned(session: Session, caller: HookCaller, *, retry_failed: bool) -> _Work:
    plan = session.plan()
    caller.states(states_of(plan))
    caller.left(session.record.runs)
    steps, paces = session.in_start_order(plan, plan.to_start(retry_failed=retry_failed))
    runs, is_whole = session.record.runs, session.selection.is_all
    unclosed = interrupted_at_the_end(runs, plan) if is_whole else frozenset()
    return _Work(plan, steps, paces, is_whole, sweep_runs(runs), unclosed)


def _carried_out(
    supervision: Supervision, listener: Callable[[int], Listener], notice: Callable[[str], None]
) -> Launched:
    """Run what is to be run, record again what the store lost of it, and end the sweeps' runs."""
    ended = supervision.run(listener)
    sweeps = supervision.sweeps
    session, ledger, record = sweeps.session, sweeps.ledger, sweeps.session.record
    record.refresh()
    run_ids = {job.run_id for job in ended.jobs if job.run_id is not None}
    for text in mend_new_record(record, run_ids, sweeps.state, ledger):
        notice(text)
    # Of trials that this launch had not taken on, such as those that failed before it.
    plan = session.plan() if settle_noted(session, sweeps.state, lambda: ledger) else sweeps.plan
    sweeps.close()
    if ended.wrong is not None:
        raise ended.wrong
    held, lost = still_held(record, plan, ended.jobs), frozenset(ledger.refusals.lost)
    return Launched(plan, ended.jobs, ended.stopped, held, lost)
