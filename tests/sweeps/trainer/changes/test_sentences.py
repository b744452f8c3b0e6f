"""What is said of runs that differ in code: which files, and what trains them anew."""

import json

import pytest

from analysis.read.store import RunRecord
from sweeps.rundir.paths import StateDir
from sweeps.trainer.changes.sentences import told
from sweeps.trainer.provenance import code_identity
from sweeps.trainer.snapshot import take_snapshot
from tests.sweeps.specs import read

END = "finished trials stay as they are, `sweep run` trains them with the code of now"


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A script, runs of it as it is edited, and what is said of them."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.py").write_text("import helper\n")
    (tmp_path / "helper.py").write_text("A = 0\n")
    trainer = read(tmp_path, "sweeps: {a: {set: {x: 1}}}", "trainer: {command: [python, train.py]}\n").trainer
    runs = []

    def ran(name, *files, **more):
        code = {**take_snapshot(trainer, StateDir.here()).identity, **more}
        tags = {"sweeps.code": json.dumps(code), "sweeps.outcome": "finished"}
        runs.append((name, RunRecord(name, name, None, "trial", "FINISHED", 0, 1, tags)))
        for file in files:
            with (tmp_path / file).open("a") as text:
                text.write(f"# {name}\n")

    def said(**asked):
        now = {"sweeps.code": json.dumps(code_identity(trainer))}
        return told(runs, now, trainer, "sweep run", **asked)

    return ran, said


def test_of_an_edit_the_file_is_named_and_what_trains_anew(project):
    ran, said = project
    ran("one")
    ran("two")
    assert said() == []
    ran("three", "helper.py")
    (line,) = said()
    assert line == f"runs differ in code from now (one, two, three); since then: helper.py (changed); {END}"
    assert said(from_now=True) == [line]


def test_of_several_edits_each_is_told_with_its_runs(project):
    ran, said = project
    ran("one", "train.py")
    ran("two", "helper.py")
    (line,) = said()
    assert line.endswith(
        f"; since one: helper.py (changed), train.py (changed); since two: helper.py (changed); {END}"
    )


def test_runs_that_differ_though_now_is_as_some_of_them_are_no_difference_from_now(project):
    ran, said = project
    ran("one", "train.py")
    ran("two")
    (line,) = said()
    assert line.endswith(f"; since then: train.py (changed); {END}")
    assert said(from_now=True) == []


def test_where_no_copy_is_named_the_digests_are_told(project):
    ran, said = project
    ran("one", "train.py", snapshot=None)
    (line,) = said()
    assert line.endswith(f" (now); {END}")
