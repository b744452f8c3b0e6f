"""Decides what stops a `sweep run` and how hard: Ctrl-C, `sweep stop`, a hangup, or a file that proves wrong.

The first Ctrl-C asks running trials to checkpoint and end, the second terminates them, the third kills them; from the
first on no trial starts. `sweep stop` sends the same signal. When the terminal hangs up, attempts that outlive their
supervisor are left to the next one; any others are stopped as by a Ctrl-C.

A signal that was ignored when the program started stays ignored: nohup does so with a hangup, and a shell script with the
Ctrl-C of its background jobs. A SIGINT that somebody sends to such a job by `kill` is no Ctrl-C, and is heard.
"""

from __future__ import annotations

import contextlib
import os
import signal
from enum import Enum
from typing import TYPE_CHECKING

from sweeps.errors import SpecError
from sweeps.executors.base import STOPS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from sweeps.executors.base import Stop

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_interrupted_by: list[int] = []
"""Signals that came before a `Stopping` listened. Their interruption may have been lost, as any exception in a callback of
garbage collection is."""
_USUAL = (signal.default_int_handler, signal.SIG_DFL)
"""What a process does of its own accord; other handlers stay."""


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
        self._holds_interrupts = False
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
        self._hear_held_interrupts()
        return self._signals

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Take the signals that stop a process and are not ignored, until this ends; only the main thread may."""
        heard = [number for number in STOP_SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
        self._holds_interrupts = hold_ignored_interrupts()
        before = {number: signal.signal(number, self._handle) for number in heard}
        if self._holds_interrupts:
            before[signal.SIGINT] = signal.signal(signal.SIGINT, self._handle_unheld)
        while _interrupted_by:
            self._handle(_interrupted_by.pop(), None)
        try:
            yield
        finally:
            self._holds_interrupts = False
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextlib.contextmanager
    def where_wrong(self) -> Iterator[None]:
        """Stop softly where the body finds the file wrong by what a trial showed; the first error counts."""
        try:
            yield
        except SpecError as error:
            if self._error is None:
                self._error = error
                self._wanted = max(self._wanted, 1)

    def due(self) -> Iterator[Stop]:
        """The stops that all running trials have yet to get, softest first; each is given once."""
        self._hear_held_interrupts()
        while self._passed_on < min(self._wanted, len(STOPS)):
            self._passed_on += 1
            yield nth_stop(self._passed_on)

    def _hear_held_interrupts(self) -> None:
        """Take up the SIGINTs that somebody sent since this was asked last; those of a terminal count for nothing."""
        while self._holds_interrupts and (sent := signal.sigtimedwait({signal.SIGINT}, 0.0)) is not None:
            if sent.si_code <= 0:  # the kernel's own, a terminal's among them, are above
                self._handle(signal.SIGINT, None)

    def _handle_unheld(self, number: int, frame: FrameType | None) -> None:
        """Take a SIGINT that a thread from before got, which does not tell who sent it: a terminal, if it is ours."""
        if not _is_in_foreground():
            self._handle(number, frame)

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        if number == signal.SIGHUP and self._outlives_supervisor:
            self._has_hung_up = True
        else:
            self._signals += 1
            self._wanted += 1


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Until this ends, SIGTERM interrupts as a Ctrl-C does, and an interruption that is lost stops what begins to listen."""
    heard = [number for number in STOP_SIGNALS[:2] if signal.getsignal(number) in _USUAL]
    before = {number: signal.signal(number, _interrupt) for number in heard}
    try:
        yield
    finally:
        _interrupted_by.clear()
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(number: int, _frame: FrameType | None) -> None:
    _interrupted_by.append(number)
    raise KeyboardInterrupt


def hold_ignored_interrupts() -> bool:
    """Have SIGINTs wait that this process ignores, so that `Stopping` can tell who sent them; whether it does.

    Threads that begin after this let them wait too.
    """
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN or not hasattr(signal, "sigtimedwait"):
        return False
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    return True


def _is_in_foreground() -> bool:
    """Whether a Ctrl-C in a terminal reaches this process."""
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)


def nth_stop(times: int) -> Stop:
    """How hard to stop when asked for the n-th time, from 1; the hardest comes again and again."""
    return STOPS[min(times, len(STOPS)) - 1]
