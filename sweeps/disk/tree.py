"""Lists files with what they take on disk: bytes come free once the last name of a file is gone, hard links counted."""

from __future__ import annotations

import os
import stat
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


@dataclass(frozen=True, slots=True)
class File:
    """One name of a file.

    Attributes:
        path: Where it lies.
        inode: Device and number: names of the same file have the same.
        links: How many names the file has, wherever they lie.
        size: Its bytes; 0 for what is no regular file, such as a link.
        changed_ns: When its content last changed, since the epoch.
        leads_to: What a symbolic link says; None: it is none.
    """

    path: Path
    inode: tuple[int, int]
    links: int
    size: int
    changed_ns: int
    leads_to: str | None = None


def file_at(path: Path) -> File | None:
    """The file of a name; None where there is none, or a folder."""
    try:
        found = path.lstat()
        target = str(path.readlink()) if stat.S_ISLNK(found.st_mode) else None
    except OSError:
        return None
    if stat.S_ISDIR(found.st_mode):
        return None
    size = found.st_size if stat.S_ISREG(found.st_mode) else 0
    return File(path, (found.st_dev, found.st_ino), found.st_nlink, size, found.st_mtime_ns, target)


def files_below(root: Path) -> tuple[File, ...]:
    """The files at or below a path, sorted; links are not followed, and what goes meanwhile is left out."""
    return tuple(sorted(_files(root), key=lambda file: file.path))


def _files(root: Path) -> Iterator[File]:
    if (single := file_at(root)) is not None:
        yield single
        return
    for folder, folders, names in os.walk(root):
        for name in (*folders, *names):
            if (file := file_at(Path(folder, name))) is not None:
                yield file


def freed_bytes(groups: Iterable[Iterable[File]]) -> Sequence[int]:
    """How many bytes come free with each group of names, where they go one group after the other.

    A file with several names comes free with the last of them, and not at all where one is in no group.
    """
    gone: Counter[tuple[int, int]] = Counter()
    freed = []
    for group in groups:
        size = 0
        for file in group:
            gone[file.inode] += 1
            if gone[file.inode] == file.links:
                size += file.size
        freed.append(size)
    return freed
