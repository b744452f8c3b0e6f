"""The tracking store goes away in the middle of a sweep: a locked database, the simplest outage there is."""

import contextlib
import os
import signal
import sqlite3
import threading

import pytest

from analysis.read.outcomes import Outcome
from sweeps.errors import RecordError
from sweeps.record.ledger import Ledger
from sweeps.record.outage import Outage
from sweeps.record.write_queue import Recorder
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
    output, _ = process.communicate(timeout=120)
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


@pytest.fixture
def ledger(project, monkeypatch):
    monkeypatch.chdir(project.path)
    return Ledger(project.uri, "toy", Outage(0.0))


def test_what_is_asked_is_done_in_order_and_once_where_it_waits_already(ledger):
    recorder, gate, done = Recorder(ledger), threading.Event(), []
    recorder.do(gate.wait)
    recorder.do(lambda: done.append("a"), once="a")
    recorder.do(lambda: done.append("b"))
    recorder.do(lambda: done.append("again"), once="a")
    recorder.ask("me", lambda: "an answer")
    gate.set()
    assert recorder.wait(60)
    assert (done, recorder.answers(0)) == (["a", "b"], [("me", "an answer")])
    recorder.close()


def test_an_error_that_is_no_outage_is_raised_at_once_and_nothing_is_written_after_it(ledger):
    recorder, done = Recorder(ledger), []
    recorder.do(lambda: ledger.end("no such run", Outcome.FINISHED, ""))
    recorder.do(lambda: done.append("later"))
    with pytest.raises(RecordError, match="no such run"):
        recorder.wait(60)
    assert done == []


def test_patience_ends_and_an_abandoned_outage_ends_at_once():
    failure = RecordError("away")
    for outage in (Outage(0.0), Outage(1e9)):
        outage.abandon()
        with pytest.raises(RecordError, match="away"):
            outage.wait(failure)
        assert outage.lasts_s > 0
    impatient = Outage(0.0)
    impatient.wait(failure)
    with pytest.raises(RecordError, match="away"):
        impatient.wait(failure)


def test_a_creation_whose_answer_was_lost_is_found_again(ledger):
    tags = {"sweeps.fingerprint": "f", "sweeps.attempt": "1"}
    made = ledger._create_once("n1", tags, 1_000, is_first=True)
    assert ledger._create_once("n1", tags, 1_000, is_first=False) == made
    assert ledger._create_once("n1", tags | {"sweeps.fingerprint": "g"}, 1_000, is_first=False) != made
    assert ledger._create_once("n1", tags, 2_000, is_first=False) != made
