"""The store is put back to an older copy of itself: what it lost is recorded again, from the files of the runs."""

import json
import shutil
import sqlite3
import time
from contextlib import closing, suppress

import pytest
from mlflow.tracking import MlflowClient

from analysis.read.outcomes import Outcome
from analysis.read.record import Record
from analysis.read.stores.sql_store import SqlStore
from sweeps.commands.running.older_record import mend_new_record, mend_older_record
from sweeps.record.outcome_file import KeptOutcome
from sweeps.rundir.journal import JournalWriter
from tests.sweeps.scheduler.in_process import Store


@pytest.fixture
def store(tmp_path, empty_database):
    return Store(tmp_path, empty_database)


class Trial:
    """A trial whose attempts log and end as a supervisor leaves them."""

    def __init__(self, store, tmp_path):
        self.store, self.folder = store, tmp_path
        tags = {"sweeps.attempt": "1"}
        self.id = store.ledger.trial_run(
            sweep="a", trial="x", fingerprint="f", parent=store.parent, tags=tags
        )
        self.paths = store.state.run(self.id)

    def attempt(self, number, outcome, *steps):
        journal = JournalWriter(self.paths)
        for step in steps:
            journal.metrics({"loss": float(step)}, step)
        journal.close()
        self.paths.log(number).write_text("said\n")
        kept = KeptOutcome(number, outcome, "", {"mlflow.note.content": "a trial"})
        kept.keep(self.paths)
        kept.record(self.store.ledger, self.id, "x", {}, self.paths)
        self.store.ledger.tag(self.id, {"sweeps.attempt": str(number)})

    def copy_store(self):
        shutil.copy(self.folder / "mlflow.db", self.folder / "old.db")

    def put_store_back(self):
        for name in ("mlflow.db-wal", "mlflow.db-shm"):
            with suppress(FileNotFoundError):
                (self.folder / name).unlink()
        shutil.copy(self.folder / "old.db", self.folder / "mlflow.db")

    def mend(self, open_ledger=None):
        record = Record(self.store.uri, "toy")
        return list(
            mend_older_record(record, {"a"}, self.store.state, open_ledger or (lambda: self.store.ledger))
        )

    def mend_new(self):
        record = Record(self.store.uri, "toy")
        return list(mend_new_record(record, {self.id}, self.store.state, self.store.ledger))

    def steps(self):
        return [point.step for point in self.store.client.get_metric_history(self.id, "loss")]


@pytest.fixture
def trial(store, tmp_path):
    return Trial(store, tmp_path)


def refuse():
    raise AssertionError("nothing is to be written")


def test_a_run_that_ended_after_the_copy_ends_again_without_an_attempt(trial):
    trial.attempt(1, Outcome.INTERRUPTED, 0, 1)
    trial.copy_store()
    trial.attempt(2, Outcome.FINISHED, 2, 3)
    trial.put_store_back()
    (told,) = trial.mend()
    assert told.startswith("a/x: attempt 2 had ended here (finished)")
    run = trial.store.run(trial.id)
    assert (run.info.status, run.data.tags["sweeps.outcome"]) == ("FINISHED", "finished")
    assert run.data.tags["sweeps.attempt"] == "2"
    assert trial.steps() == [0, 1, 2, 3]
    assert "sent again" in run.data.tags["mlflow.note.content"]
    assert trial.mend(refuse) == []


def test_a_finished_run_that_lacks_points_gets_them_and_its_note_says_so(trial):
    trial.attempt(1, Outcome.FINISHED, 0, 1, 2)
    with trial.store.client._tracking_client.store.engine.begin() as database:
        for deletion in ("delete from metrics where step > 0", "delete from latest_metrics where step > 0"):
            database.exec_driver_sql(deletion)
    (told,) = trial.mend()
    assert "lost" in told
    assert trial.steps() == [0, 1, 2]
    assert "sent again" in trial.store.run(trial.id).data.tags["mlflow.note.content"]
    assert trial.mend(refuse) == []


def test_finished_runs_that_are_whole_need_no_writer(trial):
    trial.attempt(1, Outcome.FINISHED, 0, 1, 2)
    assert trial.mend(refuse) == []
    shutil.rmtree(trial.paths.root)
    assert trial.mend(refuse) == []


@pytest.mark.parametrize("can_count", [True, False])
def test_a_store_that_was_put_back_while_a_trial_ran_gets_what_lies_in_between(trial, monkeypatch, can_count):
    trial.attempt(1, Outcome.FINISHED, 0, 1, 2, 3)
    with trial.store.client._tracking_client.store.engine.begin() as database:
        database.exec_driver_sql("delete from metrics where step in (1, 2)")
    if not can_count:
        monkeypatch.setattr(SqlStore, "counts", lambda *_: {})
        trial.store.ledger.outage.count = 1
    (told,) = trial.mend_new()
    assert "lost 2 points" in told
    assert trial.steps() == [0, 1, 2, 3]
    assert "sent again" in trial.store.run(trial.id).data.tags["mlflow.note.content"]
    assert trial.mend_new() == []


@pytest.mark.parametrize("boot", ["", "another boot"])
def test_a_dead_supervisor_blocks_nobody_and_its_trials_resume(project, boot):
    project.spec("sweeps: {a: {grid: {hold: [epoch], factor: [0.5]}}}")
    process = project.start("run", "e.yaml")
    project.held()
    process.kill()
    process.communicate()
    with closing(sqlite3.connect(project.path / "mlflow.db")) as connection, connection:
        # It was renewed before the machine started anew.
        connection.execute("UPDATE tags SET value = '1000' WHERE key = 'sweeps.lease'")
    code, output = project.sweep("run", "e.yaml", **({"SWEEP_BOOT_ID": boot} if boot else {}))
    assert code == 0, output
    (run,) = project.runs().values()
    assert (run.outcome, run.attempt) == ("finished", 2)
    assert [step for step, _ in project.curve(run, "train/loss")] == [0, 1, 2, 3]


@pytest.mark.parametrize(("lease_s", "expected"), [(60, 3), (-1, 0)])
def test_a_lease_of_another_machine_holds_the_sweep_until_it_runs_out(project, lease_s, expected):
    project.spec("sweeps: {a: {grid: {fail_at: [1]}}}")
    project.sweep("run", "e.yaml")
    client = MlflowClient(project.uri)
    project.spec("sweeps: {a: {grid: {factor: [0.5]}}}")
    parent = project.runs("sweep")["a"].run_id
    owner = {"host": "another-host", "boot": "b", "pid": 4711, "start_s": 1.0}
    client.update_run(parent, status="RUNNING")
    client.set_tag(parent, "sweeps.owner", json.dumps(owner))
    client.set_tag(parent, "sweeps.lease", str(int((time.time() + lease_s) * 1000)))
    code, output = project.sweep("run", "e.yaml")
    assert code == expected, output
    assert ("toy/a: is being run by pid 4711 on another-host" in output) == (expected == 3)
