"""Tells where trials fail alike: for one and the same reason, which is likely to be one fault. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.read.outcomes import Outcome
from analysis.read.provenance import shortened
from sweeps.spec.sweep_parser import SEED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sweeps.scheduler.job import Job

ENOUGH = 3
"""So many trials that fail alike are no chance."""
MOST_NAMED = 6
"""How many of the trials that failed alike are named."""


class Reasons:
    """Reasons as they are said one after the other: in full of the first trial, of the others by its name."""

    def __init__(self) -> None:
        self._first: dict[str, str] = {}

    def said(self, label: str, reason: str) -> str:
        """The reason of a trial as it stands in brackets; where that is shorter, which earlier trial has it, too."""
        first = self._first.setdefault(reason, label)
        short = f"for the same reason as {first}"
        return short if first != label and len(short) < len(reason) else reason


class FirstFailures:
    """Watches whether the first trials of a `sweep run` all fail alike, before their first metric."""

    def __init__(self) -> None:
        self._reason = ""
        self._labels: dict[str, None] = {}
        self._is_over = False

    def progressed(self, job: Job) -> None:
        """Take note of a trial that has logged something: not all of them fail."""
        self._is_over = self._is_over or (job.progress.has_metrics and not self.are_enough)

    def ended(self, job: Job) -> None:
        """Take note of a trial whose attempt has ended."""
        if self._is_over or self.are_enough:
            return
        verdict = job.verdicts[-1] if job.verdicts else None
        failed = verdict is not None and verdict.outcome is Outcome.FAILED and not job.progress.has_metrics
        if verdict is None or not failed or verdict.reason != (self._reason or verdict.reason):
            self._is_over = True
            return
        self._reason = verdict.reason
        self._labels[job.label] = None

    @property
    def are_enough(self) -> bool:
        """Whether so many have failed alike, and none has done otherwise."""
        return not self._is_over and len(self._labels) >= ENOUGH

    @property
    def labels(self) -> tuple[str, ...]:
        """Those that have."""
        return tuple(self._labels)

    @property
    def reason(self) -> str:
        """Why they have."""
        return self._reason


@dataclass(frozen=True, slots=True)
class Repeated:
    """Trials that failed for one reason, though others did not.

    Attributes:
        reason: The reason.
        labels: The trials.
        shared: What they have in common and no trial that finished has, among the settings that vary.
    """

    reason: str
    labels: tuple[str, ...]
    shared: Mapping[str, object]


class RepeatedFailures:
    """Watches for a reason for which several trials of a `sweep run` fail, whenever they do and whatever ended in between."""

    def __init__(self) -> None:
        self._failed: dict[str, list[Job]] = {}
        self._finished: list[Job] = []
        self._said: set[str] = set()

    def ended(self, job: Job) -> None:
        """Take note of a trial whose attempt has ended; one that is tried again has not failed yet."""
        if not job.is_over:
            return
        if job.state == Outcome.FINISHED:
            self._finished.append(job)
        elif job.state == Outcome.FAILED and job.reason:
            self._failed.setdefault(job.reason, []).append(job)

    def is_known(self, reason: str) -> None:
        """Say no more of a reason: it was said otherwise."""
        self._said.add(reason)

    def news(self) -> Iterator[Repeated]:
        """The reasons that have ended enough trials by now, each once."""
        for reason, jobs in self._failed.items():
            if len(jobs) >= ENOUGH and reason not in self._said:
                self._said.add(reason)
                yield Repeated(reason, tuple(job.label for job in jobs), self._shared(jobs))

    def _shared(self, jobs: Sequence[Job]) -> dict[str, object]:
        first, *others = jobs
        varied = {key: first.config.get(key) for key in first.step.trial.axes if key != SEED}
        return {
            key: value
            for key, value in varied.items()
            if all(job.config.get(key) == value for job in others)
            and self._finished
            and all(job.config.get(key, value) != value for job in self._finished)
        }


def alike(failures: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """The labels of the trials that failed for each reason, in the order in which the reasons first occur; given are (label, reason)."""
    found: dict[str, list[str]] = {}
    for label, reason in failures:
        found.setdefault(reason, []).append(label)
    return found


def named(labels: Sequence[str]) -> str:
    """`a/lr1, a/lr2 and 5 more`."""
    return shortened(labels, MOST_NAMED)
