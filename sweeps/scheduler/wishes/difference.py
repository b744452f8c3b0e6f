"""How a wish differs from the jobs of a `sweep run`. Pure: it reads jobs and changes none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.read.outcomes import Outcome
from analysis.read.provenance import shortened
from sweeps.planning.plan import Action
from sweeps.scheduler.job import Phase

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from sweeps.scheduler.job import Job
    from sweeps.scheduler.wishes.wish import Wish


@dataclass(frozen=True, slots=True)
class Difference:
    """How a wish differs from the jobs of a `sweep run`.

    Attributes:
        added: Fresh jobs of trials that have none yet.
        back: Jobs that ended, or were dropped, and are wished again.
        kept: Jobs that go on, or go on waiting; each is in the wish.
        dropped: Jobs that have not begun, or were interrupted, and are no longer wished.
        leaving: Jobs that have begun and are no longer wished.
    """

    added: tuple[Job, ...] = ()
    back: tuple[Job, ...] = ()
    kept: tuple[Job, ...] = ()
    dropped: tuple[Job, ...] = ()
    leaving: tuple[Job, ...] = ()

    @property
    def waiting(self) -> list[Job]:
        """Those that wait, in no order."""
        return [job for job in (*self.kept, *self.back, *self.added) if job.phase is Phase.WAITING]

    def __str__(self) -> str:
        """`2 trials added, 1 waiting dropped`, and which of those that run are gone."""
        more, fewer = len(self.added) + len(self.back), len(self.dropped)
        counts = [f"{more} trial{'' if more == 1 else 's'} added"] if more else []
        counts += [f"{fewer} waiting dropped"] if fewer else []
        line = ", ".join(counts) or "the trials are the same"
        if not self.leaving:
            return line
        names = [job.label for job in self.leaving]
        return f"{line}; gone from it, but running on to the end: {shortened(names)}"


def difference(
    before: Collection[str], wish: Wish, jobs: Iterable[Job], has_begun: Callable[[Job], bool]
) -> Difference:
    """Compare a wish with the jobs that there are.

    Args:
        before: The trials that the wish before asked for.
        wish: What is asked for now.
        jobs: All jobs so far that no search made, those that are gone too.
        has_begun: Whether the attempt of a job that runs has begun; a cluster may have it in its own queue.
    """
    back: list[Job] = []
    kept: list[Job] = []
    dropped: list[Job] = []
    leaving: list[Job] = []
    known = {job.step.trial.fingerprint: job for job in jobs}
    for fingerprint, job in known.items():
        is_over = job.phase is Phase.ENDED
        if fingerprint not in wish.trials:
            if not job.is_gone and (not is_over or job.state == Outcome.INTERRUPTED):
                (leaving if job.phase is Phase.RUNNING and has_begun(job) else dropped).append(job)
        elif is_over and (wish.is_whole or fingerprint not in before) and _is_again(job, wish):
            back.append(job)
        elif not is_over:
            (back if job.is_gone else kept).append(job)
    added = (
        job
        for fingerprint, job in wish.jobs.items()
        if fingerprint not in known
        and (wish.is_whole or fingerprint not in before)
        and (job.step.action.starts or (wish.retry_failed and job.step.action is Action.RETRY))
    )
    return Difference(tuple(added), tuple(back), tuple(kept), tuple(dropped), tuple(leaving))


def _is_again(job: Job, wish: Wish) -> bool:
    """Whether a job that ended is to begin again where its trial is wished anew."""
    return (
        job.is_dropped
        or job.state == Outcome.INTERRUPTED
        or (wish.retry_failed and job.state == Outcome.FAILED)
    )
