"""One contract, inherited by every executor: `sweep run` on it, as a real process, with a trainer of milliseconds."""

import os
import signal

import psutil
import pytest

from tests.sweeps.outages import until

STEPS = [(0, 0.5), (1, 1.25), (2, 2.625), (3, 4.3125)]
"""What an uninterrupted trial logs as train/loss."""
HELD = "sweeps: {a: {grid: {hold: [epoch]}}}"


def stop(process, times):
    """Ask `sweep run` to stop so many times, each once it has said that it heard the one before."""
    words = ("stopping", "terminating", "killing")
    for word in words[:times]:
        process.send_signal(signal.SIGINT)
        assert any(word in line.lower() for line in iter(process.stdout.readline, "")), word


def only_run(project):
    (run,) = project.runs().values()
    return run


def is_whole(project, run):
    return project.curve(run, "train/loss") == STEPS


def is_left_alone(project):
    """Nothing of it runs on; what the executor has around a trial may take a moment to end."""
    _, left = psutil.wait_procs(project.processes(), timeout=120)
    assert left == []


class ExecutorContract:
    """What every executor does. Subclasses give `on_executor`: a project whose `options` name the executor."""

    def test_trials_finish_with_every_value_and_their_log(self, on_executor):
        on_executor.spec("sweeps: {a: {grid: {factor: [0.5, 0.25, 0.1]}}}")
        code, output = on_executor.ran()
        assert code == 0, output
        runs = on_executor.runs()
        assert {run.outcome for run in runs.values()} == {"finished"}
        assert is_whole(on_executor, runs["factor0.5"])
        assert on_executor.sweep("logs", "e.yaml", "factor0.5")[0] == 0
        is_left_alone(on_executor)

    def test_a_failure_says_why_and_the_others_go_on(self, on_executor):
        on_executor.spec("sweeps: {a: {grid: {fail_at: [1, 99], exit_at: [2, 99]}}}")
        code, output = on_executor.ran()
        assert code == 1, output
        reasons = {
            run.name: (run.outcome, run.tags.get("sweeps.reason", "")) for run in on_executor.runs().values()
        }
        assert reasons == {
            "fail_at1-exit_at2": ("failed", "exception: ValueError: weight 0.5 is too much"),
            "fail_at1-exit_at99": ("failed", "exception: ValueError: weight 0.5 is too much"),
            "fail_at99-exit_at2": ("failed", "exit code 9"),
            "fail_at99-exit_at99": ("finished", ""),
        }

    def test_a_trial_that_takes_too_long_is_killed(self, on_executor):
        on_executor.spec(
            "sweeps: {a: {grid: {hold: [epoch]}, limits: {timeout: 1s}, set: {deaf: terminate}}}"
        )
        code, output = on_executor.ran()
        assert code == 1, output
        run = only_run(on_executor)
        assert (run.outcome, run.tags["sweeps.reason"]) == ("failed", "timeout")

    def test_what_a_trial_takes_of_the_machine_is_recorded_while_it_runs(self, on_executor):
        on_executor.spec(HELD)
        process = on_executor.run("--system-metrics", "0.2s")
        on_executor.held()
        cpu = "system/trial_cpu_utilization_percentage"
        until(lambda: on_executor.curve(only_run(on_executor), cpu), "a sample")
        stop(process, 1)
        output, _ = process.communicate(timeout=300)
        assert process.returncode == 130, output
        samples = on_executor.curve(only_run(on_executor), cpu)
        assert [step for step, _ in samples] == list(range(len(samples)))

    @pytest.mark.parametrize(("deaf", "times"), [("", 1), ("ask", 2), ("terminate", 3)])
    def test_it_stops_as_hard_as_asked_and_resumes(self, on_executor, deaf, times):
        told = f", set: {{deaf: {deaf}}}" if deaf else ""
        on_executor.spec(f"sweeps: {{a: {{grid: {{hold: [epoch]}}{told}}}}}")
        process = on_executor.run()
        on_executor.held()
        stop(process, times)
        output, _ = process.communicate(timeout=300)
        assert process.returncode == 130, output
        assert only_run(on_executor).outcome == "interrupted"
        is_left_alone(on_executor)
        code, output = on_executor.ran()
        assert code == 0, output
        run = only_run(on_executor)
        assert (run.outcome, run.attempt) == ("finished", 2)
        assert is_whole(on_executor, run)

    @pytest.mark.parametrize(
        ("number", "expected"),
        [
            (signal.SIGKILL, ("interrupted", "signal: SIGKILL")),
            (signal.SIGSEGV, ("failed", "signal: SIGSEGV")),
        ],
    )
    def test_a_trial_that_dies_is_told_by_its_signal(self, on_executor, number, expected):
        on_executor.spec(HELD)
        process = on_executor.run()
        os.kill(on_executor.held(), number)
        process.communicate(timeout=300)
        run = only_run(on_executor)
        assert (run.outcome, run.tags["sweeps.reason"]) == expected
        code, output = on_executor.ran("--retry-failed")
        assert code == 0, output
        assert is_whole(on_executor, only_run(on_executor))

    def test_a_worker_that_dies_costs_an_attempt_and_nothing_else(self, on_executor):
        on_executor.spec(HELD)
        process = on_executor.run()
        trial = psutil.Process(on_executor.held())
        self.worker_of(trial).kill()
        output, _ = process.communicate(timeout=300)
        assert process.returncode == 0, output
        run = only_run(on_executor)
        assert (run.outcome, run.attempt) == ("finished", 2)
        assert is_whole(on_executor, run)
        psutil.wait_procs([trial], timeout=120)
        assert not trial.is_running()

    def test_a_supervisor_that_dies_costs_nothing_that_was_logged(self, on_executor):
        on_executor.spec(HELD)
        process = on_executor.run()
        trial = psutil.Process(on_executor.held())
        process.kill()
        process.communicate()
        psutil.wait_procs([trial], timeout=120)
        assert not trial.is_running()
        code, output = on_executor.ran()
        assert code == 0, output
        run = only_run(on_executor)
        assert (run.outcome, run.attempt) == ("finished", 2)
        assert is_whole(on_executor, run)

    @staticmethod
    def worker_of(trial):
        """What stands between the executor and a trial's process: its forkserver, unless the executor has more."""
        return trial.parent()


