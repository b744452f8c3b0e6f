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
