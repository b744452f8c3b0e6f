"""How an attempt ended, and what comes of it. Pure decisions; the supervisor acts on them."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from analysis.read.outcomes import Outcome
from sweeps.executors.base import LOSSES
from sweeps.runner.attempt import EXIT_FINISHED, EXIT_INTERRUPTED, signal_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sweeps.executors.base import Exit
    from sweeps.rundir.journal import End

FROM_OUTSIDE = frozenset(
    {
        *(signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL, signal.SIGQUIT),
        *(signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM, signal.SIGXCPU),
    }
)
"""Signals that somebody sends: such a trial is interrupted and resumes. Any other is its own crash: it failed."""
OOM = "oom"
MAX_RELAUNCHES = 3


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of an attempt, why, and after which epoch."""

    outcome: Outcome
    reason: str = ""
    epoch: int | None = None


def verdict(
    ended: Exit,
    word: End | None,
    *,
    stopped: bool,
    timed_out: bool = False,
    epoch: int | None = None,
    pruned: str | None = None,
) -> Verdict:
    """What the exit status or the signal says; the attempt's own word gives the reason where they agree.

    Args:
        ended: How the process ended.
        word: What the attempt wrote about its end, if it came to that.
        stopped: Whether it had been asked to stop.
        timed_out: Whether it was killed for taking too long.
        epoch: The last epoch that it logged.
        pruned: Why it was asked to stop for good, where it was.
    """
    if timed_out:
        return Verdict(Outcome.FAILED, "timeout", epoch)
    if ended.code == EXIT_FINISHED:
        return Verdict(Outcome.FINISHED, "", epoch)
    if pruned is not None and (ended.code == EXIT_INTERRUPTED or ended.signal in FROM_OUTSIDE):
        return Verdict(Outcome.PRUNED, pruned, epoch)
    if ended.code == EXIT_INTERRUPTED or (stopped and ended.signal in FROM_OUTSIDE):
        return Verdict(Outcome.INTERRUPTED, "stopped", epoch)
    if ended.signal is not None:
        outcome = Outcome.INTERRUPTED if ended.signal in FROM_OUTSIDE else Outcome.FAILED
        return Verdict(outcome, f"signal: {signal_name(ended.signal)}", epoch)
    if ended.code is None:
        return Verdict(Outcome.INTERRUPTED, ended.lost, epoch)
    return Verdict(Outcome.FAILED, word.reason if word and word.reason else f"exit code {ended.code}", epoch)


class Again(Enum):
    """Whether and how a trial is started again in the same `sweep run`."""

    NO = "no"
    AT_ONCE = "at once"
    ALONE = "alone"
    LATER = "later"


def again(verdicts: Sequence[Verdict], attempts: int) -> Again:
    """What comes after the last of a trial's verdicts.

    A trial whose forkserver, worker or node died starts at once; one that ran out of memory once more, alone in its slot; any
    other failure is tried again after a while, as often as the file says, unless it repeats itself: the same
    exception after the same epoch would only be raised a third time.
    """
    last = verdicts[-1]
    if last.reason in LOSSES:
        lost = sum(v.reason in LOSSES for v in verdicts)
        return Again.AT_ONCE if lost <= MAX_RELAUNCHES else Again.NO
    if last.outcome != Outcome.FAILED:
        return Again.NO
    failures = [v for v in verdicts if v.outcome == Outcome.FAILED]
    if last.reason == OOM:
        return Again.ALONE if sum(v.reason == OOM for v in failures) == 1 else Again.NO
    counted = [v for v in failures if v.reason != OOM]
    if len(counted) >= attempts:
        return Again.NO
    repeats = len(counted) > 1 and counted[-2] == last and last.reason.startswith(("exception:", "nan-loss:"))
    return Again.NO if repeats else Again.LATER
