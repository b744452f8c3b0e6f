"""Who else may write into a folder, or has written a file: what is read back from disk is believed only where nobody has."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def everybody_writes(folder: Path) -> bool:
    """Whether any user of this machine may change what the folder holds, or may have made it in place of its user.

    The latter where it lies in a folder such as `/tmp`, and belongs to somebody else.
    """
    state = folder.stat()
    if state.st_mode & stat.S_IWOTH:
        return True
    return state.st_uid != os.geteuid() and bool(folder.absolute().parent.stat().st_mode & stat.S_IWOTH)


def is_own(path: Path) -> bool:
    """Whether it belongs to the user who asks and nobody else may change it; False for a link, wherever it leads."""
    state = path.lstat()
    is_link = stat.S_ISLNK(state.st_mode)
    return not is_link and state.st_uid == os.geteuid() and not state.st_mode & stat.S_IWOTH
