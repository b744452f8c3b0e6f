"""The code snapshot: what a launch runs, whatever is edited meanwhile; or the code where it is, if the file says so.

A copy stands for the folder of the spec, or for the working directory, if the trainer's repository is in it, or outside
git (or where git ignores the trainer) the trainer itself; else for the repository. `sweeps.trainer.code_files` says what
of that is copied, and what is a link. Equal files make one snapshot, below `.sweep/snapshots/DIGEST/`, committed or not.
There the copy lies in folders named as those around the original, and in these are links to what lies beside it, so
that a program finds `../data` too.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import sys
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from sweeps.errors import LaunchError
from sweeps.program.named_paths import is_file, is_folder, is_there
from sweeps.program.surroundings import SCRIPTS
from sweeps.rundir.paths import write_atomically
from sweeps.trainer import git, untracked_patch
from sweeps.trainer.code_files import SKIPPED, shown
from sweeps.trainer.code_tree import find_code, runs_in_place
from sweeps.trainer.provenance import code_identity, digest_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sweeps.rundir.paths import StateDir
    from sweeps.spec.trainer.model import TrainerSpec
    from sweeps.trainer.code_files import CodeFiles
    from sweeps.trainer.code_tree import CodeTree
    from sweeps.trainer.git import Repository

MOST_ADDED_BYTES = 1 << 20
"""A larger file that git does not track is in the copy, and not in the difference."""
LEVELS = 2
"""What lies beside the original, and beside the folder that it is in, is reachable from the copy."""
MOST_BESIDE = 1000
"""A folder above with more entries is not linked."""

State = tuple[int, int]
"""When a file last changed, in nanoseconds, and its size in bytes."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Code as it was at launch.

    Attributes:
        digest: A hash of the files' names and contents.
        folder: Where the copy is; in place, where the code is.
        root: Where the original is.
        identity: What `sweeps.code` says: commit, dirty, the digest of the trainer's own sources, the snapshot's.
        diff: From the commit to the files, as a patch for `git apply`; outside git from nothing.
        first: Folders of the copy that modules are looked for in first.
        findings: What of the code is not copied or not recorded, in words.
        base: What holds the copy and the links around it; None: the code runs in place.
        states: In place: the state of each source at launch.
    """

    digest: str
    folder: Path
    root: Path
    identity: Mapping[str, object]
    diff: bytes
    first: tuple[str, ...]
    findings: tuple[str, ...] = ()
    base: Path | None = None
    states: Mapping[Path, State | None] = field(default_factory=dict, repr=False)

    @property
    def is_in_place(self) -> bool:
        """Whether the code is run where it is."""
        return self.base is None

    def search_path(self, places: Sequence[str]) -> tuple[str, ...]:
        """Where modules are looked for: in the copy, then in the places given."""
        return tuple(dict.fromkeys((*self.first, *self.copies_of((*places, *sys.path)), *places)))

    def copies_of(self, places: Iterable[str]) -> tuple[str, ...]:
        """The folders of the copy that stand for these, as far as it has them."""
        inside = (self._inside(Path(place)) for place in places)
        return tuple(dict.fromkeys(str(path) for path in inside if path is not None and is_folder(path)))

    def copy_of(self, path: Path) -> Path | None:
        """What the copy has for a file or folder, as it was at launch or as a link to it; None: nothing."""
        copy = self._inside(path)
        return copy if copy is not None and is_there(copy) else None

    def command(self, words: Sequence[str]) -> tuple[str, ...]:
        """A command whose scripts are those of the copy."""
        return tuple(words) if self.is_in_place else tuple(str(self._script(word) or word) for word in words)

    def changed(self) -> list[str]:
        """In place: the sources that are not as they were at launch, by their paths below the root."""
        now = ((path, _state(path)) for path in self.states)
        return [shown(path.relative_to(self.root)) for path, state in now if state != self.states[path]]

    def _script(self, word: str) -> Path | None:
        copy = self._inside(Path(word)) if word.endswith(SCRIPTS) else None
        return copy if copy is not None and is_file(copy) else None

    def _inside(self, path: Path) -> Path | None:
        absolute = path.resolve()
        return self.folder / absolute.relative_to(self.root) if absolute.is_relative_to(self.root) else None


def take_snapshot(trainer: TrainerSpec, state: StateDir) -> Snapshot | None:
    """Copy the trainer's code, unless an equal copy is there; None where the trainer has no sources to copy.

    Where the code is run in place, nothing is copied, and the snapshot says what it was at launch.

    Raises:
        LaunchError: The code cannot be copied.
    """
    tree = find_code(trainer, {state.root})
    if tree is None:
        return None
    if runs_in_place(trainer):
        return _in_place(trainer, tree, state)
    files = tree.files
    digest = digest_of(files.copied, files.root)
    around = () if tree.is_installed else _around(files.root)
    try:
        base, folder = _copy(
            files, state.root / "snapshots" / _name(digest, files.root, state), digest, around
        )
    except OSError as error:
        place = error.filename or state.root / "snapshots"
        raise LaunchError(f"{place}: the code cannot be copied: {error.strerror or error}") from error
    diff, unrecorded = _difference(files, folder, tree.repository, set(tree.tracked))
    return Snapshot(
        digest=digest,
        folder=folder,
        root=files.root,
        identity={**code_identity(trainer), "snapshot": digest},
        diff=diff,
        first=(str(folder / tree.home.relative_to(files.root)),),
        findings=(*tree.findings, *files.findings, *unrecorded),
        base=base,
    )


def _in_place(trainer: TrainerSpec, tree: CodeTree, state: StateDir) -> Snapshot:
    files, identity = tree.files, code_identity(trainer)
    with contextlib.suppress(OSError):  # without it a change has a digest, and no names
        _list(tree, str(identity["digest"]), state)
    states = {path: _state(path) for path in tree.sources}
    diff, unrecorded = _difference(files, files.root, tree.repository, set(tree.tracked))
    return Snapshot(
        digest=digest_of(files.copied, files.root),
        folder=files.root,
        root=files.root,
        identity=identity,
        diff=diff,
        first=(str(tree.home),) if trainer.run is not None else (),
        findings=(*tree.findings, *unrecorded),
        states=states,
    )


def _list(tree: CodeTree, digest: str, state: StateDir) -> None:
    """Write what each of the sources that run in place holds, as no copy tells what has changed later."""
    place = listing_in(digest, state)
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(place, json.dumps(digests_of(tree)))


def digests_of(tree: CodeTree) -> dict[str, str]:
    """What each source holds: a digest by its path below the code's folder."""
    return {str(path.relative_to(tree.files.root)): digest_of([path], path.parent) for path in tree.sources}


