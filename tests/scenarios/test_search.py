"""`search:` from outside: real processes, a real MLflow store, a real study."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing

import optuna
import pytest
import requests
from mlflow.tracking import MlflowClient

from analysis.read.record import Record
from tests.project import DEADLINE_S, Project
from tests.servers import PATIENCE_S, free_port, wait_until_healthy

SPEC = """
sweeps:
  s:
    search:
      space:
        factor: {{float: [0.1, 0.9]}}
        kind: {{choice: [a, b]}}
        cycles: {{int: [2, 8], when: {{kind: b}}}}
      objective: {{train/loss: min}}
      trials: {trials}
      enqueue: [{{factor: 0.5, kind: a}}, {{factor: 0.25, kind: b, cycles: 3}}]
"""


def study_of(project):
    url = f"sqlite:///{project.path / 'optuna.db'}"
    (name,) = optuna.get_all_study_names(url)
    return optuna.load_study(study_name=name, storage=url)


def entry(run):
    return json.loads(run.tags["sweeps.search"])["s"]


@pytest.fixture(scope="module")
def searched(tmp_path_factory, empty_database, warm_sweep):
    """A search of five trials that has run; tests read it alone, in any order."""
    project = Project(tmp_path_factory.mktemp("searched"), empty_database, warm_sweep)
    project.spec(SPEC.format(trials=5))
    code, project.printed = project.sweep("run", "e.yaml")
    assert code == 0, project.printed
    yield project
    project.close()


def test_the_end_names_the_best_of_what_was_suggested_in_this_very_run(searched):
    finals = [searched.curve(run, "train/loss")[-1][1] for run in searched.runs().values()]
    (line,) = [line for line in searched.printed.splitlines() if line.startswith("best by")]
    assert line.startswith("best by train/loss: s/trial-00")
    assert f" {min(finals):.4g} (worst {max(finals):.4g}, of 5 finished trials)" in line


def test_the_status_says_what_each_trial_drew(searched):
    runs = searched.runs()
    for row in searched.json("status"):
        drawn = entry(runs[row["trial"]])["params"]
        assert {key: row[key] for key in drawn} == drawn
        assert ("cycles" in drawn) == (row["cycles"] is not None)


def test_each_trial_is_a_run_and_each_run_a_trial(searched):
    runs = searched.runs()
    assert sorted(runs) == [f"trial-00{n}" for n in range(1, 6)]
    trials = study_of(searched).trials
    assert [trial.state.name for trial in trials] == ["COMPLETE"] * 5
    for run in runs.values():
        trial = trials[entry(run)["number"]]
        assert (run.status, run.outcome) == ("FINISHED", "finished")
        assert trial.user_attrs == {
            "run_id": run.run_id,
            "name": run.name,
            "fingerprint": run.fingerprint,
        }
        assert trial.params == entry(run)["params"]
        assert list(trial.intermediate_values.items()) == searched.curve(run, "train/loss")
        assert trial.value == searched.curve(run, "train/loss")[-1][1]


@pytest.mark.extra
def test_optuna_dashboard_opens_the_study(searched):
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    url = f"sqlite:///{searched.path / 'optuna.db'}"
    log = searched.path / "dashboard.log"
    words = [sys.executable, "-c", "from optuna_dashboard._cli import main; main()", url, "--port", str(port)]
    with log.open("wb") as out:
        server = subprocess.Popen(words, stdout=out, stderr=out, cwd=searched.path)
    try:
        wait_until_healthy(address, server, log, path="/api/studies")
        (study,) = requests.get(f"{address}/api/studies", timeout=300).json()["study_summaries"]
        assert study["study_name"] == study_of(searched).study_name
        page = f"{address}/api/studies/{study['study_id']}"
        trials = requests.get(page, params={"after": 0}, timeout=300).json()["trials"]
    finally:
        server.terminate()
        server.wait(timeout=PATIENCE_S)
    runs = searched.runs()
    assert [trial["state"] for trial in trials] == ["Complete"] * 5
    for trial in trials:
        noted = {one["key"]: one["value"] for one in trial["user_attrs"]}
        assert runs[noted["name"]].run_id == noted["run_id"]
        assert trial["values"] == [searched.curve(runs[noted["name"]], "train/loss")[-1][1]]


def test_starting_points_come_first_and_conditions_hold(searched):
    trials = study_of(searched).trials
    assert trials[0].params == {"factor": 0.5, "kind": "a"}
    assert trials[1].params == {"factor": 0.25, "kind": "b", "cycles": 3}
    assert all(("cycles" in trial.params) == (trial.params["kind"] == "b") for trial in trials)


def test_the_reading_verbs_know_its_trials(searched):
    plan = searched.json("plan")
    assert plan["counts"] == {"done": 5}
    assert plan["searches"] == [
        {
            "sweep": "s",
            "wanted": 5,
            "ended": {"finished": 5},
            "begun": 0,
            "to_begin": 0,
            "starting_points": [],
        }
    ]
    assert {row["state"] for row in searched.json("status")} == {"finished"}
    code, told = searched.sweep("explain", "e.yaml", "trial-002")
    assert code == 0
    assert "cycles      3  e.yaml:10:9 (sweeps.s.search)" in told
    assert searched.sweep("logs", "e.yaml", "trial-001") == (0, "")


def test_trials_are_a_total_and_a_lost_study_is_made_again_from_the_record(project):
    project.spec(SPEC.format(trials=2))
    code, output = project.sweep("run", "e.yaml")
    assert code == 0, output
    before = project.runs()
    (project.path / "optuna.db").unlink()
    project.spec(SPEC.format(trials=3))
    code, output = project.sweep("run", "e.yaml")
    assert code == 0, output
    assert "2 done; starting 0, then searching 1" in output
    after = project.runs()
    assert after.keys() - before.keys() == {"trial-003"}
    assert {name: after[name] for name in before} == before
    trials = study_of(project).trials
    assert [trial.user_attrs["name"] for trial in trials] == [f"trial-00{n}" for n in range(1, 4)]
    values = [project.curve(after[f"trial-00{n}"], "train/loss")[-1][1] for n in range(1, 4)]
    assert [trial.value for trial in trials] == values


@pytest.mark.matrix
def test_where_study_and_record_disagree_the_record_wins_and_says_so(project):
    project.spec(SPEC.format(trials=2))
    project.sweep("run", "e.yaml")
    runs = project.runs()
    MlflowClient(project.uri).delete_run(runs["trial-002"].run_id)
    code, output = project.sweep("run", "e.yaml")
    assert code == 0, output
    assert "s: repaired the study: the study's trial 1 (complete) is not in the record" in output
    assert sorted(project.runs()) == ["trial-001", "trial-002"]
    trials = study_of(project).trials
    assert [trial.user_attrs["run_id"] for trial in trials] == [
        run.run_id for run in sorted(project.runs().values(), key=lambda run: run.start_ms)
    ]
    assert trials[1].params == {"factor": 0.25, "kind": "b", "cycles": 3}


PRUNING = """
sweeps:
  s:
    search:
      space: {factor: {float: [0.1, 0.9]}, hold: {choice: [none, epoch]}}
      objective: {train/loss: min}
      trials: 2
      pruner: {name: median, n_startup_trials: 1}
      enqueue: [{factor: 0.1, hold: none}, {factor: 0.9, hold: epoch}]
