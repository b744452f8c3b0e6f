"""Works out how long a `sweep run` still takes: the pace of each trial, what the waiting ones have to do, and the slots."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from analysis.read.outcomes import Outcome
from sweeps.pace.order import size_of
from sweeps.pace.paces import Pace, Paces, Sample
from sweeps.pace.schedule import time_left_s
from sweeps.scheduler.job import Phase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sweeps.pace.progress import Progress
    from sweeps.scheduler.job import Job

REVISION = 0.3
"""By which part of it a line may revise the time left of the line before."""
_PRIOR_EPOCHS = 2.0
"""What others, or the record, tell of a trial's pace counts as much as so many of its own epochs."""
_FIRST_WEIGHT = 1e-3
"""What a trial's first epochs count, which hold its start as well: they tell where nothing else does."""


class Steady:
    """Shows the time left in lines that follow each other: none revises the one before by more than a part of it.

    A pace that is measured over few epochs is uncertain, and of the last trials each shakes the whole. What is really
    longer or shorter shows within a few lines.
    """

    def __init__(self) -> None:
        self._before: tuple[float, float, int] | None = None

    def shown(self, left_s: float, now_s: float, jobs: int) -> float:
        """What to show.

        Args:
            left_s: The time left by the present paces, in seconds.
            now_s: When, on the clock of `time.monotonic`.
            jobs: How many jobs there are: of others, the time before tells nothing.
        """
        if self._before is not None and self._before[2] == jobs:
            at_s, before_s, _ = self._before
            due_s = before_s - (now_s - at_s)
            if due_s > 0:
                most_s = REVISION * before_s
                left_s = min(max(left_s, due_s - most_s), due_s + most_s)
        self._before = now_s, left_s, jobs
        return left_s


class TimeLeft:
    """What is left of a launch in one moment.

    Args:
        jobs: All its jobs.
        now_s: The moment, on the clock of `time.monotonic`.
    """

    def __init__(self, jobs: Sequence[Job], now_s: float) -> None:
        self._jobs = jobs
        self._now_s = now_s
        samples = ((job, sample_of(job, now_s)) for job in jobs)
        self._own = {job: sample for job, sample in samples if sample is not None}
        # Where the config says no epochs, a sample is of a whole trial.
        self._paces, self._wholes = (
            Paces([sample for job, sample in self._own.items() if (job.epochs is None) == is_whole])
            for is_whole in (False, True)
        )

    def of_job(self, job: Job) -> float | None:
        """Seconds that a job still takes; None where nothing tells."""
        pace = self._pace(job)
        if pace is None:
            return None
        if job.phase is not Phase.RUNNING:
            return size_of(job.epochs, job.progress.epochs_done or job.step.epochs_done, pace)
        return _left_of_running(job.progress, job.epochs, pace, self._now_s)

    def of_all(self, slots: int) -> float | None:
        """Seconds until all are done; None where something of them is not known."""
        running: list[float] = []
        waiting: list[float] = []
        for job in self._jobs:
            if job.is_over:
                continue
            left_s = self.of_job(job)
            if left_s is None:
                return None
            (running if job.phase is Phase.RUNNING else waiting).append(left_s)
        to_come = self._to_come()
        if to_come is None:
            return None
        waiting += to_come
        return time_left_s(running, waiting, slots) if running or waiting else None

    def _to_come(self) -> list[float] | None:
        """How long each trial takes that searches have yet to suggest: as those that ended here, pruned ones included; None: none has."""
        count = sum(source.to_come for source in {job.source for job in self._jobs} if source is not None)
        ended = [
            job.progress.ended_s - job.progress.started_s
            for job in self._jobs
            if job.source is not None and job.phase is Phase.ENDED and job.progress.started_s
        ]
        if not count:
            return []
        return [sum(ended) / len(ended)] * count if ended else None

    def _pace(self, job: Job) -> Pace | None:
        """A job's pace: what others and the record tell, and ever more what it shows itself."""
        paces = self._wholes if job.epochs is None else self._paces
        prior = paces.of(job.config) or job.expected
        own = self._own.get(job)
        if prior is None or own is None or job.phase is not Phase.RUNNING:
            return prior
        share = own.weight / (own.weight + _PRIOR_EPOCHS)
        return Pace(own.pace.epoch_s * share + prior.epoch_s * (1 - share), own.pace.start_s)


def eta_s(jobs: Sequence[Job], slots: int) -> float | None:
    """Seconds until all jobs are done, from now; None where something of them is not known."""
    return TimeLeft(jobs, time.monotonic()).of_all(slots)


def sample_of(job: Job, now_s: float) -> Sample | None:
    """What a job's last attempt shows of its pace; None before its first epoch is over, or where it has no epochs."""
    progress = job.progress
    if job.epochs is None:
        if job.state != Outcome.FINISHED or not progress.started_s:
            return None
        return Sample(job.config, Pace(progress.ended_s - progress.started_s), 1.0)
    if not progress.fresh_epochs or not progress.rose_s:
        return None
    late_s = max(0.0, now_s - progress.rose_s - progress.pause_s) if job.phase is Phase.RUNNING else 0.0
    first_s = progress.first_rose_s - progress.started_s
    first = progress.first_rose_epochs - progress.first_epoch
    later = progress.epochs_done - progress.first_rose_epochs
    if not later:
        return Sample(job.config, Pace((first_s + late_s) / first), _FIRST_WEIGHT)
    epoch_s = (progress.rose_s - progress.first_rose_s + late_s) / later
    return Sample(job.config, Pace(epoch_s, max(0.0, first_s - first * epoch_s)), later)


def _left_of_running(progress: Progress, epochs: int | None, pace: Pace, now_s: float) -> float:
    elapsed_s = max(0.0, now_s - progress.started_s)
    if epochs is None:
        return max(0.0, pace.of(1) - elapsed_s)
    left = max(0, epochs - progress.epochs_done)
    if not progress.rose_s:  # its first epoch is not over, however long it has taken
        return max(pace.of(left) - elapsed_s, max(0, left - 1) * pace.epoch_s)
    return max(0.0, left * pace.epoch_s - progress.unseen_s(now_s))
