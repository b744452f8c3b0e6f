"""Supervises the trials of a `sweep run`: what is known from the start, what searches suggest, and what the file asks for later."""

from __future__ import annotations

import contextlib
import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.read import tags
from sweeps.commands.running.file_watch import FileWatch
from sweeps.commands.running.starting import job_of
from sweeps.hooks.listener import HookListener
from sweeps.scheduler.supervisor import Supervisor
from sweeps.scheduler.wishes.wish import Wish
from sweeps.scheduler.write_queue import WriteQueue

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sweeps.commands.running.open_sweeps import OpenSweeps
    from sweeps.commands.running.starting import LaunchSettings, Start
    from sweeps.commands.session import Session
    from sweeps.errors import SweepError
    from sweeps.pace.paces import Paces
    from sweeps.planning.plan import Step
    from sweeps.scheduler.events import Listener
    from sweeps.scheduler.job import Job, JobSource
    from sweeps.trainer.snapshot import Snapshot

FINISH_S = 2.0
"""How long a search's study is waited for at the end, where the user or an error stopped the run."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How supervising ended.

    Attributes:
        jobs: Every job that was taken on.
        stopped: Whether the user stopped it.
        wrong: What a trial showed to be wrong with the file, or None.
    """

    jobs: tuple[Job, ...]
    stopped: bool
    wrong: SweepError | None


@dataclass(frozen=True, slots=True)
class Supervision:
    """What is to be supervised, and how.

    Attributes:
        sweeps: The sweeps, open.
        start: What trials are started with.
        steps: The steps to start, in this order.
        paces: How fast such trials were.
        settings: How trials are run.
    """

    sweeps: OpenSweeps
    start: Start
    steps: Sequence[Step]
    paces: Paces
    settings: LaunchSettings

    def run(self, listener: Callable[[int], Listener]) -> Ended:
        """Run what is to be run, until all of it has ended or the user stops it.

        Args:
            listener: Makes the display, given how many attempts run at once.

        Raises:
            RecordError: The record cannot be written.
            SweepError: A search's study cannot be opened.
        """
        sweeps, executor = self.sweeps, self.start.executor
        session = sweeps.session
        searches = session.searches
        steps = [step for step in self.steps if step.trial.sweep not in searches]
        jobs = tuple(job_of(session, self.paces, step, sweeps.parents[step.trial.sweep]) for step in steps)
        slots = max(executor.slots.slots(sweep.spec.resources) for sweep in session.sweeps)
        sources: list[JobSource] = []
        finish_s = FINISH_S
        display = HookListener(listener(slots), sweeps.caller)
        with contextlib.closing(display), WriteQueue(sweeps.ledger) as queue:
            supervisor = Supervisor(
                queue=queue,
                executor=executor,
                state=sweeps.state,
                trainer=session.trainer,
                identity=_identity(session, self.start.snapshot),
                listener=display,
                search_path=self.start.search_path,
                snapshot=self.start.snapshot,
                sample_s=self.settings.sample_s,
            )
            try:
                sources += self._sources(queue, display.noticed)
                with FileWatch(
                    sweeps, executor.slots, queue, retry_failed=self.settings.retry_failed
                ) as wishes:
                    supervisor.run(jobs, sources, wishes)
                if any(isinstance(news, Wish) for news in wishes.due()):
                    display.noticed(
                        f"{session.request.file} was saved at the end; `{session.next_run()}` takes it up"
                    )
                if supervisor.stopped is None:
                    finish_s = self.settings.patience_s
            finally:
                for source in sources:
                    source.finish(finish_s)
        suggested = (job for source in sources for job in source.jobs)
        return Ended((*supervisor.wished.jobs, *suggested), supervisor.stopped is not None, supervisor.wrong)

    def _sources(self, queue: WriteQueue, notice: Callable[[str], None]) -> list[JobSource]:
        """The searches that have something to do, each with its study open."""
        from sweeps.search.factory import open_search

        session, parents = self.sweeps.session, self.sweeps.parents
        return [
            open_search(
                sweep,
                queue=queue,
                state=self.sweeps.state,
                record=session.record,
                steps=self.steps,
                make_job=functools.partial(job_of, session, self.paces, parent=parents[sweep.name]),
                parent=parents[sweep.name],
                suggests=session.selection.is_all,
                notice=notice,
            )
            for sweep in session.sweeps
            if sweep.search is not None and sweep.name in parents
        ]


def _identity(session: Session, snapshot: Snapshot | None) -> dict[str, str]:
    """The tags that stand on every run of a launch."""
    code = None if snapshot is None else snapshot.identity
    wished = {tags.PROFILE: session.profile or "", tags.WISH: session.request.wish}
    return {**session.identity(code), **wished, **session.origin(code)}
