"""How a trainer is called, and what its end is taken for."""

import os
import subprocess
import sys
import threading

import pytest

from sweeps.rundir.journal import JournalWriter
from sweeps.runner.trainer_call import call_trainer
from sweeps.runner.trial_run import TrialRun
from tests.sweeps.runner.attempts import spec

TRAINER = """
class Lost(Exception):
    reason = "nan-loss: epoch 3"

def returns(config, run):
    assert config == {"data": {"name": "toy"}, "lr": 0.5}, config

def raises(config, run):
    raise ValueError("boom\\nand more")

def runs_out(config, run):
    raise MemoryError

def names_its_reason(config, run):
    raise Lost

def exits(config, run):
    raise SystemExit(0)

def hears(config, run):
    run.should_stop()
"""


def call(attempt, *, stop=False):
    journal, stopping = JournalWriter(attempt.paths), threading.Event()
    if stop:
        stopping.set()
    ended = call_trainer(attempt, TrialRun(attempt, journal, stopping), stopping)
    journal.close()
    return ended


@pytest.mark.parametrize(
    ("function", "stop", "expected"),
    [
        ("returns", False, (0, "finished", "")),
        ("returns", True, (0, "finished", "")),
        ("hears", True, (75, "interrupted", "stopped")),
        ("raises", False, (1, "failed", "exception: ValueError: boom")),
        ("runs_out", False, (1, "failed", "oom")),
        ("names_its_reason", False, (1, "failed", "nan-loss: epoch 3")),
        ("exits", False, (0, "finished", "")),
    ],
)
def test_a_function_is_called_with_its_config(tmp_path, monkeypatch, function, stop, expected):
    (tmp_path / "called_trainer.py").write_text(TRAINER)
    monkeypatch.syspath_prepend(tmp_path)
    assert call(spec(tmp_path, function=f"called_trainer:{function}"), stop=stop) == expected
    sys.modules.pop("called_trainer")


@pytest.mark.parametrize(
    ("code", "stop", "expected"),
    [
        ("", False, (0, "finished", "")),
        ("raise SystemExit(7)", False, (1, "failed", "exit code 7")),
        ("raise SystemExit(75)", False, (1, "failed", "exit code 75")),
        ("raise SystemExit(255)", False, (1, "failed", "exit code 255")),
        ("import os; os.kill(os.getpid(), 11)", False, (1, "failed", "signal: SIGSEGV")),
        ("import os; os.kill(os.getpid(), 9)", False, (75, "interrupted", "signal: SIGKILL")),
        ("import signal; signal.alarm(1); signal.pause()", False, (1, "failed", "signal: SIGALRM")),
        ("import signal; signal.pause()", True, (75, "interrupted", "stopped")),
    ],
)
def test_a_command_is_run_and_its_exit_code_counts(tmp_path, code, stop, expected):
    assert call(spec(tmp_path, command=(sys.executable, "-c", code)), stop=stop) == expected


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("kill -KILL $$", (75, "interrupted", "signal: SIGKILL")),
        ("sh -c 'kill -KILL $$'; exit $?", (75, "interrupted", "exit code 137 (SIGKILL)")),
        ("sh -c 'kill -SEGV $$'; exit $?", (1, "failed", "exit code 139 (SIGSEGV)")),
        ("exec /no/such/program", (1, "failed", "exit code 127")),
    ],
)
def test_a_shell_that_reports_a_signal_by_its_exit_code_is_understood(tmp_path, script, expected):
    assert call(spec(tmp_path, command=("sh", "-c", script))) == expected


AT_WORK = """
import signal, sys
def leave(*_):
    sys.exit({code})
signal.signal(signal.SIGTERM, leave)
open(sys.argv[1], "w").write("up")
while True:
    signal.pause()
"""


@pytest.mark.parametrize(("code", "reason"), [(0, "stopped"), (143, "stopped"), (3, "stopped; exit code 3")])
def test_a_program_that_ends_because_it_was_asked_to_is_interrupted_whatever_its_code(tmp_path, code, reason):
    up, stopping = tmp_path / "up", threading.Event()
    os.mkfifo(up)

    def ask():
        assert up.read_text() == "up"
        stopping.set()

    threading.Thread(target=ask).start()
    attempt = spec(tmp_path, command=(sys.executable, "-c", AT_WORK.format(code=code), str(up)))
    assert call_trainer(attempt, None, stopping) == (75, "interrupted", reason)


def test_a_program_that_left_with_0_when_its_whole_group_was_terminated_is_interrupted(tmp_path):
    """The signal has reached this process too, whatever it has come to with it."""
    terminated = threading.Event()
    terminated.set()
    attempt = spec(tmp_path, command=("true",))
    assert call_trainer(attempt, None, threading.Event(), terminated) == (75, "interrupted", "stopped")


def test_a_program_that_had_ended_when_the_stop_came_has_finished(tmp_path, monkeypatch):
    stopping, wait = threading.Event(), subprocess.Popen.wait

    def stop_first(program, timeout=None):
        stopping.set()  # it has ended, and nobody has noted that yet
        return wait(program, timeout)

    monkeypatch.setattr(subprocess.Popen, "wait", stop_first)
    attempt = spec(tmp_path, command=("true",))
    assert call_trainer(attempt, None, stopping) == (0, "finished", "")
