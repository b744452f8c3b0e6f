"""Which events have yet to be told, on disk, so that each is told once however often supervisors die.

A note is left before that begins whose end is to be told: an attempt, a `sweep run`. The hook's own process takes the note away
before it does anything else, and only one can: a supervisor that is killed just before leaves the note to the next.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sweeps.rundir.paths import sync_file

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Owed:
    """The notes, in a folder of their own."""

    folder: Path

    def owe(self, key: str) -> None:
        """Leave a note; one that is there already stays."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / key).touch()
        sync_file(self.folder)

    def keys(self) -> set[str]:
        """What is owed."""
        try:
            return {note.name for note in self.folder.iterdir()}
        except OSError:
            return set()

    def path(self, key: str) -> Path:
        """The note, for the process that takes it away."""
        return self.folder / key

    def drop(self, key: str) -> None:
        """Take a note away of an end that is not to be told; one that stays is of no run that finished or failed."""
        with contextlib.suppress(OSError):
            self.path(key).unlink()
