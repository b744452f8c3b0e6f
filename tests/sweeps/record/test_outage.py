"""The tracking store goes away in the middle of a sweep: a locked database, the simplest outage there is."""

import contextlib
import os
import signal
import sqlite3

import pytest

from sweeps.errors import RecordError
from sweeps.record.outage import Outage, first_line, is_away
from tests.sweeps.outages import concluded, gated, go_on, outcomes, reached, whole


@pytest.fixture(autouse=True)
def rollback_journal(project):
    """Only such a file can be locked against those who have it open; a write-ahead log lets them read on."""
    with contextlib.closing(sqlite3.connect(project.path / "mlflow.db")) as database:
        database.execute("PRAGMA journal_mode = DELETE")


@contextlib.contextmanager
def locked(project):
    """Nobody else writes or reads the record meanwhile."""
    with contextlib.closing(sqlite3.connect(project.path / "mlflow.db", timeout=60)) as database:
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        database.execute("BEGIN EXCLUSIVE")
        yield
        database.rollback()


def test_trials_run_to_their_end_while_the_store_is_away_and_all_is_recorded_once(project):
    gated(project, "{grid: {n: [1, 2, 3]}}")
    process = project.start("run", "e.yaml", "--jobs", "2", "--gpus", "")
    reached(project, 1, 2)
    with locked(project):
        go_on(project)
        assert outcomes(concluded(project, 2)) == ["finished", "finished"]  # noted while nothing can be sent
        assert not (project.path / "reached3").exists()  # what is to start waits
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0, output
    runs = project.runs()
    assert {name: run.outcome for name, run in runs.items()} == dict.fromkeys(("n1", "n2", "n3"), "finished")
    assert all(whole(project, runs[f"n{number}"], number) for number in (1, 2, 3))


def test_an_outcome_that_the_supervisor_could_not_send_before_it_died_is_sent_by_the_next_run(project):
    gated(
        project, "{grid: {n: [1]}, set: {exit_code: 7}}"
    )  # an end that the trial itself does not write down
    process = project.start("run", "e.yaml", "--gpus", "")
    reached(project, 1)
    with locked(project):
        go_on(project)
        assert outcomes(concluded(project, 1)) == ["failed"]
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert project.sweep("run", "e.yaml", "--gpus", "")[0] == 1
    run = project.runs()["n1"]
    assert (run.outcome, run.tags["sweeps.reason"], run.attempt) == ("failed", "exit code 7", 1)
    assert run.tags["sweeps.epochs"] == "6"
    assert "mlflow.note.content" in run.tags
    assert whole(project, run, 1)


def test_patience_ends_and_an_abandoned_outage_ends_at_once():
    failure = RecordError("away")
    for outage in (Outage(0.0), Outage(1e9)):
        outage.abandon()
        with pytest.raises(RecordError, match="away"):
            outage.wait(failure)
        assert outage.lasts_s > 0
        assert outage.count == 1
    impatient = Outage(0.0)
    impatient.wait(failure)
    with pytest.raises(RecordError, match="away"):
        impatient.wait(failure)


def test_a_locked_database_is_away_and_a_missing_table_is_not(tmp_path):
    import sqlalchemy as sa

    engine = sa.create_engine(f"sqlite:///{tmp_path / 'a.db'}", connect_args={"timeout": 0})
    with contextlib.closing(sqlite3.connect(tmp_path / "a.db")) as database:
        database.execute("BEGIN EXCLUSIVE")
        with engine.connect() as connection, pytest.raises(sa.exc.SQLAlchemyError) as locked_out:
            connection.execute(sa.text("select * from runs"))
        with (
            contextlib.closing(sqlite3.connect(tmp_path / "a.db", timeout=0)) as direct,
            pytest.raises(sqlite3.OperationalError) as directly,
        ):
            direct.execute("select * from runs")
        database.rollback()
    with engine.connect() as connection, pytest.raises(sa.exc.SQLAlchemyError) as refused:
        connection.execute(sa.text("select * from runs"))
    engine.dispose()
    assert is_away(locked_out.value)
    assert is_away(directly.value)
    assert not is_away(refused.value)


def test_an_error_is_quoted_by_its_first_line_without_passwords():
    assert first_line(OSError("  http://me:hunter2@host refused\nmore")) == "http://***@host refused"
    assert first_line(TimeoutError()) == "TimeoutError"
