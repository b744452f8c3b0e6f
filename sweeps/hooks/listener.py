"""A listener that has the hooks told of what it hears, and passes everything on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sweeps.scheduler.job import Phase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sweeps.executors.base import Stop
    from sweeps.hooks.teller import Teller
    from sweeps.scheduler.events import Listener
    from sweeps.scheduler.job import Job


class Telling:
    """Tells the hooks of trials that end.

    Args:
        listener: The one that shows events.
        teller: Tells the hooks.
    """

    def __init__(self, listener: Listener, teller: Teller) -> None:
        self._listener = listener
        self._teller = teller

    def starting(self, job: Job) -> None:
        """Note that its end is to be told."""
        self._teller.owe(job.open_run_id, job.current.number)
        self._listener.starting(job)

    def started(self, job: Job) -> None:
        """Pass it on."""
        self._listener.started(job)

    def progressed(self, job: Job) -> None:
        """Pass it on."""
        self._listener.progressed(job)

    def ended(self, job: Job) -> None:
        """Pass it on, and tell of it unless the trial is tried again."""
        self._listener.ended(job)
        self._teller.states({job.step.trial.fingerprint: job.state})
        if job.phase is Phase.ENDED:
            trial = job.step.trial
            where = {"sweep": trial.sweep, "trial": trial.name, "run_id": job.run_id or ""}
            self._teller.ended(job.state, job.reason, attempt=job.attempts, **where)
        else:
            self._teller.drop(job.open_run_id, job.attempts)

    def stopping(self, how: Stop) -> None:
        """Pass it on."""
        self._listener.stopping(how)

    def noticed(self, text: str) -> None:
        """Pass it on."""
        self._listener.noticed(text)

    def tick(self, jobs: Sequence[Job]) -> None:
        """Pass it on, and see how the hooks are."""
        self._listener.tick(jobs)
        for text in self._teller.poll():
            self._listener.noticed(text)

    def close(self) -> None:
        """Pass it on."""
        self._listener.close()
