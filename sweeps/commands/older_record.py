"""Mends runs whose record is older than their files: the store was put back to a backup, or lost part of what it had.

Finished runs are looked at as a whole: one question to the store for the last steps of all their metrics, and a small
file of each run here that says what was delivered. Runs that go on are compared one by one when they are opened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.read import tags
from sweeps.record.notes import with_remarks
from sweeps.rundir.delivered import Delivered
from sweeps.scheduler.recovery import ended_unrecorded, mend

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from analysis.read.record import Record
    from analysis.read.store import RunRecord
    from sweeps.record.ledger import Ledger
    from sweeps.rundir.paths import StateDir

RECORDED = "attempt {attempt} had ended here ({outcome}), and the record did not know: an older copy of the store? It is recorded again"


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
    for run in _short(record, mine, state):
        ledger, paths = open_ledger(), state.run(run.run_id)
        for text in ledger.agree(run.run_id, paths, takes_over=False, doubt=True):
            yield f"{run.sweep}/{run.trial}: {text}"
        ledger.tag(run.run_id, {tags.NOTE: with_remarks(run.tags.get(tags.NOTE, ""), paths.remarks)})


def _short(record: Record, runs: list[RunRecord], state: StateDir) -> list[RunRecord]:
    """The runs with a result of which the store has less than it was sent from here."""
    done = [run for run in runs if run.outcome is not None and run.outcome.is_result]
    claims = {run.run_id: Delivered.read(state.run(run.run_id)).last_steps for run in done}
    if not any(claims.values()):
        return []
    stored: dict[str, dict[str, int]] = {run_id: {} for run_id in claims}
    for point in record.finals():
        if point.run_id in stored:
            stored[point.run_id][point.key] = point.step
    return [
        run
        for run in done
        if any(
            (found := stored[run.run_id].get(key)) is None or found < last
            for key, last in claims[run.run_id].items()
        )
    ]
