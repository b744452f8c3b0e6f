"""One contract, inherited by every kind of store."""

import contextlib
import math
import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections import Counter

import pytest
import requests
import sqlalchemy as sa
from mlflow.entities import Metric
from mlflow.store.entities.paged_list import PagedList
from mlflow.store.tracking.file_store import FileStore
from mlflow.store.tracking.rest_store import RestStore
from mlflow.tracking import MlflowClient

import analysis
import analysis.cache
from analysis import client_store, sql_store
from analysis.errors import IncompleteReadError, UnknownExperimentError, UnreachableStoreError, masked
from analysis.record import SWEEP, TRIAL, open_store, read_runs
from analysis.summarize import LARGEST
from tests.analysis.recorded import (
    EPOCHS,
    EXPERIMENT,
    FAILED,
    RUNNING,
    START_MS,
    Recording,
    ratio_study,
    record,
)

STUDY = ratio_study(strategies=("Cyclical",))
MANY = 25_100
"""MLflow's bulk endpoint gives 25,000 points of all runs together, and does not say when there are more."""
NAN = Recording(nan=(("val/psnr", 3), ("train/loss", EPOCHS - 1)))


class StoreContract:
    """What `analysis` promises of a store, whatever it is made of. Subclasses give `written`: (uri, client, ids)."""

    def test_every_run_is_read_with_its_tags(self, written):
        uri, _, run_ids = written
        runs = read_runs(uri, EXPERIMENT)
        assert Counter(run.kind for run in runs) == {SWEEP: 1, TRIAL: 3}
        run = next(run for run in runs if run.name == "Cyclical-tfr1.0")
        assert run.run_id == run_ids["Cyclical-tfr1.0"]
        assert run.parent_run_id == next(run.run_id for run in runs if run.kind == SWEEP)
        assert (run.start_ms, run.end_ms, run.status) == (START_MS, START_MS + 60_000, "FINISHED")
        assert run.fingerprint == STUDY.trials[0].fingerprint
        assert (run.outcome, run.attempt, run.tags["sweeps.trial"]) == ("finished", 1, "Cyclical-tfr1.0")

    def test_a_running_run_has_no_end_and_no_outcome(self, written):
        uri, _, run_ids = written
        run = next(run for run in read_runs(uri, EXPERIMENT) if run.run_id == run_ids["Cyclical-tfr0.0"])
        assert (run.status, run.end_ms, run.outcome) == ("RUNNING", None, None)

    def test_runs_come_as_typed_rows(self, written):
        uri, _, run_ids = written
        runs = analysis.load_runs(uri, EXPERIMENT).set_index("run_id")
        assert set(runs.index) == set(run_ids.values())
        row = runs.loc[run_ids["Cyclical-tfr0.5"]]
        assert (row["trial"], row["outcome"], row["status"]) == ("Cyclical-tfr0.5", "failed", "FAILED")
        assert row["reason"] == "loss is NaN in epoch 4, batch 2"
        assert row["start_time"].isoformat() == "2023-11-14T22:13:21+00:00"
        assert (row["params.tfr"], row["params.kl_anneal_type"], row["params.num_epoch"]) == (
            0.5,
            "Cyclical",
            EPOCHS,
        )
        assert runs["params.num_epoch"].dtype == "int64"
        assert row["metrics.val/psnr_copy_first"] == pytest.approx(19.83)
        assert math.isnan(row["metrics.frame/psnr"])
        assert math.isnan(runs.loc[run_ids["Cyclical-tfr1.0"]]["metrics.train/loss"])

    def test_parent_runs_are_rows_only_when_asked_for(self, written):
        uri, _, _ = written
        assert Counter(analysis.load_runs(uri, EXPERIMENT, parents=True)["kind"]) == {SWEEP: 1, TRIAL: 3}

    def test_curves_are_tidy_sorted_and_whole(self, written):
        uri, _, run_ids = written
        curves = analysis.load_curves(uri, EXPERIMENT)
        assert list(curves.columns) == ["run_id", "key", "step", "value"]
        assert not curves.duplicated(["run_id", "key", "step"]).any()
        assert curves.equals(curves.sort_values(["run_id", "key", "step"], ignore_index=True))
        counts = curves[curves["key"] == "train/loss"].groupby("run_id").size()
        assert counts.to_dict() == {
            run_ids["Cyclical-tfr1.0"]: EPOCHS,
            run_ids["Cyclical-tfr0.5"]: 4,
            run_ids["Cyclical-tfr0.0"]: 5,
        }

    def test_a_nan_is_kept_where_it_was_logged(self, written):
        uri, _, run_ids = written
        curves = analysis.load_curves(uri, EXPERIMENT, ["val/psnr"])
        curve = curves[curves["run_id"] == run_ids["Cyclical-tfr1.0"]]
        assert curve.loc[curve["value"].isna(), "step"].tolist() == [3]

    def test_keys_and_runs_can_be_picked(self, written):
        uri, _, run_ids = written
        wanted = run_ids["Cyclical-tfr0.0"]
        curves = analysis.load_curves(uri, EXPERIMENT, ["beta", "never/logged"], run_ids=[wanted])
        assert set(curves["run_id"]) == {wanted}
        assert set(curves["key"]) == {"beta"}
        assert curves["step"].tolist() == [0, 1, 2, 3, 4]

    def test_no_keys_and_no_runs_mean_no_rows(self, written):
        uri, _, _ = written
        assert analysis.load_curves(uri, EXPERIMENT, []).empty
        empty = analysis.load_curves(uri, EXPERIMENT, run_ids=[])
        assert empty.empty
        assert empty.dtypes.astype(str).to_dict() == {
            "run_id": "str",
            "key": "str",
            "step": "int64",
            "value": "float64",
        }

    def test_of_a_step_logged_twice_the_later_value_stands(self, written):
        uri, client, run_ids = written
        run_id = run_ids["Cyclical-tfr0.0"]
        again = [Metric("again", 9.0, START_MS, 0), Metric("again", 1.0, START_MS + 5, 0)]
        client.log_batch(run_id, again)
        assert analysis.load_curves(uri, EXPERIMENT, ["again"])["value"].tolist() == [1.0]
        assert analysis.load_runs(uri, EXPERIMENT).set_index("run_id").loc[run_id, "metrics.again"] == 1.0

    def test_infinities_come_as_the_greatest_numbers_and_a_later_nan_stands(self, written):
        uri, client, run_ids = written
        points = [(math.inf, 0, 0), (-math.inf, 1, 0), (5.0, 2, 0), (math.nan, 2, 1)]
        metrics = [Metric("odd", value, START_MS + later, step) for value, step, later in points]
        client.log_batch(run_ids["Cyclical-tfr0.0"], metrics)
        odd = analysis.load_curves(uri, EXPERIMENT, ["odd"])
        assert odd["step"].tolist() == [0, 1, 2]
        assert odd["value"].iloc[0] >= LARGEST
        assert odd["value"].iloc[1] <= -LARGEST
        assert math.isnan(odd["value"].iloc[2])

    def test_another_experiment_in_the_store_is_left_alone_and_names_may_be_in_any_script(self, written):
        uri, client, _ = written
        name = "café-実験-💃"
        if client.get_experiment_by_name(name) is None:
            other = client.create_run(client.create_experiment(name), run_name="試行")
            client.log_param(other.info.run_id, "größe", "œuvre")
            client.log_metric(other.info.run_id, "beta", 7.0, step=3)
        runs = analysis.load_runs(uri, name)
        assert (runs["name"].tolist(), runs["params.größe"].tolist()) == (["試行"], ["œuvre"])
        assert analysis.load_curves(uri, name)["value"].tolist() == [7.0]
        assert not set(analysis.load_curves(uri, EXPERIMENT)["run_id"]) & set(runs["run_id"])

    def test_more_points_than_mlflow_gives_at_once_are_all_read(self, written):
        uri, client, run_ids = written
        self.insert(client, run_ids["Cyclical-tfr0.0"], "many", MANY)
        many = analysis.load_curves(uri, EXPERIMENT, ["many"])
        assert many["step"].tolist() == list(range(MANY))
        assert many["value"].tolist() == [step / 2 for step in range(MANY)]

    def insert(self, client, run_id, key, count):
        """Log so many points, the value being half the step; stores with a faster way override this."""
        for start in range(0, count, 1000):
            steps = range(start, min(count, start + 1000))
            client.log_batch(run_id, [Metric(key, step / 2, START_MS + step, step) for step in steps])

    def test_deleted_runs_are_left_out(self, written):
        uri, client, run_ids = written
        client.delete_run(run_ids["Cyclical-tfr0.0"])
        assert run_ids["Cyclical-tfr0.0"] not in {run.run_id for run in read_runs(uri, EXPERIMENT)}
        assert run_ids["Cyclical-tfr0.0"] not in set(analysis.load_runs(uri, EXPERIMENT)["run_id"])
        assert run_ids["Cyclical-tfr0.0"] not in set(analysis.load_curves(uri, EXPERIMENT)["run_id"])
        client.restore_run(run_ids["Cyclical-tfr0.0"])

    def test_an_experiment_without_runs_gives_empty_frames(self, written):
        uri, client, _ = written
        if client.get_experiment_by_name("empty") is None:
            client.create_experiment("empty")
        assert read_runs(uri, "empty") == []
        runs = analysis.load_runs(uri, "empty")
        assert runs.empty
        assert "fingerprint" in runs.columns
        assert analysis.load_curves(uri, "empty").empty

    @pytest.mark.parametrize("read", [read_runs, analysis.load_runs, analysis.load_curves])
    def test_an_unknown_experiment_is_an_error_that_names_it(self, written, read):
        uri, _, _ = written
        with pytest.raises(UnknownExperimentError, match="'no-such-thing'"):
            read(uri, "no-such-thing")

    def test_a_deleted_experiment_is_unknown(self, written):
        uri, client, _ = written
        client.delete_experiment(client.create_experiment("dropped"))
        with pytest.raises(UnknownExperimentError, match="deleted"):
            read_runs(uri, "dropped")


