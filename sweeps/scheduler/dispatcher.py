"""Gives free slots to jobs: those that are known, in order, then those that searches make."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from analysis.read.outcomes import Outcome
from sweeps.scheduler.job_queue import JobQueue

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from sweeps.executors.slots import Allocation, Slots
    from sweeps.scheduler.job import Job, JobSource
    from sweeps.scheduler.verdict import Verdict
    from sweeps.spec.resources import Resources


class Dispatcher:
    """Chooses the job that gets the next free slot.

    Args:
        slots: What may run at once.
        jobs: What is known from the start.
        sources: Asked for more wherever a slot is free and none of the known jobs wants it.
    """

    def __init__(self, slots: Slots, jobs: Sequence[Job] = (), sources: Sequence[JobSource] = ()) -> None:
        self._slots = slots
        self._queue = JobQueue(jobs)
        self._sources = sources

    @property
    def has_more(self) -> bool:
        """Whether a job waits, or a source may yet give one."""
        return bool(self._queue) or any(source.is_open for source in self._sources)

    def requeue(self, job: Job) -> None:
        """Have a job wait for another attempt, not before its `not_before_s`."""
        self._queue.add(job)

    def left(self) -> list[Job]:
        """The jobs that wait for another attempt; others have not begun."""
        return [job for job in self._queue.jobs if job.verdicts]

    def drop(self, fingerprint: str) -> list[Job]:
        """Remove the waiting jobs of a trial, and return them."""
        return self._queue.drop(fingerprint)

    def refill(self, dropped: Collection[Job], waiting: Sequence[Job]) -> None:
        """Remove some jobs, and have others wait in this order, whether they do so already or not."""
        self._queue.remove([*dropped, *waiting])
        for job in waiting:
            self._queue.add(job)

    def freed(self, allocation: Allocation, verdict: Verdict, lived_s: float) -> Iterator[str]:
        """Give back what an attempt held, and count its death against the devices if it was early.

        Args:
            allocation: What it held.
            verdict: How it ended.
            lived_s: How long it lived, in seconds.

        Yields:
            What the user should know of the devices.
        """
        self._slots.release(allocation)
        failed = verdict.outcome == Outcome.FAILED
        for device in self._slots.note_end(allocation, failed=failed, lived_s=lived_s):
            yield f"device {device} is set aside: three trials in a row died on it within seconds"

    def grants(self) -> Iterator[tuple[Job, Allocation | None]]:
        """The jobs that get what is free now, each with its allocation; None: it can never have one."""
        refused: set[Resources] = set()
        self._queue.wake(time.monotonic())
        while (job := self._queue.first(refused)) is not None:
            if not self._slots.can_ever(job.resources):
                self._queue.take(job)
                yield job, None
            elif (allocation := self._slots.allocate(job.resources, alone=job.alone)) is not None:
                self._queue.take(job)
                yield job, allocation
            elif job.alone:
                return  # nothing overtakes a trial that waits for an empty slot, or it would wait for ever
            else:
                refused.add(job.resources)
        if not self._queue.has_alone:
            yield from self._grants_of_sources()

    def _grants_of_sources(self) -> Iterator[tuple[Job, Allocation]]:
        for source in self._sources:
            if not self._slots.can_ever(source.resources):
                source.close()
            while source.is_open and (allocation := self._slots.allocate(source.resources)) is not None:
                job = source.next()
                if job is None:
                    self._slots.release(allocation)
                    break
                yield job, allocation
