"""The executor contract on submitit's local executor: the Slurm adapter where there is no Slurm."""

import stat

import pytest

from sweeps.executors import cluster_queue
from sweeps.executors.cluster_queue import SlurmQueue
from tests.sweeps.executor_contract import OutlivingContract


@pytest.fixture
def on_executor(project):
    project.options = ["--executor", "slurm", "--address", "local"]
    return project


@pytest.mark.matrix
class TestSubmitit(OutlivingContract):
    """The whole contract, in minutes."""


class TestSubmititInShort:
    """What of it every run of the tests has time for."""

    worker_of = staticmethod(OutlivingContract.worker_of)
    test_trials_finish = OutlivingContract.test_trials_finish_with_every_value_and_their_log
    test_a_worker_that_dies = OutlivingContract.test_a_worker_that_dies_costs_an_attempt_and_nothing_else
    test_an_attempt_that_ended_alone = (
        OutlivingContract.test_an_attempt_that_ended_while_no_supervisor_was_there_is_taken_note_of
    )


def test_the_stores_address_stands_only_where_other_users_cannot_read_it(on_executor):
    on_executor.spec("sweeps: {a: {seeds: 1}}")
    code, output = on_executor.ran("--jobs", "1", "--tracking-uri", on_executor.uri)
    assert code == 0, output
    folder = on_executor.path / ".sweep" / "submitit"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    files = [path for path in on_executor.path.rglob("*") if path.is_file()]
    holding = {path for path in files if on_executor.uri.encode() in path.read_bytes()}
    assert holding
    # A run's note holds the command that repeats it, in which passwords are masked.
    assert {path.name for path in holding if folder not in path.parents} <= {
        "mlflow.db",
        "mlflow.db-wal",
        "outcome.json",
    }


def test_a_gpu_is_refused_before_anything_starts(on_executor):
    on_executor.spec("sweeps: {a: {seeds: 1, resources: {gpu: 1}}}")
    code, output = on_executor.ran("--jobs", "1")
    assert code == 2
    assert "sweeps.a.resources: a trial wants 1 GPU and 1 core, and" in output
    assert "--address local has the cores of this machine and no GPU" in output


def test_without_slurm_only_the_address_says_that_none_is_wanted(on_executor):
    on_executor.spec("sweeps: {a: {seeds: 1}}")
    code, output = on_executor.sweep("run", "e.yaml", "--executor", "slurm", PATH="/none")
    assert code == 2
    assert "there is no `sbatch` here" in output
    assert not (on_executor.path / ".sweep" / "runs").exists()


@pytest.mark.parametrize("answers", ["never", "not at all"])
def test_a_slurm_that_does_not_answer_ends_nothing(tmp_path, monkeypatch, capfd, answers):
    for name in ("squeue", "scancel", "scontrol") if answers == "never" else ():
        (tmp_path / name).write_text("#!/bin/sh\nexec /bin/sleep 100\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("SLURM_JOB_ID", "7")
    monkeypatch.setattr(cluster_queue, "ANSWER_S", 0.1)
    queue = SlurmQueue()
    queue.cancel(["7"])
    assert queue.jobs() is None
    assert not queue.requeue()
    assert capfd.readouterr().err.startswith("not queued again: ")
