"""Gives an attempt an interpreter of its own, where the one that it was forked from was not safe to fork."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

_CODE = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from sweeps.runner.attempt import run_fresh; run_fresh()"
_left_threads = ""


def note_threads(after: str) -> None:
    """Note, before the first fork, that threads run in this process, and after what they were found."""
    global _left_threads  # noqa: PLW0603 - what the forkserver hands down to its children
    _left_threads = after


def replace_if_unsafe(orders: Connection, lifeline: Connection) -> None:
    """Go on in a fresh interpreter, as the same process, if threads ran in the one that this was forked from.

    What such a thread held at the fork, a lock or a pool, is held for ever.
    """
    if not _left_threads:
        return
    ends = (orders.fileno(), lifeline.fileno())
    for end in ends:
        os.set_inheritable(end, True)
    words = (json.dumps(sys.path), *map(str, ends), _left_threads)
    os.execv(sys.executable, [sys.executable, "-P", "-c", _CODE, *words])  # noqa: S606 - no shell is wanted
