"""Defines the interface through which a supervisor reports what happens, to be shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sweeps.executors.base import Stop
    from sweeps.scheduler.job import Job


class Listener(Protocol):
    """Shows what happens: a method an event, called from the supervisor's thread."""

    def starting(self, job: Job) -> None:
        """A job has its run, and its attempt is about to start."""

    def started(self, job: Job) -> None:
        """An attempt has started."""

    def progressed(self, job: Job) -> None:
        """An attempt has logged something."""

    def ended(self, job: Job) -> None:
        """An attempt has ended, or a trial is given up."""

    def stopping(self, how: Stop) -> None:
        """All running trials are being stopped."""

    def noticed(self, text: str) -> None:
        """There is something that the user should know."""

    def tick(self, jobs: Sequence[Job]) -> None:
        """Time has passed."""

    def close(self) -> None:
        """Nothing more happens."""


class Relay:
    """A listener that passes every event on to another; who hears more in some of them overrides these.

    Args:
        listener: The other one.
    """

    def __init__(self, listener: Listener) -> None:
        self._listener = listener

    def starting(self, job: Job) -> None:
        """Pass it on."""
        self._listener.starting(job)

    def started(self, job: Job) -> None:
        """Pass it on."""
        self._listener.started(job)

    def progressed(self, job: Job) -> None:
        """Pass it on."""
        self._listener.progressed(job)

    def ended(self, job: Job) -> None:
        """Pass it on."""
        self._listener.ended(job)

    def stopping(self, how: Stop) -> None:
        """Pass it on."""
        self._listener.stopping(how)

    def noticed(self, text: str) -> None:
        """Pass it on."""
        self._listener.noticed(text)

    def tick(self, jobs: Sequence[Job]) -> None:
        """Pass it on."""
        self._listener.tick(jobs)

    def close(self) -> None:
        """Pass it on."""
        self._listener.close()
