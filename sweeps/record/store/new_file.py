"""A new sqlite store: its file, with the tables that MLflow's own migrations make.

The migrations take seconds, and so does the import of MLflow. What they made is kept in the user's cache, a file for each
version of MLflow, and a new store is a copy of it.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sqlite3
from pathlib import Path
from typing import Any

from analysis.read.ownership import everybody_writes, is_own
from analysis.read.stores.history_cache import cache_folder
from sweeps.record.store.known import mlflow_version

LOCAL_FILE_SYSTEMS = frozenset(
    {"ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "tmpfs", "overlay", "apfs", "hfs"}
)
"""File systems of one machine. A write-ahead log must not be shared over a network."""
TABLES = "mlflow-tables"
"""How the files of the user's cache are called that keep them."""
_SOUND = {"PRAGMA quick_check": "ok", "SELECT COUNT(*) FROM alembic_version": 1}
"""What is asked of tables that were kept, and what they have to answer."""
_RELEASE = re.compile(r"\d+(\.\d+)+")


def create_sqlite_file(path: Path) -> None:
    """Make an sqlite file that keeps a write-ahead log, where there is none yet and its disk is this machine's.

    It gets its name once it has all tables: MLflow cannot go on with half of them.
    A commit then waits for the disk once instead of four times. It is as durable (`synchronous` stays FULL), and
    readers such as `mlflow ui` neither wait for the supervisor nor hold it up. Beside the file stand `-wal` and
    `-shm` while it is open, and after a crash until it is opened next. A file that exists keeps its mode.
    """
    if path.exists() or file_system(path.resolve().parent) not in LOCAL_FILE_SYSTEMS:
        return
    new = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        kept = kept_tables()
        if kept is None or not _copied(kept, new):
            _make(new)
            _keep(new, kept)
        os.link(new, path)
    except (OSError, sqlite3.OperationalError):
        return  # another process was faster, or MLflow makes it and says what is wrong
    except (ImportError, AttributeError):
        return  # this MLflow makes its tables in another way, and so it does it itself
    finally:
        for end in ("", "-wal", "-shm"):
            new.with_name(f"{new.name}{end}").unlink(missing_ok=True)


def kept_tables() -> Path | None:
    """Where the tables of this MLflow are kept, made or not; None: for such a version they are not."""
    version = mlflow_version()
    if not _RELEASE.fullmatch(version):
        return None
    try:
        return cache_folder() / f"{TABLES}-{version}.db"
    except RuntimeError:  # nobody's home is known
        return None


def file_system(folder: Path) -> str:
    """The type of the file system that an absolute path lies on, or empty."""
    import psutil

    mounted = {Path(part.mountpoint): part.fstype for part in psutil.disk_partitions(all=True)}
    return next((mounted[place] for place in (folder, *folder.parents) if place in mounted), "")


def _copied(kept: Path, new: Path) -> bool:
    """Copy what is kept; False: there is nothing, or it is damaged, or others may have written it."""
    try:
        if not is_own(kept) or everybody_writes(kept.parent):
            return False
        with kept.open("rb") as source, new.open("wb") as target:
            shutil.copyfileobj(source, target)
            target.flush()
            os.fsync(target.fileno())
        with contextlib.closing(sqlite3.connect(new)) as connection:
            answers = [connection.execute(question).fetchone()[0] for question in _SOUND]
            sound = answers == list(_SOUND.values())
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except (OSError, sqlite3.Error):
        sound = False
    if not sound:
        new.unlink(missing_ok=True)
    return sound


def _make(new: Path) -> None:
    with contextlib.closing(sqlite3.connect(new)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
    _make_tables(new)
    with contextlib.closing(sqlite3.connect(new)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _make_tables(path: Path) -> None:
    """Have MLflow make its tables, as it does when it first opens a store."""
    import sqlalchemy
    from mlflow.store.db import utils

    make: Any = utils._initialize_tables  # noqa: SLF001 - a store of its own would stay open
    engine = sqlalchemy.create_engine(f"sqlite:///{path.absolute()}")
    try:
        make(engine)
    finally:
        engine.dispose()


def _keep(new: Path, kept: Path | None) -> None:
    """Keep a copy of new tables for the next record; without a place for it they are made each time."""
    if kept is None:
        return
    copy = kept.with_name(f"{kept.name}.{os.getpid()}.new")
    with contextlib.suppress(OSError):
        kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            shutil.copyfile(new, copy)
            copy.replace(kept)
        finally:
            copy.unlink(missing_ok=True)
