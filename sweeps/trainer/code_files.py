"""Chooses what of the trainer's folder the code snapshot copies, and what it only links to.

Code is copied, so that an edit changes no running sweep: files that git tracks, and Python files, compiled modules and
scripts beside them, whether git ignores them or not. Inside packages all small files are, and in folders of configs
the configs. Everything else, such as data, is linked to where it is, so that code that looks beside itself finds what
it finds when it is run by hand.
"""

from __future__ import annotations

import os
import stat
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

MOST_FILE_BYTES = 32 << 20
"""A larger file is data."""
MOST_BYTES = 256 << 20
"""A larger copy is not made: its largest files are linked."""
MOST_BESIDE_BYTES = 1 << 20
"""A larger file of a package is no part of its code, unless git tracks it or its name says so."""
MANY = 500
"""A folder with more files that nobody tracks holds data, unless code lies in it."""
MOST_LINKS = 10_000
"""So many links are made; what has none is said."""
CODE = frozenset({".py", ".pyi", ".pyx", ".pxd", ".sh", ".so", ".pyd", ".dylib", ".dll"})
"""Names of code end so."""
CONFIG_FOLDERS = frozenset({"cfg", "cfgs", "conf", "config", "configs"})
"""Folders of that name beside code hold configs."""
CONFIG = frozenset({".cfg", ".gin", ".ini", ".json", ".toml", ".yaml", ".yml"})
"""Names of configs end so."""
SKIPPED = frozenset(
    {
        ".bzr",
        ".cache",
        ".git",
        ".hg",
        ".ipynb_checkpoints",
        ".mypy_cache",
        ".nox",
        ".pytest_cache",
        ".ruff_cache",
        ".svn",
        ".sweep",
        ".tox",
        ".venv",
        "__pycache__",
        "mlartifacts",
        "mlruns",
        "node_modules",
    }
)
"""Folders, and files of that name, that are never a part of a program's own files."""
RECORD = ("mlflow.db", "optuna.db")
"""Names of a record's files begin so."""
_ENVIRONMENT = ("pyvenv.cfg", "conda-meta")
"""A folder with one of these is an environment of Python."""


@dataclass(frozen=True, slots=True)
class CodeFiles:
    """What a snapshot is made of.

    Attributes:
        root: The folder that all of it lies below.
        copied: The files to copy, sorted.
        linked: Files and folders to link to, sorted.
        findings: What is not as a user expects, in words: code that is not copied, and why.
    """

    root: Path
    copied: tuple[Path, ...]
    linked: tuple[Path, ...]
    findings: tuple[str, ...] = ()


def choose(root: Path, wanted: Iterable[Path], *, beside: bool, skipped: Collection[Path] = ()) -> CodeFiles:
    """Choose what to copy and what to link to.

    Args:
        root: The folder that the copy stands for.
        wanted: Files that are to be copied: what git tracks, and the trainer's sources.
        beside: Whether what lies beside these files belongs to them; not so among installed packages.
        skipped: Folders to leave out, as those that the names of `SKIPPED` stand for.
    """
    own = {path for path in wanted if path.is_relative_to(root) and not _is_skipped(path, root, skipped)}
    if not beside:
        return _sized(root, sorted(path for path in own if path.is_file()))
    walk = _Walk(root, own, skipped)
    walk.run()
    return _sized(root, sorted(walk.copied), walk.linked, walk.large, walk.unread)


def is_config(path: Path, root: Path) -> bool:
    """Whether a file below the root is a config, by its name and its folders'."""
    return path.suffix in CONFIG and not CONFIG_FOLDERS.isdisjoint(path.relative_to(root).parts[:-1])


