"""What is found and ended below a process: real processes that leave their session and their parents."""

import os
import subprocess
import sys

import psutil
import pytest

from sweeps.rundir import process_tree
from sweeps.rundir.process_tree import (
    child_pids,
    end_below,
    end_marked,
    end_tree,
    is_ending,
    is_living,
    living_below,
)

DAEMON = """
import os, sys, time
from sweeps.rundir.process_tree import adopt_orphans
adopt_orphans()
root = os.getpid()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        while os.getppid() != root:
            time.sleep(0.005)
        print(os.getpid(), flush=True)
        while True:
            time.sleep(60)
    os._exit(0)
os.wait()
time.sleep(3600)
"""
"""It forks twice, the second time in a session of its own, and prints who is left."""
linux = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux gives orphans to another parent than init"
)


@pytest.fixture
def start():
    started = []

    def start(code, **more):
        process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, **more)
        started.append(process)
        return process, psutil.Process(int(process.stdout.readline()))

    yield start
    for process in started:
        if process.poll() is None:
            end_tree(psutil.Process(process.pid))
        process.wait(300)
        process.stdout.close()


@linux
def test_what_forked_twice_into_a_session_of_its_own_is_still_below_and_ends(start):
    process, daemon = start(DAEMON)
    assert os.getsid(daemon.pid) != os.getsid(process.pid)
    assert [child.pid for child in living_below(process.pid)] == [daemon.pid]
    assert end_below(process.pid) == []
    assert not is_living(daemon)
    assert process.poll() is None


@linux
def test_a_spared_child_goes_on(start):
    process, daemon = start(DAEMON)
    assert living_below(process.pid, spared={daemon.pid}) == []
    assert end_below(process.pid, spared={daemon.pid}) == []
    assert is_living(daemon)


@linux
def test_a_tree_ends_with_its_root(start):
    process, daemon = start(DAEMON)
    assert end_tree(psutil.Process(process.pid)) == []
    assert not is_living(daemon)
    assert process.wait(300) == -9


def test_the_mark_in_its_environment_finds_what_has_nothing_else_of_a_trial(start):
    told = "import time; print(__import__('os').getpid(), flush=True); time.sleep(3600)"
    _, mine = start(told, env={**os.environ, "MARK": "ours"}, start_new_session=True)
    _, other = start(told, env={**os.environ, "MARK": "another's"}, start_new_session=True)
    assert end_marked({("MARK", "ours")}) == []
    psutil.wait_procs([mine], timeout=300)
    assert (is_living(mine), is_living(other)) == (False, True)


def test_what_may_not_be_ended_is_named_and_not_waited_for(start, monkeypatch):
    _, child = start("print(__import__('os').getpid(), flush=True); import time; time.sleep(3600)")

    def refuse(_):
        raise psutil.AccessDenied

    monkeypatch.setattr(psutil.Process, "kill", refuse)
    assert f"pid {child.pid} ({child.name()})" in end_below(os.getpid())


@linux
def test_an_end_is_seen_as_soon_as_it_has_begun(monkeypatch):
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as program:
        process = psutil.Process(program.pid)
        assert not is_ending(process)
        program.kill()
        os.waitid(os.P_PID, program.pid, os.WEXITED | os.WNOWAIT)
        assert is_ending(process)
        with monkeypatch.context() as patched:  # as in the moment before the system calls it a zombie
            patched.setattr(process_tree, "is_living", lambda _: True)
            assert is_ending(process)
    assert is_ending(process)
    assert is_ending(None)


def test_a_process_that_is_gone_has_no_children():
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert child_pids(gone.pid) == []
    assert end_below(gone.pid) == []
