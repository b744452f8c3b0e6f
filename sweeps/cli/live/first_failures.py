"""Says while a `sweep run` goes on that its first trials all failed alike, so that nobody waits for the others to do so, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sweeps.cli.views.run_summary import retry_command
from sweeps.rows.failures import FirstFailures
from sweeps.scheduler.events import Relay

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sweeps.commands.session import Session
    from sweeps.scheduler.events import Listener
    from sweeps.scheduler.job import Job


class FailureHint(Relay):
    """A listener that says once, while there is more to do, that the first trials failed alike.

    Args:
        listener: The one that shows events here.
        session: The file.
    """

    def __init__(self, listener: Listener, session: Session) -> None:
        super().__init__(listener)
        self._session = session
        self._failures = FirstFailures()
        self._is_said = False

    def ended(self, job: Job) -> None:
        """Pass it on, and take note of it."""
        super().ended(job)
        self._failures.ended(job)

    def progressed(self, job: Job) -> None:
        """Pass it on, and take note of it."""
        super().progressed(job)
        self._failures.progressed(job)

    def tick(self, jobs: Sequence[Job]) -> None:
        """Pass it on; say it, where it is so and others would follow."""
        super().tick(jobs)
        if self._failures.are_enough and not self._is_said and not all(job.is_over for job in jobs):
            self._is_said = True
            self.noticed(self._hint())

    def _hint(self) -> str:
        labels, session = self._failures.labels, self._session
        return (
            f"the first {len(labels)} trials failed alike, before their first metric (`{session.command('logs', labels[0])}`): "
            f"stop (Ctrl-C, or `{session.command('stop')}`), mend it, and run again: `{retry_command(session)}`"
        )
