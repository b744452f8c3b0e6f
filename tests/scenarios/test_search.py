"""`search:` from outside: real processes, a real MLflow store, a real study."""

import json
import subprocess
import sys

import pytest
import requests
from mlflow.tracking import MlflowClient

from analysis.read.record import Record
from tests.project import Project
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
    trials = searched.study().trials
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
        assert study["study_name"] == searched.study().study_name
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
    trials = searched.study().trials
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
    trials = project.study().trials
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
    trials = project.study().trials
    assert [trial.user_attrs["run_id"] for trial in trials] == [
        run.run_id for run in sorted(project.runs().values(), key=lambda run: run.start_ms)
    ]
    assert trials[1].params == {"factor": 0.25, "kind": "b", "cycles": 3}


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
    trials = project.study().trials
    assert {trial.user_attrs["run_id"] for trial in trials} == {run.run_id for run in runs.values()}
    assert sum("reused" not in trial.user_attrs for trial in trials) == 1


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
    study = project.study()
    assert study.metric_names == ["train/loss", "time", "val/psnr"]
    for run in project.runs().values():
        losses = [value for _, value in project.curve(run, "train/loss")]
        values = study.trials[entry(run)["number"]].values
        assert values == pytest.approx([min(losses), 4 * 0.001, 23.0])


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
