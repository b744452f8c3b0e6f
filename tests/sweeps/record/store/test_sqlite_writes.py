"""The direct way writes what MLflow's client writes, and refuses what that refuses, in the same words."""

import re
import sqlite3
from contextlib import closing

import pytest

from sweeps.record.store import known
from sweeps.record.store.mlflow_store import MlflowStore
from sweeps.record.store.sqlite_store import SqliteStore
from tests.sweeps.record.store import store_contract as contract

pytestmark = pytest.mark.skipif(
    known.known_schema() is None, reason="the tables of this MLflow are not written directly"
)


def of_runs(answer, runs, folder):
    """An answer with the names that both ways have in common."""
    text = repr(answer)
    for number, run_id in enumerate(runs):
        text = text.replace(run_id, f"run{number}")
    return re.sub(r"\b1[78]\d{11}\b", "TIME", text.replace(str(folder), "FOLDER"))


def test_both_ways_leave_the_same_rows_after_every_call(tmp_path, empty_database, monkeypatch):
    ways, answers, left = {}, {}, {}
    for name, connect in (("direct", SqliteStore.opened), ("mlflow", MlflowStore.connect)):
        folder, runs = tmp_path / name, []
        uri = contract.fresh(folder, empty_database)
        monkeypatch.chdir(folder)
        ways[name] = connect(uri)
        for call_name, call in contract.CALLS.items():
            answer = contract.outcome(call, ways[name], runs)
            answers.setdefault(call_name, []).append(of_runs(answer, runs, folder))
            now = contract.rows(folder / "mlflow.db", runs, folder, contract.OFTEN)
            left.setdefault(call_name, []).append(now)
        answers.setdefault("files", []).append(
            of_runs(contract.files(ways[name], runs, folder), runs, folder)
        )
        left.setdefault("files", []).append(contract.artifacts(folder, runs))
        answers.setdefault("all tables", []).append("")
        left.setdefault("all tables", []).append(contract.rows(folder / "mlflow.db", runs, folder))
    assert isinstance(ways["direct"], SqliteStore)
    for call_name, (direct, through_mlflow) in answers.items():
        assert (call_name, direct) == (call_name, through_mlflow)
        assert (call_name, left[call_name][0]) == (call_name, left[call_name][1])
    assert len(left["files"][0]) == 3


def test_a_new_store_gets_the_experiment_that_mlflow_expects(tmp_path, empty_database, monkeypatch):
    kept = {}
    for name, connect in (("direct", SqliteStore.opened), ("mlflow", MlflowStore.connect)):
        uri = contract.fresh(tmp_path / name, empty_database)
        with closing(sqlite3.connect(tmp_path / name / "mlflow.db")) as connection:
            connection.execute("DELETE FROM experiments")
            connection.commit()
        monkeypatch.chdir(tmp_path / name)
        connect(uri)
        kept[name] = contract.rows(tmp_path / name / "mlflow.db", [], tmp_path / name)["experiments"]
    assert kept["direct"] == kept["mlflow"]
    assert len(kept["direct"]) == 1
