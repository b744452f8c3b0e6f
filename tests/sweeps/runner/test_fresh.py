"""An attempt whose warm interpreter was not safe to fork runs in one of its own, and says so."""

import os

import pytest

from sweeps.executors.base import Exit, Stop
from sweeps.executors.local import LocalExecutor
from sweeps.executors.slots import Machine
from tests.sweeps.outages import until
from tests.sweeps.runner.attempts import end_forkserver, spec

AT_START = """
import os, threading
if not os.environ.get("SWEEP_ATTEMPT_PROCESS"):
    threading.Thread(target=threading.Event().wait, daemon=True).start()
"""
TRAINER = """
import os, threading

def train(config, run):
    print("threads:", sorted(thread.name for thread in threading.enumerate()), os.getpgid(0) == os.getpid())
    while config.get("waits") and not run.should_stop():
        pass
    if config.get("raises"):
        raise SystemExit(3)
"""


@pytest.fixture
def executor(tmp_path, monkeypatch):
    """Its forkserver has a thread from the start on."""
    end_forkserver()
    (tmp_path / "sitecustomize.py").write_text(AT_START)
    (tmp_path / "fresh_trainer.py").write_text(TRAINER)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    started = LocalExecutor([], [], Machine(1, []), starts_ahead=False)
    yield started
    started.close()
    end_forkserver()


@pytest.mark.parametrize(
    ("config", "stop", "expected"),
    [({}, False, (0, None)), ({"raises": True}, False, (1, None)), ({"waits": True}, True, (75, None))],
)
def test_it_goes_on_in_a_fresh_interpreter_as_the_same_process(executor, tmp_path, config, stop, expected):
    given = {"config": config, "function": "fresh_trainer:train", "search_path": (str(tmp_path),)}
    attempt = spec(tmp_path / "run", **given)
    attempt.root.mkdir()
    executor.submit(attempt)
    log = attempt.paths.log(1)
    until(lambda: log.exists() and "threads:" in log.read_text(), "the trainer's first line")
    if stop:
        executor.stop("r", Stop.ASK)
    while not (exits := executor.wait(1.0)):
        pass
    assert exits == [Exit("r", *expected)]
    assert "in a fresh interpreter: the warm one had threads after the start of Python" in log.read_text()
