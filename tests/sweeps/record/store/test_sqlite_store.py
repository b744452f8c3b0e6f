"""When an sqlite store is written directly, and what that needs."""

import sqlite3
import subprocess
import sys
import threading
from contextlib import closing

import pytest

from sweeps.record.ledger import Ledger
from sweeps.record.store import known
from sweeps.record.store.base import Metric
from sweeps.record.store.sqlite_store import SqliteStore
from tests.sweeps.record.store import store_contract as contract

pytestmark = pytest.mark.skipif(
    known.known_schema() is None, reason="the tables of this MLflow are not written directly"
)


@pytest.fixture
def store(tmp_path, empty_database, monkeypatch):
    uri = contract.fresh(tmp_path / "one", empty_database)
    monkeypatch.chdir(tmp_path / "one")
    return SqliteStore.opened(uri)


@pytest.mark.parametrize("change", ["schema", "version", "workspaces", "uri", "file", "none"])
def test_only_what_is_known_is_written_directly(tmp_path, empty_database, monkeypatch, change):
    uri = contract.fresh(tmp_path / "one", empty_database)
    monkeypatch.chdir(tmp_path / "one")
    if change == "schema":
        with closing(sqlite3.connect(tmp_path / "one" / "mlflow.db")) as connection:
            connection.execute("UPDATE alembic_version SET version_num = 'older'")
            connection.commit()
    elif change == "version":
        monkeypatch.setattr(known, "mlflow_version", lambda: "3.16.0")
    elif change == "workspaces":
        monkeypatch.setenv("MLFLOW_ENABLE_WORKSPACES", "true")
    elif change == "uri":
        uri += "?timeout=5"
    elif change == "file":
        (tmp_path / "one" / "mlflow.db").write_text("no database")
    assert (SqliteStore.opened(uri) is not None) == (change == "none")


def test_artifacts_lie_in_a_folder_whose_name_looks_escaped(tmp_path, empty_database, monkeypatch):
    folder = tmp_path / "run%20a"
    folder.mkdir()
    monkeypatch.chdir(folder)
    (folder / "log").write_text("a line")
    ledger = Ledger.open(contract.fresh(tmp_path / "one", empty_database), "toy")
    ledger.artifact(ledger.sweep_run("s", None, {}), folder / "log", "logs")
    assert len([*folder.glob("mlruns/*/*/artifacts/logs/log")]) == 1


def test_what_is_written_directly_imports_no_mlflow(tmp_path, empty_database):
    uri = contract.fresh(tmp_path / "one", empty_database)
    program = f"""
import sys
from pathlib import Path
from PIL import Image
from sweeps.record.ledger import Ledger
from sweeps.rundir.journal import JournalWriter
from sweeps.rundir.paths import StateDir
from analysis.read.outcomes import Outcome

ledger = Ledger.open({uri!r}, "toy")
parent = ledger.sweep_run("s", None, {{}})
run = ledger.trial_run(sweep="s", trial="t", fingerprint="f", parent=parent, tags={{}})
paths = StateDir.here().run(run)
paths.create()
writer = JournalWriter(paths)
writer.metrics({{"loss": 1.0}}, 0)
Image.new("RGB", (4, 4)).save("generated+step+0.png")
writer.artifact(Path("generated+step+0.png"))
writer.close()
ledger.deliver(run, paths, {{"lr": 0.5}})
ledger.artifact(run, paths.journal, "logs")
ledger.end(run, Outcome.FINISHED, "")
assert "mlflow" not in sys.modules
assert "torch" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path / "one", check=True)
    with closing(sqlite3.connect(tmp_path / "one" / "mlflow.db")) as connection:
        assert connection.execute("SELECT status FROM runs ORDER BY start_time").fetchall()[1] == (
            "FINISHED",
        )
        assert connection.execute("SELECT value FROM metrics").fetchall() == [(1.0,)]
    assert not (tmp_path / "one" / "mlflow.db-wal").exists()  # it is closed when Python ends


def test_a_store_that_is_gone_is_not_made_anew(store, tmp_path):
    runs = []
    contract.create(store, runs)
    (tmp_path / "one" / "mlflow.db").unlink()
    with pytest.raises(FileNotFoundError, match=r"mlflow\.db is there no more"):
        store.set_tag(runs[0], "t", "1")
    assert not (tmp_path / "one" / "mlflow.db").exists()


def test_threads_share_a_store(store):
    runs = []
    contract.create(store, runs)

    def log(number):
        for step in range(20):
            store.log_batch(runs[0], [Metric(f"m{number}", step / 8, step, step)], [], [])

    threads = [threading.Thread(target=log, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.get_run(runs[0]).last_steps == {f"m{number}": 19 for number in range(4)}
