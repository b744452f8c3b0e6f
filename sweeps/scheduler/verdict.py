"""Judges how an attempt ended, from its exit status, its signal and what it wrote itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.read.outcomes import Outcome
from sweeps.record.verdicts.for_good import REASON
from sweeps.rundir.lease import words_of_owner
from sweeps.runner.attempt_spec import EXIT_FINISHED, EXIT_INTERRUPTED
from sweeps.runner.ending import how_it_ended, is_sent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.read.store import RunRecord
    from sweeps.executors.base import Exit
    from sweeps.rundir.journal import End


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of an attempt, why, and after which epoch."""

    outcome: Outcome
    reason: str = ""
    epoch: int | None = None


BESIDE_OTHERS = "crashed on a shared GPU"
"""The reason of an attempt that a GPU's error ended where MPS has one crash end all: nobody knows whose it was."""
_OF_GPU = re.compile(
    r"CUDA (?:driver )?error(?!: out of memory)|CUDA_ERROR_|CUDNN_STATUS_|CUBLAS_STATUS_(?!ALLOC)|cudaError|\bMPS\b"
)
_NEVER_STARTED = Verdict(Outcome.INTERRUPTED, "stopped before it started")
_GIVEN_UP = Verdict(Outcome.ABANDONED, REASON)
FILES_LOST = "its folder was removed while it ran, and what it logged and saved since is lost"
GONE = Verdict(Outcome.INTERRUPTED, "the file asked for it no more before it started")
NO_DEVICE_LEFT = Verdict(Outcome.INTERRUPTED, "every device that it could run on is set aside")


def left_off(before: Sequence[Verdict] = (), *, given_up: bool) -> Verdict:
    """How a trial ended that gets no attempt any more: given up, as its last one ended, or before it started.

    Args:
        before: How its attempts ended.
        given_up: Whether the user gave it up.
    """
    if given_up:
        return _GIVEN_UP
    return before[-1] if before else _NEVER_STARTED


def settled_by_another(run: RunRecord) -> Verdict:
    """How a trial ended that another `sweep run` had meanwhile."""
    by = f"by {words_of_owner(run)}{f': {run.reason}' if run.reason else ''}"
    return Verdict(run.outcome or Outcome.INTERRUPTED, by)


def judge(
    ended: Exit,
    end: End | None,
    *,
    stopped: bool,
    timed_out: bool = False,
    epoch: int | None = None,
    pruned: str | None = None,
    given_up: bool = False,
    files_lost: bool = False,
) -> Verdict:
    """The outcome of an attempt. The exit status or the signal decides; what the attempt wrote gives the reason.

    Args:
        ended: How the process ended.
        end: What the attempt wrote about its end, if it came to that.
        stopped: Whether it had been asked to stop.
        timed_out: Whether it was to be killed for taking too long; one that ended by itself before has its own end.
        epoch: The last epoch that it logged.
        pruned: Why its search asked it to stop, where it did.
        given_up: Whether the user gave the trial up: then only a result counts.
        files_lost: Whether its folder was removed while it ran: then what it recorded is not all that it logged.
    """
    verdict = _judged(ended, end, stopped=stopped, timed_out=timed_out, epoch=epoch, pruned=pruned)
    if files_lost:
        verdict = Verdict(Outcome.FAILED, FILES_LOST, epoch)
    if given_up and not verdict.outcome.is_result:
        return Verdict(Outcome.ABANDONED, REASON, epoch)
    return verdict


def _judged(
    ended: Exit, end: End | None, *, stopped: bool, timed_out: bool, epoch: int | None, pruned: str | None
) -> Verdict:
    if ended.code == EXIT_FINISHED:
        return Verdict(Outcome.FINISHED, "", epoch)
    is_killed = is_sent(ended.signal)
    if timed_out and (is_killed or ended.is_lost):
        return Verdict(Outcome.FAILED, "timeout", epoch)
    if pruned is not None and (ended.code == EXIT_INTERRUPTED or is_killed):
        return Verdict(Outcome.PRUNED, pruned, epoch)
    if stopped and is_killed:
        return Verdict(Outcome.INTERRUPTED, "stopped", epoch)
    if ended.is_lost:
        return Verdict(Outcome.INTERRUPTED, ended.lost, epoch)
    word = end.reason if end is not None else ""
    if ended.code == EXIT_INTERRUPTED:
        return Verdict(Outcome.INTERRUPTED, word or "stopped", epoch)
    status = ended.code if ended.code is not None else -(ended.signal or 0)
    ending = how_it_ended(status)
    is_told = word and ended.code is not None and ending.outcome == Outcome.FAILED
    reason = word if is_told else ending.reason
    if ended.is_shared and ending.outcome == Outcome.FAILED and _OF_GPU.search(reason):
        return Verdict(Outcome.INTERRUPTED, f"{BESIDE_OTHERS}: {reason}", epoch)
    return Verdict(ending.outcome, reason, epoch)