class OutlivingContract(ExecutorContract):
    """What executors do besides whose jobs go on without a supervisor. Subclasses give `worker_of` too."""

    @pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGHUP])
    def test_a_supervisor_that_dies_costs_nothing_that_was_logged(self, on_executor, number):
        """Here it costs not even an attempt: the job goes on, and the next supervisor takes it over."""
        on_executor.spec("sweeps: {a: {grid: {hold: [epoch, none]}, set: {deaf: ask}}}")
        process = on_executor.run()
        trial = psutil.Process(on_executor.held())
        process.send_signal(number)
        process.communicate(timeout=300)
        code, output = on_executor.sweep("run", "e.yaml")
        assert code == 3
        assert "a Slurm job works on this sweep" in output
        assert f"run it with {' '.join(on_executor.options)}," in output
        again = on_executor.run()
        assert any("a/epoch: started" in line for line in again.stdout)
        assert trial.is_running()
        trial.kill()
        output, _ = again.communicate(timeout=300)
        assert again.returncode == 130, output
        runs = on_executor.runs()
        assert (runs["epoch"].outcome, runs["epoch"].attempt) == ("interrupted", 1)
        assert runs["epoch"].tags["sweeps.reason"] == "signal: SIGKILL"
        assert (runs["none"].outcome, runs["none"].attempt) == ("finished", 1)

    def test_an_attempt_that_ended_while_no_supervisor_was_there_is_taken_note_of(self, on_executor):
        on_executor.spec(HELD)
        process = on_executor.run()
        trial = psutil.Process(on_executor.held())
        process.kill()
        process.communicate()
        trial.terminate()  # it checkpoints and ends; its job leaves word of that and ends too
        psutil.wait_procs([trial], timeout=120)
        code, output = on_executor.ran()
        assert code == 130, output
        assert (only_run(on_executor).outcome, only_run(on_executor).attempt) == ("interrupted", 1)
        code, output = on_executor.ran()
        assert code == 0, output
        assert is_whole(on_executor, only_run(on_executor))

    @staticmethod
    def worker_of(trial):
        """What submitit runs: the forkserver's parent."""
        return trial.parent().parent()
