"""A listener that has the hooks told of what it hears, and passes everything on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sweeps.scheduler.events import Relay
from sweeps.scheduler.job import Phase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sweeps.hooks.caller import HookCaller
    from sweeps.scheduler.events import Listener
    from sweeps.scheduler.job import Job


class HookListener(Relay):
    """Tells the hooks of trials that end."""

    def __init__(self, listener: Listener, caller: HookCaller) -> None:
        super().__init__(listener)
        self._caller = caller
        self._untold: dict[Job, tuple[str, int]] = {}
        """The run and the number of the attempt whose end is not told yet, as another one may follow."""

    def starting(self, job: Job) -> None:
        """Note that its end is to be told, and not that of the attempt before it."""
        self._caller.owe(job.open_run_id, job.current.number)
        if (before := self._untold.pop(job, None)) is not None:
            self._caller.drop(*before)
        super().starting(job)

    def ended(self, job: Job) -> None:
        """Pass it on, and tell of it unless the trial waits for another attempt, which may never come."""
        super().ended(job)
        self._caller.states({job.step.trial.fingerprint: job.state})
        if job.phase is Phase.ENDED:
            self._untold.pop(job, None)
            trial = job.step.trial
            where = {"sweep": trial.sweep, "trial": trial.name, "run_id": job.run_id or ""}
            self._caller.ended(job.state, job.reason, attempt=job.attempts, **where)
        else:
            self._untold[job] = job.open_run_id, job.attempts

    def tick(self, jobs: Sequence[Job]) -> None:
        """Pass it on, and see how the hooks are."""
        super().tick(jobs)
        for text in self._caller.poll():
            self.noticed(text)