def listing_in(digest: str, state: StateDir) -> Path:
    """The file that says what each source held of code that ran in place, if it is there."""
    return state.root / "code" / f"{digest}.json"


def _state(path: Path) -> State | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def _name(digest: str, root: Path, state: StateDir) -> str:
    """The snapshot's folder; links lead to one root alone, where several may share the state directory."""
    if state.root.is_relative_to(root):
        return digest
    return f"{digest}-{hashlib.sha256(os.fsencode(root)).hexdigest()[:8]}"


def copy_in(tree: CodeTree, digest: str, state: StateDir) -> Path:
    """Where the copy of a digest stands for the folder of the code, if it is there."""
    root = tree.files.root
    around = () if tree.is_installed else _around(root)
    inner = root.relative_to(around[0]) if around else Path()
    return state.root / "snapshots" / _name(digest, root, state) / inner


def _around(root: Path) -> tuple[Path, ...]:
    """The folders above the root that the copy has, too, from the outermost to the innermost."""
    return tuple(reversed([folder for folder in root.parents if folder.name][:LEVELS]))


def _copy(files: CodeFiles, base: Path, digest: str, around: Sequence[Path]) -> tuple[Path, Path]:
    """All the files or none: a launch that dies here leaves only a temporary folder.

    A copy that a program has written into is passed over for another one.

    Returns:
        What holds the copy, and the copy.
    """
    inner = files.root.relative_to(around[0]) if around else Path()
    for number in count():
        place = base if number == 0 else base.with_name(f"{base.name}.{number}")
        if not place.exists():
            _make(files, place, inner)
            break
        if (
            digest_of([place / inner / path.relative_to(files.root) for path in files.copied], place / inner)
            == digest
        ):
            break
    _link(files, place / inner)  # what came since an earlier launch
    for folder in around:
        _link_beside(folder, files.root, place / folder.relative_to(around[0]))
    return place, place / inner


