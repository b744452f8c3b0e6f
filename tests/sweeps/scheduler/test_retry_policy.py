import signal

import pytest

from sweeps.executors.base import FORKSERVER_GONE, Exit
from sweeps.rundir.journal import End
from sweeps.scheduler.retry_policy import Again, Verdict, again, verdict

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
    found = verdict(Exit("r", code, number), word, stopped=stopped, epoch=3)
    assert (found.outcome, found.reason, found.epoch) == (*expected, 3)


def test_a_trial_killed_for_its_time_is_a_timeout_whatever_its_status():
    assert verdict(Exit("r", None, 9), None, stopped=False, timed_out=True) == Verdict("failed", "timeout")


def failed(reason, epoch=None):
    return Verdict("failed", reason, epoch)


@pytest.mark.parametrize(
    ("verdicts", "attempts", "expected"),
    [
        ([Verdict("finished")], 3, Again.NO),
        ([Verdict("interrupted", "stopped")], 3, Again.NO),
        ([failed("exit code 1")], 1, Again.NO),
        ([failed("exit code 1")], 2, Again.LATER),
        ([failed("exit code 1")] * 2, 2, Again.NO),
        ([failed("exit code 1")] * 2, 3, Again.LATER),
        ([failed("exception: E", 3)] * 2, 5, Again.NO),
        ([failed("exception: E", 3), failed("exception: E", 4)], 5, Again.LATER),
        ([failed("nan-loss: epoch 3", 2)] * 2, 5, Again.NO),
        ([failed("oom")], 1, Again.ALONE),
        ([failed("oom")] * 2, 5, Again.NO),
        ([failed("oom"), failed("timeout")], 2, Again.LATER),
        ([Verdict("interrupted", FORKSERVER_GONE)], 1, Again.AT_ONCE),
        ([Verdict("interrupted", FORKSERVER_GONE)] * 4, 1, Again.NO),
    ],
)
def test_what_comes_after_a_verdict(verdicts, attempts, expected):
    assert again(verdicts, attempts) is expected
