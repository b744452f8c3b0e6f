"""One attempt, from its orders to the end that it writes, as a process of a forkserver."""

import json
import signal

import pytest

from sweeps.executors.base import Exit, Stop
from sweeps.executors.local import LocalExecutor
from sweeps.executors.slots import Machine
from sweeps.rundir.journal import End, read_entries
from tests.sweeps.runner.attempts import spec

TRAINER = """
import os, time

def train(config, run):
    print("hello from", os.environ["WHO"], os.getpgid(0) == os.getpid())
    (run.dir / "begun").touch()
    while config.get("waits") and not run.should_stop():
        time.sleep(0.01)
"""


@pytest.fixture
def executor(tmp_path):
    (tmp_path / "attempted_trainer.py").write_text(TRAINER)
    started = LocalExecutor([], [str(tmp_path)], Machine(1, []), starts_ahead=False)
    yield started
    started.close()


def submitted(executor, folder, **config):
    attempt = spec(
        folder / "run",
        config=config,
        function="attempted_trainer:train",
        environment={"WHO": "the attempt"},
        search_path=(str(folder),),
        recorded="another environment",
    )
    attempt.root.mkdir()
    executor.submit(attempt)
    return attempt.paths


def waited(executor):
    while not (exits := executor.wait(1.0)):
        pass
    return exits


def test_it_runs_in_its_own_group_and_leaves_its_log_its_identity_and_its_end(executor, tmp_path):
    paths = submitted(executor, tmp_path)
    assert waited(executor) == [Exit("r", 0, None)]
    assert "hello from the attempt True" in paths.log(1).read_text()
    assert json.loads(paths.process.read_text())["pid"]
    assert json.loads(paths.environment.read_text())["python"]
    (end,) = read_entries(paths.journal, 0)[0]
    assert isinstance(end, End)
    assert (end.attempt, end.outcome, end.reason) == (1, "finished", "")


@pytest.mark.parametrize(
    ("how", "ended"),
    [(Stop.ASK, Exit("r", 75, None)), (Stop.KILL, Exit("r", None, signal.SIGKILL))],
)
def test_it_stops_as_hard_as_asked(executor, tmp_path, how, ended):
    paths = submitted(executor, tmp_path, waits=True)
    while not (paths.files / "begun").exists():
        executor.wait(0.01)
    executor.stop("r", how)
    assert waited(executor) == [ended]
