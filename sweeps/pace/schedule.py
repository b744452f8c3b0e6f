"""Works out when the last of several trials ends."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def time_left_s(running_s: Iterable[float], waiting_s: Iterable[float], slots: int) -> float:
    """Seconds until all have ended, where each that waits starts in its turn, as soon as a slot falls free.

    Args:
        running_s: Seconds that are left of those that run.
        waiting_s: Seconds that the others take, in the order in which they start.
        slots: How many run at once.
    """
    ends = list(running_s)
    last_s = max(ends, default=0.0)
    ends += [0.0] * (max(1, slots) - len(ends))
    heapq.heapify(ends)
    for duration_s in waiting_s:
        end_s = ends[0] + duration_s
        heapq.heapreplace(ends, end_s)
        last_s = max(last_s, end_s)
    return last_s
