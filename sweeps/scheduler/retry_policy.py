"""Decides whether a trial is tried again in the same `sweep run`, how long it waits first, and how often.

Everything about retries stands here but `limits.attempts`, which the file sets.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from analysis.read.outcomes import Outcome
from sweeps.executors.base import LOSSES
from sweeps.program.reasons.last_words import OOM
from sweeps.runner.fence import FENCE_S, GRACE_S
from sweeps.scheduler.verdict import BESIDE_OTHERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sweeps.scheduler.verdict import Verdict

BACKOFF_S = 2.0
"""The wait before the second attempt of a failed trial; it doubles with each further one. Also the wait of one that a shared
GPU's error has ended."""
MAX_RELAUNCHES = 3
"""How often a trial starts again because its forkserver, worker or node died, or a GPU that it shared."""
STRAY_S = GRACE_S + FENCE_S
"""How long an attempt on another machine may go on without its supervisor: the next one waits for that."""
REPEATABLE = ("exception:", "nan-loss:")
"""Reasons that a second attempt with the same one after the same epoch proves to be no accident."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Another attempt of a trial.

    Attributes:
        wait_s: How long it waits first, in seconds.
        alone: Whether it gets its devices, or the machine, for itself.
    """

    wait_s: float = 0.0
    alone: bool = False


def retry_after(verdicts: Sequence[Verdict], attempts: int, *, is_gone: bool = True) -> Retry | None:
    """The attempt that follows the last of a trial's verdicts; None: none does.

    A trial whose forkserver, worker or node died starts again at once. One that a GPU's error ended while others shared the
    GPU does after a short wait, the second time alone. One that ran out of memory is tried once more, alone. Any other failure is
    tried again after a wait, as often as the file says, unless it repeats itself: the same exception after the same
    epoch would only be raised a third time.

    Args:
        verdicts: How its attempts of this `sweep run` ended.
        attempts: How many the file allows.
        is_gone: Whether the last attempt's process is certainly gone.
    """
    kind = _kind(verdicts[-1])
    same = [v for v in verdicts if _kind(v) is kind]
    stray_s = 0.0 if is_gone else STRAY_S
    if kind is _Kind.LOST:
        return Retry(stray_s) if len(same) <= MAX_RELAUNCHES else None
    if kind is _Kind.BESIDE_OTHERS:
        # MPS refuses new trials until all that the error ended are gone and its server is ready again, and a refusal would
        # count. A second time it may be its own fault: alone, it cannot harm others, and the next error is its own.
        wait_s = max(stray_s, BACKOFF_S)
        return Retry(wait_s, alone=len(same) > 1) if len(same) <= MAX_RELAUNCHES else None
    if kind is _Kind.OOM:
        return Retry(stray_s, alone=True) if len(same) == 1 else None
    if kind is _Kind.ENDED or len(same) >= attempts or _repeats_itself(same):
        return None
    failures = sum(v.outcome == Outcome.FAILED for v in verdicts)
    return Retry(max(stray_s, BACKOFF_S * 2 ** (failures - 1)))


class _Kind(Enum):
    """What an attempt's end means for the next one: each kind has its own limit."""

    LOST = auto()
    BESIDE_OTHERS = auto()
    OOM = auto()
    FAILED = auto()
    ENDED = auto()
    """With a result, or because somebody wanted it to end."""


def _kind(verdict: Verdict) -> _Kind:
    if verdict.reason in LOSSES:
        return _Kind.LOST
    if verdict.reason.startswith(BESIDE_OTHERS):
        return _Kind.BESIDE_OTHERS
    if verdict.outcome != Outcome.FAILED:
        return _Kind.ENDED
    # The sizes follow where they are known.
    is_oom = verdict.reason == OOM or verdict.reason.startswith(f"{OOM}: ")
    return _Kind.OOM if is_oom else _Kind.FAILED


def _repeats_itself(failures: Sequence[Verdict]) -> bool:
    return len(failures) > 1 and failures[-2] == failures[-1] and failures[-1].reason.startswith(REPEATABLE)
