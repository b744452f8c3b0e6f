"""Makes the rows of a `sweep run`: one for each trial that it took on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sweeps.scheduler.job import Phase

if TYPE_CHECKING:
    from sweeps.commands.run import Launched
    from sweeps.rows import Row


def job_rows(launched: Launched) -> list[Row]:
    """Make a row for each trial that a `sweep run` took on."""
    return [
        {
            "sweep": job.step.trial.sweep,
            "trial": job.step.trial.name,
            "outcome": "not started" if job.state == Phase.WAITING else job.state,
            "reason": job.reason,
            "attempt": job.attempts,
            "run_id": job.run_id,
            "fingerprint": job.step.trial.fingerprint,
        }
        for job in launched.jobs
    ]
