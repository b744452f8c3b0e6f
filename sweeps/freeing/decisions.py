"""Says what can go, with its size, and what stays, and why. Pure: `collect` carries it out."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from sweeps.disk.tree import freed_bytes
from sweeps.freeing.facts import Standing

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from sweeps.disk.tree import File
    from sweeps.freeing.facts import Facts, Folder, RunFacts


class Kind(Enum):
    """What can go; the value is its name on the command line."""

    TRASH = "trash"
    REMOVED = "removed"
    DELETED = "deleted"
    CHECKPOINTS = "checkpoints"
    COPIES = "copies"
    OUTBOXES = "outboxes"
    JOURNALS = "journals"
    WANDB = "wandb"
    SNAPSHOTS = "snapshots"
    FIGURES = "figures"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that can go.

    Attributes:
        kind: What it is.
        label: Whose it is: `sweep/trial`, or a name.
        path: The file or the folder.
        why: Why it can go.
        files: The names that go with it.
        original: For a copy: the file that it becomes another name of.
        size: The bytes that come free, where all goes in this order.
    """

    kind: Kind
    label: str
    path: Path
    why: str
    files: tuple[File, ...]
    original: Path | None = None
    size: int = 0


@dataclass(frozen=True, slots=True)
class Left:
    """Things that stay for one reason: what they are, why, how many, and their bytes."""

    what: str
    why: str
    count: int
    size: int


@dataclass(frozen=True, slots=True)
class Decisions:
    """What becomes of what is on disk.

    Attributes:
        items: What can go, in the order in which it goes.
        left: Why runs and snapshots stay.
        undecided: Trials of which checkpoints stay because nothing says which are beyond `keep:`.
    """

    items: tuple[Item, ...] = ()
    left: tuple[Left, ...] = ()
    undecided: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """The bytes that come free with all items."""
        return sum(item.size for item in self.items)


def decide(facts: Facts, kinds: Collection[Kind] = ()) -> Decisions:
    """Say what can go, of these kinds or of all."""
    items = [item for item in _items(facts) if not kinds or item.kind in kinds]
    sizes = freed_bytes(item.files for item in items)
    sized = (replace(item, size=size) for item, size in zip(items, sizes, strict=True))
    return Decisions(
        tuple(sized),
        tuple(_left(facts)),
        tuple(run.label for run in facts.runs if run.checkpoints.undecided),
    )


def _items(facts: Facts) -> Iterator[Item]:
    for folder in facts.trash:
        yield _folder(Kind.TRASH, folder, "an earlier `sweep gc` began to remove it")
    for run in facts.runs:
        yield from _of_run(run)
    for folder in facts.snapshots:
        if not folder.needed:
            yield _folder(Kind.SNAPSHOTS, folder, "no run that goes on needs this copy of the code")
    for folder in facts.figures:
        yield _folder(Kind.FIGURES, folder, "the file has none of its trials any more")


def _folder(kind: Kind, folder: Folder, why: str) -> Item:
    return Item(kind, folder.path.name, folder.path, why, folder.files)


def _of_run(run: RunFacts) -> Iterator[Item]:
    if run.standing in {Standing.REMOVED, Standing.DELETED}:
        yield Item(Kind[run.standing.name], run.label, run.folder, run.standing.value, run.files)
    if run.standing is not Standing.DONE:
        return
    for checkpoint in run.checkpoints.beyond:
        for path, files in checkpoint.parts(run.folder / "files"):
            yield Item(Kind.CHECKPOINTS, run.label, path, f"beyond `keep: {run.keep}`", files)
    for file, original in run.stored:
        yield Item(Kind.COPIES, run.label, file.path, "the artifact store has it too", (file,), original)
    for file in run.handed:
        yield Item(Kind.OUTBOXES, run.label, file.path, "left over when it was handed over", (file,))
    if (journal := run.journal) is not None:
        yield Item(Kind.JOURNALS, run.label, journal.path, "the store has all of it", (journal,))
    for folder in run.wandb:
        if not folder.needed:
            yield Item(
                Kind.WANDB, run.label, folder.path, "`wandb sync` sent it to W&B's server", folder.files
            )


def _left(facts: Facts) -> Iterator[Left]:
    """Why directories and snapshots stay as they are."""
    stay = [("run", run.standing.value, run.files) for run in facts.runs if not run.standing.is_free]
    stay += [("snapshot", folder.needed, folder.files) for folder in facts.snapshots if folder.needed]
    stay += [("W&B run", one.needed, one.files) for run in facts.runs for one in run.wandb if one.needed]
    sizes: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for what, why, files in stay:
        sizes[what, why].append(_size(files))
    return (Left(*key, len(own), sum(own)) for key, own in sizes.items())


def _size(files: tuple[File, ...]) -> int:
    return sum({file.inode: file.size for file in files}.values())
