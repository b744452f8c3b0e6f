"""One connection to a file: whole transactions, other writers, and a file that is replaced."""

import sqlite3
from contextlib import closing

import pytest

from sweeps.record.store import sqlite_file
from sweeps.record.store.sqlite_file import SqliteFile, is_busy


def make(path, rows=0):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE t (a)")
        connection.executemany("INSERT INTO t VALUES (?)", [(row,) for row in range(rows)])
        connection.commit()


def count(file):
    with file.transaction(reads=True) as connection:
        return connection.execute("SELECT COUNT(*) FROM t").fetchone()[0]


@pytest.fixture
def checked():
    return []


@pytest.fixture
def file(tmp_path, checked):
    make(tmp_path / "a.db")
    return SqliteFile(tmp_path / "a.db", checked.append)


def test_a_transaction_is_done_as_a_whole_or_not_at_all(file):
    def insert(value, then):
        with file.transaction() as connection:
            connection.execute("INSERT INTO t VALUES (?)", (value,))
            connection.execute(then)

    insert(1, "SELECT 1")
    with pytest.raises(sqlite3.OperationalError):
        insert(2, "SELECT * FROM nothing")
    assert count(file) == 1


def test_a_file_that_another_writes_is_busy_and_nothing_else_is(file, tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite_file, "BUSY_S", 0.0)
    with closing(sqlite3.connect(tmp_path / "a.db")) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(sqlite3.OperationalError) as locked, file.transaction():
            pass
    assert is_busy(locked.value)
    with pytest.raises(sqlite3.OperationalError) as wrong, file.transaction() as connection:
        connection.execute("SELECT * FROM nothing")
    assert not is_busy(wrong.value)
    assert count(file) == 0


def test_a_file_that_was_replaced_is_opened_and_checked_anew(file, tmp_path, checked):
    assert count(file) == count(file) == 0
    assert len(checked) == 1
    make(tmp_path / "b.db", rows=3)
    (tmp_path / "b.db").replace(tmp_path / "a.db")
    assert count(file) == 3
    assert len(checked) == 2


def test_a_file_that_is_gone_is_not_made(file, tmp_path):
    (tmp_path / "a.db").unlink()
    with pytest.raises(FileNotFoundError):
        count(file)
    assert list(tmp_path.iterdir()) == []
