"""The sweeps that a `sweep run` has: their locks and runs, those of sweeps that the file gets meanwhile, and their end."""

from __future__ import annotations

import functools
from concurrent.futures import Future
from concurrent.futures import TimeoutError as StillWaiting
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sweeps.commands.running.asked import Asked
from sweeps.commands.sweep_runs import close_sweep_runs, open_sweep_runs, record_file, states_of, sweep_runs
from sweeps.errors import HeldError, RefusedError
from sweeps.rundir.lock import hold

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import ExitStack

    from sweeps.commands.session import Session
    from sweeps.executors.slots import Slots
    from sweeps.hooks.caller import HookCaller
    from sweeps.planning.plan import Plan
    from sweeps.record.ledger import Ledger
    from sweeps.rundir.paths import StateDir
    from sweeps.scheduler.write_queue import WriteQueue
    from sweeps.trainer.snapshot import Snapshot

_LOOK_S = 0.2


@dataclass
class OpenSweeps:
    """The sweeps of one `sweep run`.

    Attributes:
        session: The file as it was taken up last.
        plan: Its plan.
        parents: The runs of the sweeps that are open, by name.
        state: The state directory.
        ledger: Writes the record.
        snapshot: The code that trials run, if there is a copy.
        locks: Lets go of the locks.
        caller: Tells the hooks that the file has.
    """

    session: Session
    plan: Plan
    parents: dict[str, str]
    state: StateDir
    ledger: Ledger
    snapshot: Snapshot | None
    locks: ExitStack
    caller: HookCaller
    _last: dict[str, Session] = field(init=False)
    _locked: set[str] = field(init=False)

    def __post_init__(self) -> None:
        self._last = {sweep.name: self.session for sweep in self.session.sweeps}
        self._locked = set(self._last)

    def open(
        self, session: Session, plan: Plan, slots: Slots, queue: WriteQueue, *, is_over: Callable[[], bool]
    ) -> None:
        """Have the sweeps of a file that was saved, too: their locks and runs; sweeps that are gone stay until the end.

        Args:
            session: The file.
            plan: Its plan.
            slots: What trials must fit in.
            queue: Writes to the ledger.
            is_over: Whether nothing waits for this any more.

        Raises:
            HeldError: Another process has a sweep that is new.
            SelectionError: The trials of a sweep never fit.
            StateError: A lock cannot be written.
        """
        for sweep in session.grids:
            slots.check(sweep.spec.resources, sweep.name)
        new = tuple(sweep for sweep in session.grids if sweep.name not in self.parents and sweep.trials)
        names = {sweep.name for sweep in new} - self._locked
        self.locks.enter_context(
            hold(self.state, session.spec.experiment, names, Asked.of(session).to_json())
        )
        self._locked |= names
        known = self.parents.keys() & {sweep.name for sweep in session.sweeps}
        if new:
            only_new = replace(session, sweeps=new)
            existing = sweep_runs(session.record.runs)
            opens = functools.partial(open_sweep_runs, only_new, self.ledger, plan, existing, self.snapshot)
            self.parents |= _asked(queue, opens, is_over)
        for name in known:
            steps = [step for step in plan.steps if step.trial.sweep == name]
            queue.do(functools.partial(record_file, self.ledger, self.parents[name], session, steps))

    def take_up(self, session: Session, plan: Plan) -> None:
        """Have a file in force, whose sweeps are open, in place of the one before.

        Args:
            session: The file.
            plan: Its plan.
        """
        self.session, self.plan = replace(session, record=self.session.record), plan
        self._last |= {sweep.name: self.session for sweep in session.sweeps}
        self.caller.heed(session.spec.hooks, states_of(plan))

    def close(self) -> None:
        """End the runs of the sweeps, each as the last file that had it says.

        Raises:
            RecordError: The record cannot be read or written.
        """
        sessions = {id(self._last[name]): self._last[name] for name in self.parents}
        for number, session in sessions.items():
            own = {name: run for name, run in self.parents.items() if id(self._last[name]) == number}
            close_sweep_runs(session, self.ledger, own, self.state)


def _asked(
    queue: WriteQueue, opens: Callable[[], dict[str, str]], is_over: Callable[[], bool]
) -> dict[str, str]:
    """What a write gives that the queue does in its turn."""
    answer: Future[dict[str, str]] = Future()

    def work() -> None:
        try:
            answer.set_result(opens())
        except (HeldError, RefusedError) as error:
            answer.set_exception(error)

    queue.do(work)
    while not is_over():
        try:
            return answer.result(_LOOK_S)
        except StillWaiting:
            continue
    return {}
