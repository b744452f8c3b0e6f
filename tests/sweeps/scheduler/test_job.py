"""The phases of a job, and what is known of it in each."""

from types import SimpleNamespace

import pytest

from analysis.read.outcomes import Outcome
from sweeps.record.claims import Settled
from sweeps.rundir.journal import End, Metrics
from sweeps.scheduler.job import Phase
from sweeps.scheduler.verdict import Verdict
from tests.sweeps.scheduler.jobs import ALLOCATION, job, running

FAILED = Verdict(Outcome.FAILED, "exit code 1")
EARLIER = SimpleNamespace(run_id="old", attempt=2, seconds=40.0)


def test_a_job_goes_from_waiting_to_its_outcome():
    made = job("x")
    states = [(made.phase, made.state)]
    for move in (
        lambda: made.granted(ALLOCATION),
        lambda: made.opened("run-1"),
        made.started,
        lambda: made.concluded(FAILED),
    ):
        move()
        states.append((made.phase, made.state))
    assert states == [
        (Phase.WAITING, "waiting"),
        (Phase.OPENING, "waiting"),
        (Phase.OPENING, "waiting"),
        (Phase.RUNNING, "running"),
        (Phase.ENDED, "failed"),
    ]
    assert (made.run_id, made.attempts, made.attempt, made.reason) == ("run-1", 1, None, "exit code 1")


@pytest.mark.parametrize(
    "move",
    [
        lambda made: made.granted(ALLOCATION),
        lambda made: made.opened("run-1"),
        lambda made: made.started(),
        lambda made: made.requeued(FAILED, 0.0),
        lambda made: made.concluded(FAILED),
    ],
)
def test_a_job_that_has_ended_changes_no_more(move):
    made = job("x")
    made.concluded(FAILED)
    with pytest.raises(AssertionError):
        move(made)


def test_each_attempt_is_known_afresh_and_the_progress_stays():
    made = running()
    made.progress.note(Metrics(0, 0, {"train/loss": 0.5}))
    first = made.current
    first.timed_out, first.prune_reason = True, "median"
    made.requeued(FAILED, 12.0, alone=True)
    assert (made.phase, made.state, made.reason) == (Phase.WAITING, "waiting", "exit code 1")
    assert (made.not_before_s, made.alone) == (12.0, True)
    made.granted(ALLOCATION)
    second = made.current
    assert (second.number, second.timed_out, second.prune_reason) == (2, False, None)
    assert (made.progress.epochs_done, made.run_id) == (1, "run-1")


def test_a_trial_that_has_a_run_continues_its_attempts():
    made = job("x", record=EARLIER)
    assert (made.run_id, made.attempts) == (None, 0)
    made.granted(ALLOCATION)
    assert (made.run_id, made.current.number, made.current.is_adopted) == ("old", 3, False)


def test_the_time_of_earlier_attempts_is_that_of_the_run_which_is_taken_up():
    made = job("x", record=EARLIER)
    made.granted(ALLOCATION)
    made.opened("old")
    assert made.spent_s == 40.0
    made = job("x", record=EARLIER)
    made.granted(ALLOCATION)
    made.opened("another")  # somebody deleted the old one
    assert made.spent_s == 0.0
    made = job("x", record=SimpleNamespace(run_id="old", attempt=1, seconds=None))
    made.granted(ALLOCATION)
    assert made.spent_s is None


def test_an_attempt_that_is_taken_over_keeps_its_number():
    made = job("x", record=EARLIER)
    made.granted(ALLOCATION, adopted=2)
    assert (made.run_id, made.current.number, made.current.is_adopted) == ("old", 2, True)


def test_the_end_of_an_earlier_attempt_is_passed_over():
    made = job("x", record=EARLIER)
    made.granted(ALLOCATION)
    made.current.note_end(End(0, 2, "failed", "an earlier one"))
    assert made.current.end is None
    own = End(0, 3, "failed", "its own")
    made.current.note_end(own)
    assert made.current.end is own


def test_an_ended_job_keeps_only_what_is_listed():
    made = running()
    made.progress.note(Metrics(0, 0, {"val/psnr": 20.0, "train/kl": 0.5}))
    made.concluded(Verdict(Outcome.FINISHED))
    assert made.progress.metrics == {"val/psnr": 20.0}


def test_a_trial_that_never_began_took_no_time():
    made = job("x")
    made.concluded(FAILED)
    assert made.progress.elapsed_s == 0.0


def test_the_time_of_an_attempt_stands_still_once_it_has_ended(monkeypatch):
    now_s = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now_s[0])
    made = running()
    now_s[0] = 107.0
    made.concluded(FAILED)
    now_s[0] = 200.0
    assert made.progress.elapsed_s == 7.0


def test_a_job_that_another_brought_to_its_end_has_not_recorded_nothing():
    own, twin = running(), job("x")
    own.concluded(Verdict(Outcome.FINISHED))
    twin.granted(ALLOCATION)
    twin.refused = Settled(SimpleNamespace(run_id="run-1", attempt=1))
    twin.settled()
    twin.concluded(Verdict(Outcome.FINISHED))
    assert (own.is_silent, twin.is_silent) == (True, False)


def test_an_ended_job_that_waits_again_has_its_run_and_nothing_else_of_before():
    made = running()
    run_id = made.run_id
    made.is_dropped, made.stops, made.not_before_s = True, 2, 12.0
    made.concluded(Verdict(Outcome.INTERRUPTED, "stopped"))
    made.again()
    assert (made.phase, made.state, made.reason, made.run_id) == (Phase.WAITING, "waiting", "", run_id)
    # Were it dropped still, the next end by itself would count as called off, and it would begin again without end.
    assert (made.is_dropped, made.stops, made.not_before_s) == (False, 0, 0.0)
