"""Attempts run the code as it was at launch, and the record says which that was."""

import json

import pytest
from mlflow.tracking import MlflowClient

from sweeps.errors import LaunchError
from sweeps.rundir.paths import StateDir
from sweeps.trainer import snapshot
from sweeps.trainer.snapshot import take_snapshot
from tests.sweeps.outages import go_on, reached
from tests.sweeps.repositories import commit
from tests.sweeps.specs import read

TRAINER = """
import time
from pathlib import Path

def train(config, run):
    Path(f"reached{config['n']}").touch()
    while not Path("go").exists():
        time.sleep(0.01)
    import helper
    run.log({"version": helper.VERSION}, 0)
"""
SCRIPT = """
import sys, time
from pathlib import Path
Path(f"reached{sys.argv[1]}").touch()
while not Path("go").exists():
    time.sleep(0.01)
import helper
print("version", helper.VERSION)
"""


def version(project, number):
    (project.path / "helper.py").write_text(f"VERSION = {number}\n")


def test_a_source_edited_while_a_sweep_runs_changes_the_next_launch_and_no_attempt_of_this_one(project):
    (project.path / "toy.py").write_text(TRAINER)
    version(project, 1)
    project.spec("sweeps: {a: {grid: {n: [1, 2]}}}")
    process = project.start("run", "e.yaml", "--jobs", "1", "--gpus", "")
    reached(project, 1)
    version(project, 2)
    go_on(project)
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0, output
    project.spec("sweeps: {a: {grid: {n: [1, 2, 3]}}}")
    assert project.sweep("run", "e.yaml", "--gpus", "")[0] == 0
    runs = project.runs()
    assert [project.curve(runs[name], "version") for name in ("n1", "n2", "n3")] == [
        [(0, 1.0)],
        [(0, 1.0)],
        [(0, 2.0)],
    ]
    digests = [json.loads(runs[name].tags["sweeps.code"])["snapshot"] for name in ("n1", "n2", "n3")]
    assert digests[0] == digests[1] != digests[2]
    assert sorted(path.name for path in (project.path / ".sweep/snapshots").iterdir()) == sorted(digests[1:])
    kept = MlflowClient(project.uri).list_artifacts(project.runs("sweep")["a"].run_id, "code")
    assert {f"code/{digest}.diff" for digest in digests} <= {file.path for file in kept}


def test_a_commands_script_and_what_it_imports_are_those_of_the_launch(project):
    (project.path / "script.py").write_text(SCRIPT)
    version(project, 1)
    (project.path / "e.yaml").write_text(
        "experiment: toy\ntrainer: {command: [python, script.py, '{n}']}\nsweeps: {a: {grid: {n: [1, 2]}}}\n"
    )
    process = project.start("run", "e.yaml", "--jobs", "1", "--gpus", "")
    reached(project, 1)
    version(project, 2)
    (project.path / "script.py").write_text("raise SystemExit(5)\n")
    go_on(project)
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0, output
    assert project.sweep("logs", "e.yaml", "n2")[1] == "version 1\n"


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A repository with a trainer, a tracked file, an ignored one and an uncommitted change."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    for name, text in {
        "owned/__init__.py": "",
        "owned/t.py": "A = 1\n",
        "note.md": "n",
        "big.bin": "b",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / ".gitignore").write_text("*.bin\n.sweep\n__pycache__\n")
    commit(tmp_path, "init", "--quiet")
    (tmp_path / "owned/t.py").write_text("A = 2\n")
    (tmp_path / "owned/new.py").write_text("B = 1\n")
    return tmp_path


def taken(folder):
    spec = read(folder, "sweeps: {a: {set: {x: 1}}}", "trainer: owned.t:train\n")
    (folder / "e.yaml").unlink()
    return take_snapshot(spec.trainer, StateDir(folder / ".sweep"))


def test_a_snapshot_holds_the_tracked_files_as_they_stand_and_the_trainers_own(repository):
    found = taken(repository)
    names = {str(path.relative_to(found.folder)) for path in found.folder.rglob("*") if path.is_file()}
    assert names == {"owned/__init__.py", "owned/t.py", "owned/new.py", "note.md", ".gitignore"}
    assert (found.folder / "owned/t.py").read_text() == "A = 2\n"
    assert found.identity["dirty"]
    assert "-A = 1\n+A = 2" in found.diff
    assert "+B = 1" in found.diff
    assert found.search_path([str(repository)]) == (str(found.folder), str(repository))


def test_committing_the_very_changes_makes_no_other_snapshot(repository):
    before = taken(repository)
    commit(repository)
    after = taken(repository)
    assert after.digest == before.digest
    assert after.identity["commit"] != before.identity["commit"]
    assert (after.identity["dirty"], after.diff) == (False, "")


def test_code_that_is_too_large_is_refused_with_what_is_large_and_what_to_do(repository, monkeypatch):
    monkeypatch.setattr(snapshot, "MOST_BYTES", 5)
    with pytest.raises(LaunchError, match=r"larger than 0 MiB; the largest files are .*have git ignore"):
        taken(repository)
    assert not (repository / ".sweep").exists()
