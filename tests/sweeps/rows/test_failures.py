import pytest

from analysis.read.outcomes import Outcome
from sweeps.rows.failures import FirstFailures, Reasons, RepeatedFailures, alike, named
from sweeps.rundir.journal import Metrics
from sweeps.scheduler.verdict import Verdict
from tests.sweeps.scheduler.jobs import running

LONG = "exit code 1: ModuleNotFoundError: No module named 'x'"


def ended(name, outcome=Outcome.FAILED, reason=LONG, *, logged=False):
    made = running(name)
    if logged:
        made.progress.note(Metrics(0, 0, {"loss": 0.5}))
    made.concluded(Verdict(outcome, reason))
    return made


def test_a_reason_is_said_in_full_once_and_then_by_the_trial_that_had_it_first():
    reasons = Reasons()
    said = [reasons.said(*one) for one in (("a/x", LONG), ("a/y", LONG), ("a/z", "other"), ("a/x", LONG))]
    assert said == [LONG, "for the same reason as a/x", "other", LONG]


def test_a_reason_that_is_shorter_than_that_is_said_each_time():
    reasons = Reasons()
    assert [reasons.said(label, "oom") for label in ("a/x", "a/y")] == ["oom", "oom"]


def test_trials_are_put_together_by_their_reasons_in_the_order_in_which_these_occur():
    found = alike([("a/x", "one"), ("a/y", "two"), ("a/z", "one")])
    assert list(found.items()) == [("one", ["a/x", "a/z"]), ("two", ["a/y"])]


def test_of_many_trials_a_few_are_named():
    assert named(["a", "b"]) == "a, b"
    assert named([str(n) for n in range(8)]) == "0, 1, 2, 3, 4, 5 and 2 more"


def test_three_first_trials_that_fail_alike_are_enough_and_nothing_later_takes_that_back():
    first = FirstFailures()
    seen = []
    for name in "xyz":
        first.ended(ended(name))
        seen.append(first.are_enough)
    assert seen == [False, False, True]
    first.ended(ended("w", Outcome.FINISHED, "", logged=True))
    assert (first.are_enough, first.labels) == (True, ("a/x", "a/y", "a/z"))


@pytest.mark.parametrize(
    "other",
    [
        ended("w", reason="exit code 7"),
        ended("w", Outcome.FINISHED, ""),
        ended("w", Outcome.INTERRUPTED, LONG),
        ended("w", logged=True),
    ],
)
def test_one_that_does_otherwise_among_them_is_enough_for_saying_nothing(other):
    first = FirstFailures()
    for made in (ended("x"), other, *map(ended, "yzvu")):
        first.ended(made)
    assert not first.are_enough


def test_so_is_one_that_trains_meanwhile():
    first, trains = FirstFailures(), running("w")
    first.progressed(trains)
    first.ended(ended("x"))
    trains.progress.note(Metrics(0, 0, {"loss": 0.5}))
    first.progressed(trains)
    for name in "yzvu":
        first.ended(ended(name))
    assert not first.are_enough


def test_attempts_of_one_trial_count_once():
    first, again = FirstFailures(), ended("x")
    for _ in range(4):
        first.ended(again)
    assert not first.are_enough


def test_a_reason_is_news_once_it_has_ended_three_trials_whatever_ended_in_between():
    repeated = RepeatedFailures()
    told = []
    for name, outcome, reason in (
        ("a", Outcome.FINISHED, ""),
        ("b", Outcome.FAILED, LONG),
        ("c", Outcome.FAILED, "exit code 7"),
        ("d", Outcome.FAILED, LONG),
        ("e", Outcome.FINISHED, ""),
        ("f", Outcome.INTERRUPTED, LONG),
        ("g", Outcome.FAILED, LONG),
        ("h", Outcome.FAILED, LONG),
    ):
        repeated.ended(ended(name, outcome, reason, logged=True))
        told.append([(one.reason, one.labels) for one in repeated.news()])
    assert told == [[], [], [], [], [], [], [(LONG, ("a/b", "a/d", "a/g"))], []]


def test_a_reason_that_was_said_otherwise_is_no_news():
    repeated = RepeatedFailures()
    repeated.is_known(LONG)
    for name in "abc":
        repeated.ended(ended(name))
    assert list(repeated.news()) == []


def test_a_trial_that_is_tried_again_has_not_failed_yet():
    repeated = RepeatedFailures()
    for name in "abc":
        made = running(name)
        made.requeued(Verdict(Outcome.FAILED, LONG), 0.0)
        repeated.ended(made)
    assert list(repeated.news()) == []
