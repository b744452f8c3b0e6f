"""Queues the jobs that wait for a slot; however many they are, only those in front are looked at."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sweeps.scheduler.job import Job
    from sweeps.spec.resources import Resources


class JobQueue:
    """A queue in the order of arrival, in which jobs that want the same share of the machine stand in one line.

    Args:
        jobs: Who waits from the start.
    """

    def __init__(self, jobs: Iterable[Job] = ()) -> None:
        self._lines: dict[Resources, deque[tuple[int, Job]]] = {}
        self._later: list[Job] = []
        self._arrived = self._alone = 0
        for job in jobs:
            self._stand(job)

    def __bool__(self) -> bool:
        return bool(self._later) or any(self._lines.values())

    @property
    def jobs(self) -> list[Job]:
        """All that wait, in no order."""
        return [*self._later, *(job for line in self._lines.values() for _, job in line)]

    @property
    def has_alone(self) -> bool:
        """Whether a job that is due wants the machine, or its devices, for itself."""
        return self._alone > 0

    def add(self, job: Job) -> None:
        """Queue a job; it is not due before its `not_before_s`."""
        self._later.append(job)

    def wake(self, now_s: float) -> None:
        """Queue the jobs that have become due at `now_s`, on the clock of `time.monotonic`."""
        later, self._later = self._later, []
        for job in later:
            if job.not_before_s <= now_s:
                self._stand(job)
            else:
                self._later.append(job)

    def first(self, without: Collection[Resources]) -> Job | None:
        """The job that is due and came first, of those that want none of the given shares."""
        heads = [line[0] for share, line in self._lines.items() if line and share not in without]
        return min(heads, key=lambda head: head[0])[1] if heads else None

    def take(self, job: Job) -> None:
        """Remove the job that `first` gave."""
        self._lines[job.resources].popleft()
        self._alone -= job.alone

    def drop(self, fingerprint: str) -> list[Job]:
        """Remove the jobs of a trial, and return them."""
        dropped = [job for job in self.jobs if job.step.trial.fingerprint == fingerprint]
        self.remove(dropped)
        return dropped

    def remove(self, jobs: Collection[Job]) -> None:
        """Remove these jobs, as far as they wait here."""
        unwanted = set(jobs)
        self._later = [job for job in self._later if job not in unwanted]
        for share, line in self._lines.items():
            left = deque(place for place in line if place[1] not in unwanted)
            self._alone -= sum(job.alone for _, job in line) - sum(job.alone for _, job in left)
            self._lines[share] = left

    def _stand(self, job: Job) -> None:
        self._arrived += 1
        self._alone += job.alone
        self._lines.setdefault(job.resources, deque()).append((self._arrived, job))
