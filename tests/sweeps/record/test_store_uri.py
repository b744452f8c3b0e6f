"""The address of a store, and who opens it."""

import threading

import pytest

from sweeps.record import store_uri


@pytest.mark.parametrize("name", ["a.db?timeout=5", "a%20b.db"])
def test_a_file_whose_uri_says_more_than_its_path_is_made_by_mlflow(tmp_path, name):
    store_uri.create_store(f"sqlite:///{tmp_path}/{name}")
    assert list(tmp_path.iterdir()) == []


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
