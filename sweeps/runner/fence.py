"""Ends an attempt that must not go on: its supervisor is gone, or another attempt has taken over its run."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING

from sweeps.rundir.process_tree import end_below

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from pathlib import Path

FENCE_S = 1.0
"""How often an attempt looks whether another one has taken over its run."""
GRACE_S = 3.0
"""How long an attempt goes on without its supervisor, to reach the next point where it can stop."""


class Fence:
    """Ends the attempt's process group where it must not go on: a thread that begins before there are orders.

    When the supervisor's end of the lifeline closes, it asks the trainer to stop, and ends the group after `GRACE_S`.
    Where the run has another attempt meanwhile, as after a node that was taken for dead, the group ends at once.
    """

    def __init__(self, lifeline: Connection, stopping: threading.Event) -> None:
        self._lifeline = lifeline
        self._stopping = stopping
        self._guarded: tuple[Path, str] | None = None
        threading.Thread(target=self._watch, daemon=True).start()

    def guard(self, process: Path, own: str) -> None:
        """Have the attempt guarded from now on: that `process` reads `own`, as it does already."""
        self._guarded = (process, own)

    def _watch(self) -> None:
        with contextlib.suppress(EOFError, OSError):
            while not self._lifeline.poll(FENCE_S):
                if self._guarded is not None and _is_replaced(*self._guarded):
                    self._say("another attempt has taken over; ending")
                    _end_all()
            self._lifeline.recv_bytes()
        self._stopping.set()
        self._say("the supervisor is gone; stopping")
        threading.Event().wait(GRACE_S)
        _end_all()

    def _say(self, text: str) -> None:
        """Print to the attempt's log; a process without orders has none."""
        if self._guarded is not None:
            print(text, file=sys.stderr, flush=True)  # noqa: T201 - the log


def _end_all() -> None:
    """End what this process has started, in groups of its own too, and then its group with itself."""
    end_below(os.getpid())
    os.killpg(0, signal.SIGKILL)


def _is_replaced(process: Path, own: str) -> bool:
    try:
        return process.read_text(encoding="utf-8") != own
    except OSError:
        return False  # taken away, as a supervisor does that has seen the end of it
