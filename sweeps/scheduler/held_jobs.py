"""The jobs whose trials another `sweep run` has: asked for again now and then, for as long as there is other work."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sweeps.scheduler.job import Job

ASK_S = 10.0
"""How often a held trial is asked for again."""
TWIN_S = 0.5
"""How often it is asked for where another job of this `sweep run` has it."""


class HeldJobs:
    """Knows which job of this `sweep run` has which trial, and which jobs are held by another one."""

    def __init__(self) -> None:
        self._has: dict[str, Job] = {}
        self._held: dict[Job, float] = {}
        self._told: set[Job] = set()

    def is_free(self, job: Job) -> bool:
        """Whether no other job of this `sweep run` is at work on the same trial; the job has it from now on then."""
        other = self._has.get(job.step.trial.fingerprint, job)
        job.has_twin = job.has_twin or other is not job
        if other is not job and not other.is_over:
            job.not_before_s = time.monotonic() + TWIN_S
            return False
        self._has[job.step.trial.fingerprint] = job
        return True

    def add(self, job: Job) -> bool:
        """Keep a job that is held; returns whether it is news."""
        self._held[job] = time.monotonic() + ASK_S
        is_news = job not in self._told
        self._told.add(job)
        return is_news

    def forget(self, job: Job) -> None:
        """Ask for it no more; its trial is free for others."""
        self._held.pop(job, None)
        if self._has.get(job.step.trial.fingerprint) is job:
            del self._has[job.step.trial.fingerprint]

    def drop(self, fingerprint: str) -> Iterator[Job]:
        """Take out the held jobs of a trial; they wait then."""
        for job in [job for job in self._held if job.step.trial.fingerprint == fingerprint]:
            self.forget(job)
            job.awaits()
            yield job

    def due(self) -> Iterator[Job]:
        """Take out the jobs to be asked for again now."""
        now_s = time.monotonic()
        for job in [job for job, at_s in self._held.items() if at_s <= now_s]:
            del self._held[job]
            yield job
