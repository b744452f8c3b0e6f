"""Calls to a real sqlite store: what is refused, and what is waited for."""

import contextlib
import logging
import sqlite3

import pytest
import sqlalchemy as sa

from sweeps.errors import RecordError
from sweeps.record.mlflow_client import PatientClient, quiet_mlflow
from sweeps.record.outage import Outage


@pytest.fixture
def client(tmp_path, empty_database):
    (tmp_path / "mlflow.db").write_bytes(empty_database.read_bytes())
    return PatientClient.connect(f"sqlite:///{tmp_path / 'mlflow.db'}", Outage(1e9))


def test_what_the_store_refuses_is_an_error_with_its_address_and_its_first_line(client):
    with pytest.raises(RecordError, match=r"mlflow\.db: the record cannot be written: .*no-such-run"):
        client.call(lambda: client.mlflow.get_run("no-such-run"))
    assert client.outage.lasts_s == 0


def test_tables_that_a_newer_mlflow_has_made_are_said(empty_database, tmp_path):
    newer = tmp_path / "newer.db"
    newer.write_bytes(empty_database.read_bytes())
    with contextlib.closing(sqlite3.connect(newer)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'newer'")
        connection.execute("ALTER TABLE latest_metrics RENAME TO last_metrics")
        connection.commit()
    with pytest.raises(RecordError, match=r"newer\.db: MLflow [\d.]+ does not know these tables; use an"):
        PatientClient.connect(f"sqlite:///{newer}", Outage(0))


def test_a_store_that_is_away_is_asked_again_until_it_answers(client, tmp_path):
    engine = sa.create_engine(client.uri, connect_args={"timeout": 0})
    tries = []

    def ask():
        tries.append(client.outage.lasts_s)
        if len(tries) == 3:
            locking.rollback()
        with engine.connect() as connection:
            return connection.execute(sa.text("select name from experiments")).scalar_one()

    with contextlib.closing(sqlite3.connect(tmp_path / "mlflow.db")) as locking:
        locking.execute("BEGIN EXCLUSIVE")
        assert client.call(ask) == "Default"
    engine.dispose()
    assert len(tries) == 3
    assert tries[2] > 0
    assert client.outage.lasts_s == 0


def test_the_tables_are_looked_after_in_silence_whatever_level_mlflow_sets(caplog):
    quiet_mlflow()
    caplog.set_level(logging.INFO, "alembic")
    logger = logging.getLogger("alembic.runtime.migration")
    logger.info("Context impl SQLiteImpl.")
    logger.warning("a warning")
    assert [record.message for record in caplog.records] == ["a warning"]