def shown(path: Path) -> str:
    """A path as it can be printed, whatever bytes are in it."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


class _Walk:
    """Looks at every folder that holds a wanted file, and at packages and folders of configs beside them."""

    def __init__(self, root: Path, wanted: set[Path], skipped: Collection[Path]) -> None:
        self.copied: list[Path] = []
        self.linked: list[Path] = []
        self.large: list[Path] = []
        self.unread: list[Path] = []
        self._root, self._wanted, self._skipped = root, wanted, skipped
        self._folders = {root, *_folders_of(wanted, root)}
        self._code_folders = {root, *_folders_of((p for p in wanted if p.suffix in CODE), root)}
        self._data: set[Path] = set()

    def run(self) -> None:
        todo = deque(sorted(self._folders))  # a folder stands before what is in it
        while todo:
            folder = todo.popleft()
            if folder.parent in self._data:
                self._data.add(folder)
            else:
                todo.extend(self._look(folder))

    def _look(self, folder: Path) -> list[Path]:
        """Take note of a folder's entries; returns the packages and folders of configs in it, to be looked at too."""
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except (FileNotFoundError, NotADirectoryError):
            # Git lists files in it that are deleted, or no part of a sparse checkout: nothing is missing.
            self.linked += [folder] if folder.is_file() else []
            return []
        except OSError:
            self.unread.append(folder)
            return []
        if folder not in self._code_folders and self._strange(entries) > MANY:
            self._data.add(folder)
            self.linked.append(folder)
            return []
        is_package = any(entry.name == "__init__.py" for entry in entries)
        packages = []
        for entry in entries:
            path = Path(entry.path)
            if path in self._folders or _is_left_out(entry, path, self._skipped):
                continue
            if entry.is_dir(follow_symlinks=False) and _is_package(path):
                packages.append(path)
                self._folders.add(path)
                self._code_folders.add(path)
            elif entry.is_dir(follow_symlinks=False) and self._holds_configs(path):
                packages.append(path)
                self._folders.add(path)
            elif not _is_regular(entry) or not self._is_code(path, entry, is_package=is_package):
                self.linked.append(path)
            else:
                self.copied.append(path)
        return packages

    def _holds_configs(self, folder: Path) -> bool:
        """Whether a folder is one of configs beside code, or in such a one."""
        beside_code = folder.parent in self._code_folders and folder.name in CONFIG_FOLDERS
        return beside_code or not CONFIG_FOLDERS.isdisjoint(folder.relative_to(self._root).parts[:-1])

    def _strange(self, entries: list[os.DirEntry[str]]) -> int:
        """How many entries nobody asked for."""
        paths = (Path(entry.path) for entry in entries)
        return sum(path not in self._wanted and path not in self._folders for path in paths)

    def _is_code(self, path: Path, entry: os.DirEntry[str], *, is_package: bool) -> bool:
        if path in self._wanted or path.suffix in CODE:
            return True
        if is_config(path, self._root):
            return entry.stat().st_size <= MOST_BESIDE_BYTES
        if is_package and entry.stat().st_size > MOST_BESIDE_BYTES:
            self.large.append(path)
            return False
        return is_package


def _sized(
    root: Path,
    copied: list[Path],
    linked: Iterable[Path] = (),
    large: Iterable[Path] = (),
    unread: Iterable[Path] = (),
) -> CodeFiles:
    """Link to what is too large or cannot be read, the largest first, and say so."""
    sizes, unread = {}, [*unread]
    for path in copied:
        try:
            with path.open("rb"):
                sizes[path] = path.stat().st_size
        except FileNotFoundError:
            continue  # deleted meanwhile
        except OSError:
            unread.append(path)
    total = sum(sizes.values())
    large = list(large)
    for path in sorted(sizes, key=lambda path: (-sizes[path], path)):
        if sizes[path] <= MOST_FILE_BYTES and total <= MOST_BYTES:
            break
        total -= sizes.pop(path)
        large.append(path)
    links = sorted({*linked, *large, *unread})
    findings = [
        *_finding("too large to be copied, read where it is", large, root),
        *_finding("cannot be read", sorted(unread), root),
        *_finding("neither copied nor linked, there are too many files", links[MOST_LINKS:], root),
    ]
    return CodeFiles(root, tuple(sorted(sizes)), tuple(links[:MOST_LINKS]), tuple(findings))


def _finding(what: str, paths: list[Path], root: Path) -> list[str]:
    if not paths:
        return []
    most = 3
    names = ", ".join(shown(path.relative_to(root)) for path in paths[:most])
    return [f"{what}: {names}" + (f" and {len(paths) - most} more" if len(paths) > most else "")]


def _folders_of(files: Iterable[Path], root: Path) -> set[Path]:
    """All folders that the files are in, up to the root."""
    found: set[Path] = set()
    for file in files:
        for folder in file.parents:
            if folder == root or folder in found:
                break
            found.add(folder)
    return found


def _is_skipped(path: Path, root: Path, skipped: Collection[Path]) -> bool:
    return bool(SKIPPED.intersection(path.relative_to(root).parts)) or any(
        path.is_relative_to(place) for place in skipped
    )


def _is_left_out(entry: os.DirEntry[str], path: Path, skipped: Collection[Path]) -> bool:
    if entry.name in SKIPPED or entry.name.startswith(RECORD) or path in skipped:
        return True
    return entry.is_dir() and any(Path(path, mark).exists() for mark in _ENVIRONMENT)


def _is_package(folder: Path) -> bool:
    return (folder / "__init__.py").is_file()


def _is_regular(entry: os.DirEntry[str]) -> bool:
    """Whether an entry is a file with content, or a link to one."""
    try:
        return stat.S_ISREG(entry.stat().st_mode)
    except OSError:  # a link to nothing, as git-annex has them
        return False
