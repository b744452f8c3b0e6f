"""Stands by in the forkserver: what attempts leave behind becomes its own, and ends where the supervisor is gone.

A supervisor that lives ends it itself (`sweeps.executors.local`).
"""

from __future__ import annotations

import atexit
import ctypes
import os
import signal
import sys
import time
import warnings

from sweeps.rundir.process_tree import adopt_orphans, end_below, living_below
from sweeps.runner.fence import FENCE_S, GRACE_S

_LAST_S = GRACE_S + 2 * FENCE_S
"""How long attempts may take to end by themselves."""
_LOOK_S = 0.02
_PR_SET_PDEATHSIG = 1


def stand_by() -> None:
    """Begin; called in the forkserver, before its first fork."""
    adopt_orphans()
    # It has no use for the ends of what it adopts, and would print a line for each.
    warnings.filterwarnings("ignore", "forkserver: waitpid returned unexpected pid")
    if sys.platform != "linux":
        return
    supervisor, own = os.getppid(), os.getpid()
    living_below(own)  # imports what it needs now: nothing is to be imported at the end

    def end(_number: int, _frame: object) -> None:
        if os.getppid() == supervisor:
            return  # a thread of the supervisor has ended
        _end_the_rest(own)
        os._exit(0)

    signal.signal(signal.SIGRTMIN, end)
    # The pipe by which a forkserver hears of its supervisor's end closes before the system sends the signal.
    atexit.register(_end_the_rest, own)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGRTMIN, 0, 0, 0)


def _end_the_rest(own: int) -> None:
    """Let the attempts below the forkserver end, and end what is there then; elsewhere nothing."""
    if os.getpid() != own:
        return
    signal.signal(signal.SIGRTMIN, signal.SIG_IGN)  # at the end of this the work of the signal is done
    until_s = time.monotonic() + _LAST_S
    while living_below(own) and time.monotonic() < until_s:
        time.sleep(_LOOK_S)
    end_below(own)


def stand_down() -> None:
    """Take the guard's handlers away; called in each process that the forkserver has forked."""
    if sys.platform == "linux":
        signal.signal(signal.SIGRTMIN, signal.SIG_DFL)
        atexit.unregister(_end_the_rest)
