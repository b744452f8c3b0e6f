"""A new sqlite record: one that is written in a third of the time, and as safely."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import psutil

ON_THIS_MACHINE = frozenset(
    {"ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "tmpfs", "overlay", "apfs", "hfs"}
)
"""File systems of one machine. A write-ahead log must not be shared over a network."""


def create_with_log(path: Path) -> None:
    """Make an sqlite file that keeps a write-ahead log, where there is none yet and its disk is this machine's.

    A commit then waits for the disk once instead of four times. It is as durable (`synchronous` stays FULL), and
    readers such as `mlflow ui` neither wait for the supervisor nor hold it up. Beside the file stand `-wal` and
    `-shm` while it is open, and after a crash until it is opened next. A file that exists keeps its ways.
    """
    if path.exists() or file_system(path.resolve().parent) not in ON_THIS_MACHINE:
        return
    with (
        contextlib.closing(sqlite3.connect(path)) as connection,
        contextlib.suppress(sqlite3.OperationalError),
    ):
        connection.execute("PRAGMA journal_mode=WAL")


def file_system(folder: Path) -> str:
    """The type of the file system that an absolute path lies on, or empty."""
    mounted = {Path(part.mountpoint): part.fstype for part in psutil.disk_partitions(all=True)}
    return next((mounted[place] for place in (folder, *folder.parents) if place in mounted), "")
