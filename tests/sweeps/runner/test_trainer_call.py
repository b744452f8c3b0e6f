"""How a trainer is called, and what its end is taken for."""

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
        ("exits", False, (1, "failed", "exception: SystemExit: 0")),
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
        ("import os; os.kill(os.getpid(), 11)", False, (1, "failed", "signal: SIGSEGV")),
        ("import signal; signal.pause()", True, (75, "interrupted", "stopped")),
    ],
)
def test_a_command_is_run_and_its_exit_code_counts(tmp_path, code, stop, expected):
    assert call(spec(tmp_path, command=(sys.executable, "-c", code)), stop=stop) == expected
