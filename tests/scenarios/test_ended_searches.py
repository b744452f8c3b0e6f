"""Searches whose trials end early, are pruned, fail, are stopped or killed, from outside; and how they go on."""

import os
import signal
import sqlite3
from contextlib import closing

import pytest

from analysis.read.record import Record
from tests.project import DEADLINE_S

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
    assert [trial.state.name for trial in project.study().trials] == ["COMPLETE", "PRUNED"]
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
    trials = project.study().trials
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
    assert [trial.state.name for trial in project.study().trials] == ["FAIL", "COMPLETE"]
    assert "nothing to start" in project.sweep("run", "e.yaml")[1]
    toy = project.path / "toy.py"
    toy.write_text(toy.read_text().replace('config.get("fail_at")', "None"))
    code, output = project.sweep("run", "e.yaml", "--retry-failed")
    assert code == 0, output
    assert {(run.outcome, run.attempt) for run in project.runs().values()} == {
        ("finished", 1),
        ("finished", 2),
    }
    assert [trial.state.name for trial in project.study().trials] == ["COMPLETE", "COMPLETE"]


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
    trials = project.study().trials
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