def _make(files: CodeFiles, place: Path, inner: Path) -> None:
    temporary = place.with_name(f"{place.name}.{os.getpid()}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    (temporary / inner).mkdir(parents=True)
    for path in files.copied:
        copy = temporary / inner / path.relative_to(files.root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):  # deleted meanwhile
            shutil.copy2(path, copy)
    _link(files, temporary / inner)
    try:
        temporary.rename(place)
    except OSError:
        if not place.exists():  # else another launch was faster
            raise
        shutil.rmtree(temporary)


def _link(files: CodeFiles, folder: Path) -> None:
    for path in files.linked:
        link = folder / path.relative_to(files.root)
        with contextlib.suppress(FileExistsError):
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(_target(path, files.root))


def _link_beside(folder: Path, root: Path, copy: Path) -> None:
    """Link to what lies in a folder around the root, so that it lies around the copy, too; best effort."""
    for path in _beside(folder, root):
        with contextlib.suppress(OSError):
            (copy / path.name).symlink_to(path)


def _beside(folder: Path, root: Path) -> Iterator[Path]:
    try:
        entries = list(folder.iterdir())
    except OSError:
        return
    if len(entries) <= MOST_BESIDE:
        yield from (path for path in entries if path.name not in SKIPPED and not root.is_relative_to(path))


def _target(path: Path, root: Path) -> Path:
    """What a link of the copy leads to: the original; of a link within the folder the same place of the copy."""
    if path.is_symlink():
        given = path.readlink()
        led = Path(os.path.normpath(path.parent / given))
        if not given.is_absolute() and led.is_relative_to(root) and path.exists():
            inside = led.relative_to(root).parts
            if inside and not SKIPPED.intersection(inside):
                return given
    return path


def _difference(
    files: CodeFiles, folder: Path, repository: Repository | None, tracked: set[Path]
) -> tuple[bytes, tuple[str, ...]]:
    """The patch from the commit to the files, and what is not in it, in words."""
    base = repository.commit if repository is not None and tracked else None
    changes = repository.changes() if repository is not None and base else git.Answer(b"")
    if changes.output is None:
        return b"", (f"the difference from the commit is not recorded: {changes.trouble}",)
    known = tracked if base else set()
    top = repository.top if repository is not None and tracked else files.root
    added, large = [], []
    for path in files.copied:
        copy = folder / path.relative_to(files.root)
        if path in known or not path.is_relative_to(top) or not copy.is_file():
            continue
        if copy.stat().st_size > MOST_ADDED_BYTES:
            large.append(path)
        else:
            name = os.fsencode(path.relative_to(top))
            added.append(untracked_patch.added(name, copy.read_bytes(), executable=os.access(copy, os.X_OK)))
    diff = changes.output + b"".join(added)
    if len(diff) > git.MOST_DIFF_BYTES:
        size = f"it is larger than {git.MOST_DIFF_BYTES >> 20} MiB"
        return b"", (f"the difference from the commit is not recorded: {size}",)
    names = ", ".join(shown(path.relative_to(files.root)) for path in large[:3])
    more = f" and {len(large) - 3} more" if len(large) > 3 else ""  # noqa: PLR2004 - as above
    return diff, (f"not in the recorded difference, too large: {names}{more}",) if large else ()
