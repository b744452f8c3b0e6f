"""The note by which a `sweep run` hands what it was asked to the one that has its sweeps, and the answer.

It is a small file in `.sweep/wishes/`, named by the two processes. The one that asks writes it, the one that runs writes its
answer over it, and the one that asks removes it. A note that stays without an answer binds nobody: who wrote it sees that the
other has ended, and runs the file itself.
"""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sweeps.rundir.paths import write_atomically

if TYPE_CHECKING:
    from pathlib import Path

    from sweeps.rundir.paths import StateDir


@dataclass(frozen=True, slots=True)
class Answer:
    """What the one that runs says of it.

    Attributes:
        taken: Whether it does what was asked.
        words: What that changes, or why it does not.
    """

    taken: bool
    words: str


@dataclass(frozen=True, slots=True)
class Note:
    """One note.

    Attributes:
        path: Where it is.
        pid: Who asks.
        retry_failed: Whether failed trials are to be taken up again.
    """

    path: Path
    pid: int
    retry_failed: bool = False

    @classmethod
    def to(cls, state: StateDir, holder: int, *, retry_failed: bool) -> Note:
        """Ask a process of this machine, in the name of this one.

        Raises:
            OSError: The note cannot be written.
        """
        note = cls(state.wishes / f"{holder}-{os.getpid()}.json", os.getpid(), retry_failed)
        note.path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(note.path, json.dumps({"retry_failed": retry_failed}))
        return note

    def answer(self, answer: Answer) -> None:
        """Write the answer over it; where the disk takes none, who asks goes on waiting."""
        with contextlib.suppress(OSError):
            write_atomically(self.path, json.dumps({"taken": answer.taken, "words": answer.words}))

    def answered(self) -> Answer | None:
        """The answer; None: there is none yet."""
        data = _read(self.path)
        return Answer(bool(data["taken"]), str(data["words"])) if "taken" in data else None

    def withdraw(self) -> None:
        """Remove it."""
        self.path.unlink(missing_ok=True)


def notes_to_this(state: StateDir) -> list[Note]:
    """The notes to this process that have no answer yet."""
    found = []
    for path in state.wishes.glob(f"{os.getpid()}-*.json"):
        data, pid = _read(path), path.stem.rpartition("-")[2]
        if "retry_failed" in data and pid.isdecimal():
            found.append(Note(path, int(pid), bool(data["retry_failed"])))
    return found


def forget_notes(state: StateDir) -> None:
    """Remove the notes to an earlier process of this one's id."""
    for path in state.wishes.glob(f"{os.getpid()}-*.json"):
        path.unlink(missing_ok=True)


def _read(path: Path) -> dict[str, Any]:
    """What a note holds; empty where it is gone or none of ours."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}
