"""A new record's file: what it is, where its tables come from, and what is left alone."""

import sqlite3
from contextlib import closing

import pytest

from sweeps.record.ledger import Ledger
from sweeps.record.store import new_file
from sweeps.record.store.new_file import create_sqlite_file, file_system, kept_tables


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A user's cache in which nothing is kept yet."""
    (tmp_path / "cache").mkdir()
    monkeypatch.setenv("SWEEP_CACHE_DIR", str(tmp_path / "cache"))
    return kept_tables()


def tables(path):
    """What a file holds; the text of a constraint is another one with each run of MLflow's migrations."""
    with closing(sqlite3.connect(path)) as connection:
        named = connection.execute("SELECT type, name FROM sqlite_master ORDER BY type, name").fetchall()
        return [(*one, connection.execute(f'PRAGMA table_info("{one[1]}")').fetchall()) for one in named]


def mode_of(path):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("pragma journal_mode").fetchone()[0]


def test_a_new_record_keeps_a_write_ahead_log(tmp_path):
    ledger = Ledger.open(f"sqlite:///{tmp_path / 'mlflow.db'}", "toy")
    ledger.sweep_run("s", None, {})
    assert mode_of(tmp_path / "mlflow.db") == "wal"


def test_a_new_record_that_is_interrupted_leaves_nothing(tmp_path, cache, monkeypatch):
    def interrupted(path):
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("create table half (a)")
        raise KeyboardInterrupt

    monkeypatch.setattr(new_file, "_make_tables", interrupted)
    with pytest.raises(KeyboardInterrupt):
        create_sqlite_file(tmp_path / "mlflow.db")
    assert [path.name for path in tmp_path.iterdir()] == ["cache"]


def test_a_record_that_exists_keeps_its_ways(tmp_path):
    with closing(sqlite3.connect(tmp_path / "old.db")) as connection:
        connection.execute("create table t (a)")
    create_sqlite_file(tmp_path / "old.db")
    assert mode_of(tmp_path / "old.db") == "delete"


def test_where_a_file_system_is_not_known_to_be_this_machines_nothing_is_made(tmp_path, monkeypatch):
    assert file_system(tmp_path.resolve())
    monkeypatch.setattr("sweeps.record.store.new_file.LOCAL_FILE_SYSTEMS", frozenset({"nfs"}))
    create_sqlite_file(tmp_path / "far.db")
    assert list(tmp_path.iterdir()) == []


def test_mlflows_own_tables_are_made_once_and_then_copied(tmp_path, cache, empty_database, monkeypatch):
    made, kept = [], new_file._make_tables

    def counted(path):
        made.append(path)
        kept(path)

    monkeypatch.setattr(new_file, "_make_tables", counted)
    for name in ("one.db", "two.db"):
        create_sqlite_file(tmp_path / name)
        assert tables(tmp_path / name) == tables(empty_database)
        assert mode_of(tmp_path / name) == "wal"
    assert len(made) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cache", "one.db", "two.db"]
    assert [path.name for path in cache.parent.iterdir()] == [cache.name]


@pytest.mark.parametrize("damage", ["cut", "no tables", "of others", "where others write"])
def test_kept_tables_that_are_damaged_or_not_ones_own_are_made_anew(
    tmp_path, cache, empty_database, damage, monkeypatch
):
    whole = empty_database.read_bytes()
    cache.write_bytes({"cut": whole[: len(whole) // 2], "no tables": b""}.get(damage, whole))
    cache.chmod(0o666 if damage == "of others" else 0o644)
    cache.parent.chmod(0o777 if damage == "where others write" else 0o755)
    made = []

    def make(path):
        made.append(path)
        path.write_bytes(whole)

    monkeypatch.setattr(new_file, "_make_tables", make)
    create_sqlite_file(tmp_path / "new.db")
    assert len(made) == 1
    assert tables(tmp_path / "new.db") == tables(cache) == tables(empty_database)
    assert not cache.stat().st_mode & 0o002


def test_an_mlflow_that_makes_its_tables_in_another_way_makes_them_itself(tmp_path, cache, monkeypatch):
    monkeypatch.delattr("mlflow.store.db.utils._initialize_tables")
    create_sqlite_file(tmp_path / "new.db")
    assert [path.name for path in tmp_path.iterdir()] == ["cache"]


def test_a_cache_that_is_not_there_yet_is_made_for_its_owner_alone(tmp_path, monkeypatch, empty_database):
    monkeypatch.setenv("SWEEP_CACHE_DIR", str(tmp_path / "deep" / "cache"))
    monkeypatch.setattr(new_file, "_make_tables", lambda path: path.write_bytes(empty_database.read_bytes()))
    create_sqlite_file(tmp_path / "new.db")
    assert tables(kept_tables()) == tables(empty_database)
    assert kept_tables().parent.stat().st_mode & 0o777 == 0o700


def test_where_no_cache_can_be_written_tables_are_made_each_time(tmp_path, monkeypatch, empty_database):
    (tmp_path / "cache").write_text("a file")
    monkeypatch.setenv("SWEEP_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(new_file, "_make_tables", lambda path: path.write_bytes(empty_database.read_bytes()))
    create_sqlite_file(tmp_path / "new.db")
    assert tables(tmp_path / "new.db") == tables(empty_database)
