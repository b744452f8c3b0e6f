"""The code snapshot: what a launch runs, whatever is edited meanwhile.

It holds the files that git tracks in the trainer's repository, as they stand, uncommitted changes included; outside
git (or where git ignores the trainer) the Python files of its package, or beside its module or script. Equal files
make one snapshot, in `.sweep/snapshots/DIGEST/`, committed or not.
"""

from __future__ import annotations

import difflib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sweeps.errors import LaunchError
from sweeps.trainer.provenance import code_identity, digest_of, git, trainer_sources

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sweeps.rundir.paths import StateDir
    from sweeps.spec.model import TrainerSpec

MOST_BYTES = 256 << 20
"""A snapshot is code; what is larger holds data that belongs elsewhere."""
SCRIPTS = (".py", ".sh")
"""Words of a command that name such a file of the snapshot mean the file there."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Code as it was at launch.

    Attributes:
        digest: A hash of the files' names and contents.
        folder: Where the copy is.
        root: Where the original is.
        identity: What `sweeps.code` says: commit, dirty, the digest of the trainer's own sources, the snapshot's.
        diff: From the commit to the files, as text; outside git from nothing.
        first: Folders of the copy that modules are looked for in first.
    """

    digest: str
    folder: Path
    root: Path
    identity: Mapping[str, object]
    diff: str
    first: tuple[str, ...]

    def search_path(self, places: Sequence[str]) -> tuple[str, ...]:
        """Where modules are looked for: in the copy, then in the places given."""
        inside = (self._inside(Path(place)) for place in places)
        copies = (str(path) for path in inside if path is not None and path.is_dir())
        return tuple(dict.fromkeys((*self.first, *copies, *places)))

    def command(self, words: Sequence[str]) -> tuple[str, ...]:
        """A command whose scripts are those of the copy."""
        return tuple(str(self._script(word) or word) for word in words)

    def _script(self, word: str) -> Path | None:
        copy = self._inside(Path(word)) if word.endswith(SCRIPTS) else None
        return copy if copy is not None and copy.is_file() else None

    def _inside(self, path: Path) -> Path | None:
        absolute = path.resolve()
        return self.folder / absolute.relative_to(self.root) if absolute.is_relative_to(self.root) else None


def take_snapshot(trainer: TrainerSpec, state: StateDir) -> Snapshot | None:
    """Copy the trainer's code, unless an equal copy is there; None where the trainer has no sources to copy.

    Raises:
        LaunchError: The code is too large, or cannot be copied.
    """
    sources = [path.resolve() for path in trainer_sources(trainer)]
    if not sources:
        return None
    top = git(sources[0].parent, "rev-parse", "--show-toplevel")
    is_tracked = top is not None and git(sources[0].parent, "check-ignore", "-q", str(sources[0])) is None
    if top is not None and is_tracked:
        root = Path(top).resolve()
        listed = git(root, "ls-files", "-z", "--recurse-submodules") or ""
        tracked = [root / name for name in listed.split("\0") if name]
    else:
        root, tracked = _home(trainer, sources), []
        sources += [path for path in sources[0].parent.glob("*.py") if "site-packages" not in path.parts]
    files = sorted({path for path in (*tracked, *sources) if path.is_file() and path.is_relative_to(root)})
    _check_size(files, root)
    digest = digest_of(files, root)
    folder = state.root / "snapshots" / digest
    try:
        _copy(files, root, folder)
    except OSError as error:
        raise LaunchError(f"{folder}: the code cannot be copied: {error.strerror or error}") from error
    known = set(tracked)
    changes = (git(root, "diff", "--binary", "HEAD") or "") if tracked else ""
    added = "".join(_as_added(path, root) for path in files if path not in known)
    return Snapshot(
        digest=digest,
        folder=folder,
        root=root,
        identity={**code_identity(trainer), "snapshot": digest},
        diff="\n".join(filter(None, (changes, added))),
        first=(str(folder / _home(trainer, sources).relative_to(root)),),
    )


def _home(trainer: TrainerSpec, sources: Sequence[Path]) -> Path:
    """The folder that the trainer is imported from, or that holds its script."""
    if trainer.run is None:
        return Path(os.path.commonpath([path.parent for path in sources]))
    top = trainer.run.partition(":")[0].partition(".")[0]
    return next((place.parent for place in sources[0].parents if place.name == top), sources[0].parent)


def _check_size(files: Iterable[Path], root: Path) -> None:
    sizes = {path: path.stat().st_size for path in files}
    if sum(sizes.values()) <= MOST_BYTES:
        return
    largest = sorted(sizes, key=lambda path: -sizes[path])[:3]
    names = ", ".join(f"{path.relative_to(root)} ({sizes[path] >> 20} MiB)" for path in largest)
    raise LaunchError(
        f"{root}: the code to copy is larger than {MOST_BYTES >> 20} MiB; the largest files are {names}: "
        "have git ignore what is not code, or keep the trainer in a repository of its own"
    )


def _copy(files: Iterable[Path], root: Path, folder: Path) -> None:
    """All the files or none: a launch that dies here leaves only a temporary folder."""
    if folder.exists():
        return
    temporary = folder.with_name(f"{folder.name}.{os.getpid()}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    for path in files:
        copy = temporary / path.relative_to(root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy)
    try:
        temporary.rename(folder)
    except OSError:
        if not folder.exists():  # else another launch was faster
            raise
        shutil.rmtree(temporary)


def _as_added(path: Path, root: Path) -> str:
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
    return "".join(difflib.unified_diff([], lines, "/dev/null", f"b/{path.relative_to(root)}"))
