"""Judges how an attempt ended, from its exit status, its signal and what it wrote itself."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.read.outcomes import Outcome
from sweeps.runner.attempt_spec import EXIT_FINISHED, EXIT_INTERRUPTED, signal_name

if TYPE_CHECKING:
    from sweeps.executors.base import Exit
    from sweeps.rundir.journal import End

FROM_OUTSIDE = frozenset(
    {
        *(signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL, signal.SIGQUIT),
        *(signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM, signal.SIGXCPU),
    }
)
"""Signals that somebody sends: such a trial is interrupted and resumes. Any other is its own crash: it failed."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of an attempt, why, and after which epoch."""

    outcome: Outcome
    reason: str = ""
    epoch: int | None = None


def judge(
    ended: Exit,
    end: End | None,
    *,
    stopped: bool,
    timed_out: bool = False,
    epoch: int | None = None,
    pruned: str | None = None,
) -> Verdict:
    """The outcome of an attempt. The exit status or the signal decides; what the attempt wrote gives the reason.

    Args:
        ended: How the process ended.
        end: What the attempt wrote about its end, if it came to that.
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
    return Verdict(Outcome.FAILED, end.reason if end and end.reason else f"exit code {ended.code}", epoch)
