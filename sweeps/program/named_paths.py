"""Looks whether words and settings are paths: they may be any text, also one that no file can be called."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def is_file(path: Path) -> bool:
    """Whether there is such a file; False also for a name that is too long for one."""
    try:
        return path.is_file()
    except OSError:
        return False


def is_folder(path: Path) -> bool:
    """The same of a folder."""
    try:
        return path.is_dir()
    except OSError:
        return False


def is_there(path: Path) -> bool:
    """The same of whatever is called so."""
    try:
        return path.exists()
    except OSError:
        return False
