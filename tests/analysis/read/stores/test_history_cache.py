"""Metric histories of a tracking server that are kept on disk: faster where they hold, never wrong where they do not."""

import os

import numpy as np
import pytest
from mlflow.entities import Metric
from mlflow.store.tracking.rest_store import RestStore

import analysis
from analysis.read.stores import history_cache
from analysis.read.stores.history_cache import History, HistoryCache, cache_folder
from tests.analysis.recorded import EXPERIMENT, START_MS
from tests.analysis.store_contract import insert_into


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SWEEP_CACHE_DIR", str(tmp_path))
    return tmp_path / "histories"


@pytest.fixture
def asked(monkeypatch):
    """How many points the server gave in each answer."""
    counts = []
    history = RestStore.get_metric_history

    def counted(*args, **page):
        answer = history(*args, **page)
        counts.append(len(answer))
        return answer

    monkeypatch.setattr(RestStore, "get_metric_history", counted)
    return counts


@pytest.fixture
def written(server):
    return server[1]


def read(written, key):
    return analysis.load_curves(written[0], EXPERIMENT, [key])


def test_a_long_history_is_read_again_from_its_last_point_on(written, server, asked):
    run_id = written[2]["Cyclical-tfr0.0"]
    insert_into(server[0], run_id, "long", 3000)
    assert len(read(written, "long")) == 3000
    insert_into(server[0], run_id, "long", 3005)
    again = read(written, "long")
    assert again["step"].tolist() == list(range(3005))
    assert again["value"].tolist() == [step / 2 for step in range(3005)]
    assert asked == [3000, 6]


def test_a_point_that_came_late_has_all_read_again(written, server, asked):
    run_id = written[2]["Cyclical-tfr0.0"]
    insert_into(server[0], run_id, "late", 2000)
    read(written, "late")
    written[1].log_batch(run_id, [Metric("late", -1.0, START_MS - 5, 7000), Metric("late", 9.0, 0, 8000)])
    again = read(written, "late")
    assert again["step"].tolist() == [*range(2000), 7000, 8000]
    assert asked[0] == 2000
    assert asked[-1] == 2002


def test_a_new_value_of_an_old_step_of_an_ended_run_is_seen(written, server):
    run_id = written[2]["Cyclical-tfr1.0"]
    insert_into(server[0], run_id, "ended", 1500)
    read(written, "ended")
    written[1].log_batch(run_id, [Metric("ended", -1.0, START_MS + 9000, 3)])
    assert read(written, "ended")["value"].iloc[3] == -1.0


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 not a file of ours", None])
def test_a_damaged_file_is_read_over_and_written_again(written, server, cache, asked, damage):
    insert_into(server[0], written[2]["Cyclical-tfr0.0"], "damaged", 1200)
    whole = read(written, "damaged")
    (path,) = cache.iterdir()
    good = path.read_bytes()
    path.write_bytes(good[: len(good) // 2] + b"x" + good[len(good) // 2 + 1 :] if damage is None else damage)
    assert read(written, "damaged").equals(whole)
    assert read(written, "damaged").equals(whole)
    assert asked == [1200, 1200, 1]


def test_the_history_of_another_run_is_not_taken(written, server, cache):
    for name in ("Cyclical-tfr0.0", "Cyclical-tfr1.0"):
        insert_into(server[0], written[2][name], "swapped", 1100)
    whole = read(written, "swapped")
    one, other = cache.iterdir()
    other.write_bytes(one.read_bytes())
    assert read(written, "swapped").equals(whole)


def test_short_histories_are_not_kept_and_a_folder_that_cannot_be_written_is_no_error(
    written, server, cache, monkeypatch
):
    assert not read(written, "beta").empty
    assert not cache.exists()
    insert_into(server[0], written[2]["Cyclical-tfr0.0"], "unkept", 1100)
    monkeypatch.setenv("SWEEP_CACHE_DIR", os.devnull)
    assert len(read(written, "unkept")) == 1100


def test_the_files_that_were_not_used_for_longest_make_room(written, server, cache, monkeypatch):
    for number, name in enumerate(("Cyclical-tfr0.0", "Cyclical-tfr1.0")):
        insert_into(server[0], written[2][name], f"room{number}", 1100)
        read(written, f"room{number}")
        for path in cache.iterdir():
            os.utime(path, (number, number))
    sizes = [path.stat().st_size for path in cache.iterdir()]
    assert len(sizes) == 2
    monkeypatch.setattr(history_cache, "MOST_BYTES", max(sizes))
    read(written, "room1")
    assert len(list(cache.iterdir())) == 1


LONG = {"loss": History(list(range(1000)), [START_MS] * 1000, [0.5] * 1000)}


def kept_by_itself():
    """A cache that holds one history, and the file of it."""
    kept = HistoryCache("http://127.0.0.1:9")
    kept.write("run", LONG)
    (path,) = (cache_folder() / "histories").iterdir()
    assert kept.read("run") == LONG
    return kept, path


def test_where_everybody_may_write_only_own_files_are_believed():
    kept, path = kept_by_itself()
    path.parent.chmod(0o777)
    assert kept.read("run") == LONG
    path.chmod(0o666)
    assert kept.read("run") == {}
    path.unlink()
    path.symlink_to(path.with_suffix(".planted"))
    kept.write("run", LONG)
    assert kept.read("run") == LONG
    assert not path.with_suffix(".planted").exists()


@pytest.mark.parametrize("length", [999, 1001])
def test_a_file_with_columns_of_unequal_length_counts_as_none(length):
    kept, path = kept_by_itself()
    with np.load(path) as whole:
        np.savez(path, **{**whole, "values": np.zeros(length)})
    assert kept.read("run") == {}


def test_a_file_with_python_objects_is_not_run(tmp_path):
    kept, path = kept_by_itself()
    with np.load(path) as whole:
        hostile = np.array([Hostile(str(tmp_path / "ran"))], dtype=object)
        np.savez(path, **{**whole, "values": hostile})
    assert kept.read("run") == {}
    assert not (tmp_path / "ran").exists()


class Hostile:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (self.path,)
