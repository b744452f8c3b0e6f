"""When a trial is tried again, after which wait, and when not."""

import pytest

from sweeps.executors.base import FORKSERVER_GONE
from sweeps.scheduler.retry_policy import BACKOFF_S, MAX_RELAUNCHES, STRAY_S, Retry, retry_after
from sweeps.scheduler.verdict import Verdict

CRASHED = Verdict(
    "interrupted", "crashed on a shared GPU: exception: AcceleratorError: CUDA error: misaligned"
)
LATER = Retry(BACKOFF_S)


def failed(reason, epoch=None):
    return Verdict("failed", reason, epoch)


@pytest.mark.parametrize(
    ("verdicts", "attempts", "expected"),
    [
        ([Verdict("finished")], 3, None),
        ([Verdict("interrupted", "stopped")], 3, None),
        ([failed("exit code 1")], 1, None),
        ([failed("exit code 1")], 2, LATER),
        ([failed("exit code 1")] * 2, 2, None),
        ([failed("exit code 1")] * 2, 3, Retry(2 * BACKOFF_S)),
        ([failed("exception: E", 3)] * 2, 5, None),
        ([failed("exception: E", 3), failed("exception: E", 4)], 5, Retry(2 * BACKOFF_S)),
        ([failed("nan-loss: epoch 3", 2)] * 2, 5, None),
        ([failed("oom")], 1, Retry(alone=True)),
        ([failed("oom")] * 2, 5, None),
        ([failed("oom: had 0.125 of a GPU")], 1, Retry(alone=True)),
        ([failed("oom: had 0.125 of a GPU"), failed("oom")], 5, None),
        ([failed("oom"), failed("timeout")], 2, Retry(2 * BACKOFF_S)),
        ([Verdict("interrupted", FORKSERVER_GONE)], 1, Retry()),
        ([Verdict("interrupted", FORKSERVER_GONE)] * MAX_RELAUNCHES, 1, Retry()),
        ([Verdict("interrupted", FORKSERVER_GONE)] * (MAX_RELAUNCHES + 1), 1, None),
        ([CRASHED], 1, LATER),
        ([CRASHED] * 2, 1, Retry(BACKOFF_S, alone=True)),
        ([CRASHED, CRASHED, failed("exception: CUDA error: misaligned")], 1, None),
        ([CRASHED] * MAX_RELAUNCHES, 1, Retry(BACKOFF_S, alone=True)),
        ([CRASHED] * (MAX_RELAUNCHES + 1), 1, None),
    ],
)
def test_what_comes_after_a_verdict(verdicts, attempts, expected):
    assert retry_after(verdicts, attempts) == expected


def test_the_wait_doubles_with_each_failure():
    failures = [failed(f"exit code {code}") for code in range(1, 5)]
    waits_s = [retry_after(failures[:count], 9).wait_s for count in range(1, 5)]
    assert waits_s == [BACKOFF_S, 2 * BACKOFF_S, 4 * BACKOFF_S, 8 * BACKOFF_S]


@pytest.mark.parametrize("last", [Verdict("interrupted", FORKSERVER_GONE), failed("timeout")])
def test_an_attempt_that_may_run_on_elsewhere_is_waited_for(last):
    assert retry_after([last], 2, is_gone=False) == Retry(STRAY_S)