def insert_into(database, run_id, key, count):
    """As MLflow writes them, but thousands at once."""
    rows = [(key, step / 2, START_MS + step, run_id, step, 0) for step in range(count)]
    columns = "(key, value, timestamp, run_uuid, step, is_nan) values (?, ?, ?, ?, ?, ?)"
    with contextlib.closing(sqlite3.connect(database, timeout=30)) as store, store:
        store.executemany(f"insert or ignore into metrics {columns}", rows)
        store.execute(f"insert or replace into latest_metrics {columns}", rows[-1])


def write(uri):
    client = MlflowClient(uri)
    outcomes = {"Cyclical-tfr1.0": NAN, "Cyclical-tfr0.5": FAILED, "Cyclical-tfr0.0": RUNNING}
    return uri, client, record(client, STUDY, outcomes)


class TestSqlStore(StoreContract):
    @pytest.fixture
    def written(self, store):
        return write(store.uri)

    def insert(self, _client, run_id, key, count):
        insert_into("mlflow.db", run_id, key, count)

    def test_the_columns_read_are_columns_of_mlflow(self):
        from mlflow.store.db.base_sql_model import Base
        from mlflow.store.tracking.dbmodels import models

        assert models.SqlRun.__tablename__ == sql_store.RUNS.name
        for table in sql_store.TABLES:
            assert set(table.c.keys()) <= set(Base.metadata.tables[table.name].c.keys()), table.name

    def test_many_runs_can_be_picked(self, written):
        uri, _, run_ids = written
        many = [*run_ids.values(), *(f"{number:032x}" for number in range(2000))]
        assert set(analysis.load_curves(uri, EXPERIMENT, run_ids=many)["run_id"]) == set(run_ids.values())

    @pytest.mark.usefixtures("written")
    def test_a_relative_path_is_read_from_the_working_directory(self):
        assert len(read_runs("sqlite:///mlflow.db", EXPERIMENT)) == 4

    def test_a_file_that_is_not_there_yet_is_unknown_and_not_made(self, tmp_path):
        path = tmp_path / "new.db"
        with pytest.raises(UnknownExperimentError, match="no such file yet"):
            read_runs(f"sqlite:///{path}", EXPERIMENT)
        assert not path.exists()

    def test_an_empty_file_has_no_experiments(self, tmp_path):
        (tmp_path / "new.db").touch()
        with pytest.raises(UnknownExperimentError, match="database is empty"):
            read_runs(f"sqlite:///{tmp_path / 'new.db'}", EXPERIMENT)

    def test_a_file_that_is_no_database_is_an_error(self, tmp_path):
        (tmp_path / "notes.txt").write_text("not a database, only words " * 50)
        with pytest.raises(UnreachableStoreError, match="not a database"):
            read_runs(f"sqlite:///{tmp_path / 'notes.txt'}", EXPERIMENT)

    def test_a_folder_is_no_database(self, tmp_path):
        with pytest.raises(UnreachableStoreError, match="not a database file"):
            read_runs(f"sqlite:///{tmp_path}", EXPERIMENT)

    def test_a_database_of_something_else_is_an_error(self, tmp_path):
        engine = sa.create_engine(f"sqlite:///{tmp_path / 'other.db'}")
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE songs (title TEXT)")
        engine.dispose()
        with pytest.raises(
            UnreachableStoreError, match="not a database of MLflow's: it has no table experiments"
        ):
            read_runs(f"sqlite:///{tmp_path / 'other.db'}", EXPERIMENT)

    def test_an_older_schema_is_an_error_that_says_how_to_upgrade(self, store):
        engine = sa.create_engine(store.uri)
        with engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE latest_metrics RENAME COLUMN is_nan TO was_nan")
        engine.dispose()
        store.client.create_experiment(EXPERIMENT)
        with pytest.raises(UnreachableStoreError, match="mlflow db upgrade"):
            analysis.load_runs(store.uri, EXPERIMENT)

    @pytest.mark.parametrize("uri", ["mysql+nodriver://host/db", "postgresql://[::/db"])
    def test_an_address_that_cannot_be_opened_is_an_error(self, uri):
        with pytest.raises(UnreachableStoreError, match="cannot be opened"):
            read_runs(uri, EXPERIMENT)


