"""Several `sweep run`s on one store, and a store that is put back to an older copy: real processes, a real sqlite store."""

import shutil
import signal
import sqlite3
from collections import Counter
from contextlib import closing

HELD = "sweeps: {a: {grid: {hold: [epoch], factor: [0.5]}}}"
SHARED = """experiment: toy
trainer: toy:train
sweeps: {b: {include: [{hold: epoch, factor: 0.5}, {factor: 0.9}]}}
"""
COUNTS = """
from pathlib import Path

def train(config, run):
    with Path("../ran").open("a") as ran:
        ran.write(f"{config['factor']}\\n")
    for epoch in range(3):
        run.log({"train/loss": 1.0}, epoch)
"""


def interrupted(project):
    """A trial that was stopped in its third epoch."""
    project.spec(HELD)
    process = project.start("run", "e.yaml")
    project.held()
    process.send_signal(signal.SIGTERM)
    process.communicate()


def steps(project):
    (run,) = project.runs().values()
    return [step for step, _ in project.curve(run, "train/loss")]


def test_a_trial_that_another_file_trains_is_left_to_it_and_the_rest_is_run(project):
    project.spec(HELD)
    (project.path / "f.yaml").write_text(SHARED)
    first = project.start("run", "e.yaml")
    project.held()
    code, output = project.sweep("run", "f.yaml")
    assert code == 3, output
    assert f"b/epoch-factor0.5: held by pid {first.pid} on " in output.replace("hold-", ""), output
    assert [run.outcome for name, run in project.runs().items() if "0.9" in name] == ["finished"]
    assert len(project.runs()) == 2
    first.send_signal(signal.SIGTERM)
    first.communicate()
    code, output = project.sweep("run", "f.yaml")
    assert code == 0, output
    assert len(project.runs()) == 2


def test_two_that_begin_at_once_in_two_directories_train_each_trial_once(project):
    folders = [project.path / name for name in ("one", "two")]
    for folder, sweep in zip(folders, ("a", "b"), strict=True):
        folder.mkdir()
        (folder / "toy.py").write_text(COUNTS)
        (folder / "e.yaml").write_text(
            f"experiment: toy\ntrainer: toy:train\nsweeps: {{{sweep}: {{grid: {{factor: [0.1, 0.2, 0.3, 0.4]}}}}}}\n"
        )
    home, started = project.path, []
    for folder in folders:
        project.path = folder
        started.append(project.start("run", "e.yaml", "--jobs", "1", MLFLOW_TRACKING_URI=project.uri))
    project.path = home
    codes = [(process.communicate()[0], process.returncode) for process in started]
    assert {code for _, code in codes} <= {0, 3}, codes
    trained = Counter((project.path / "ran").read_text().split())
    assert trained == dict.fromkeys(("0.1", "0.2", "0.3", "0.4"), 1), codes
    assert [run.status for run in project.runs().values()] == ["FINISHED"] * 4


def test_a_run_whose_files_are_gone_has_each_step_once_and_says_so(project):
    interrupted(project)
    shutil.rmtree(project.path / ".sweep")
    (project.path / ".sweep").mkdir()
    project.spec(HELD)
    process = project.start("run", "e.yaml")
    project.held()  # begins anew, so that it passes the point again
    process.send_signal(signal.SIGTERM)
    process.communicate()
    code, output = project.sweep("run", "e.yaml")
    assert code == 0, output
    assert steps(project) == [0, 1, 2, 3]
    (run,) = project.runs().values()
    assert "files on this machine were lost" in run.tags["mlflow.note.content"]


def test_a_store_that_is_put_back_gets_the_end_of_a_run_again(project):
    interrupted(project)
    store, copy = project.path / "mlflow.db", project.path / "copy.db"
    with closing(sqlite3.connect(store)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    assert project.sweep("run", "e.yaml")[0] == 0
    for name in ("mlflow.db-wal", "mlflow.db-shm"):
        (project.path / name).unlink(missing_ok=True)
    shutil.copy(copy, store)
    code, output = project.sweep("run", "e.yaml")
    assert code == 0, output
    assert "attempt 2 had ended here (finished)" in output
    assert steps(project) == [0, 1, 2, 3]
    (run,) = project.runs().values()
    assert (run.outcome, run.attempt) == ("finished", 2)


def test_a_store_from_before_the_run_trains_it_anew(project, empty_database):
    interrupted(project)
    for name in ("mlflow.db-wal", "mlflow.db-shm"):
        (project.path / name).unlink(missing_ok=True)
    shutil.copy(empty_database, project.path / "mlflow.db")
    project.spec("sweeps: {a: {grid: {factor: [0.5]}}}")
    code, output = project.sweep("run", "e.yaml")
    assert code == 0, output
    assert steps(project) == [0, 1, 2, 3]
