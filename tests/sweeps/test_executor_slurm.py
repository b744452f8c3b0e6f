"""The executor contract on a real Slurm of one node: slurmctld, slurmd and munge, started for these tests."""

import signal
import subprocess
from importlib import util
from pathlib import Path

import psutil
import pytest

from tests.sweeps.executor_contract import HELD, ExecutorContract, is_whole, only_run

SERVICE = Path(__file__).parents[1] / "services" / "slurm"
pytestmark = [
    pytest.mark.cluster,
    pytest.mark.timeout(300),
    pytest.mark.skipif(
        util.find_spec("submitit") is None,
        reason="submitit is not installed: `pip install 'sweep-experiments[slurm]'`",
    ),
]


@pytest.fixture(scope="module")
def slurm(tmp_path_factory):
    """The environment in which Slurm's commands speak to it."""
    folder = tmp_path_factory.mktemp("slurm")
    folder.parent.chmod(0o711)
    started = subprocess.run(
        [SERVICE, "start", folder], capture_output=True, text=True, timeout=120, check=False
    )
    if started.returncode != 0:
        pytest.skip(started.stderr.strip())
    yield {"SLURM_CONF": str(folder / "slurm.conf")}
    subprocess.run([SERVICE, "stop", folder], timeout=120, check=True)


class TestSlurm(ExecutorContract):
    @pytest.fixture
    def on_engine(self, project, slurm):
        project.environment |= slurm
        project.options = ["--executor", "slurm"]
        yield project
        told = ["scancel", "--quiet", f"--user={project.path.owner()}"]
        subprocess.run(told, env=project.environment, check=True)

    @staticmethod
    def worker_of(trial):
        """What submitit runs: the forkserver's parent."""
        return trial.parent().parent()

    @pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGHUP])
    def test_a_supervisor_that_dies_costs_nothing_that_was_logged(self, on_engine, number):
        """Here it costs not even an attempt: the job goes on, and the next supervisor takes it over."""
        on_engine.spec("sweeps: {a: {grid: {hold: [epoch, none]}, set: {deaf: ask}}}")
        process = on_engine.run()
        trial = psutil.Process(on_engine.held())
        process.send_signal(number)
        process.communicate(timeout=60)
        code, output = on_engine.sweep("run", "e.yaml")
        assert code == 3
        assert "a Slurm job works on this sweep" in output
        again = on_engine.run()
        assert any("a/epoch: started" in line for line in again.stdout)
        assert trial.is_running()
        trial.kill()
        output, _ = again.communicate(timeout=60)
        assert again.returncode == 130, output
        runs = on_engine.runs()
        assert (runs["epoch"].outcome, runs["epoch"].attempt) == ("interrupted", 1)
        assert runs["epoch"].tags["sweeps.reason"] == "signal: SIGKILL"
        assert (runs["none"].outcome, runs["none"].attempt) == ("finished", 1)

    def test_an_attempt_that_ended_while_no_supervisor_was_there_is_taken_note_of(self, on_engine):
        on_engine.spec(HELD)
        process = on_engine.run()
        trial = psutil.Process(on_engine.held())
        process.kill()
        process.communicate()
        trial.terminate()  # it checkpoints and ends; its job leaves word of that and ends too
        psutil.wait_procs([trial], timeout=30)
        code, output = on_engine.ran()
        assert code == 130, output
        assert (only_run(on_engine).outcome, only_run(on_engine).attempt) == ("interrupted", 1)
        code, output = on_engine.ran()
        assert code == 0, output
        assert is_whole(on_engine, only_run(on_engine))

    def test_a_preempted_trial_resumes_under_the_same_job_and_attempt(self, on_engine):
        on_engine.spec(HELD)
        process = on_engine.run()
        on_engine.held()
        first = ["sbatch", "--partition=high", "--cpus-per-task=2", "--output=/dev/null", "--wrap=true"]
        subprocess.run(first, env=on_engine.environment, capture_output=True, check=True)
        output, _ = process.communicate(timeout=120)
        assert process.returncode == 0, output
        run = only_run(on_engine)
        assert (run.outcome, run.attempt) == ("finished", 1)
        assert is_whole(on_engine, run)

    def test_what_slurm_refuses_is_told(self, on_engine):
        on_engine.spec("sweeps: {a: {grid: {factor: [0.5]}, resources: {slurm: {partition: none-such}}}}")
        code, output = on_engine.ran()
        assert code == 2, output
        assert "Slurm refuses the jobs: " in output
        assert "invalid partition" in output

    def test_trials_submitted_together_are_one_array(self, on_engine):
        on_engine.spec("sweeps: {a: {seeds: 5, set: {hold: starting}, resources: {cpu: 2}}}")
        process = on_engine.run()
        on_engine.held()
        asked = ["squeue", "--noheader", "--array", "--format=%F %C"]
        told = subprocess.run(asked, env=on_engine.environment, capture_output=True, text=True, check=True)
        rows = told.stdout.split("\n")[:-1]
        assert len(rows) == 5
        assert len(set(rows)) == 1
        process.kill()
        process.communicate()
