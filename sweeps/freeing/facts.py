"""What is known of the state directory, as plain values: `decisions` says from it what can go."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from sweeps.disk.checkpoints import Sorted

if TYPE_CHECKING:
    from pathlib import Path

    from sweeps.disk.tree import File


class Standing(Enum):
    """How a run stands; the value is why nothing of it goes, empty where something may."""

    DONE = ""
    REMOVED = "the file no longer has its trial"
    DELETED = "its run is deleted in MLflow"
    LIVE = "at work"
    RESUMABLE = "not done; `sweep run` goes on with them or tries them again, unless they were given up"
    UNSENT = "not all in the record yet; `sweep run` sends what is missing"
    REFUSED = "the store refused something of them, which is here alone"
    FOREIGN = "of other sweeps, profiles, flags, files or trainers than these"
    UNKNOWN = "of another experiment or store than this file's"

    @property
    def is_free(self) -> bool:
        """Whether something of such a run may go."""
        return self in {Standing.DONE, Standing.REMOVED, Standing.DELETED}


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder or file that goes as a whole, or stays.

    Attributes:
        path: It.
        files: Its files.
        needed: Why it stays; empty where it can go.
    """

    path: Path
    files: tuple[File, ...]
    needed: str = ""


@dataclass(frozen=True, slots=True)
class RunFacts:
    """A run's directory.

    Attributes:
        label: `sweep/trial`, or its folder's name where the record knows no more.
        folder: The directory.
        standing: How the run stands.
        files: All its files.
        keep: What is kept of its checkpoints, in words.
        checkpoints: Its checkpoints, those beyond that apart.
        journal: Its journal, where the store has the whole of it and nothing else needs it.
        handed: What is left of files that were handed over, in a folder that nobody reads any more.
        wandb: What W&B has left of its runs; those of which nothing says that its servers have them are needed.
        stored: Files of the same contents in the artifact store, by the checkpoints' files that are their copies.
    """

    label: str
    folder: Path
    standing: Standing
    files: tuple[File, ...]
    keep: str = ""
    checkpoints: Sorted = Sorted()  # noqa: RUF009 - frozen
    journal: File | None = None
    handed: tuple[File, ...] = ()
    wandb: tuple[Folder, ...] = ()
    stored: tuple[tuple[File, Path], ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """The state directory, and the figures of the last report.

    Attributes:
        runs: The directories of runs.
        snapshots: Copies of code.
        trash: What an earlier `sweep gc` began to remove.
        figures: Figures of the report that no trial of the file is in any more.
    """

    runs: tuple[RunFacts, ...] = ()
    snapshots: tuple[Folder, ...] = ()
    trash: tuple[Folder, ...] = ()
    figures: tuple[Folder, ...] = ()