class TestFolderStore(StoreContract):
    @pytest.fixture
    def written(self, tmp_path, monkeypatch):
        monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
        return write(str(tmp_path / "mlruns"))

    def test_a_folder_that_is_not_there_yet_is_unknown_and_not_made(self, tmp_path):
        with pytest.raises(UnknownExperimentError, match="no such folder yet"):
            read_runs(f"file://{tmp_path}/mlruns", EXPERIMENT)
        assert not (tmp_path / "mlruns").exists()

    def test_a_history_cut_short_is_an_error(self, written, monkeypatch):
        uri, _, _ = written
        history = FileStore.get_metric_history
        monkeypatch.setattr(
            FileStore, "get_metric_history", lambda *args, **_page: PagedList(history(*args)[:2], None)
        )
        with pytest.raises(IncompleteReadError, match="2 points that end before"):
            analysis.load_curves(uri, EXPERIMENT, ["train/loss"])

    def test_many_pages_of_runs_are_read(self, written, monkeypatch):
        uri, _, _ = written
        monkeypatch.setattr(client_store, "PAGE_RUNS", 1)
        assert len(read_runs(uri, EXPERIMENT)) == 4


@pytest.fixture(scope="module")
def server(empty_database, tmp_path_factory):
    folder = tmp_path_factory.mktemp("server")
    database = folder / "mlflow.db"
    database.write_bytes(empty_database.read_bytes())
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--backend-store-uri", f"sqlite:///{database}", "--workers", "1"]
    command += ["--default-artifact-root", str(folder / "artifacts")]
    environment = os.environ | {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    with (folder / "log.txt").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True
        )
        try:
            wait_until_healthy(f"http://127.0.0.1:{port}/health", process, folder / "log.txt")
            yield database, write(f"http://127.0.0.1:{port}")
        finally:
            os.killpg(process.pid, 9)
            process.wait()


