"""A database as a store: the contract, and what only databases do."""

import pytest
import sqlalchemy as sa

import analysis
from analysis.read.errors import UnknownExperimentError, UnreachableStoreError
from analysis.read.stores import sql_store
from tests.analysis.recorded import EXPERIMENT
from tests.analysis.store_contract import StoreContract, insert_into, runs_of, write


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
        assert len(runs_of("sqlite:///mlflow.db", EXPERIMENT)) == 4

    def test_a_file_that_is_not_there_yet_is_unknown_and_not_made(self, tmp_path):
        path = tmp_path / "new.db"
        with pytest.raises(UnknownExperimentError, match="no such file yet"):
            runs_of(f"sqlite:///{path}", EXPERIMENT)
        assert not path.exists()

    def test_an_empty_file_has_no_experiments(self, tmp_path):
        (tmp_path / "new.db").touch()
        with pytest.raises(UnknownExperimentError, match="database is empty"):
            runs_of(f"sqlite:///{tmp_path / 'new.db'}", EXPERIMENT)

    def test_a_file_that_is_no_database_is_an_error(self, tmp_path):
        (tmp_path / "notes.txt").write_text("not a database, only words " * 50)
        with pytest.raises(UnreachableStoreError, match="not a database"):
            runs_of(f"sqlite:///{tmp_path / 'notes.txt'}", EXPERIMENT)

    def test_a_folder_is_no_database(self, tmp_path):
        with pytest.raises(UnreachableStoreError, match="not a database file"):
            runs_of(f"sqlite:///{tmp_path}", EXPERIMENT)

    def test_a_database_of_something_else_is_an_error(self, tmp_path):
        engine = sa.create_engine(f"sqlite:///{tmp_path / 'other.db'}")
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE songs (title TEXT)")
        engine.dispose()
        with pytest.raises(
            UnreachableStoreError, match="not a database of MLflow's: it has no table experiments"
        ):
            runs_of(f"sqlite:///{tmp_path / 'other.db'}", EXPERIMENT)

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
            runs_of(uri, EXPERIMENT)
