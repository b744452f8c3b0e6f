"""The executor contract on this machine."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from sweeps.executors.local import LocalExecutor
from sweeps.executors.slots import Machine
from tests.project import DEADLINE_S
from tests.sweeps.executor_contract import ExecutorContract, is_left_alone, is_whole

NO_GROUP = """
import os, signal
os.setsid = signal.pause
"""
"""Imported where attempts are forked: each stands still before it makes its group, as on a busy machine."""

STOPPED = """
import sys
from pathlib import Path
from sweeps.executors.base import Stop
from sweeps.executors.local import LocalExecutor
from sweeps.executors.slots import Machine
from tests.sweeps.runner.attempts import spec

if __name__ == "__main__":
    folder, stop = sys.argv[1:]
    executor = LocalExecutor(["slow_start"], [folder], Machine(1, []), starts_ahead=False)
    executor.submit(spec(Path(folder)))
    ended = None
    if stop:
        executor.stop("r", Stop[stop])
        (exit,) = executor.wait(120)
        ended = -exit.signal
    executor.close()  # which waits for what it kills
    print(ended)
"""
"""A process of its own, since all forks of a process come from one forkserver."""


class TestLocal(ExecutorContract):
    @pytest.fixture
    def on_executor(self, project):
        return project


def test_waiting_with_nothing_running_waits():
    executor = LocalExecutor([], [], Machine(1, []))
    began_s = time.monotonic()
    assert executor.wait(0.05) == []
    assert time.monotonic() - began_s >= 0.05
    executor.close()


@pytest.mark.parametrize(
    ("stop", "ended"),
    [("TERMINATE", -signal.SIGTERM), ("KILL", -signal.SIGKILL), (None, None)],
    ids=["terminate", "kill", "close"],
)
def test_an_attempt_is_stopped_before_it_has_a_process_group(tmp_path, stop, ended):
    (tmp_path / "slow_start.py").write_text(NO_GROUP)
    (tmp_path / "stopped.py").write_text(STOPPED)
    script = [sys.executable, tmp_path / "stopped.py", tmp_path, stop or ""]
    beside = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    told = subprocess.run(script, capture_output=True, text=True, timeout=DEADLINE_S, env=beside, check=False)
    assert told.stdout.strip() == str(ended), told.stderr


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_process_started_ahead_that_is_killed_costs_no_trial(project, number):
    project.spec("sweeps: {a: {grid: {hold: [epoch, none]}}}")
    process = project.start("run", "e.yaml", "--jobs", "1")
    trial = psutil.Process(project.held())
    ahead = the_other_child(trial)
    ahead.send_signal(number)
    psutil.wait_procs([ahead], timeout=120)
    os.kill(trial.pid, signal.SIGKILL)
    output, _ = process.communicate(timeout=300)
    run = project.runs()["none"]
    assert (run.outcome, run.attempt) == ("finished", 1), output
    assert is_whole(project, run)
    is_left_alone(project)


def test_a_process_started_ahead_ends_with_its_supervisor(project):
    project.spec("sweeps: {a: {grid: {hold: [epoch]}}}")
    process = project.start("run", "e.yaml", "--jobs", "1")
    ahead = the_other_child(psutil.Process(project.held()))
    process.kill()
    output, _ = process.communicate()
    psutil.wait_procs([ahead], timeout=120)
    assert not ahead.is_running()
    assert "is gone" not in output


def the_other_child(trial):
    """What its forkserver has started beside a trial, which it does while the trial runs."""
    forkserver, deadline_s = trial.parent(), time.monotonic() + 120
    while time.monotonic() < deadline_s:
        for process in forkserver.children():
            if process.pid != trial.pid:
                return process
        time.sleep(0.01)
    pytest.fail("nothing was started ahead")
