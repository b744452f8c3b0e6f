"""Decides whether a trial is tried again in the same `sweep run`, how long it waits first, and how often.

Everything about retries stands here but `limits.attempts`, which the file sets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.read.outcomes import Outcome
from sweeps.executors.base import LOSSES
from sweeps.program.last_words import OOM
from sweeps.runner.fence import FENCE_S, GRACE_S
from sweeps.scheduler.verdict import BESIDE_OTHERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sweeps.scheduler.verdict import Verdict

BACKOFF_S = 2.0
"""The wait before the second attempt of a failed trial; it doubles with each further one."""
MAX_RELAUNCHES = 3
"""How often a trial starts again because its forkserver, worker or node died."""
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

    A trial whose forkserver, worker or node died starts again at once. So does one that a GPU's error ended while others
    shared the GPU, the second time alone. One that ran out of memory is tried once more, alone. Any other failure is
    tried again after a wait, as often as the file says, unless it repeats itself: the same exception after the same
    epoch would only be raised a third time.

    Args:
        verdicts: How its attempts of this `sweep run` ended.
        attempts: How many the file allows.
        is_gone: Whether the last attempt's process is certainly gone.
    """
    last = verdicts[-1]
    stray_s = 0.0 if is_gone else STRAY_S
    if last.reason in LOSSES:
        lost = sum(v.reason in LOSSES for v in verdicts)
        return Retry(stray_s) if lost <= MAX_RELAUNCHES else None
    if last.reason.startswith(BESIDE_OTHERS):
        # A second time it may be its own fault: alone, it cannot harm others, and the next error is its own.
        crashes = sum(v.reason.startswith(BESIDE_OTHERS) for v in verdicts)
        return Retry(alone=crashes > 1) if crashes <= MAX_RELAUNCHES else None
    if last.outcome != Outcome.FAILED:
        return None
    failures = [v for v in verdicts if v.outcome == Outcome.FAILED]
    if _is_oom(last):
        return Retry(stray_s, alone=True) if sum(map(_is_oom, failures)) == 1 else None
    counted = [v for v in failures if not _is_oom(v)]
    if len(counted) >= attempts or _repeats_itself(counted):
        return None
    return Retry(max(stray_s, BACKOFF_S * 2 ** (len(failures) - 1)))


def _is_oom(verdict: Verdict) -> bool:
    """Whether a trial ran out of memory, whether or not the sizes are known."""
    return verdict.reason == OOM or verdict.reason.startswith(f"{OOM}: ")


def _repeats_itself(failures: Sequence[Verdict]) -> bool:
    return len(failures) > 1 and failures[-2] == failures[-1] and failures[-1].reason.startswith(REPEATABLE)
