"""How long the attempts of a run have run: the pauses between them do not count.

`process.json` says since when the attempt in progress runs, and for how long those before it ran. When it ended, its journal
says, or whoever saw it end. Of one that died unseen the last that it logged or printed counts: never more than was true.
Slurm starts an attempt anew when it requeues the job; the next process finds the file of the one before.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sweeps.rundir.journal import journal_size, read_entries
from sweeps.rundir.paths import read_object
from sweeps.rundir.process_identity import ProcessIdentity

if TYPE_CHECKING:
    from sweeps.rundir.journal import End
    from sweeps.rundir.paths import RunPaths

_ATTEMPT, _BEGAN, _BEFORE = "attempt", "began_s", "before_s"
_END_BYTES = 1 << 16
"""The last time in a journal stands in so much of its end."""


@dataclass(frozen=True, slots=True)
class Begun:
    """The attempt in progress, or the one that ended last.

    Attributes:
        attempt: Its number; 0: nobody wrote it down.
        began_s: When its process began, seconds since the epoch.
        before_s: How long the run had run until then, in seconds; None: nobody knows.
        is_here: Whether it ran on this machine, so that its clock is this one's.
    """

    attempt: int
    began_s: float
    before_s: float | None
    is_here: bool

    @classmethod
    def read(cls, paths: RunPaths) -> Begun | None:
        """What stands in a run's folder; None: no attempt began, or its end is recorded."""
        kept = read_object(paths.process)
        try:
            is_here = ProcessIdentity.from_json(kept).is_here()
        except (ValueError, KeyError, TypeError):
            return None
        if _BEFORE not in kept:
            return cls(0, 0.0, None, is_here)  # an older version began it
        return cls(int(kept[_ATTEMPT]), float(kept[_BEGAN]), kept[_BEFORE], is_here)

    def is_of(self, attempt: int) -> bool:
        """Whether it is the attempt of this number, as far as that is known."""
        return self.attempt in {0, attempt}

    def spent_s(self, paths: RunPaths, end: End | None = None, seen_s: float | None = None) -> float | None:
        """How long the run has run until the end of this attempt, in seconds; None: nobody knows.

        Args:
            paths: The run's files.
            end: What its journal says of its end, as far as that was read.
            seen_s: When somebody on this machine saw its process end, seconds since the epoch.
        """
        if self.before_s is None:
            return None
        end_s = 0.0 if end is None or end.attempt != self.attempt else end.time_ms / 1000
        if end_s < self.began_s:  # there is none, or it is of a process that was requeued
            end_s = seen_s if seen_s is not None and self.is_here else self._last_sign_s(paths)
        return self.before_s + max(0.0, end_s - self.began_s)

    def _last_sign_s(self, paths: RunPaths) -> float:
        """When it last logged or printed something, as far as that is known."""
        entries, _ = read_entries(paths.journal, max(0, journal_size(paths) - _END_BYTES))
        signs = [entry.time_ms / 1000 for entry in entries[-1:]]
        if self.is_here:
            with contextlib.suppress(OSError):
                signs.append(paths.log(self.attempt).stat().st_mtime)
        return min(max([self.began_s, *signs]), max(self.began_s, time.time()))


def beginning(
    identity: ProcessIdentity, paths: RunPaths, attempt: int, before_s: float | None
) -> dict[str, Any]:
    """What `process.json` is to say of an attempt whose process begins now; those before it ran for `before_s`, as far as is known."""
    earlier = Begun.read(paths)
    if earlier is not None and earlier.is_of(attempt):
        before_s = earlier.spent_s(paths)
    return {**identity.to_json(), _ATTEMPT: attempt, _BEGAN: time.time(), _BEFORE: before_s}
