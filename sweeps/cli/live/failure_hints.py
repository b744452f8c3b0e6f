"""Says while a `sweep run` goes on that trials failed alike, the first ones or later ones, so that nobody waits for the others to do so, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.results.grouping import value_text
from sweeps.cli.views.run_summary import retry_command
from sweeps.rows.failures import FirstFailures, RepeatedFailures, named
from sweeps.scheduler.events import Relay

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sweeps.commands.session import Session
    from sweeps.scheduler.events import Listener
    from sweeps.scheduler.job import Job


_LONGEST = 120
"""So much of a reason is said; the line of the first trial has all of it."""


class FailureHint(Relay):
    """A listener that says once of each reason, while there is more to do, that several trials failed for it.

    Args:
        listener: The one that shows events here.
        session: The file.
    """

    def __init__(self, listener: Listener, session: Session) -> None:
        super().__init__(listener)
        self._session = session
        self._first = FirstFailures()
        self._repeated = RepeatedFailures()
        self._is_said = False

    def ended(self, job: Job) -> None:
        """Pass it on, and take note of it."""
        super().ended(job)
        self._first.ended(job)
        self._repeated.ended(job)

    def progressed(self, job: Job) -> None:
        """Pass it on, and take note of it."""
        super().progressed(job)
        self._first.progressed(job)

    def tick(self, jobs: Sequence[Job]) -> None:
        """Pass it on; say it, where it is so and others would follow."""
        super().tick(jobs)
        if all(job.is_over for job in jobs):
            return
        if self._first.are_enough and not self._is_said:
            self._is_said = True
            self._repeated.is_known(self._first.reason)
            labels = self._first.labels
            self._hint(labels, f"the first {len(labels)} trials failed alike, before their first metric")
        for found in self._repeated.news():
            setting = ", ".join(f"{key} {value_text(value)}" for key, value in found.shared.items())
            shared = f", all with {setting}, as no trial that finished" if setting else ""
            reason = found.reason if len(found.reason) <= _LONGEST else f"{found.reason[:_LONGEST]}..."
            self._hint(
                found.labels,
                f"{len(found.labels)} trials have failed alike{shared}: {reason}; {named(found.labels)}",
            )

    def _hint(self, labels: Sequence[str], what: str) -> None:
        session = self._session
        self.noticed(
            f"{what} (`{session.command('logs', labels[0])}`): "
            f"stop (Ctrl-C, or `{session.command('stop')}`), mend it, and run again: `{retry_command(session)}`"
        )
