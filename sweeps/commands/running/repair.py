"""Repairs the record before a `sweep run` plans: what dead supervisors left RUNNING, and what an older copy of the store lacks."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from sweeps.commands.older_record import mend_older_record
from sweeps.commands.sweep_runs import held_error
from sweeps.errors import RunGoneError
from sweeps.rundir.lease import liveness
from sweeps.scheduler.recovery import mend

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from analysis.read.store import RunRecord
    from sweeps.commands.session import Session
    from sweeps.executors.registry import ExecutorChoice
    from sweeps.record.ledger import Ledger
    from sweeps.rundir.paths import StateDir


def repair(
    session: Session,
    choice: ExecutorChoice,
    state: StateDir,
    open_ledger: Callable[[], Ledger],
    notice: Callable[[str], None],
) -> None:
    """End the runs that dead supervisors left RUNNING, and record again what an older copy of the store lacks.

    What the executor still has is left as it is: the supervisor takes it over.

    Raises:
        HeldError: Another supervisor holds one of the sweeps.
        RecordError: The record cannot be written.
    """
    sweeps = {sweep.name for sweep in session.sweeps}
    session.record.refresh()  # it may have changed until the sweeps were held
    runs = (*session.record.runs, *session.record.others)
    is_alive = liveness(runs)
    running = [run for run in runs if run.status == "RUNNING" and run.sweep in sweeps]
    _refuse_others(session.spec.experiment, running, is_alive)
    dead = [run for run in running if not is_alive(run)]
    kept = choice.kept(state.run(run.run_id) for run in dead)
    left = [run for run in dead if state.run(run.run_id) not in kept]
    for run in left:
        with contextlib.suppress(RunGoneError):  # deleted since it was listed
            mend(open_ledger(), run, state)
    told = list(mend_older_record(session.record, sweeps, state, open_ledger))
    if left or told:
        session.record.refresh()
    for text in told:
        notice(text)


def _refuse_others(
    experiment: str, running: Iterable[RunRecord], is_alive: Callable[[RunRecord], bool]
) -> None:
    """Raise `HeldError` where another supervisor holds one of the sweeps, on another machine or in another directory."""
    for run in running:
        if run.is_sweep and is_alive(run):
            raise held_error(experiment, run)
