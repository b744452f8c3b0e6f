import subprocess
import sys
import threading
import time

import pytest
from filelock import FileLock

from sweeps.errors import HeldError, StateError
from sweeps.rundir.lock import held_locks, hold, holder_pid
from sweeps.rundir.paths import StateDir

HOLD = """
import sys
from pathlib import Path
from sweeps.rundir.lock import hold
from sweeps.rundir.paths import StateDir

with hold(StateDir(Path(sys.argv[1])), "e", ["a", "b"]):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def other(tmp_path):
    """Another process that holds the sweeps `a` and `b`."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_a_held_sweep_names_its_holder_and_none_of_the_others_is_taken(tmp_path, other):
    state = StateDir(tmp_path)
    with (
        pytest.raises(HeldError, match=rf"^e/b: is being run by pid {other.pid} since {time.strftime('%Y')}"),
        hold(state, "e", ["c", "b"]),
    ):
        pytest.fail("held twice")
    assert holder_pid(state, "e", "b") == other.pid
    assert holder_pid(state, "e", "c") is None


def test_a_lock_ends_with_its_holder_however_that_ends(tmp_path, other):
    other.kill()
    other.wait()
    state = StateDir(tmp_path)
    assert holder_pid(state, "e", "a") is None
    with hold(state, "e", ["a", "b"]):
        assert holder_pid(state, "e", "z") is None


def test_sweeps_of_other_names_do_not_hinder_each_other(tmp_path, other):
    with hold(StateDir(tmp_path), "another experiment", ["a", "b"]):
        pass


def test_any_sweep_that_another_process_holds_is_seen(tmp_path, other):
    assert held_locks(StateDir(tmp_path))
    other.kill()
    other.communicate()
    assert not held_locks(StateDir(tmp_path))
    assert not held_locks(StateDir(tmp_path / "nowhere"))


@pytest.mark.parametrize(("name", "seen"), [(".sweep", ""), ("scratch", "?? scratch/\n")])
def test_git_sees_nothing_of_a_state_directory_that_holds_nothing_else(tmp_path, name, seen):
    subprocess.run(["git", "init", "-q", tmp_path], check=True)  # noqa: S607 - the PATH's git
    for _ in range(2):
        with hold(StateDir(tmp_path / name), "e", ["a"]):
            pass
    told = subprocess.run(
        ["git", "status", "--porcelain"],  # noqa: S607
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout == seen


def test_whoever_only_looks_hinders_no_sweep(tmp_path):
    state = StateDir(tmp_path)
    path = state.lock("e", "a")
    path.parent.mkdir(parents=True)
    look = FileLock(path, thread_local=False)
    look.acquire()
    later = threading.Timer(0.1, look.release)
    later.start()
    with hold(state, "e", ["a"]):
        assert holder_pid(state, "e", "a") is not None
    later.join()


@pytest.mark.parametrize("left", ["", '{"pid": 1}', "dead"])
def test_whoever_only_looks_is_nobody_that_runs_a_sweep(tmp_path, other, left):
    state = StateDir(tmp_path)
    other.kill()
    other.wait()
    path = state.lock("e", "a")
    if left != "dead":
        path.with_suffix(".json").write_text(left)
    with FileLock(path):
        assert holder_pid(state, "e", "a") is None


def test_a_lock_that_cannot_be_looked_at_counts_as_held(tmp_path, monkeypatch):
    state = StateDir(tmp_path)
    with hold(state, "e", ["a"]):
        pass

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("filelock.FileLock.acquire", refuse)
    assert held_locks(state)


def test_a_state_directory_that_takes_no_word_of_the_holder_is_one_that_cannot_be_written(tmp_path):
    state = StateDir(tmp_path)
    state.lock("e", "a").with_suffix(".json").mkdir(parents=True)
    with pytest.raises(StateError, match="cannot be written"), hold(state, "e", ["a"]):
        pytest.fail("held without a word")
    assert holder_pid(state, "e", "a") is None
