"""`sweep gc`: lists what can go, and frees it; one that dies at any moment leaves each thing whole or gone."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from sweeps.disk.removal import Trash
from sweeps.errors import HeldError
from sweeps.freeing.decisions import Kind, decide
from sweeps.freeing.reading import gather
from sweeps.rundir.access import refuse_shared
from sweeps.rundir.lock import held_locks
from sweeps.rundir.paths import StateDir

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from sweeps.commands.session import Session
    from sweeps.freeing.decisions import Decisions, Item


@dataclass(frozen=True, slots=True)
class Freed:
    """What a `sweep gc` did.

    Attributes:
        decisions: What was to go.
        size: The bytes that came free.
        troubles: What could not go, a sentence each.
    """

    decisions: Decisions
    size: int
    troubles: tuple[str, ...]


def preview(session: Session, out: Path, kinds: Collection[Kind] = ()) -> Decisions:
    """Say what can go of these kinds, of all where none is named, the report in `out` included. Reads only.

    Raises:
        AnalysisError: The record cannot be read.
    """
    return decide(gather(session, StateDir.here(), out, kinds), kinds)


def collect(session: Session, out: Path, kinds: Collection[Kind] = ()) -> Freed:
    """Free what `preview` says, as it is when this begins.

    Raises:
        HeldError: Another `sweep gc` is at work in the state directory.
        StateError: Others may write the state directory.
        AnalysisError: The record cannot be read.
    """
    state = StateDir.here()
    refuse_shared(state)
    with _alone(state):
        decisions = decide(gather(session, state, out, kinds), kinds)
        trash, size = Trash(state.trash), 0
        troubles = []
        for item in decisions.items:
            try:
                size += _free(item, trash, state)
            except OSError as error:
                troubles.append(f"{error.filename or item.path}: {error.strerror or error}; it stays")
        with contextlib.suppress(OSError):
            state.trash.rmdir()
        return Freed(decisions, size, tuple(troubles))


def _free(item: Item, trash: Trash, state: StateDir) -> int:
    if item.original is not None:
        return trash.make_one(item.path, item.original)
    if item.kind is Kind.SNAPSHOTS:
        # A launch takes its locks before it looks for a copy: one that found this copy is seen now.
        return trash.remove(item.path, unless=lambda: held_locks(state))
    return trash.remove(item.path)


@contextlib.contextmanager
def _alone(state: StateDir) -> Iterator[None]:
    """Be the only `sweep gc` of a state directory; where there is none, nothing is to be done."""
    if not state.root.is_dir():
        yield
        return
    lock = FileLock(state.root / "gc.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise HeldError(f"{state.root}: another `sweep gc` is at work here; wait for it") from None
    try:
        yield
    finally:
        lock.release()
