"""How a wish differs from the jobs that there are."""

import pytest

from analysis.read.outcomes import Outcome
from sweeps.planning.plan import Action
from sweeps.scheduler.verdict import Verdict
from sweeps.scheduler.wishes.difference import difference
from sweeps.scheduler.wishes.wish import Wish
from tests.sweeps.scheduler.jobs import job, running


def ended(name, outcome, **more):
    made = running(name)
    made.concluded(Verdict(outcome))
    for field, value in more.items():
        setattr(made, field, value)
    return made


def wish(actions, **more):
    """A wish for trials, each with what the plan says of it."""
    jobs = {}
    for name, action in actions.items():
        if action is not Action.DONE:
            jobs[name] = job(name)
            jobs[name].step.action = action
    return Wish(frozenset(actions), jobs, (), **more)


def names(jobs):
    return [made.step.trial.name for made in jobs]


def test_what_is_new_is_added_what_waits_and_is_gone_is_dropped_and_what_runs_goes_on():
    jobs = [running("r"), running("s"), job("w"), job("x")]
    actions = {"r": Action.RUNNING, "w": Action.NEW, "n": Action.NEW, "d": Action.DONE, "f": Action.RETRY}
    found = difference({"r", "s", "w", "x"}, wish(actions), jobs, lambda _: True)
    assert names(found.added) == ["n"]
    assert names(found.kept) == ["r", "w"]
    assert (names(found.dropped), names(found.leaving)) == (["x"], ["s"])
    assert str(found) == "1 trial added, 1 waiting dropped; gone from it, but running on to the end: a/s"


def test_what_was_interrupted_and_is_gone_counts_no_more():
    found = difference(
        {"i", "f"}, wish({}), [ended("i", Outcome.INTERRUPTED), ended("f", Outcome.FAILED)], lambda _: True
    )
    assert (names(found.dropped), found.leaving) == (["i"], ())


def test_what_a_cluster_has_in_its_queue_has_not_begun():
    found = difference({"r"}, wish({}), [running("r")], lambda _: False)
    assert (names(found.dropped), found.leaving) == (["r"], ())


@pytest.mark.parametrize(
    ("outcome", "more", "before", "is_back"),
    [
        (Outcome.INTERRUPTED, {}, {"x"}, False),  # as the user stopped it, and saves another line
        (Outcome.INTERRUPTED, {}, set(), True),
        (Outcome.INTERRUPTED, {"is_whole": True}, {"x"}, True),
        (Outcome.FAILED, {"is_whole": True}, {"x"}, False),
        (Outcome.FAILED, {"is_whole": True, "retry_failed": True}, {"x"}, True),
        (Outcome.FAILED, {"retry_failed": True}, {"x"}, False),
        (Outcome.FINISHED, {"is_whole": True, "retry_failed": True}, set(), False),
    ],
)
def test_what_ended_comes_back_where_it_is_wished_anew(outcome, more, before, is_back):
    made = ended("x", outcome)
    found = difference(before, wish({"x": Action.RESUME}, **more), [made], lambda _: True)
    assert (list(found.back), found.added) == ([made] if is_back else [], ())


def test_a_trial_that_failed_before_is_added_only_where_that_is_asked():
    for retry_failed in (False, True):
        asked = wish({"x": Action.RETRY}, is_whole=True, retry_failed=retry_failed)
        assert names(difference((), asked, [], lambda _: True).added) == ["x"] * retry_failed


def test_many_that_run_on_are_counted():
    jobs = [running(name) for name in "pqrst"]
    assert str(difference("pqrst", wish({}), jobs, lambda _: True)).endswith(": a/p, a/q, a/r and 2 more")
