"""Gives trials up: nobody takes them up again until asked for by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.read import tags
from analysis.read.outcomes import Outcome
from analysis.read.standing import standing_runs
from sweeps.record.notes import trial_note, with_remarks
from sweeps.record.verdicts.again import take_back

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from analysis.read.store import RunRecord
    from sweeps.planning.trial import Trial
    from sweeps.record.ledger import Ledger
    from sweeps.rundir.paths import StateDir

REASON = "given up by the user"
_OF_ATTEMPTS = (tags.CODE, tags.ENV, tags.OWNER)
"""Tags that say how a trial was run; one that never was has none."""


@dataclass(frozen=True, slots=True)
class GivingUp:
    """What giving a trial up does to its runs.

    Attributes:
        back: Those that were set aside for the training that is given up: they count again.
        end: The one that gets the outcome, or None.
        is_new: Whether the trial has no run yet, and gets one for the outcome alone.
    """

    back: tuple[RunRecord, ...] = ()
    end: RunRecord | None = None
    is_new: bool = False


def giving_up(runs: Sequence[RunRecord]) -> GivingUp:
    """What giving a trial up does to its runs, none of which is RUNNING. Pure.

    A trial that was being trained again goes back to the result that it had. One with a result keeps it.
    """
    if not runs:
        return GivingUp(is_new=True)
    asked_ms = max(run.set_aside_ms for run in runs)
    back = tuple(run for run in runs if asked_ms and run.set_aside_ms == asked_ms)
    counted = [*(run for run in runs if not run.set_aside_ms), *back]
    if any(run.outcome is not None and run.outcome.is_closed for run in counted):
        return GivingUp(back)
    return GivingUp(back, next(iter(standing_runs(counted).values())))


def give_up(
    ledger: Ledger, trial: Trial, state: StateDir, *, parent: str, repeat: str, shared: Mapping[str, str]
) -> bool:
    """Give a trial up, unless somebody works on it; done twice, it is done once.

    Args:
        ledger: Writes the record.
        trial: The trial.
        state: Where its run's files are, and the note that it is given up.
        parent: The run of its sweep.
        repeat: The command that runs it.
        shared: Tags that every run of this launch has.

    Returns:
        Whether it is given up, or has a result; the note is gone then.

    Raises:
        RecordError: The record cannot be written.
    """
    runs = ledger.claims.runs_of(trial.fingerprint, shared.get(tags.TRAINER))
    if any(run.is_open for run in runs):
        return False
    todo = giving_up(runs)
    take_back(ledger, todo.back)
    if todo.is_new:
        run_id = ledger.trial_run(
            sweep=trial.sweep,
            trial=trial.name,
            fingerprint=trial.fingerprint,
            parent=parent,
            tags={
                tags.ATTEMPT: "0",
                **{name: text for name, text in shared.items() if name not in _OF_ATTEMPTS},
            },
        )
        ledger.params(run_id, trial.config)
        _end(ledger, run_id, trial, repeat, state)
    elif todo.end is not None:
        _end(ledger, todo.end.run_id, trial, repeat, state, todo.end.end_ms)
    state.forget_abandoned(ledger.experiment, trial.fingerprint)
    return True


def _end(
    ledger: Ledger, run_id: str, trial: Trial, repeat: str, state: StateDir, end_ms: int | None = None
) -> None:
    note = trial_note(trial, repeat, Outcome.ABANDONED, REASON, {}, None)
    note = with_remarks(note, state.run(run_id).remarks)
    ledger.end(run_id, Outcome.ABANDONED, REASON, {tags.NOTE: note}, end_ms)
