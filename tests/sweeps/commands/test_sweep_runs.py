"""The runs of sweeps: which there are, and what stands on them when they are closed."""

import getpass
import subprocess

import pytest
from mlflow.tracking import MlflowClient

from analysis.read.store import RunRecord
from sweeps.commands.sweep_runs import outcome_of_sweep, sweep_runs


def run(run_id, kind, sweep):
    return RunRecord(run_id, run_id, None, kind, "FINISHED", 0, 1, {"sweeps.sweep": sweep})


def test_a_sweep_is_known_by_its_own_run_not_by_those_of_its_trials():
    assert sweep_runs([run("1", "sweep", "a"), run("2", "trial", "b"), run("3", "sweep", "c")]) == {
        "a": "1",
        "c": "3",
    }


def test_the_password_of_a_searchs_storage_does_not_enter_the_record(project):
    storage = "postgresql://me:hunter2@127.0.0.1:9/optuna"
    project.spec(f"""
    sweeps:
      a: {{grid: {{factor: [0.5]}}}}
      s: {{search: {{space: {{factor: {{float: [0, 1]}}}}, objective: {{loss: min}}, trials: 1, storage: "{storage}"}}}}
    """)
    for words in (
        ("init", "-q"),
        ("add", "."),
        ("-c", "user.name=me", "-c", "user.email=me@x", "commit", "-qm", "a"),
    ):
        subprocess.run(["git", *words], cwd=project.path, check=True)  # noqa: S607
    with (project.path / "e.yaml").open("a") as file:
        file.write(f"# {storage}, git@example.org and https://example.org/a@main\n")
    assert project.sweep("run", "e.yaml", "--sweep", "a")[0] == 0
    kept = [path for path in project.path.glob("mlruns/**/*") if path.is_file()]
    assert {path.name for path in kept} >= {"e.yaml"}
    assert [path for path in kept if b"hunter2" in path.read_bytes()] == []
    (told,) = [path.read_text() for path in kept if path.name == "e.yaml"]
    assert told == (project.path / "e.yaml").read_text().replace("me:hunter2@", "***@")
    (diff,) = [path.read_text() for path in kept if path.suffix == ".diff"]
    assert "+# postgresql://***@127.0.0.1:9/optuna, git@example.org and https://example.org/a@main" in diff


def test_a_trial_that_two_sweeps_share_is_trained_once_and_belongs_to_both(project):
    project.spec("sweeps: {a: {grid: {factor: [0.1, 0.5]}}, b: {grid: {factor: [0.5, 0.9]}}}")
    assert project.sweep("run", "e.yaml")[0] == 0
    runs = project.runs()
    assert list(runs) == ["factor0.1", "factor0.5", "factor0.9"]
    assert (runs["factor0.5"].tags["sweeps.sweep"], runs["factor0.5"].tags["sweeps.also"]) == ("a", "b")
    assert {run.outcome for run in project.runs("sweep").values()} == {"finished"}


def test_tags_description_and_who_ran_what_reach_the_runs_of_a_sweep_and_change_no_fingerprint(project):
    project.spec("sweeps: {a: {grid: {factor: [0.5]}}}")
    plain = project.json("plan")["trials"]
    project.spec("""
    sweeps:
      a: {description: "Asked by the **reviewers**.", tags: {team: video, paper: true, n: 3}, grid: {factor: [0.5]}}
    """)
    assert [row["fingerprint"] for row in project.json("plan")["trials"]] == [
        row["fingerprint"] for row in plain
    ]
    assert project.ran("--gpus", "")[0] == 0
    (sweep,), (trial,) = project.runs("sweep").values(), project.runs().values()
    for one in (sweep, trial):
        assert {key: one.tags[key] for key in ("team", "paper", "n")} == {
            "team": "video",
            "paper": "true",
            "n": "3",
        }
        assert one.tags["mlflow.user"] == getpass.getuser()
        assert one.tags["mlflow.source.name"] == "toy:train"
    assert sweep.tags["mlflow.note.content"].startswith("Asked by the **reviewers**.\n\nThe sweep **a**")


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([], "finished"),
        (["finished", "finished"], "finished"),
        (["finished", "failed"], "failed"),
        (["failed", "interrupted"], "interrupted"),
        (["finished", "not started"], "interrupted"),
    ],
)
def test_the_outcome_of_a_sweep_is_that_of_its_trials(states, expected):
    assert outcome_of_sweep(states) == expected


@pytest.mark.parametrize("fail_at", ["[99]", "[99, 1]"])
def test_a_sweep_whose_supervisor_died_just_before_it_closed_the_run_is_closed_by_the_next(project, fail_at):
    project.spec(f"sweeps: {{a: {{grid: {{fail_at: {fail_at}}}}}}}")
    project.sweep("run", "e.yaml")
    (sweep,) = project.runs("sweep").values()
    client = MlflowClient(project.uri)
    client.set_tag(sweep.run_id, "sweeps.outcome", "interrupted")
    client.set_terminated(sweep.run_id, "KILLED")
    code, output = project.sweep("run", "e.yaml")
    assert "nothing to start" in output
    (closed,) = project.runs("sweep").values()
    assert (closed.run_id, closed.outcome, closed.status) == (sweep.run_id, sweep.outcome, sweep.status)
    assert code == (0 if sweep.outcome == "finished" else 1)
