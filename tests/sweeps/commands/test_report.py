"""`sweep report` on whole sweeps: the rule by which it compares runs is that of plan and status."""

import shutil
import subprocess

import pytest

from tests.sweeps.recorded import RecordedFile

AUTHOR = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")


def commit(folder, message):
    for words in (["add", "train.sh"], [*AUTHOR, "commit", "-q", "-m", message]):
        subprocess.run(["git", *words], cwd=folder, check=True)  # noqa: S607 - the PATH's git


def test_runs_of_a_program_without_a_digest_differ_by_their_commits_in_plan_status_and_report(project):
    subprocess.run(["git", "init", "-q"], cwd=project.path, check=True)  # noqa: S607 - the PATH's git
    (project.path / "e.yaml").write_text(
        "experiment: toy\ntrainer: {command: [sh, -c, 'true {x}']}\nsweeps: {a: {grid: {x: [1, 2]}}}\n"
    )
    for x, script in enumerate(("true\n", "echo another\n"), start=1):
        (project.path / "train.sh").write_text(script)
        commit(project.path, script)
        code, output = project.sweep("run", "e.yaml", "--gpus", "", "--only", f"x={x}")
        assert code == 0, output
    for verb in ("plan", "status"):
        code, output = project.sweep(verb, "e.yaml", COLUMNS="1000")
        assert code == 0, output
        (line,) = [line for line in output.splitlines() if "differ" in line]
        assert line.startswith("runs differ in code: commit ")
        assert "(x1); " in line
        assert "(x2)" in line
    code, output = project.sweep("report", "e.yaml")
    assert code == 0, output
    assert "these runs differ in code" in (project.path / "figures" / "report.md").read_text()


@pytest.fixture
def file(tmp_path, empty_database, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = "measures: {cost: lower}\nsweeps: {a: {grid: {lr: [1, 2]}}}\n"
    made = RecordedFile(tmp_path, empty_database, text)
    made.add("lr1", "finished", [("cost", 0, 3.0)])
    return made


def test_another_store_is_shown_side_by_side_and_compared(file, tmp_path):
    shutil.copy(tmp_path / "mlflow.db", tmp_path / "before.db")
    file.add("lr2", "finished", [("cost", 0, 2.0)])
    done = file.sweep("report", "--out", "both", "--with", "sqlite:///before.db")
    assert done.code == 0, done.err
    assert "not complete: lr2 (before): missing: no run is recorded" in done.out
    text = (tmp_path / "both" / "report.md").read_text()
    assert "lr2 (mlflow) (2), then lr1 (mlflow) (3) and lr1 (before) (3)." in text
    assert "record before" in text


def test_a_store_without_these_runs_or_shown_already_is_refused(file):
    missing = file.sweep("report", "--with", "sqlite:///nothing.db")
    assert (missing.code, "nothing.db: there is no such file yet" in missing.err) == (2, True)
    twice = file.sweep("report", "--with", "sqlite:///mlflow.db")
    assert "mlflow.db: this store is shown already" in twice.err
