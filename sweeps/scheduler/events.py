"""Who is told what a supervisor does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sweeps.executors.base import Stop
    from sweeps.scheduler.job import Job


class Listener(Protocol):
    """Who is told what happens, to show it."""

    def started(self, job: Job) -> None:
        """An attempt has started."""

    def progressed(self, job: Job) -> None:
        """An attempt has logged something."""

    def ended(self, job: Job) -> None:
        """An attempt has ended, or a trial is given up."""

    def stopping(self, how: Stop) -> None:
        """The user asked to stop."""

    def noticed(self, text: str) -> None:
        """Something that the user should know."""

    def tick(self, jobs: Sequence[Job]) -> None:
        """Time has passed."""

    def close(self) -> None:
        """Nothing more happens."""
