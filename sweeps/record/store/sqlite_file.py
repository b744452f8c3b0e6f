"""A connection to an sqlite file that stays open: one transaction at a time, and another file of the same name is noticed."""

from __future__ import annotations

import sqlite3
import threading
import weakref
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

BUSY_S = 20.0
"""How long another writer of the file is waited for, as MLflow's client does."""
CLOSE_S = 1.0
"""How long the end of Python waits for a write that goes on."""


class CommitError(OSError):
    """A transaction that could not be completed: nobody can tell whether it is written."""


class GoneError(FileNotFoundError):
    """The file is there no more; whoever opens it to write would make an empty one in its place."""


class SqliteFile:
    """An sqlite file; threads may share it.

    Args:
        path: The file, which exists.
        check: Called with each new connection; what it raises keeps the file from being used.
    """

    def __init__(self, path: Path, check: Callable[[sqlite3.Connection], None]) -> None:
        self._path = path.absolute()
        self._check = check
        self._guard = threading.Lock()
        self._open: list[sqlite3.Connection] = []
        self._file = (0, 0)
        # The last connection that closes takes the write-ahead log into the file.
        weakref.finalize(self, _close, self._guard, self._open)

    @contextmanager
    def transaction(self, *, reads: bool = False) -> Iterator[sqlite3.Connection]:
        """One transaction: all of what is done in here, or nothing; with `reads`, of one moment.

        Raises:
            sqlite3.Error: It cannot be done; nothing is written.
            CommitError: It is done, and may be written or not.
            GoneError: The file is not there any more.
        """
        with self._guard:
            connection = self._connected()
            connection.execute("BEGIN" if reads else "BEGIN IMMEDIATE")
            try:
                yield connection
                _commit(connection)
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def _connected(self) -> sqlite3.Connection:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            raise GoneError(f"{self._path} is there no more") from None
        if self._open and self._file == (found.st_dev, found.st_ino):
            return self._open[0]
        while self._open:
            self._open.pop().close()
        address = f"file:{quote(str(self._path))}?mode=rw"
        connection = sqlite3.connect(
            address, uri=True, timeout=BUSY_S, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            self._check(connection)
        except BaseException:
            connection.close()
            raise
        self._open.append(connection)
        self._file = (found.st_dev, found.st_ino)
        return connection


def is_busy(error: BaseException) -> bool:
    """Whether an error of sqlite's says that somebody else is writing, or the file is locked for another reason."""
    return isinstance(error, sqlite3.OperationalError) and "locked" in str(error)


def _commit(connection: sqlite3.Connection) -> None:
    try:
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        if is_busy(error):
            raise
        raise CommitError(str(error)) from error


def _close(guard: threading.Lock, connections: list[sqlite3.Connection]) -> None:
    if guard.acquire(timeout=CLOSE_S):
        while connections:
            connections.pop().close()
        guard.release()
