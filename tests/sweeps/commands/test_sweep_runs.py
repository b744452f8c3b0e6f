"""The runs of sweeps: which there are, and what stands on them when they are closed."""

from analysis.read.store import RunRecord
from sweeps.commands.sweep_runs import sweep_runs


def run(run_id, kind, sweep):
    return RunRecord(run_id, run_id, None, kind, "FINISHED", 0, 1, {"sweeps.sweep": sweep})


def test_a_sweep_is_known_by_its_own_run_not_by_those_of_its_trials():
    assert sweep_runs([run("1", "sweep", "a"), run("2", "trial", "b"), run("3", "sweep", "c")]) == {
        "a": "1",
        "c": "3",
    }


def test_a_trial_that_two_sweeps_share_is_trained_once_and_belongs_to_both(project):
    project.spec("sweeps: {a: {grid: {factor: [0.1, 0.5]}}, b: {grid: {factor: [0.5, 0.9]}}}")
    assert project.sweep("run", "e.yaml")[0] == 0
    runs = project.runs()
    assert list(runs) == ["factor0.1", "factor0.5", "factor0.9"]
    assert (runs["factor0.5"].tags["sweeps.sweep"], runs["factor0.5"].tags["sweeps.also"]) == ("a", "b")
    assert {run.outcome for run in project.runs("sweep").values()} == {"finished"}
