"""The code snapshot: what a launch runs, whatever is edited meanwhile.

It stands for the folder of the spec, or for the working directory, if the trainer's repository is in it, or outside git
(or where git ignores the trainer) the trainer itself; else for the repository. `sweeps.trainer.code_files` says what of that is copied, and what is a link.
Equal files make one snapshot, in `.sweep/snapshots/DIGEST/`, committed or not.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sweeps.errors import LaunchError
from sweeps.trainer import git, untracked_patch
from sweeps.trainer.code_files import SKIPPED, choose, shown
from sweeps.trainer.provenance import code_identity, digest_of, trainer_sources

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sweeps.rundir.paths import StateDir
    from sweeps.spec.trainer.model import TrainerSpec
    from sweeps.trainer.code_files import CodeFiles
    from sweeps.trainer.git import Repository

MOST_ADDED_BYTES = 1 << 20
"""A larger file that git does not track is in the copy, and not in the difference."""
SCRIPTS = (".py", ".sh")
"""Words of a command that name such a file of the snapshot mean the file there."""
INSTALLED = frozenset({"site-packages", "dist-packages"})
"""What lies beside a package in such a folder does not belong to it."""
_TOO_WIDE = (Path("/"), Path(os.path.expanduser("~")).resolve())  # noqa: PTH111 - Path.home() needs a home
"""No project begins here."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Code as it was at launch.

    Attributes:
        digest: A hash of the files' names and contents.
        folder: Where the copy is.
        root: Where the original is.
        identity: What `sweeps.code` says: commit, dirty, the digest of the trainer's own sources, the snapshot's.
        diff: From the commit to the files, as a patch for `git apply`; outside git from nothing.
        first: Folders of the copy that modules are looked for in first.
        findings: What of the code is not copied or not recorded, in words.
    """

    digest: str
    folder: Path
    root: Path
    identity: Mapping[str, object]
    diff: bytes
    first: tuple[str, ...]
    findings: tuple[str, ...] = ()

    def search_path(self, places: Sequence[str]) -> tuple[str, ...]:
        """Where modules are looked for: in the copy, then in the places given."""
        return tuple(dict.fromkeys((*self.first, *self.copies_of((*places, *sys.path)), *places)))

    def copies_of(self, places: Iterable[str]) -> tuple[str, ...]:
        """The folders of the copy that stand for these, as far as it has them."""
        inside = (self._inside(Path(place)) for place in places)
        return tuple(dict.fromkeys(str(path) for path in inside if path is not None and path.is_dir()))

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
        LaunchError: The code cannot be copied.
    """
    sources = [path.resolve() for path in trainer_sources(trainer)]
    if not sources:
        return None
    repository, trouble = git.find_repository(sources[0].parent)
    if repository is not None and repository.ignores(sources[0]):
        repository = None
    home = _home(trainer, sources)
    is_installed = bool(INSTALLED.intersection(home.parts))
    tracked, unlisted = repository.tracked() if repository is not None and not is_installed else ([], "")
    root = _root(trainer, home, repository if tracked else None, is_installed=is_installed)
    chosen = choose(root, {*tracked, *sources}, beside=not is_installed, skipped={state.root})
    digest = digest_of(chosen.copied, root)
    folder = state.root / "snapshots" / _name(digest, root, state)
    try:
        _copy(chosen, folder)
    except OSError as error:
        raise LaunchError(f"{folder}: the code cannot be copied: {error.strerror or error}") from error
    diff, unrecorded = _difference(chosen, folder, repository, set(tracked))
    return Snapshot(
        digest=digest,
        folder=folder,
        root=root,
        identity={**code_identity(trainer), "snapshot": digest},
        diff=diff,
        first=(str(folder / home.relative_to(root)),),
        findings=tuple(filter(None, (trouble, unlisted, *chosen.findings, *unrecorded))),
    )


def _home(trainer: TrainerSpec, sources: Sequence[Path]) -> Path:
    """The folder that the trainer is imported from, or that holds its script."""
    if trainer.run is None:
        common = Path(os.path.commonpath([path.parent for path in sources]))
        return common if common.is_relative_to(Path.cwd()) else sources[0].parent
    top = trainer.run.partition(":")[0].partition(".")[0]
    return next((place.parent for place in sources[0].parents if place.name == top), sources[0].parent)


def _root(trainer: TrainerSpec, home: Path, repository: Repository | None, *, is_installed: bool) -> Path:
    """The folder that the copy stands for.

    It is the spec's folder, or else the working directory, if the repository, or outside git the code, is in it; else
    the repository. Where none of them holds the folder that the code is imported from, it is that one: a repository may
    be a package itself.
    """
    if is_installed:
        return home
    top = home if repository is None else repository.top
    projects = [Path(trainer.place.file).resolve().parent, Path.cwd()]
    places = [place for place in projects if place not in _TOO_WIDE and top.is_relative_to(place)]
    return next((place for place in (*places, top) if home.is_relative_to(place)), home)


def _name(digest: str, root: Path, state: StateDir) -> str:
    """The snapshot's folder; links lead to one root alone, where several may share the state directory."""
    if state.root.is_relative_to(root):
        return digest
    return f"{digest}-{hashlib.sha256(os.fsencode(root)).hexdigest()[:8]}"


def _copy(files: CodeFiles, folder: Path) -> None:
    """All the files or none: a launch that dies here leaves only a temporary folder."""
    if not folder.exists():
        temporary = folder.with_name(f"{folder.name}.{os.getpid()}.tmp")
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True)
        for path in files.copied:
            copy = temporary / path.relative_to(files.root)
            copy.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(FileNotFoundError):  # deleted meanwhile
                shutil.copy2(path, copy)
        _link(files, temporary)
        try:
            temporary.rename(folder)
        except OSError:
            if not folder.exists():  # else another launch was faster
                raise
            shutil.rmtree(temporary)
    _link(files, folder)  # what came since an earlier launch


def _link(files: CodeFiles, folder: Path) -> None:
    for path in files.linked:
        link = folder / path.relative_to(files.root)
        with contextlib.suppress(FileExistsError):
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(_target(path, files.root))


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
