"""Where a supervisor's jobs come from, where they are not all known when it starts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sweeps.rundir.journal import Metrics
    from sweeps.scheduler.job import Job
    from sweeps.spec.resources import Resources


class JobSource(Protocol):
    """Makes jobs one at a time, and learns from each how it goes. One supervisor asks it, from one thread.

    Attributes:
        jobs: Every job that it has given so far.
        resources: What each of its jobs needs.
        parent: The run whose lease is renewed while it has jobs.
    """

    jobs: list[Job]
    resources: Resources
    parent: str

    @property
    def is_open(self) -> bool:
        """Whether it may yet give a job, now or when one that runs has ended."""

    def next(self) -> Job | None:
        """The next job, asked for as soon as a slot is free; None: none for now.

        While none of its jobs runs it gives one, or is no longer open.
        """

    def linked(self, job: Job) -> None:
        """Take note that a job has got its run, before its first attempt starts."""

    def reported(self, job: Job, rows: Sequence[Metrics]) -> str | None:
        """Take note of what a job logged; returns why it is to be pruned, if it is.

        Raises:
            SpecError: What the job logs shows that the file asks for something that does not exist.
        """

    def ended(self, job: Job) -> None:
        """Take note of a job's outcome, which stands in its `state`.

        Raises:
            SpecError: As for `reported`.
        """

    def close(self) -> None:
        """Give no more jobs."""

    def finish(self, patience_s: float) -> None:
        """Write what is not written yet, waiting up to `patience_s` seconds; called last, whatever happened before."""