class TestHttpStore(StoreContract):
    @pytest.fixture(autouse=True)
    def cache(self, tmp_path, monkeypatch):
        monkeypatch.setenv("SWEEP_CACHE_DIR", str(tmp_path))
        return tmp_path / "histories"

    @pytest.fixture
    def asked(self, monkeypatch):
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
    def written(self, server):
        return server[1]

    @pytest.fixture(autouse=True)
    def database(self, server):
        self.path = server[0]

    def insert(self, _client, run_id, key, count):
        insert_into(self.path, run_id, key, count)

    def read(self, written, key):
        return analysis.load_curves(written[0], EXPERIMENT, [key])

    def test_a_long_history_is_read_again_from_its_last_point_on(self, written, server, asked):
        run_id = written[2]["Cyclical-tfr0.0"]
        insert_into(server[0], run_id, "long", 3000)
        assert len(self.read(written, "long")) == 3000
        insert_into(server[0], run_id, "long", 3005)
        again = self.read(written, "long")
        assert again["step"].tolist() == list(range(3005))
        assert again["value"].tolist() == [step / 2 for step in range(3005)]
        assert asked == [3000, 6]

    def test_a_point_that_came_late_has_all_read_again(self, written, server, asked):
        run_id = written[2]["Cyclical-tfr0.0"]
        insert_into(server[0], run_id, "late", 2000)
        self.read(written, "late")
        written[1].log_batch(run_id, [Metric("late", -1.0, START_MS - 5, 7000), Metric("late", 9.0, 0, 8000)])
        again = self.read(written, "late")
        assert again["step"].tolist() == [*range(2000), 7000, 8000]
        assert asked[0] == 2000
        assert asked[-1] == 2002

    def test_a_new_value_of_an_old_step_of_an_ended_run_is_seen(self, written, server):
        run_id = written[2]["Cyclical-tfr1.0"]
        insert_into(server[0], run_id, "ended", 1500)
        self.read(written, "ended")
        written[1].log_batch(run_id, [Metric("ended", -1.0, START_MS + 9000, 3)])
        assert self.read(written, "ended")["value"].iloc[3] == -1.0

    @pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 not a file of ours", None])
    def test_a_damaged_file_is_read_over_and_written_again(self, written, server, cache, asked, damage):
        insert_into(server[0], written[2]["Cyclical-tfr0.0"], "damaged", 1200)
        whole = self.read(written, "damaged")
        (path,) = cache.iterdir()
        good = path.read_bytes()
        path.write_bytes(
            good[: len(good) // 2] + b"x" + good[len(good) // 2 + 1 :] if damage is None else damage
        )
        assert self.read(written, "damaged").equals(whole)
        assert self.read(written, "damaged").equals(whole)
        assert asked == [1200, 1200, 1]

    def test_the_history_of_another_run_is_not_taken(self, written, server, cache):
        for name in ("Cyclical-tfr0.0", "Cyclical-tfr1.0"):
            insert_into(server[0], written[2][name], "swapped", 1100)
        whole = self.read(written, "swapped")
        one, other = cache.iterdir()
        other.write_bytes(one.read_bytes())
        assert self.read(written, "swapped").equals(whole)

    def test_short_histories_are_not_kept_and_a_folder_that_cannot_be_written_is_no_error(
        self, written, server, cache, monkeypatch
    ):
        assert not self.read(written, "beta").empty
        assert not cache.exists()
        insert_into(server[0], written[2]["Cyclical-tfr0.0"], "unkept", 1100)
        monkeypatch.setenv("SWEEP_CACHE_DIR", os.devnull)
        assert len(self.read(written, "unkept")) == 1100

    def test_the_files_that_were_not_used_for_longest_make_room(self, written, server, cache, monkeypatch):
        for number, name in enumerate(("Cyclical-tfr0.0", "Cyclical-tfr1.0")):
            insert_into(server[0], written[2][name], f"room{number}", 1100)
            self.read(written, f"room{number}")
            for path in cache.iterdir():
                os.utime(path, (number, number))
        sizes = [path.stat().st_size for path in cache.iterdir()]
        assert len(sizes) == 2
        monkeypatch.setattr(analysis.cache, "MOST_BYTES", max(sizes))
        self.read(written, "room1")
        assert len(list(cache.iterdir())) == 1

    def test_an_address_that_is_not_mlflow_is_an_error(self, written):
        uri, _, _ = written
        with pytest.raises(UnreachableStoreError):
            read_runs(f"{uri}/elsewhere", EXPERIMENT)


def wait_until_healthy(url, server, log, limit_s=60.0):
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        try:
            requests.get(url, timeout=1).raise_for_status()
        except requests.RequestException:
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(timeout=0.2)
                break
        else:
            return
    pytest.fail(f"no server at {url}: {log.read_text()}")


def test_a_server_that_is_away_is_an_error_without_its_password():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        with pytest.raises(UnreachableStoreError, match="does not answer") as caught:
            read_runs(f"http://user:secret@127.0.0.1:{port}", EXPERIMENT)
    assert "secret" not in str(caught.value)
    assert f"***@127.0.0.1:{port}" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://me:pw@host/db", "postgresql://***@host/db"),
        ("postgresql://me:p@w@host/db is away", "postgresql://***@host/db is away"),
        ("mysql://host/db?user=me&password=pw&ssl=1", "mysql://host/db?user=me&password=***&ssl=1"),
        ("sqlite:///a@b.db", "sqlite:///a@b.db"),
    ],
)
def test_credentials_are_masked(text, shown):
    assert masked(text) == shown


@pytest.mark.parametrize(
    "uri", ["sqlite:///a.db", "postgresql://h/d", "postgresql+psycopg2://h/d", "mysql+pymysql://h/d"]
)
def test_databases_are_read_with_sql(uri):
    assert isinstance(open_store(uri), sql_store.SqlStore)


@pytest.mark.parametrize("uri", ["http://h:5000", "https://h", "file:///a", "mlruns", "databricks"])
def test_other_stores_are_read_through_the_client(uri):
    assert isinstance(open_store(uri), client_store.ClientStore)


def test_reading_runs_imports_neither_pandas_nor_mlflow(store):
    record(store.client, STUDY)
    code = (
        "import sys, analysis, analysis.study; from analysis.record import read_runs\n"
        f"assert len(read_runs({store.uri!r}, {EXPERIMENT!r})) == 4\n"
        "print(sorted({'torch', 'pandas', 'mlflow', 'matplotlib', 'numpy', 'cvae', 'sweeps'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_package_imports_no_torch_even_when_all_of_it_is_used():
    code = (
        "import sys, analysis.report, analysis.client_store; analysis.load_runs, analysis.load_curves\n"
        "print(sorted({'torch', 'mlflow', 'cvae', 'sweeps'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
