"""Copies a file that a trainer hands over: what it is, is asked of the open file, so that nothing is put in its place meanwhile."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_AT_ONCE_BYTES = 1 << 20
_NO_FILE = "not a file that can be stored; hand over single files, or one archive of a folder"


def copy_file(source: Path, target: Path) -> None:
    """Copy a file as it is now; a link is followed, as everywhere where a file is read.

    Raises:
        FileNotFoundError: There is no such file.
        OSError: It is a directory, a pipe or a device, which may have no end, or it cannot be read.
    """
    descriptor = os.open(source, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a pipe would be waited for
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, _NO_FILE, str(source))
        with os.fdopen(descriptor, "rb", closefd=False) as file, target.open("wb") as copy:
            shutil.copyfileobj(file, copy, _AT_ONCE_BYTES)
    finally:
        os.close(descriptor)
