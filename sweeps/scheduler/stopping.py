"""Decides what stops a `sweep run` and how hard: Ctrl-C, `sweep stop`, a hangup, or a file that proves wrong.

The first Ctrl-C asks running trials to checkpoint and end, the second terminates them, the third kills them; from the
first on no trial starts. `sweep stop` sends the same signal. When the terminal hangs up, attempts that outlive their
supervisor are left to the next one; any others are stopped as by a Ctrl-C.
"""

from __future__ import annotations

import contextlib
import signal
from enum import Enum
from typing import TYPE_CHECKING

from sweeps.executors.base import STOPS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from sweeps.errors import SpecError
    from sweeps.executors.base import Stop

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopReason(Enum):
    """Why a `sweep run` stops before everything is done."""

    USER = "user"
    """Somebody asked for it: Ctrl-C, `sweep stop`, or another signal."""
    HANGUP = "hangup"
    """The terminal is gone, and the attempts go on without a supervisor."""
    WRONG_FILE = "wrong file"
    """A trial showed that the file asks for something that does not exist; all resumes once that is fixed."""


class Stopping:
    """Collects what asks one `sweep run` to stop.

    Args:
        outlives_supervisor: Whether attempts go on without a supervisor, so that a hangup stops none of them.
    """

    def __init__(self, *, outlives_supervisor: bool) -> None:
        self._outlives_supervisor = outlives_supervisor
        self._has_hung_up = False
        self._error: SpecError | None = None
        self._signals = 0
        self._wanted = self._passed_on = 0

    @property
    def reason(self) -> StopReason | None:
        """Why it stops; None: it goes on."""
        if self._error is not None:
            return StopReason.WRONG_FILE
        if self._has_hung_up:
            return StopReason.HANGUP
        return StopReason.USER if self._signals else None

    @property
    def error(self) -> SpecError | None:
        """What a trial showed to be wrong with the file, where it did."""
        return self._error

    @property
    def is_leaving(self) -> bool:
        """Whether to leave at once, and the attempts to the next supervisor."""
        return self._has_hung_up

    @property
    def signals(self) -> int:
        """How often the user asked to stop."""
        return self._signals

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Take the signals that stop a process, until this ends; only the main thread may."""
        before = {number: signal.signal(number, self._handle) for number in STOP_SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def because_of(self, error: SpecError) -> None:
        """Stop softly because of what a trial showed to be wrong with the file; the first error counts."""
        if self._error is None:
            self._error = error
            self._wanted = max(self._wanted, 1)

    def due(self) -> Iterator[Stop]:
        """The stops that all running trials have yet to get, softest first; each is given once."""
        while self._passed_on < min(self._wanted, len(STOPS)):
            self._passed_on += 1
            yield nth_stop(self._passed_on)

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        if number == signal.SIGHUP and self._outlives_supervisor:
            self._has_hung_up = True
        else:
            self._signals += 1
            self._wanted += 1


def nth_stop(times: int) -> Stop:
    """How hard to stop when asked for the n-th time, from 1; the hardest comes again and again."""
    return STOPS[min(times, len(STOPS)) - 1]
