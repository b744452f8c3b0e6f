"""The order in which waiting jobs are looked at."""

import pytest

from sweeps.scheduler.job_queue import JobQueue
from tests.sweeps.scheduler.jobs import CPU, GPU, job


@pytest.fixture
def line():
    return [job("a"), job("b", GPU), job("c"), job("d", GPU)]


def drain(waiting, without=()):
    taken = []
    while (first := waiting.first(without)) is not None:
        waiting.take(first)
        taken.append(first.step.trial.name)
    return taken


def test_jobs_come_in_the_order_of_arrival_whatever_they_want(line):
    assert drain(JobQueue(line)) == ["a", "b", "c", "d"]


def test_what_is_refused_is_passed_over_and_keeps_its_place(line):
    waiting = JobQueue(line)
    assert drain(waiting, {CPU}) == ["b", "d"]
    assert drain(waiting) == ["a", "c"]
    assert not waiting


def test_a_job_that_is_not_due_waits_and_then_stands_last(line):
    waiting = JobQueue(line[:1])
    waiting.add(job("later", not_before_s=5.0))
    waiting.wake(4.0)
    assert waiting.first({CPU}) is None
    assert drain(waiting) == ["a"]
    assert waiting
    waiting.wake(5.0)
    assert drain(waiting) == ["later"]


def test_a_job_that_wants_to_be_alone_is_known_until_it_is_taken_or_dropped(line):
    waiting = JobQueue(line)
    for name in ("x", "y"):
        waiting.add(job(name, alone=True))
    assert not waiting.has_alone
    waiting.wake(0.0)
    assert [dropped.step.trial.name for dropped in waiting.drop("x")] == ["x"]
    assert waiting.has_alone
    assert drain(waiting)[-1] == "y"
    assert not waiting.has_alone


def test_the_jobs_of_a_trial_are_dropped_wherever_they_stand(line):
    waiting = JobQueue(line)
    waiting.add(job("c", not_before_s=1e9))
    assert len(waiting.drop("c")) == 2
    assert drain(waiting) == ["a", "b", "d"]
    assert not waiting
