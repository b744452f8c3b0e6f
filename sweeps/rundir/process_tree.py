"""Ends everything below a process, in whatever session or group it stands.

On Linux, a process that calls `adopt_orphans` becomes the parent of every process below it whose own parent has ended, so
that none can leave: neither `setsid` nor a double fork takes it out of the tree. Elsewhere only what still has its parent is
found.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from collections.abc import Set as AbstractSet

ENDS_S = 5.0
"""How long a killed process may take to be gone before it is told that it cannot be ended."""
_LOOK_S = 0.005
_PR_SET_CHILD_SUBREAPER = 36
_FLAGS = 6
"""Where the flags stand behind the name in /proc/PID/stat: proc_pid_stat(5)."""
_PF_EXITING = 0x4
"""Set as the first thing of an end: include/linux/sched.h."""


def adopt_orphans() -> None:
    """Become the parent of what is orphaned below this process; does nothing where the system cannot."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def child_pids(pid: int) -> list[int]:
    """The children of a process, ended ones that nobody has waited for included; empty where it is gone."""
    try:
        lists = [task.read_text(encoding="ascii") for task in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:
        lists = []
    if lists:
        return [int(child) for text in lists for child in text.split()]
    try:  # a system without these lists, or a process that is gone
        return [child.pid for child in psutil.Process(pid).children()]
    except psutil.Error:
        return []


def is_living(process: psutil.Process | None) -> bool:
    """Whether a process, and not a later one of its pid, has not ended."""
    with contextlib.suppress(psutil.Error):
        return process is not None and process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def is_ending(process: psutil.Process | None) -> bool:
    """Whether a process has ended, or has begun to: its files are closed before the system shows that it is gone."""
    if not is_living(process) or process is None:
        return True
    try:
        flags = (
            Path(f"/proc/{process.pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2]
        )
        return bool(int(flags.split()[_FLAGS]) & _PF_EXITING)
    except (OSError, IndexError):
        return not is_living(process)


def end_below(pid: int, spared: Collection[int] = ()) -> list[str]:
    """Kill what a process has started, with all below that, and wait until it is gone.

    Args:
        pid: The process, which itself goes on; what it starts meanwhile is killed, too.
        spared: Children that go on with all that is below them.

    Returns:
        What cannot be ended, each as `pid 12 (name)`.
    """
    deadline_s = time.monotonic() + ENDS_S
    refused: dict[int, str] = {}
    while left := [child for child in living_below(pid, spared) if child.pid not in refused]:
        is_late = time.monotonic() > deadline_s
        for process in left:
            try:
                process.kill()
            except psutil.AccessDenied:
                refused[process.pid] = described(process)
            except psutil.NoSuchProcess:
                continue
            if is_late:
                refused[process.pid] = described(process)
        time.sleep(_LOOK_S)
    return list(refused.values())


def end_tree(process: psutil.Process) -> list[str]:
    """Kill a process with all below it; it is stopped first, so that it starts nothing meanwhile.

    Returns:
        What cannot be ended, each as `pid 12 (name)`.
    """
    with contextlib.suppress(psutil.Error):
        process.suspend()
        refused = end_below(process.pid)
        process.kill()
        return refused
    return []


def end_marked(marks: AbstractSet[tuple[str, str]]) -> list[str]:
    """Kill every process of this user that has one of the (variable, value) in the environment it was started with.

    They are waited for, as a busy machine takes a while to end what is killed.

    Returns:
        What cannot be ended, each as `pid 12 (name)`.
    """
    refused, killed = [], []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.pid != os.getpid() and not marks.isdisjoint(process.environ().items()):
                refused += end_tree(process)
                killed.append(process)
    deadline_s = time.monotonic() + ENDS_S
    while any(map(is_living, killed)) and time.monotonic() < deadline_s:
        time.sleep(_LOOK_S)
    return refused


def living_below(pid: int, spared: Collection[int] = ()) -> list[psutil.Process]:
    """The living processes below a process, nearest first, without the spared children and all below them."""
    found: list[psutil.Process] = []
    for below in pids_below(pid, spared):
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(below)
            if is_living(process):
                found.append(process)
    return found


def pids_below(pid: int, spared: Collection[int] = ()) -> Iterator[int]:
    """What stands below a process, ended ones included, nearest first, without the spared children and all below them."""
    pids = [child for child in child_pids(pid) if child not in spared]
    for below in pids:
        yield below
        pids += child_pids(below)


def described(process: psutil.Process) -> str:
    """What a process is called, as `pid 12 (name)`."""
    with contextlib.suppress(psutil.Error):
        return f"pid {process.pid} ({process.name()})"
    return f"pid {process.pid}"
