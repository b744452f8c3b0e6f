"""How an attempt's end is judged."""

import signal

import pytest

from sweeps.executors.base import FORKSERVER_GONE, Exit
from sweeps.rundir.journal import End
from sweeps.scheduler.verdict import Verdict, judge

WORD = End(0, 1, "failed", "exception: ValueError: boom")


@pytest.mark.parametrize(
    ("code", "number", "word", "stopped", "expected"),
    [
        (0, None, None, False, ("finished", "")),
        (0, None, None, True, ("finished", "")),
        (1, None, WORD, False, ("failed", "exception: ValueError: boom")),
        (7, None, None, False, ("failed", "exit code 7")),
        (75, None, None, False, ("interrupted", "stopped")),
        (None, signal.SIGKILL, None, False, ("interrupted", "signal: SIGKILL")),
        (None, signal.SIGKILL, None, True, ("interrupted", "stopped")),
        (None, signal.SIGTERM, None, False, ("interrupted", "signal: SIGTERM")),
        (None, signal.SIGSEGV, None, False, ("failed", "signal: SIGSEGV")),
        (None, signal.SIGSEGV, None, True, ("failed", "signal: SIGSEGV")),
        (None, None, None, False, ("interrupted", FORKSERVER_GONE)),
    ],
)
def test_the_exit_status_decides_the_outcome(code, number, word, stopped, expected):
    judged = judge(Exit("r", code, number), word, stopped=stopped, epoch=3)
    assert (judged.outcome, judged.reason, judged.epoch) == (*expected, 3)


def test_a_trial_killed_for_its_time_is_a_timeout_whatever_its_status():
    assert judge(Exit("r", None, 9), None, stopped=False, timed_out=True) == Verdict("failed", "timeout")


@pytest.mark.parametrize(
    ("code", "number", "expected"),
    [
        (75, None, ("pruned", "median")),
        (None, signal.SIGTERM, ("pruned", "median")),
        (0, None, ("finished", "")),
        (1, None, ("failed", "exit code 1")),
    ],
)
def test_a_trial_is_pruned_where_it_ended_because_its_search_asked(code, number, expected):
    judged = judge(Exit("r", code, number), None, stopped=False, pruned="median")
    assert (judged.outcome, judged.reason) == expected
