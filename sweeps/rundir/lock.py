"""The lock on a sweep: among the processes of one machine, only one `sweep run` at a time runs it.

A lock is a file that the operating system locks for its holder, and lets go when the holder ends. It says nothing to
other machines: for them, see the lease (`sweeps.rundir.lease`).
"""

from __future__ import annotations

import contextlib
import json
import time
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from sweeps.errors import HeldError, StateError
from sweeps.rundir.paths import read_object, write_atomically
from sweeps.rundir.process_identity import ProcessIdentity, this_process

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from sweeps.rundir.paths import StateDir

_LOOK_S = 1.0
"""Who only looks whether a lock is held has it for a moment; whoever has it for longer runs the sweep."""


@contextlib.contextmanager
def hold(
    state: StateDir, experiment: str, sweeps: Iterable[str], asked: Mapping[str, Any] | None = None
) -> Iterator[None]:
    """Hold the locks of all these sweeps, or of none; any thread may let go of them.

    Args:
        state: Where the locks are.
        experiment: The experiment of the sweeps.
        sweeps: Their names.
        asked: What the process was asked to do with them, for others to read; None: it takes no wishes.

    Raises:
        HeldError: Another process holds one of them; the message names it.
        StateError: The state directory cannot be written.
    """
    with contextlib.ExitStack() as stack:
        for sweep in sweeps:
            path = state.lock(experiment, sweep)
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                state.hide_from_git()
                stack.enter_context(FileLock(path, timeout=_LOOK_S, thread_local=False))
                holder = {**this_process().to_json(), "since": time.time(), "asked": asked}
                write_atomically(_holder_path(path), json.dumps(holder))
            except Timeout:
                raise HeldError(held_words(state, experiment, sweep)) from None
            except OSError as error:
                message = f"{state.root}: cannot be written: {error.strerror}; work where you may write, or set SWEEP_HOME"
                raise StateError(message) from error
        yield


def holder_pid(state: StateDir, experiment: str, sweep: str) -> int | None:
    """The id of the process on this machine that runs a sweep, or None; one that only looks has the lock for a moment, too."""
    path = state.lock(experiment, sweep)
    if not path.exists() or not _is_held(path):
        return None
    with contextlib.suppress(KeyError, TypeError, ValueError):  # a holder that has only just begun
        holder = ProcessIdentity.from_json(_holder(path))
        return holder.pid if holder.is_alive() else None
    return None


def held_locks(state: StateDir) -> bool:
    """Whether a process of this machine runs a sweep, of whichever file, with this state directory."""
    return any(map(_is_held, (state.root / "locks").glob("*.lock")))


def _is_held(lock: Path) -> bool:
    try:
        with FileLock(lock, timeout=0):
            return False
    except OSError:  # held, or another user's
        return True


def holder_asked(state: StateDir, experiment: str, sweep: str) -> Mapping[str, Any] | None:
    """What the process that has a sweep said that it was asked to do; None: it takes no wishes."""
    asked = _holder(state.lock(experiment, sweep)).get("asked")
    return asked if isinstance(asked, dict) else None


def held_words(state: StateDir, experiment: str, sweep: str) -> str:
    """Who has a sweep, as the `HeldError` of `hold` says it."""
    return f"{experiment}/{sweep}: {_describe_holder(state.lock(experiment, sweep))}"


def _holder_path(lock: Path) -> Path:
    return lock.with_suffix(".json")


def _holder(lock: Path) -> dict[str, Any]:
    """What the process that has a lock wrote of itself; empty where that is not there yet."""
    return read_object(_holder_path(lock))


def _describe_holder(lock: Path) -> str:
    holder = _holder(lock)
    try:
        since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(holder["since"]))
        return f"is being run by pid {holder['pid']} since {since}; `sweep attach FILE` shows it, `sweep stop FILE` stops it"
    except KeyError:
        return "is being run by another process, which has only just begun; wait for it"
