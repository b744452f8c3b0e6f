"""Makes the rows of a `sweep run`: one for each trial that it took on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.read.outcomes import NOT_STARTED, Outcome
from sweeps.scheduler.job import Phase

if TYPE_CHECKING:
    from sweeps.commands.run import Launched
    from sweeps.rows import Row
    from sweeps.scheduler.job import Job


def never_began(job: Job) -> bool:
    """Whether a trial was called off of which no attempt has begun, neither now nor in the record."""
    return job.state == Outcome.INTERRUPTED and not job.attempts and job.step.record is None


def job_rows(launched: Launched) -> list[Row]:
    """Make a row for each trial that a `sweep run` took on."""
    return [
        {
            "sweep": job.step.trial.sweep,
            "trial": job.step.trial.name,
            "outcome": NOT_STARTED if job.state == Phase.WAITING or never_began(job) else job.state,
            "reason": job.reason,
            "attempt": job.attempts,
            "run_id": job.run_id,
            "fingerprint": job.step.trial.fingerprint,
        }
        for job in launched.jobs
    ]
