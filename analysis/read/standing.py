"""Chooses the run that stands for a trial where the record has several of one fingerprint. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.read.outcomes import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

    from analysis.read.store import RunRecord


def standing_runs(runs: Iterable[RunRecord]) -> dict[str, RunRecord]:
    """The run that stands for each trial, by fingerprint.

    A run with a result (finished or pruned) stands before one without, one that is RUNNING before one that is not,
    and one that was given up before one that would be taken up again; among equals stands the one that was started
    last. A run that was set aside, because its trial is to be trained again, stands only until the next one begins:
    that one stands also when it is interrupted, or nobody would go on with it. Plan, search and report all ask here,
    so that none of them shows a run that another one does not.
    """
    standing: dict[str, RunRecord] = {}
    for run in runs:
        if run.is_trial and run.fingerprint is not None:
            other = standing.get(run.fingerprint)
            standing[run.fingerprint] = run if other is None else max(other, run, key=_rank)
    return standing


def _rank(run: RunRecord) -> tuple[bool, bool, bool, bool, int, str]:
    is_given_up = run.outcome is Outcome.ABANDONED
    return (
        not run.set_aside_ms,
        run.has_result,
        run.status == "RUNNING",
        is_given_up,
        run.start_ms,
        run.run_id,
    )
