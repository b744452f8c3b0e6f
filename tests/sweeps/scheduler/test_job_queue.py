"""The order in which waiting jobs are looked at."""

from types import SimpleNamespace

import pytest

from sweeps.scheduler.job import Job
from sweeps.scheduler.job_queue import Waiting
from sweeps.spec.resources import Limits, Resources

CPU, GPU = Resources(0.0, 1), Resources(1.0, 1)


def job(name, resources=CPU, **more):
    step = SimpleNamespace(trial=SimpleNamespace(fingerprint=name), record=None, label=name)
    return Job(step, {}, resources, Limits(), "parent", "", **more)


@pytest.fixture
def line():
    return [job("a"), job("b", GPU), job("c"), job("d", GPU)]


def drain(waiting, without=()):
    found = []
    while (first := waiting.first(without)) is not None:
        waiting.take(first)
        found.append(first.label)
    return found


def test_jobs_come_in_the_order_of_arrival_whatever_they_want(line):
    assert drain(Waiting(line)) == ["a", "b", "c", "d"]


def test_what_is_refused_is_passed_over_and_keeps_its_place(line):
    waiting = Waiting(line)
    assert drain(waiting, {CPU}) == ["b", "d"]
    assert drain(waiting) == ["a", "c"]
    assert not waiting


def test_a_job_that_is_not_due_waits_and_then_stands_last(line):
    waiting = Waiting(line[:1])
    waiting.add(job("later", not_before_s=5.0))
    waiting.wake(4.0)
    assert waiting.first({CPU}) is None
    assert drain(waiting) == ["a"]
    assert waiting
    waiting.wake(5.0)
    assert drain(waiting) == ["later"]


def test_a_job_that_wants_to_be_alone_is_known_until_it_is_taken_or_dropped(line):
    waiting = Waiting(line)
    for name in ("x", "y"):
        waiting.add(job(name, alone=True))
    assert not waiting.has_alone
    waiting.wake(0.0)
    assert [found.label for found in waiting.drop("x")] == ["x"]
    assert waiting.has_alone
    assert drain(waiting)[-1] == "y"
    assert not waiting.has_alone


def test_the_jobs_of_a_trial_are_dropped_wherever_they_stand(line):
    waiting = Waiting(line)
    waiting.add(job("c", not_before_s=1e9))
    assert len(waiting.drop("c")) == 2
    assert drain(waiting) == ["a", "b", "d"]
    assert not waiting
