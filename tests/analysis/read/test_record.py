"""Databases and folders as stores: the contract, and what is theirs alone."""

import subprocess
import sys

import pytest
import sqlalchemy as sa
from mlflow.store.entities.paged_list import PagedList
from mlflow.store.tracking.file_store import FileStore

import analysis
import analysis.read.history_cache
from analysis.read import client_store, sql_store
from analysis.read.errors import IncompleteReadError, UnknownExperimentError, UnreachableStoreError, masked
from analysis.read.record import open_store, read_runs
from tests.analysis.recorded import (
    EXPERIMENT,
    record,
)
from tests.analysis.store_contract import STUDY, StoreContract, insert_into, write


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
        "import sys, analysis, analysis.results.study; from analysis.read.record import read_runs\n"
        f"assert len(read_runs({store.uri!r}, {EXPERIMENT!r})) == 4\n"
        "print(sorted({'torch', 'pandas', 'mlflow', 'matplotlib', 'numpy', 'cvae', 'sweeps'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_package_imports_no_torch_even_when_all_of_it_is_used():
    code = (
        "import sys, analysis.report.report, analysis.read.client_store; analysis.load_runs, analysis.load_curves\n"
        "print(sorted({'torch', 'mlflow', 'cvae', 'sweeps'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
