"""Removes files and folders, and makes two copies one file, so that a death at any moment leaves each whole or gone.

A folder is renamed into the trash first and taken apart there. What is counted is what came free: the bytes of files whose
last name went.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
from itertools import count
from typing import TYPE_CHECKING

from sweeps.disk.tree import file_at, files_below

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Trash:
    """A folder that holds what is being removed; whatever lies there is nobody's any more.

    Args:
        folder: The folder; it has to be on the disk of what is removed, else that is taken apart where it is.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._numbers = count()

    def remove(self, path: Path, *, unless: Callable[[], bool] | None = None) -> int:
        """Remove a file or a folder; one that is gone already is none.

        Args:
            path: The file or folder.
            unless: Asked of a folder once it is out of the way: if so, it is put back.

        Returns:
            The bytes that came free.

        Raises:
            OSError: It, or something in it, cannot be removed; what could be is gone.
        """
        if not os.path.lexists(path):
            return 0
        if path.is_symlink() or not path.is_dir():
            return _unlink(path)
        moved = path
        if not path.is_relative_to(self.folder):
            moved = self._place(path)
            try:
                path.rename(moved)
            except OSError as error:
                if error.errno not in {errno.EXDEV, errno.EACCES, errno.EBUSY}:
                    raise
                moved = path
        if unless is not None and unless():
            with contextlib.suppress(OSError):  # another one has been made meanwhile
                moved.rename(path)
            return 0
        freed = sum(_unlink(file.path) for file in files_below(moved))
        shutil.rmtree(moved, ignore_errors=True)  # another process may take the same folder apart
        if os.path.lexists(moved):
            shutil.rmtree(moved)  # says what is in the way
        return freed

    def make_one(self, copy: Path, original: Path) -> int:
        """Make a copy another name of the original; both have to be on one disk.

        The file cannot be written any more: whoever opened one of its names to write would change the other's content. It
        has the copy's time of change, by which the newest checkpoint is found.

        Returns:
            The bytes that came free.

        Raises:
            OSError: The disk has no such links, or the original is another user's; the copy is as it was.
        """
        before = file_at(copy)
        if before is None or before.inode == getattr(file_at(original), "inode", None):
            return 0
        link = self._place(copy)
        os.link(original, link)
        try:
            os.utime(link, ns=(before.changed_ns, before.changed_ns))
            link.chmod(stat.S_IMODE(link.stat().st_mode) & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))
            link.replace(copy)
        except OSError:
            link.unlink(missing_ok=True)
            raise
        return before.size if before.links == 1 else 0

    def _place(self, path: Path) -> Path:
        """A name in the trash that nothing has."""
        self.folder.mkdir(parents=True, exist_ok=True)
        while True:
            place = self.folder / f"{os.getpid()}-{next(self._numbers)}-{path.name[:100]}"
            if not os.path.lexists(place):
                return place


def _unlink(path: Path) -> int:
    file = file_at(path)
    if file is None:
        return 0
    path.unlink(missing_ok=True)
    return file.size if file.links == 1 else 0
