"""An attempt ends where it must not go on; each in a process group of its own."""

import signal
import subprocess
import sys

import psutil
import pytest

from sweeps.rundir.process_tree import is_living

GUARDED = """
import subprocess, sys, threading
from multiprocessing import Pipe
from pathlib import Path
from sweeps.runner.fence import Fence
theirs, ours = Pipe(duplex=False)
stopping = threading.Event()
fence = Fence(theirs, stopping)
fence.guard(Path(sys.argv[1]), "mine")
child = subprocess.Popen(["sleep", "3600"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
print(child.pid, flush=True)
if sys.stdin.readline().strip() == "close":
    ours.close()
stopping.wait()
print("asked to stop", flush=True)
threading.Event().wait()
"""


@pytest.fixture
def attempt(tmp_path):
    process = tmp_path / "process.json"
    process.write_text("mine")
    started = subprocess.Popen(
        [sys.executable, "-c", GUARDED, str(process)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    child = psutil.Process(int(started.stdout.readline()))
    yield started, process, child
    if is_living(child):
        child.kill()
    started.kill()
    started.communicate()


def test_without_its_supervisor_it_is_asked_to_stop_and_ended_after_the_grace(attempt):
    started, _, child = attempt
    output, _ = started.communicate("close\n", timeout=300)
    assert "asked to stop" in output
    assert "the supervisor is gone; stopping" in output
    assert started.returncode == -signal.SIGKILL
    assert not is_living(child), "what it started in another session ends with it"


def test_it_ends_at_once_where_another_attempt_has_its_run(attempt):
    started, process, child = attempt
    process.write_text("another's")
    output, _ = started.communicate("", timeout=300)
    assert "another attempt has taken over" in output
    assert started.returncode == -signal.SIGKILL
    assert not is_living(child)


def test_it_goes_on_when_its_supervisor_has_taken_note_of_its_end(attempt):
    started, process, _ = attempt
    process.unlink()
    with pytest.raises(subprocess.TimeoutExpired):
        started.wait(timeout=1.5)
