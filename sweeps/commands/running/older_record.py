"""Mends runs that dead supervisors left, and runs whose record is older than their files: the store was put back to a backup.

Finished runs are looked at as a whole: one question to the store for the last steps of all their metrics, and a small
file of each run here that says what was delivered. Runs that go on are compared one by one when they are opened.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from analysis.read import tags
from sweeps.commands.sweep_runs import held_error
from sweeps.commands.verdicts.again import ask_again
from sweeps.commands.verdicts.for_good import settle_noted
from sweeps.errors import RunGoneError
from sweeps.record.notes import with_remarks
from sweeps.rundir.delivered import Delivered, short_by_points, short_by_steps
from sweeps.rundir.lease import liveness
from sweeps.scheduler.recovery import ended_unrecorded, mend

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from analysis.read.record import Record
    from analysis.read.store import RunRecord
    from sweeps.commands.session import Session
    from sweeps.executors.registry import ExecutorChoice
    from sweeps.record.ledger import Ledger
    from sweeps.rundir.paths import StateDir

RECORDED = "attempt {attempt} had ended here ({outcome}), and the record did not know: an older copy of the store? It is recorded again"


def bring_up_to_date(
    session: Session,
    choice: ExecutorChoice,
    state: StateDir,
    open_ledger: Callable[[], Ledger],
    notice: Callable[[str], None],
    *,
    again: bool,
) -> None:
    """Have the record say what became of earlier trials, and what the user decided about them; the caller holds the sweeps.

    Args:
        session: The file; its record is listed anew where it changed.
        choice: The executor: attempts that it still has are left as they are.
        state: Where runs keep their files.
        open_ledger: What writes the record; called only where there is something to write.
        notice: Called with what was done, in words.
        again: Whether the selected trials are to be trained anew.

    Raises:
        HeldError: Another supervisor holds one of the sweeps.
        RecordError: The record cannot be written.
    """
    _mend_record(session, choice, state, open_ledger, notice)
    if settle_noted(session, state, open_ledger):
        notice("what `sweep stop --for-good` had asked for is recorded")
    for text in ask_again(session, open_ledger) if again else ():
        notice(text)


def _mend_record(
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


def mend_older_record(
    record: Record, sweeps: Collection[str], state: StateDir, open_ledger: Callable[[], Ledger]
) -> Iterator[str]:
    """Record again what the store has lost of runs that are not RUNNING; the caller holds their sweeps.

    Args:
        record: The experiment's record; it has to be listed anew where anything was done.
        sweeps: The names of the sweeps.
        state: Where runs keep their files.
        open_ledger: What writes the record; called only where there is something to write.

    Yields:
        What was done, in words.

    Raises:
        RecordError: The record cannot be written.
    """
    mine = [run for run in record.runs if run.is_trial and run.sweep in sweeps and run.status != "RUNNING"]
    for run in mine:
        if ended_unrecorded(run, state.run(run.run_id)):
            outcome, attempt = mend(open_ledger(), run, state), state.run(run.run_id).last_attempt()
            yield f"{run.sweep}/{run.trial}: {RECORDED.format(attempt=attempt, outcome=outcome)}"
    done = [run for run in mine if run.has_result]
    for run in _lacking(record, done, state):
        yield from _send_again(run, state, open_ledger())


def mend_new_record(
    record: Record, run_ids: Collection[str], state: StateDir, ledger: Ledger
) -> Iterator[str]:
    """Record again what a store that was put back while trials ran has lost of them, holes within their curves included.

    A database counts the points of all these runs at once. Any other store cannot: there, runs are compared point by
    point where the store was away meanwhile, as it is while it is put back, or where last steps are missing.

    Args:
        record: The experiment's record, listed anew.
        run_ids: The runs that this `sweep run` ended.
        state: Where runs keep their files.
        ledger: What writes the record.

    Yields:
        What was done, in words.

    Raises:
        RecordError: The record cannot be read or written.
    """
    runs = [run for run in ledger.patiently(lambda: record.runs) if run.run_id in run_ids]
    claims = {run.run_id: Delivered.read(state.run(run.run_id)) for run in runs}
    if not any(claim.tallies for claim in claims.values()):
        return
    counts = ledger.patiently(lambda: record.counts([run.run_id for run in runs]))
    if counts:
        lacking = short_by_points(claims, counts)
        short = [run for run in runs if run.run_id in lacking]
    else:
        short = runs if ledger.outage.count else ledger.patiently(lambda: _lacking(record, runs, state))
    for run in short:
        yield from _send_again(run, state, ledger)


def _send_again(run: RunRecord, state: StateDir, ledger: Ledger) -> Iterator[str]:
    paths = state.run(run.run_id)
    told = ledger.agree(run.run_id, paths, takes_over=False, doubt=True)
    if told:
        ledger.tag(run.run_id, {tags.NOTE: with_remarks(run.tags.get(tags.NOTE, ""), paths.remarks)})
    for text in told:
        yield f"{run.sweep}/{run.trial}: {text}"


def _lacking(record: Record, runs: Sequence[RunRecord], state: StateDir) -> list[RunRecord]:
    """The runs of which the store has less than it was sent from here, by the last steps of their metrics."""
    claims = {run.run_id: Delivered.read(state.run(run.run_id)) for run in runs}
    if not any(claim.tallies for claim in claims.values()):
        return []
    short = short_by_steps(claims, record.finals())
    return [run for run in runs if run.run_id in short]
