"""Where the files of trials are, as `sweep logs --folder` and `sweep best` say it."""

import json

import yaml

from sweeps.rundir.lease import owner_tag
from sweeps.rundir.paths import StateDir
from sweeps.rundir.process_identity import ProcessIdentity

GRID = "sweeps: {a: {grid: {lr: [1, 2]}}}\nmeasures: {acc: higher}"


def with_files(run_id, state=None):
    files = (state or StateDir.here()).run(run_id).files
    files.mkdir(parents=True)
    (files / "model.pt").touch()
    return files


def test_logs_prints_the_path_of_a_trials_folder_and_nothing_else(recorded):
    file = recorded(GRID)
    files = with_files(file.add("lr1", "finished"))
    done = file.sweep("logs", "lr1", "--folder")
    assert (done.code, done.out, done.err) == (0, f"{files}\n", "")
    assert files.is_absolute()
    assert file.sweep("logs", "lr2", "--folder").err.startswith("trial lr2: has not started yet;")
    assert file.sweep("logs", "lr1", "--folder", "--follow").code == 2


def test_a_folder_is_found_from_wherever_its_sweep_was_run(recorded, tmp_path, monkeypatch):
    file = recorded(GRID)
    kept = {}
    for trial, elsewhere in (("lr1", ""), ("lr2", str(tmp_path / "big-disk"))):
        work = tmp_path / f"work-{trial}"
        work.mkdir()
        monkeypatch.chdir(work)
        monkeypatch.setenv("SWEEP_HOME", elsewhere)
        run_id = file.add(trial, "finished", [("acc", 1, 0.5)], owner=owner_tag())
        kept[trial] = with_files(run_id)
        (StateDir.here().run(run_id).log(1)).write_text(f"of {trial}\n")
    monkeypatch.delenv("SWEEP_HOME")
    monkeypatch.chdir(tmp_path)
    for trial, files in kept.items():
        assert file.sweep("logs", trial, "--folder").out == f"{files}\n"
        assert file.sweep("logs", trial).out == f"of {trial}\n"


def test_a_folder_of_another_machine_is_said_to_be_there(recorded):
    file = recorded(GRID)
    owner = {**ProcessIdentity("node7", "boot", 1, 1.0).to_json(), "directory": "/no/where"}
    run_id = file.add("lr1", "finished", [("acc", 1, 0.5)], owner=json.dumps(owner))
    lacking = (
        f"there is no {StateDir.here().run(run_id).files} on this machine; it was run from /no/where on node7, "
        "and what it handed over is among the artifacts of its run in MLflow"
    )
    done = file.sweep("logs", "lr1", "--folder")
    assert (done.code, done.out, done.err) == (2, "", f"trial lr1: {lacking}\n")
    assert f"# files of lr1: {lacking}" in file.sweep("best").out.splitlines()
    assert file.json("best")[0]["folders"] == {"lr1": None}


def test_a_folder_that_was_removed_here_is_said_to_be_gone(recorded):
    file = recorded(GRID)
    file.add("lr1", "finished", owner=owner_tag())
    assert " any more; " in file.sweep("logs", "lr1", "--folder").err
    file.client.set_tag(file.add("lr2", "finished"), "sweeps.owner", "no json")
    assert " on this machine; what it handed over " in file.sweep("logs", "lr2", "--folder").err


def test_the_folder_of_an_adopted_run_is_the_one_it_was_found_in(recorded, tmp_path):
    file = recorded(GRID)
    found = tmp_path / "old" / "run1"
    found.mkdir(parents=True)
    file.add("lr1", "finished", adopted=f"folder {found}")
    file.add("lr2", "finished", adopted="run 7 of old in sqlite:///x.db")
    assert file.sweep("logs", "lr1", "--folder").out == f"{found}\n"
    assert file.sweep("logs", "lr2", "--folder").err == (
        "trial lr2: `sweep` did not run it, and has no folder of it; it was adopted from run 7 of old in sqlite:///x.db\n"
    )


def test_best_says_where_the_files_of_the_runs_are_that_count(recorded):
    file = recorded("sweeps: {a: {grid: {lr: [1, 2]}, seeds: 7}}\nmeasures: {acc: higher}")
    runs = [file.add(f"lr1-seed{seed}", "finished", [("acc", 1, 0.5)]) for seed in range(6)]
    runs.append(file.add("lr1-seed6", "failed", [("acc", 1, 0.9)]))
    files = [with_files(run_id) for run_id in runs]
    (files[1] / "model.pt").unlink()
    printed = file.sweep("best").out
    told = [line for line in printed.splitlines() if line.startswith("# files")]
    shown = [f"# files of lr1-seed{seed}: .sweep/runs/{run_id}/files" for seed, run_id in enumerate(runs[:5])]
    shown[1] += " (empty: nothing was written to {run_dir})"
    assert told == [*shown, "# files of 1 more: `sweep logs FILE TRIAL --folder`"]
    assert yaml.safe_load(printed) == {"defaults": {"lr": 1}}
    (row,) = file.json("best")
    assert row["folders"] == {f"lr1-seed{seed}": str(files[seed]) for seed in range(6)}
