"""Refuses a state directory that others may write: who may, can have trials run their code, from the snapshot of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.read.ownership import everybody_writes
from sweeps.errors import StateError

if TYPE_CHECKING:
    from sweeps.rundir.paths import StateDir


def refuse_shared(state: StateDir) -> None:
    """Refuse a state directory that every user may write, or that another one made where everybody may.

    Raises:
        StateError: It is one.
    """
    for folder in (state.root, state.root / "runs", state.root / "snapshots"):
        if folder.is_dir() and everybody_writes(folder):
            raise StateError(
                f"{folder}: every user of this machine may write there, and so run code as you; "
                f"make it yours alone with `chmod -R o-w`, or set SWEEP_HOME to a directory that is"
            )
