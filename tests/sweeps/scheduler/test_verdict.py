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


@pytest.mark.parametrize(
    ("code", "number", "expected"),
    [
        (None, signal.SIGKILL, ("failed", "timeout")),
        (None, None, ("failed", "timeout")),
        (0, None, ("finished", "")),
        (1, None, ("failed", "exception: ValueError: boom")),
        (None, signal.SIGSEGV, ("failed", "signal: SIGSEGV")),
    ],
)
def test_a_timeout_is_what_was_killed_for_it_and_not_what_had_ended_before(code, number, expected):
    judged = judge(Exit("r", code, number), WORD, stopped=False, timed_out=True)
    assert (judged.outcome, judged.reason) == expected


def test_every_exit_code_has_an_outcome_of_its_own():
    judged = [judge(Exit("r", code, None), None, stopped=False) for code in range(256)]
    interrupted = {code for code, verdict in enumerate(judged) if verdict.outcome == "interrupted"}
    assert interrupted == {75, 129, 130, 131, 137, 138, 140, 143, 152, 158}
    assert [code for code, verdict in enumerate(judged) if verdict.outcome == "finished"] == [0]
    assert judged[255].reason == "exit code 255"


def test_an_attempt_says_itself_why_it_was_interrupted():
    word = End(0, 1, "interrupted", "signal: SIGKILL")
    assert judge(Exit("r", 75, None), word, stopped=False) == Verdict("interrupted", "signal: SIGKILL")


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


@pytest.mark.parametrize(
    ("code", "number", "outcome"),
    [
        (0, None, "finished"),
        (75, None, "abandoned"),
        (1, None, "abandoned"),
        (None, signal.SIGKILL, "abandoned"),
    ],
)
def test_of_a_trial_that_is_given_up_only_a_result_counts(code, number, outcome):
    judged = judge(Exit("r", code, number), WORD, stopped=True, given_up=True, epoch=3)
    assert (judged.outcome, judged.epoch) == (outcome, 3)


@pytest.mark.parametrize(
    ("reason", "is_anyones"),
    [
        ("exception: AcceleratorError: CUDA error: an illegal memory access was encountered", True),
        ("exit code 1: RuntimeError: cuDNN error: CUDNN_STATUS_EXECUTION_FAILED", True),
        ("exception: RuntimeError: CUDA error: out of memory", False),
        ("exception: ValueError: boom", False),
        ("oom", False),
    ],
)
def test_through_mps_nobody_knows_whose_error_of_the_gpu_it_was(reason, is_anyones):
    word = End(0, 1, "failed", reason)
    alone, beside = (
        judge(Exit("r", 1, None, is_shared=is_shared), word, stopped=False, epoch=3)
        for is_shared in (False, True)
    )
    assert alone == Verdict("failed", reason, 3)
    told = Verdict("interrupted", f"crashed on a shared GPU: {reason}", 3)
    assert beside == (told if is_anyones else alone)
