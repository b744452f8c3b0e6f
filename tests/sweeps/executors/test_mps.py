"""The life of NVIDIA's MPS daemon, with a stand-in for its program on the PATH."""

import os
import signal
from pathlib import Path

import psutil
import pytest

from sweeps.executors import mps
from sweeps.executors.local import LocalExecutor
from sweeps.executors.mps import PIPES, PROGRAM, Mps, Sharing
from sweeps.executors.slots import Machine
from sweeps.rundir.process_tree import is_living
from sweeps.spec.resources import Resources
from tests.sweeps.outages import until
from tests.sweeps.runner.attempts import spec

G = 1 << 30
IN_TURNS = Sharing({}, at_once=False)
STAND_IN = """#!/bin/sh
control="$CUDA_MPS_PIPE_DIRECTORY/control"
here=$(dirname "$0")
if [ "$1" = -f ]; then
  echo "$CUDA_VISIBLE_DEVICES $CUDA_MPS_PIPE_DIRECTORY" > "$here/started"
  if [ -e "$here/refuse" ]; then echo "An instance of this daemon is already running"; exit 1; fi
  sleep 1000 & asleep=$!
  trap 'kill $asleep; rm -f "$control"; echo ended > "$here/ended"; exit 0' TERM
  echo $$ > "$here/pid"
  mkdir -p "$CUDA_MPS_PIPE_DIRECTORY"; echo $$ > "$control"
  wait $asleep
else
  read word
  [ -e "$control" ] || { echo "Cannot find MPS control daemon process"; exit 1; }
  echo "$word" >> "$here/told"
  case "$word" in
    start_server*) [ -e "$here/no server" ] || echo 77 > "$CUDA_MPS_PIPE_DIRECTORY/server";;
    get_server_status*) if [ -e "$here/initializing" ]; then rm "$here/initializing"; echo INITIALIZING; else echo ACTIVE; fi;;
    get_server_list) if [ -e "$CUDA_MPS_PIPE_DIRECTORY/server" ]; then cat "$CUDA_MPS_PIPE_DIRECTORY/server"; fi;;
    quit*) kill "$(cat "$control")";;
  esac
fi
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Where the stand-in lies, which is on the PATH; it leaves word there of what it does."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / PROGRAM).write_text(STAND_IN)
    (folder / PROGRAM).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    for name in ("SWEEP_MPS", PIPES):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def machine():
    return Machine(1, ["0", "1"], memory={"0": 16 * G}, uuids={"0": "GPU-a", "1": "GPU-b"})


@pytest.fixture
def made(tmp_path, machine):
    """Makes an `Mps` of two GPUs, and closes it."""
    daemons = Mps(tmp_path / "mps" / "1", machine.uuids, machine.memory_for, machine.say)
    yield daemons
    daemons.close()


def is_gone(file):
    try:
        return not is_living(psutil.Process(int(file.read_text())))
    except psutil.NoSuchProcess:
        return True


def test_the_daemon_begins_with_the_first_trial_that_shares_and_ends_with_the_sweep(
    place, made, machine, tmp_path
):
    folder = tmp_path / "mps" / "1"
    assert not folder.exists()
    sharing = made.share("0", Resources(gpu=0.125))
    assert sharing.at_once
    eighth = sharing.variables
    assert eighth == {
        "CUDA_VISIBLE_DEVICES": "GPU-a",
        "CUDA_MPS_PIPE_DIRECTORY": eighth["CUDA_MPS_PIPE_DIRECTORY"],
        "CUDA_MPS_LOG_DIRECTORY": str(folder / "0" / "log"),
        "CUDA_MPS_PINNED_DEVICE_MEM_LIMIT": "0=2048M",
    }
    devices, pipes = (place / "started").read_text().split()
    assert (devices, pipes) == ("GPU-a", eighth["CUDA_MPS_PIPE_DIRECTORY"])
    assert (
        made.share("0", Resources(gpu=0.3, gpu_mem=5 * G)).variables["CUDA_MPS_PINNED_DEVICE_MEM_LIMIT"]
        == "0=5120M"
    )
    assert "CUDA_MPS_PINNED_DEVICE_MEM_LIMIT" not in made.share("1", Resources(gpu=0.5)).variables, (
        "nobody knows it"
    )
    assert machine.news() == [
        "trials that share a GPU compute at once, through NVIDIA's MPS (SWEEP_MPS=off: in turns)"
    ]
    assert machine.news() == []
    made.close()
    assert (place / "ended").exists()
    assert (place / "told").read_text().count("quit") == 2
    assert not folder.exists()
    assert not Path(pipes).exists()
    assert made.share("0", Resources(gpu=0.5)) == IN_TURNS


def test_a_deep_folder_does_not_make_the_paths_of_its_sockets_too_long(place, tmp_path):
    deep = tmp_path / ("x" * 90) / "mps"
    other = Mps(deep / "1", {"0": "GPU-a"}, lambda *_: None, print)
    variables = other.share("0", Resources(gpu=0.5)).variables
    pipes = variables["CUDA_MPS_PIPE_DIRECTORY"]
    assert len(pipes) < 80
    assert Path(pipes).stat().st_mode & 0o077 == 0
    other.close()
    assert not Path(pipes).exists()
    assert not deep.exists()


def test_a_daemon_that_does_not_start_leaves_trials_to_take_turns_and_says_why(
    place, made, machine, tmp_path
):
    (place / "refuse").touch()
    assert made.share("0", Resources(gpu=0.5)) == IN_TURNS
    assert made.share("0", Resources(gpu=0.5)) == IN_TURNS
    assert machine.news() == [
        f"trials that share a GPU take turns on it: {PROGRAM} ended with 1: An instance of this daemon is already running"
    ]
    made.close()
    assert not (tmp_path / "mps").exists()


def test_a_server_is_waited_for_until_it_is_ready_since_it_refuses_trials_before(place, made):
    (place / "initializing").touch()
    assert made.share("0", Resources(gpu=0.5)).at_once
    told = (place / "told").read_text().split("\n")
    assert told.count("get_server_status 77") == 2
    assert sum(word.startswith("start_server") for word in told) == 1


def test_a_gpu_that_no_server_starts_for_is_not_shared_through_it(
    place, made, machine, tmp_path, monkeypatch
):
    monkeypatch.setattr(mps, "__file__", str(tmp_path / "mps.py"))  # the guard, less patient
    (tmp_path / "mps.py").write_text(
        Path(mps.guard.__code__.co_filename).read_text().replace("READY_S = 10.0", "READY_S = 0.5")
    )
    (place / "no server").touch()
    assert made.share("0", Resources(gpu=0.5)) == IN_TURNS
    assert machine.news() == [
        f"trials that share a GPU take turns on it: {PROGRAM} starts no server for this GPU"
    ]
    assert (place / "ended").exists()


def test_a_daemon_that_the_user_has_already_is_the_one_that_is_used(place, made, machine, monkeypatch):
    monkeypatch.setenv(PIPES, "/theirs")
    assert made.share("0", Resources(gpu=0.5)) == Sharing({PIPES: "/theirs"}, at_once=True)
    assert machine.news() == [
        "trials that share a GPU compute at once, through the MPS daemon that $CUDA_MPS_PIPE_DIRECTORY names"
    ]
    assert not (place / "started").exists()


@pytest.mark.parametrize(
    ("uuids", "why"),
    [
        ({}, "MPS cannot serve GPU 0: it is a MIG part, or the driver does not know it by this name"),
        ({"0": "GPU-a"}, f"{PROGRAM}, a part of NVIDIA's driver, is not on the PATH"),
    ],
)
def test_where_it_is_not_used_nothing_is_started(uuids, why, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("SWEEP_MPS", PIPES):
        monkeypatch.delenv(name, raising=False)
    said = []
    unused = Mps(tmp_path / "mps", uuids, lambda *_: None, said.append)
    assert unused.share("0", Resources(gpu=0.5)) == IN_TURNS
    assert said == [f"trials that share a GPU take turns on it: {why}"]
    assert not (tmp_path / "mps").exists()


@pytest.mark.parametrize("theirs", [None, "/theirs"])
def test_switched_off_trials_find_no_daemon_not_even_the_users(theirs, place, made, machine, monkeypatch):
    monkeypatch.setenv("SWEEP_MPS", "off")
    if theirs:
        monkeypatch.setenv(PIPES, theirs)
    sharing = made.share("0", Resources(gpu=0.5))
    assert not sharing.at_once
    assert list(sharing.variables) == [PIPES]
    nowhere = Path(sharing.variables[PIPES])
    assert nowhere.is_absolute()
    assert not nowhere.exists()
    assert machine.news() == ["trials that share a GPU take turns on it: SWEEP_MPS is off"]
    assert not (place / "started").exists()


def test_the_daemon_ends_when_its_guard_is_killed_and_when_its_sweep_is(place, made, machine, tmp_path):
    made.share("0", Resources(gpu=0.5))
    daemon = psutil.Process(int((place / "pid").read_text()))
    daemon.parent().send_signal(signal.SIGKILL)
    until(lambda: is_gone(place / "pid"), "the daemon's end")
    until(lambda: made.share("0", Resources(gpu=0.5)) == IN_TURNS, "word that it is gone")
    other = Mps(tmp_path / "other" / "1", {"0": "GPU-a"}, lambda *_: None, print)
    other.share("0", Resources(gpu=0.5))
    stopped = other._daemons["0"]._guard
    stopped.stdin.close()  # as the kernel does when the process dies
    stopped.stdin = None
    until(lambda: is_gone(place / "pid"), "the daemon's end")
    other.close()


def test_only_an_attempt_with_a_part_of_a_gpu_is_sent_through_it(place, made, machine, tmp_path):
    machine = Machine(1, ["0"], memory={"0": 16 * G}, uuids={"0": "GPU-a"})
    executor = LocalExecutor([], [], machine, starts_ahead=False, mps=made)
    (tmp_path / "seer.py").write_text(
        "import os\n"
        "def train(config, run):\n"
        "    names = ('CUDA_VISIBLE_DEVICES', 'CUDA_MPS_PIPE_DIRECTORY')\n"
        "    (run.dir / 'seen').write_text(' '.join(str(os.environ.get(name)) for name in names))\n"
        "    os._exit(3)\n"
    )
    found = {}
    for name, gpu in (("part", 0.5), ("whole", 1.0)):
        attempt = spec(
            tmp_path / name,
            function="seer:train",
            search_path=(str(tmp_path),),
            resources=Resources(gpu=gpu),
            environment={"CUDA_VISIBLE_DEVICES": "0"},
        )
        attempt.root.mkdir()
        executor.submit(attempt)
        (ended,) = until(lambda: executor.wait(1.0), "its end")
        seen, pipes = (attempt.paths.files / "seen").read_text().split()
        found[name] = (ended.code, ended.is_shared, seen, pipes != "None")
    executor.close()
    assert found == {"part": (3, True, "GPU-a", True), "whole": (3, False, "0", False)}
    assert (place / "ended").exists(), "the executor ends it"
