"""Which job of one `sweep run` has which trial, and which are held by another one."""

import pytest

from analysis.read.outcomes import Outcome
from analysis.read.store import RunRecord
from sweeps.record.claims import Held
from sweeps.scheduler import held_jobs
from sweeps.scheduler.held_jobs import HeldJobs
from sweeps.scheduler.job import Phase
from sweeps.scheduler.verdict import Verdict
from tests.sweeps.scheduler.in_process import InProcess
from tests.sweeps.scheduler.jobs import ALLOCATION, job, running

ITS_RUN = RunRecord("its", "x", None, "trial", "RUNNING", 0, None, {"sweeps.attempt": "3"})


@pytest.fixture
def held():
    made = job("x")
    made.granted(ALLOCATION)
    made.refused = Held(ITS_RUN, "pid 7")
    return made


def test_a_trial_is_free_for_its_own_job_and_for_another_once_that_is_over():
    jobs, first, second = HeldJobs(), running("x"), job("x")
    assert jobs.is_free(first)
    assert jobs.is_free(first)
    assert not jobs.is_free(second)
    assert (second.has_twin, second.not_before_s > 0) == (True, True)
    first.concluded(Verdict(Outcome.FINISHED))
    assert jobs.is_free(second)
    assert second.has_twin


def test_other_trials_are_free():
    jobs = HeldJobs()
    assert jobs.is_free(running("x"))
    assert jobs.is_free(running("y"))


def test_a_held_job_is_due_again_later_and_told_once(held, monkeypatch):
    jobs = HeldJobs()
    assert jobs.add(held)
    assert list(jobs.due()) == []
    monkeypatch.setattr(held_jobs, "ASK_S", 0.0)
    assert not jobs.add(held)
    assert list(jobs.due()) == [held]
    assert list(jobs.due()) == []


def test_two_jobs_of_one_trial_train_it_once(store):
    def trains(attempt, journal):
        journal.metrics({"train/loss": 0.5}, 0)
        return 0

    executor = InProcess(trains)
    jobs = [job("x", parent=store.parent), job("x", parent=store.parent)]
    store.supervisor(executor).run(jobs)
    assert [made.state for made in jobs] == ["finished", "finished"]
    assert len(executor.attempts) == 1
    assert jobs[0].run_id == jobs[1].run_id
    assert jobs[1].phase is Phase.ENDED


def test_the_trial_of_a_job_that_is_forgotten_is_free_for_another():
    held, grid, search = HeldJobs(), job("x"), job("x")
    assert held.is_free(grid)
    assert not held.is_free(search)
    held.forget(grid)
    assert held.is_free(search)
