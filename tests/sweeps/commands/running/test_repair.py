"""What a `sweep run` finds that others left, or have."""

import json
import time

import pytest
from mlflow.tracking import MlflowClient


@pytest.mark.parametrize("boot", ["", "another boot"])
def test_a_dead_supervisor_blocks_nobody_and_its_trials_resume(project, boot):
    project.spec("sweeps: {a: {grid: {hold: [epoch], factor: [0.5]}}}")
    process = project.start("run", "e.yaml")
    project.held()
    process.kill()
    process.communicate()
    code, output = project.sweep("run", "e.yaml", **({"SWEEP_BOOT_ID": boot} if boot else {}))
    assert code == 0, output
    (run,) = project.runs().values()
    assert (run.outcome, run.attempt) == ("finished", 2)
    assert [step for step, _ in project.curve(run, "train/loss")] == [0, 1, 2, 3]


@pytest.mark.parametrize(("lease_s", "expected"), [(60, 3), (-1, 0)])
def test_a_lease_of_another_machine_holds_the_sweep_until_it_runs_out(project, lease_s, expected):
    project.spec("sweeps: {a: {grid: {fail_at: [1]}}}")
    project.sweep("run", "e.yaml")
    client = MlflowClient(project.uri)
    project.spec("sweeps: {a: {grid: {factor: [0.5]}}}")
    parent = project.runs("sweep")["a"].run_id
    owner = {"host": "another-host", "boot": "b", "pid": 4711, "start_s": 1.0}
    client.update_run(parent, status="RUNNING")
    client.set_tag(parent, "sweeps.owner", json.dumps(owner))
    client.set_tag(parent, "sweeps.lease", str(int((time.time() + lease_s) * 1000)))
    code, output = project.sweep("run", "e.yaml")
    assert code == expected, output
    assert ("toy/a: is being run by pid 4711 on another-host" in output) == (expected == 3)
