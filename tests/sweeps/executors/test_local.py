"""The executor contract on this machine."""

import os
import signal
import sys
import time

import psutil
import pytest

from sweeps.executors.base import Exit, Stop
from sweeps.executors.local import LocalExecutor
from sweeps.executors.slots import Machine
from sweeps.rundir.process_tree import is_living
from tests.sweeps.executor_contract import ExecutorContract, is_left_alone, is_whole
from tests.sweeps.outages import until
from tests.sweeps.runner.attempts import end_forkserver, spec

NO_GROUP = """
import os, signal
os.setsid = signal.pause
"""
"""Imported when Python starts: each attempt stands still before it makes its group, as on a busy machine."""
TRAINER = """
import os, signal, subprocess, time
from pathlib import Path

def train(config, run):
    if config["how"] == "exits":
        os._exit(config["code"])
    if config["how"] == "forks twice":
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                (run.dir / "daemon").write_text(str(os.getpid()))
                time.sleep(3600)
            os._exit(0)
        os.wait()
        while not ((run.dir / "daemon").exists() and (run.dir / "daemon").read_text()):
            time.sleep(0.005)
    else:
        program = subprocess.Popen(["sleep", "3600"], start_new_session=True)
        (run.dir / "daemon").write_text(str(program.pid))
    (run.dir / "up").touch()
    if config["then"] == "raises":
        raise ValueError
    while config["then"] == "waits":
        signal.pause()
"""
"""It starts something in a session of its own, and then does not wait for it."""


@pytest.fixture
def own_forkserver():
    """Whatever this test has its forkserver import, no other test gets."""
    end_forkserver()
    yield
    end_forkserver()


@pytest.fixture
def attempts(tmp_path):
    """Starts an attempt of `TRAINER` on an executor of its own; returns both, and the files of the run."""
    (tmp_path / "left_trainer.py").write_text(TRAINER)
    executor = LocalExecutor([], [], Machine(1, []), starts_ahead=False)

    def start(**config):
        given = {"config": config, "function": "left_trainer:train", "search_path": (str(tmp_path),)}
        attempt = spec(tmp_path / "run", **given)
        attempt.root.mkdir()
        executor.submit(attempt)
        return executor, attempt.paths.files

    yield start
    executor.close()


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


@pytest.mark.parametrize("how", [Stop.TERMINATE, Stop.KILL])
def test_an_attempt_is_stopped_before_it_has_a_process_group(tmp_path, monkeypatch, own_forkserver, how):
    executor = without_groups(tmp_path, monkeypatch)
    executor.submit(spec(tmp_path))
    executor.stop("r", how)
    (ended,) = executor.wait(120)
    assert ended.signal == (signal.SIGTERM if how is Stop.TERMINATE else signal.SIGKILL)
    executor.close()


def test_closing_kills_an_attempt_that_has_no_process_group_yet(tmp_path, monkeypatch, own_forkserver):
    executor = without_groups(tmp_path, monkeypatch)
    executor.submit(spec(tmp_path))
    executor.close()  # returns once it is gone


def without_groups(folder, monkeypatch):
    (folder / "sitecustomize.py").write_text(NO_GROUP)
    monkeypatch.setenv("PYTHONPATH", str(folder), prepend=os.pathsep)
    return LocalExecutor([], [], Machine(1, []), starts_ahead=False)


def waited(executor):
    while not (exits := executor.wait(1.0)):
        pass
    return exits


@pytest.mark.parametrize("code", [255, 137, 3])
def test_an_exit_code_is_told_as_it_is_also_where_multiprocessing_means_something_by_it(attempts, code):
    executor, _ = attempts(how="exits", code=code)
    assert waited(executor) == [Exit("r", code, None)]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux gives orphans to another parent than init")
@pytest.mark.parametrize("how", ["forks twice", "starts a session"])
@pytest.mark.parametrize("then", ["returns", "raises", "is killed", "is stopped"])
def test_what_an_attempt_started_in_another_session_ends_with_it(attempts, how, then):
    executor, files = attempts(how=how, then=then if then in ("returns", "raises") else "waits")
    until((files / "up").exists, "something in another session")
    daemon = psutil.Process(int((files / "daemon").read_text()))
    if then == "is killed":
        psutil.Process(daemon.ppid()).kill()
    elif then == "is stopped":
        executor.stop("r", Stop.KILL)
    (ended,) = waited(executor)
    assert ended.left == ()
    assert not is_living(daemon)
    if then != "is stopped":  # which kills it, too
        assert [f"pid {daemon.pid} (" in text for text in ended.detached] == [True]
    assert [f"pid {daemon.pid} (" in note for note in ended.notes] == [True] * (then == "returns")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux gives orphans to another parent than init")
def test_what_a_running_attempt_started_goes_on_when_another_one_ends(attempts, tmp_path):
    executor, files = attempts(how="forks twice", then="waits")
    until((files / "up").exists, "something in another session")
    (tmp_path / "other").mkdir()
    other = {"config": {"how": "exits", "code": 0}, "function": "left_trainer:train"}
    executor.submit(spec(tmp_path / "other", run_id="o", search_path=(str(tmp_path),), **other))
    assert [ended.run_id for ended in waited(executor)] == ["o"]
    assert is_living(psutil.Process(int((files / "daemon").read_text())))


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
    assert not ahead.is_running(), ahead.as_dict(["status", "ppid", "cmdline"])
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