"""


def test_a_hopeless_trial_is_pruned_where_it_is_and_stays_so(project):
    project.spec(PRUNING)
    # The trial may be held, or pruned before.
    pipe = os.open(project.path / "held", os.O_RDONLY | os.O_NONBLOCK)
    code, output = project.sweep("run", "e.yaml", "--jobs", "1")
    os.close(pipe)
    assert code == 0, output
    runs = project.runs()
    pruned = runs["trial-002"]
    assert (pruned.status, pruned.outcome) == ("FINISHED", "pruned")
    assert pruned.tags["sweeps.reason"] == "median: train/loss 0.9 after epoch 0"
    steps = [step for step, _ in project.curve(pruned, "train/loss")]
    assert steps == list(range(len(steps)))
    assert 1 <= len(steps) <= 3
    assert [trial.state.name for trial in study_of(project).trials] == ["COMPLETE", "PRUNED"]
    code, output = project.sweep("run", "e.yaml")
    assert (code, project.runs()) == (0, runs)
    assert [row["state"] for row in project.json("status")] == ["finished", "pruned"]
    (row,) = [row for row in project.json("plan")["trials"] if row["trial"] == "trial-002"]
    assert (row["action"], row["reason"]) == ("done", "pruned median: train/loss 0.9 after epoch 0")


def test_what_one_search_prunes_is_trained_to_its_end_for_those_that_prune_nothing(project):
    own = "trials: 2, enqueue: [{factor: 0.1, hold: none}, {factor: 0.9, hold: epoch}]"
    space = (
        "space: {factor: {float: [0.1, 0.9]}, hold: {choice: [none, epoch]}}, objective: {train/loss: min}"
    )
    searches = [
        f"  with: {{search: {{{space}, {own}, pruner: {{name: median, n_startup_trials: 1}}}}}}",
        f"  without: {{search: {{{space}, {own}}}}}",
        "  final: {grid: {factor: [0.9]}, set: {hold: epoch}}",
    ]
    project.spec("\n".join(["sweeps:", *searches[:1]]) + "\n")
    pipe = os.open(project.path / "held", os.O_RDONLY | os.O_NONBLOCK)
    code, output = project.sweep("run", "e.yaml", "--jobs", "1")
    assert code == 0, output
    project.spec("\n".join(["sweeps:", *searches]) + "\n")
    steps = {(row["sweep"], row["trial"]): row for row in project.json("plan")["trials"]}
    assert steps["with", "trial-002"]["action"] == "done"
    left = steps["final", "factor0.9"]
    assert (left["action"], left["reason"][:20]) == ("resume", "pruned for with alon")
    code, output = project.sweep("run", "e.yaml", "--jobs", "1")
    os.close(pipe)
    assert code == 0, output
    runs = [run for run in Record(project.uri, "toy").runs if run.kind == "trial"]
    assert sorted(run.outcome for run in runs) == ["finished", "finished"]
    states = {(row["sweep"], row["trial"]): (row["state"], row["epoch"]) for row in project.json("status")}
    assert states["with", "trial-002"][0] == "pruned"
    whole = project.json("status")[0]["epoch"]
    assert states["without", "trial-002"] == states["final", "factor0.9"] == ("finished", whole)
    assert states["with", "trial-002"][1] < whole
    code, output = project.sweep("run", "e.yaml")
    assert (code, "repaired" in output, "nothing to start" in output) == (0, False, True)


def test_a_search_goes_on_without_its_study_and_the_next_run_has_it_say_what_happened(project):
    project.spec("""
    sweeps:
      s:
        search:
          space: {factor: {float: [0.1, 0.9]}, hold: {choice: [none, epoch]}}
          objective: {train/loss: min}
          trials: 2
          enqueue: [{factor: 0.5, hold: epoch}, {factor: 0.25, hold: none}]
    """)
    process = project.start("run", "e.yaml", "--jobs", "1", "--patience", "1s")
    project.held()
    with closing(sqlite3.connect(project.path / "optuna.db", isolation_level=None)) as locking:
        locking.execute("begin exclusive")
        project.sweep("stop", "e.yaml", "--only", "factor=0.5")
        output, _ = process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 130, output
    assert "the record has every trial, and the next run of the file has the study say so" in output
    assert {run.outcome for run in project.runs().values()} == {"interrupted", "finished"}
    code, output = project.sweep("run", "e.yaml")
    assert code == 0, output
    trials = study_of(project).trials
    assert [trial.state.name for trial in trials] == ["COMPLETE", "COMPLETE"]
    assert [trial.user_attrs["run_id"] for trial in trials] == [
        project.runs()[name].run_id for name in ("trial-001", "trial-002")
    ]


def test_an_objective_that_is_never_logged_is_told_after_the_first_epoch_and_all_resumes(project):
    spec = """
    sweeps:
      s:
        search:
          space: {factor: {float: [0.1, 0.9]}, hold: {choice: [epoch]}}
          objective: {%s: min}
          trials: 1
    """
    project.spec(spec % "train/los")
    # The trial holds in its third epoch until it is asked to stop: nobody else would end this.
    process = project.start("run", "e.yaml")
    project.held()
    output, _ = process.communicate()
    assert process.returncode == 2
    assert output.splitlines()[-1] == (
        "e.yaml:8:19: sweeps.s.search.objective: the trainer logged no 'train/los' in its first epoch; "
        "did you mean 'train/loss'?"
    )
    (stopped,) = project.runs().values()
    assert (stopped.status, stopped.outcome) == ("KILLED", "interrupted")
    project.spec(spec % "train/loss")
    code, output = project.sweep("run", "e.yaml")
    assert code == 0, output
    (run,) = project.runs().values()
    assert (run.run_id, run.outcome, run.attempt) == (stopped.run_id, "finished", 2)
    assert [step for step, _ in project.curve(run, "train/loss")] == [0, 1, 2, 3]


@pytest.mark.matrix
def test_a_suggestion_that_has_its_result_is_not_trained_again(project):
    project.spec("""
    sweeps:
      g: {grid: {factor: [0.5]}}
      s:
        search:
          space: {factor: {choice: [0.5, 0.6]}}
          objective: {train/loss: min}
          trials: 5
    """)
    assert project.sweep("run", "e.yaml", "--sweep", "g")[0] == 0
    code, output = project.sweep("run", "e.yaml")
    assert code == 0, output
    assert "has its result already, from factor0.5" in output
    runs = project.runs()
    assert sorted(run.fingerprint for run in runs.values()) == sorted({r.fingerprint for r in runs.values()})
    assert len(runs) == 2
    assert runs["factor0.5"].tags["sweeps.also"] == "s"
    (search,) = project.json("plan")["searches"]
    assert (search["wanted"], search["ended"]) == (2, {"finished": 2})
    trials = study_of(project).trials
    assert {trial.user_attrs["run_id"] for trial in trials} == {run.run_id for run in runs.values()}
    assert sum("reused" not in trial.user_attrs for trial in trials) == 1


@pytest.mark.matrix
def test_failed_trials_count_and_are_taken_up_only_when_asked(project):
    spec = """
    sweeps:
      s:
        search:
          space: {fail_at: {choice: [0, 9]}, x: {float: [0, 1]}}
          objective: {train/loss: min}
          trials: 2
          enqueue: [{fail_at: 0, x: 0.5}, {fail_at: 9, x: 0.5}]
    """
    project.spec(spec)
    assert project.sweep("run", "e.yaml")[0] == 1
    assert [trial.state.name for trial in study_of(project).trials] == ["FAIL", "COMPLETE"]
    assert "nothing to start" in project.sweep("run", "e.yaml")[1]
    toy = project.path / "toy.py"
    toy.write_text(toy.read_text().replace('config.get("fail_at")', "None"))
    code, output = project.sweep("run", "e.yaml", "--retry-failed")
    assert code == 0, output
    assert {(run.outcome, run.attempt) for run in project.runs().values()} == {
        ("finished", 1),
        ("finished", 2),
    }
    assert [trial.state.name for trial in study_of(project).trials] == ["COMPLETE", "COMPLETE"]


@pytest.mark.matrix
def test_several_objectives_and_time_are_told_as_they_are_recorded(project):
    project.spec("""
    sweeps:
      s:
        search:
          space: {factor: {float: [0.1, 0.9]}}
          objective: {train/loss: {direction: min, value: best}, time: min, val/psnr: max}
          trials: 3
          sampler: nsgaii
    """)
    code, output = project.sweep("run", "e.yaml")
    assert code == 0, output
    study = study_of(project)
    assert study.metric_names == ["train/loss", "time", "val/psnr"]
    for run in project.runs().values():
        losses = [value for _, value in project.curve(run, "train/loss")]
        values = study.trials[entry(run)["number"]].values
        assert values == pytest.approx([min(losses), 4 * 0.001, 23.0])


@pytest.mark.matrix
def test_ctrl_c_leaves_a_search_that_goes_on(project):
    project.spec(PRUNING.replace("pruner: {name: median, n_startup_trials: 1}", "seed: 1"))
    process = project.start("run", "e.yaml", "--jobs", "1")
    project.held()
    process.send_signal(signal.SIGINT)
    process.communicate()
    assert process.returncode == 130
    assert project.json("plan")["searches"][0]["begun"] == 1
    assert project.runs("sweep")["s"].outcome == "interrupted"
    code, output = project.sweep("run", "e.yaml")
    assert code == 0, output
    assert [(run.outcome, run.attempt) for run in project.runs().values()] == [
        ("finished", 1),
        ("finished", 2),
    ]
    trials = study_of(project).trials
    assert [trial.state.name for trial in trials] == ["COMPLETE", "COMPLETE"]
    assert list(trials[1].intermediate_values) == [0, 1, 2, 3]


@pytest.mark.matrix
def test_a_killed_trial_does_not_hold_up_a_search_that_suggests_it_again(project):
    project.spec("""
    sweeps:
      s:
        search: {space: {n: {choice: [0, 1]}}, objective: {train/loss: min}, trials: 3, enqueue: [{n: 0}]}
        when: [{if: {n: 0}, set: {hold: epoch}}]
    """)
    process = project.start("run", "e.yaml", "--jobs", "1")
    os.kill(project.held(), signal.SIGKILL)
    output, _ = process.communicate()
    assert process.returncode == 130, output
    code, output = project.sweep("run", "e.yaml")
    assert code == 0, output
    assert sorted((run.outcome, run.attempt) for run in project.runs().values()) == [
        ("finished", 1),
        ("finished", 2),
    ]


@pytest.mark.matrix
def test_a_search_whose_time_is_up_begins_nothing_and_can_go_on(project):
    project.spec(SPEC.format(trials=2).replace("trials: 2", "trials: 2\n      timeout: 0.0001s"))
    code, output = project.sweep("run", "e.yaml")
    assert (code, project.runs()) == (0, {}), output
    assert project.runs("sweep")["s"].outcome == "interrupted"
    project.spec(SPEC.format(trials=2))
    assert project.sweep("run", "e.yaml")[0] == 0
    assert len(project.runs()) == 2


def test_searches_of_one_task_are_compared_in_the_report_and_train_what_they_share_once(project):
    search = "{space: {factor: {float: [0.1, 0.9]}}, objective: {train/loss: min}, trials: 3, seed: 1, sampler: %s}"
    sweeps = "\n".join(f"  {name}: {{search: {search % name}}}" for name in ("tpe", "random", "qmc"))
    project.spec(f"sweeps:\n{sweeps}\n")
    code, output = project.sweep("run", "e.yaml")
    assert code == 0, output
    assert "finished, nothing recorded" not in output
    code, output = project.sweep("report", "e.yaml")
    assert code == 0, output
    assert (project.path / "figures" / "search" / "comparison" / "by_time.png").exists()
    text = (project.path / "figures" / "report.md").read_text()
    assert "### Which sampler finds the lowest train/loss in 3 trials?" in text
    assert "one search each says nothing about a sampler" in text
    assert "3 runs are trials of several of these searches" in text  # tpe begins as random does
    runs = [run for run in Record(project.uri, "toy").runs if run.kind == "trial"]
    assert len(runs) == 6
    (row,) = [line for line in text.splitlines() if line.startswith("| qmc | 1 |")]
    _, searches, best, _, pruned, failed, epochs, spent = [
        cell.strip() for cell in row.strip("| ").split("|")
    ]
    losses = [project.curve(run, "train/loss")[-1][1] for run in runs if '"qmc"' in run.tags["sweeps.search"]]
    assert float(best) == pytest.approx(min(losses), rel=1e-3)
    assert (searches, pruned, failed, epochs, spent[-2:]) == ("1", "0 of 3", "0 of 3", "12", " s")
