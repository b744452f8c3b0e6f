"""The executor contract on a real Slurm of two nodes: slurmctld, slurmd and munge, started for these tests."""

import contextlib
import os
import subprocess
from importlib import util
from pathlib import Path

import psutil
import pytest

from sweeps.executors.base import Exit, Stop
from sweeps.executors.slurm import SlurmExecutor, submit_parameters
from sweeps.rundir.paths import StateDir
from sweeps.runner.attempt_spec import EXIT_INTERRUPTED, AttemptSpec
from sweeps.spec.resources import Resources
from tests.programs import Program, expected
from tests.sweeps.devices import most_at_once, on_gpus, seen, under_way
from tests.sweeps.executor_contract import HELD, OutlivingContract, is_whole, only_run
from tests.sweeps.outages import go_on

SLURM = Path(__file__).parents[2] / "services" / "slurm"


def test_a_job_is_asked_for_by_its_size_and_the_options_of_the_file():
    plain = submit_parameters(Resources(cpu=2), 5)
    assert (plain["job_name"], plain["cpus_per_task"], plain["array_parallelism"]) == ("sweep", 2, 5)
    assert plain["additional_parameters"] == {"requeue": True, "ntasks": 1}
    given = submit_parameters(Resources(gpu=2.0, slurm=(("partition", "high"), ("time", 30))), 1)
    assert given["time"] == 30
    assert given["additional_parameters"] == {
        "requeue": True,
        "ntasks": 1,
        "gres": "gpu:2",
        "partition": "high",
    }


def test_the_attempt_is_on_the_first_of_several_nodes_and_leaves_room_for_what_it_starts():
    slurm = (("exclusive", ""), ("mail-type", "FAIL"), ("nodes", "2"))
    given = submit_parameters(Resources(slurm=slurm, setup=("module load cuda",)), 1)
    assert (given["nodes"], given["setup"]) == (2, ["module load cuda"])
    assert given["srun_args"] == ["--nodes=1", "--ntasks=1", "--overlap"]
    asked = {"requeue": True, "ntasks": 2, "exclusive": True, "mail-type": "FAIL"}
    assert given["additional_parameters"] == asked


@pytest.mark.parametrize("how", Stop)
def test_an_attempt_that_is_stopped_before_it_is_sent_is_no_job(tmp_path, how):
    pytest.importorskip("submitit")
    executor = SlurmExecutor("local", None, [], [], StateDir(tmp_path))
    for run_id in ("r1", "r2"):
        executor.submit(AttemptSpec(run_id, 1, tmp_path / run_id, {}, "m:f", None, ("cpu",), {}))
    for run_id in ("r1", "r2"):
        executor.stop(run_id, how)
    assert executor.wait(0.0) == [Exit(run_id, EXIT_INTERRUPTED, None) for run_id in ("r1", "r2")]
    assert executor.wait(0.0) == []
    assert not (tmp_path / "submitit").exists()


def preempt(project):
    """Have a job that comes first take all cores of node `one`, the only one of its partition."""
    asked = ["sbatch", "--partition=high", "--cpus-per-task=2", "--output=/dev/null", "--wrap=true"]
    subprocess.run(asked, env=project.environment, capture_output=True, check=True)


ON_ONE = "resources: {slurm: {nodelist: one}}"


