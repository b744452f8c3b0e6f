"""A new record's file: what it is, and what is left alone."""

import sqlite3
import threading
from contextlib import closing

import pytest

from sweeps.record import store_uri
from sweeps.record.ledger import Ledger
from sweeps.record.store_uri import absolute_uri, create_sqlite_file, file_system


def mode_of(path):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("pragma journal_mode").fetchone()[0]


def test_a_new_record_keeps_a_write_ahead_log(tmp_path):
    ledger = Ledger.open(f"sqlite:///{tmp_path / 'mlflow.db'}", "toy")
    ledger.sweep_run("s", None, {})
    assert mode_of(tmp_path / "mlflow.db") == "wal"


def test_a_new_record_that_is_interrupted_leaves_nothing(tmp_path, monkeypatch):
    def interrupted(path):
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("create table half (a)")
        raise KeyboardInterrupt

    monkeypatch.setattr(store_uri, "_make_tables", interrupted)
    with pytest.raises(KeyboardInterrupt):
        create_sqlite_file(tmp_path / "mlflow.db")
    assert list(tmp_path.iterdir()) == []


def test_a_record_that_exists_keeps_its_ways(tmp_path):
    with closing(sqlite3.connect(tmp_path / "old.db")) as connection:
        connection.execute("create table t (a)")
    create_sqlite_file(tmp_path / "old.db")
    assert mode_of(tmp_path / "old.db") == "delete"


def test_where_a_file_system_is_not_known_to_be_this_machines_nothing_is_made(tmp_path, monkeypatch):
    assert file_system(tmp_path.resolve())
    monkeypatch.setattr("sweeps.record.store_uri.LOCAL_FILE_SYSTEMS", frozenset({"nfs"}))
    create_sqlite_file(tmp_path / "far.db")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("uri", "absolute"),
    [
        ("sqlite:///mlflow.db", "sqlite:////here/mlflow.db"),
        ("sqlite:///a/b.db?timeout=5", "sqlite:////here/a/b.db?timeout=5"),
        ("sqlite:////x/mlflow.db", "sqlite:////x/mlflow.db"),
        ("./mlruns", "/here/mlruns"),
        ("mlruns", "/here/mlruns"),
        ("file:./mlruns", "file:///here/mlruns"),
        ("file:///x/mlruns", "file:///x/mlruns"),
        ("http://127.0.0.1:5000", "http://127.0.0.1:5000"),
        ("postgresql://u@h/d", "postgresql://u@h/d"),
        ("databricks", "databricks"),
    ],
)
def test_a_store_is_named_so_that_it_is_found_from_any_directory(tmp_path, monkeypatch, uri, absolute):
    monkeypatch.chdir(tmp_path)
    assert absolute_uri(uri) == absolute.replace("/here", str(tmp_path))


def test_one_at_a_time_opens_an_sqlite_store(tmp_path):
    uri, inside = f"sqlite:///{tmp_path / 'new.db'}", []

    def enter():
        with store_uri.one_at_a_time(uri):
            inside.append("second")

    second = threading.Thread(target=enter)
    with store_uri.one_at_a_time(uri):
        second.start()
        inside.append("first")
    second.join()
    assert inside == ["first", "second"]


@pytest.mark.parametrize("scheme", ["sqlite", "http"])
def test_a_store_that_another_opens_for_too_long_is_opened_all_the_same(tmp_path, monkeypatch, scheme):
    monkeypatch.setattr(store_uri, "OPEN_S", 0.0)
    uri = f"{scheme}:///{tmp_path / 'new.db'}"
    with store_uri.one_at_a_time(uri), store_uri.one_at_a_time(uri):
        pass
