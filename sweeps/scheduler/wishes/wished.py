"""The jobs of one `sweep run` that no search made: which of them the file asks for, which are gone from it, which are back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.read.outcomes import Outcome
from sweeps.scheduler.job import Phase
from sweeps.scheduler.wishes.difference import difference

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from sweeps.scheduler.job import Job, JobSource
    from sweeps.scheduler.wishes.difference import Difference
    from sweeps.scheduler.wishes.wish import Wish


def is_hidden(job: Job) -> bool:
    """Whether a job was dropped before it began, and counts for nothing."""
    return job.is_gone and job.is_dropped


def is_back(job: Job) -> bool:
    """Whether the attempt of a job that ended was called off because the file asked for it no more, and it asks for it now."""
    return job.is_dropped and not job.is_gone and job.state == Outcome.INTERRUPTED


class Wished:
    """The jobs of one `sweep run` that no search made, and which of their trials are wished for.

    Args:
        jobs: Those from the start.
        trials: The fingerprints of all trials that are wished for, those that are done too.
        sources: What makes further jobs.
    """

    def __init__(
        self, jobs: Sequence[Job] = (), trials: Collection[str] = (), sources: Sequence[JobSource] = ()
    ) -> None:
        self._jobs = list(jobs)
        self._trials = trials
        self._sources = sources
        self._has_gone = False

    @property
    def jobs(self) -> list[Job]:
        """All of them but those that were dropped before they began."""
        return [job for job in self._jobs if not is_hidden(job)] if self._has_gone else self._jobs

    @property
    def all(self) -> Sequence[Job]:
        """The same, and those that searches made."""
        made = [job for source in self._sources for job in source.jobs]
        return [*self.jobs, *made] if made else self.jobs

    def unfinished(self, fingerprint: str) -> list[Job]:
        """Those of a trial that ended without a result."""
        ended = (job for job in self.all if job.step.trial.fingerprint == fingerprint)
        return [job for job in ended if job.phase is Phase.ENDED and not job.verdicts[-1].outcome.is_closed]

    def take_up(self, wish: Wish, has_begun: Callable[[Job], bool]) -> Difference:
        """Mark what is gone and what is back, renew what waits; the queue and the executor are left to the supervisor.

        Args:
            wish: What is asked for now.
            has_begun: As in `difference`.
        """
        found = difference(self._trials, wish, self._jobs, has_begun)
        self._trials = wish.trials
        for job in (*found.dropped, *found.leaving):
            job.is_gone = self._has_gone = True
        for job in found.dropped:
            job.is_dropped = True
            if job.phase is Phase.HELD:
                job.awaits()
        for job in (*found.back, *found.kept):
            job.is_gone = False
            job.is_dropped = job.is_dropped and job.phase is Phase.RUNNING
            if fresh := wish.jobs.get(job.step.trial.fingerprint):
                if job.phase in {Phase.OPENING, Phase.RUNNING}:
                    job.keeps = fresh.keeps  # which counts once it is done
                else:
                    job.renewed(fresh)
            if job.phase is Phase.ENDED:
                job.again()
        self._jobs += found.added
        return found