@pytest.mark.cluster
@pytest.mark.timeout(300)
@pytest.mark.skipif(
    util.find_spec("submitit") is None,
    reason="submitit is not installed: `pip install 'sweep-experiments[slurm]'`",
)
class TestSlurm(OutlivingContract):
    @pytest.fixture
    def on_executor(self, project, slurm):
        project.environment |= slurm
        project.options = ["--executor", "slurm"]
        yield project
        told = ["scancel", "--quiet", f"--user={project.path.owner()}"]
        subprocess.run(told, env=project.environment, check=True)

    def test_a_preempted_trial_resumes_under_the_same_job_and_attempt(self, on_executor):
        on_executor.spec(f"sweeps: {{a: {{grid: {{hold: [epoch]}}, {ON_ONE}}}}}")
        process = on_executor.run()
        on_executor.held()
        preempt(on_executor)
        output, _ = process.communicate(timeout=300)
        assert process.returncode == 0, output
        run = only_run(on_executor)
        assert (run.outcome, run.attempt) == ("finished", 1)
        assert is_whole(on_executor, run)
        assert 0 < run.seconds < (run.end_ms - run.start_ms) / 1000  # without the wait in the queue

    @pytest.mark.parametrize("way", ["csv", "mlflow"])
    def test_a_program_that_is_preempted_goes_on_from_its_checkpoint_and_loses_no_point(
        self, on_executor, way
    ):
        program = Program(on_executor)
        program.logs_in(way, hold="logged")
        file = on_executor.path / "e.yaml"
        file.write_text(file.read_text().replace("{a: {", f"{{a: {{{ON_ONE}, "))
        process = on_executor.run()
        on_executor.held()
        preempt(on_executor)
        output, _ = process.communicate(timeout=300)
        assert process.returncode == 0, (output, program.logs())
        run = only_run(on_executor)
        assert (run.outcome, run.attempt) == ("finished", 1)
        points = program.points(run.name)
        assert {key: points[key] for key in ("loss", "acc")} == expected(1)

    def test_a_command_runs_on_all_nodes_of_its_job(self, on_executor):
        srun = "[srun, --overlap, --nodes=2, --ntasks=2, sh, -c, 'echo $SLURMD_NODENAME is at $PLACE']"
        slurm = "{partition: low, nodes: 2, setup: [export PLACE=home]}"
        on_executor.path.joinpath("e.yaml").write_text(
            f"experiment: toy\ntrainer: {{command: {srun}, args: none}}\nsweeps: {{a: {{include: [{{}}], resources: {{slurm: {slurm}}}}}}}\n"
        )
        process = on_executor.run()
        output, _ = process.communicate(timeout=300)
        assert process.returncode == 0, output
        _, log = on_executor.sweep("logs", "e.yaml", only_run(on_executor).name)
        lines = sorted(line for line in log.splitlines() if line.endswith("is at home"))
        assert lines == ["one is at home", "two is at home"]

    def test_what_slurm_refuses_is_told(self, on_executor):
        on_executor.spec("sweeps: {a: {grid: {factor: [0.5]}, resources: {slurm: {partition: none-such}}}}")
        code, output = on_executor.ran()
        assert code == 2, output
        assert "Slurm refuses the jobs: " in output
        assert "invalid partition" in output

    def test_trials_submitted_together_are_one_array(self, on_executor):
        on_executor.spec("sweeps: {a: {seeds: 5, set: {hold: starting}, resources: {cpu: 2}}}")
        process = on_executor.run()
        on_executor.held()
        # A job of the test before may still be on its way out of the queue.
        asked = ["squeue", "--noheader", "--array", "--states=PENDING,RUNNING", "--format=%F %C"]
        told = subprocess.run(asked, env=on_executor.environment, capture_output=True, text=True, check=True)
        rows = told.stdout.split("\n")[:-1]
        assert len(rows) == 5
        assert len(set(rows)) == 1
        process.kill()
        process.communicate()

    def test_a_trial_whose_node_dies_goes_on_at_another_under_the_same_job_and_attempt(
        self, on_executor, nodes
    ):
        on_executor.spec(HELD)
        process = on_executor.run()
        trial = psutil.Process(on_executor.held())
        nodes.crash(trial)
        output, _ = process.communicate(timeout=200)
        assert process.returncode == 0, output
        run = only_run(on_executor)
        assert (run.outcome, run.attempt) == ("finished", 1)
        assert is_whole(on_executor, run)

    def test_a_trial_checkpoints_before_its_time_limit_and_goes_on_in_the_next_job(self, on_executor):
        """Two minutes less the 90 seconds that it gets to end in."""
        on_executor.spec("sweeps: {a: {grid: {hold: [epoch]}, resources: {slurm: {time: 2m}}}}")
        process = on_executor.run()
        trial = psutil.Process(on_executor.held())
        psutil.wait_procs([trial], timeout=120)
        assert not trial.is_running()
        output, _ = process.communicate(timeout=300)
        assert process.returncode == 0, output
        run = only_run(on_executor)
        assert (run.outcome, run.attempt) == ("finished", 1)
        assert is_whole(on_executor, run)

    def test_trials_get_gpus_of_their_own(self, on_executor):
        on_gpus(on_executor, 1, 5)
        process = on_executor.run()
        under_way(on_executor, 4)
        go_on(on_executor)
        output, _ = process.communicate(timeout=300)
        assert process.returncode == 0, output
        found = seen(on_executor)
        assert sorted(found) == ["0", "1"]
        assert sum(map(len, found.values())) == 5
        assert max(map(most_at_once, found.values())) <= 2  # two nodes have a GPU of this name each

    def test_a_trial_of_two_gpus_sees_both(self, on_executor):
        on_gpus(on_executor, 2, 1)
        go_on(on_executor)
        code, output = on_executor.ran()
        assert code == 0, output
        assert sorted(seen(on_executor)) == ["0", "1"]

    def test_a_share_of_a_gpu_is_refused(self, on_executor):
        on_gpus(on_executor, 0.5, 1)
        code, output = on_executor.ran()
        assert code == 2
        assert "a trial wants 0.5 GPUs and 1 core, and Slurm shares no GPU among jobs" in output


@pytest.fixture
def nodes(slurm):
    """The nodes of the Slurm of these tests; what crashed comes back after the test."""
    nodes = Nodes(Path(slurm["SLURM_CONF"]).parent, os.environ | slurm)
    yield nodes
    if nodes.name is not None:
        subprocess.run([SLURM, "join", nodes.folder, nodes.name], timeout=120, check=True)


class Nodes:
    """The nodes of a Slurm, of which one may crash: `name`."""

    def __init__(self, folder, environment):
        self.folder, self.environment = folder, environment
        self.name = None

    def crash(self, trial):
        """Kill all that runs on a trial's node, and have Slurm know, as it would after a while."""
        # Which one it is depends on what the test before has left on its way out of the queue.
        self.name = trial.environ()["SLURMD_NODENAME"]
        slurmd = psutil.Process(int((self.folder / f"{self.name}.pid").read_text()))
        jobs = [process for process in psutil.process_iter() if self._holds(process)]
        assert trial in jobs
        stepds = {parent for job in jobs for parent in job.parents() if "slurmstepd" in parent.name()}
        everything = [slurmd, *stepds, *jobs]
        for process in everything:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(everything, timeout=120)
        told = ["scontrol", "update", f"nodename={self.name}", "state=down", "reason=test"]
        subprocess.run(told, env=self.environment, check=True)

    def _holds(self, process):
        with contextlib.suppress(psutil.Error):
            return process.environ().get("SLURMD_NODENAME") == self.name
        return False
