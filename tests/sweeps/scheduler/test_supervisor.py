"""What a supervisor does with its jobs, on an executor without processes and a real store."""

import json
import os
import shutil
import signal

import pytest
from mlflow.exceptions import RestException

from analysis.read.outcomes import Outcome
from sweeps.errors import SpecError
from sweeps.executors.base import Stop
from sweeps.rundir.process_identity import this_process
from sweeps.runner.time_spent import beginning
from sweeps.scheduler import retry_policy
from sweeps.scheduler.job import Phase
from sweeps.scheduler.stopping import StopReason
from sweeps.scheduler.verdict import FILES_LOST
from sweeps.spec.resources import Limits
from tests.sweeps.scheduler.in_process import REFUSED, InProcess
from tests.sweeps.scheduler.jobs import CPU, job


def trains(attempt, journal):
    journal.metrics({"train/loss": 0.5}, 0)
    return 0


def fails_once(attempt, journal):
    journal.metrics({"train/loss": 0.5}, attempt.attempt)
    return int(attempt.attempt == 1)


class Source:
    """A search of one job at a time, which says of each row what `hears` says."""

    def __init__(self, jobs, parent, hears):
        self.left, self.parent, self.hears = jobs, parent, hears
        self.jobs, self.resources, self.heard = [], CPU, []

    @property
    def to_come(self):
        return 0

    @property
    def is_open(self):
        return bool(self.left)

    def next(self):
        made = self.left.pop(0)
        made.source = self
        self.jobs.append(made)
        return made

    def linked(self, made):
        self.heard.append(("linked", made.run_id is not None))

    def reported(self, _, rows):
        self.heard.append(("reported", len(rows)))
        return self.hears()

    def ended(self, made):
        self.heard.append(("ended", made.state))


@pytest.fixture
def retries_at_once(monkeypatch):
    monkeypatch.setattr(retry_policy, "BACKOFF_S", 0.0)


def test_jobs_run_in_order_and_their_runs_are_recorded(store):
    executor = InProcess(trains)
    jobs = [job(name, parent=store.parent) for name in ("x", "y")]
    supervisor = store.supervisor(executor)
    supervisor.run(jobs)
    assert [attempt.run_id for attempt in executor.attempts] == [made.run_id for made in jobs]
    assert [made.state for made in jobs] == ["finished", "finished"]
    assert (supervisor.stopped, supervisor.wrong, executor.is_closed) == (None, None, True)
    for made in jobs:
        run = store.run(made.run_id)
        assert (run.info.status, run.data.tags["sweeps.outcome"]) == ("FINISHED", "finished")
        assert run.data.metrics == {"train/loss": 0.5}
        assert run.data.params == {"factor": "0.5"}
    assert store.shown.events.count("started") == store.shown.events.count("ended") == 2


@pytest.mark.usefixtures("retries_at_once")
def test_a_failed_trial_is_tried_again_in_the_same_run(store):
    executor = InProcess(fails_once)
    made = job("x", parent=store.parent, limits=Limits(attempts=2))
    store.supervisor(executor).run([made])
    assert [attempt.attempt for attempt in executor.attempts] == [1, 2]
    assert len({attempt.run_id for attempt in executor.attempts}) == 1
    assert [verdict.outcome for verdict in made.verdicts] == ["failed", "finished"]
    assert store.shown.events.count("ended") == 2


@pytest.mark.usefixtures("retries_at_once")
@pytest.mark.parametrize("earlier_s", [0.0, 40.0, None])
def test_the_times_of_a_runs_attempts_add_up(store, earlier_s):
    spent = []

    def train(attempt, journal):
        told = beginning(this_process(), attempt.paths, attempt.attempt, attempt.before_s)
        told["began_s"] -= 100 * attempt.attempt
        attempt.paths.process.write_text(json.dumps(told))
        spent.append(attempt.before_s)
        if attempt.attempt == 2:
            journal.end(2, "failed", "")
        return 0 if attempt.attempt == 3 else 1

    made = job("x", parent=store.parent, limits=Limits(attempts=3))
    made.spent_s = earlier_s
    made.run_id = store.ledger.trial_run(sweep="a", trial="x", fingerprint="x", parent=store.parent, tags={})
    store.ledger.end(made.run_id, Outcome.INTERRUPTED, "")
    store.supervisor(InProcess(train)).run([made])
    told = store.run(made.run_id).data.tags.get("sweeps.seconds")
    if earlier_s is None:
        assert (told, spent) == (None, [None] * 3)
    else:
        assert spent == pytest.approx([earlier_s, earlier_s + 100, earlier_s + 300], abs=30)
        assert float(told) == pytest.approx(earlier_s + 600, abs=60)


def test_an_attempt_that_cannot_start_fails_and_the_next_goes_on(store):
    executor = InProcess(lambda *_: REFUSED if len(executor.attempts) == 1 else 0)
    jobs = [job(name, parent=store.parent) for name in ("x", "y")]
    store.supervisor(executor).run(jobs)
    assert [(made.state, made.reason) for made in jobs] == [
        ("failed", "no process can be started"),
        ("finished", ""),
    ]


def test_a_search_gives_jobs_and_hears_how_they_go(store):
    source = Source([job("x", parent=store.parent)], store.parent, lambda: None)
    store.supervisor(InProcess(trains)).run([], [source])
    assert source.heard == [("linked", True), ("reported", 1), ("ended", "finished")]


def test_a_trial_that_its_search_prunes_is_asked_to_stop(store):
    def stops(attempt, journal):
        trains(attempt, journal)
        return 75

    executor = InProcess(stops)
    source = Source([job("x", parent=store.parent)], store.parent, lambda: "median: too large")
    supervisor = store.supervisor(executor)
    supervisor.run([], [source])
    assert executor.stops[:1] == [Stop.ASK]
    (made,) = source.jobs
    assert (made.state, made.reason, supervisor.stopped) == ("pruned", "median: too large", None)


def test_a_wrong_objective_stops_everything_and_is_no_request_of_the_user(store):
    error = SpecError([])

    def wrong():
        raise error

    executor = InProcess(trains)
    source = Source([job(name, parent=store.parent) for name in ("x", "y")], store.parent, wrong)
    supervisor = store.supervisor(executor)
    supervisor.run([], [source])
    assert supervisor.stopped is StopReason.WRONG_FILE
    assert supervisor.wrong is error
    assert len(executor.attempts) == 1
    assert source.jobs[0].phase is Phase.ENDED


def test_a_trial_that_somebody_stopped_before_it_started_never_runs(store):
    def asks(attempt, journal):
        store.state.request_stop("y")
        return 0

    executor = InProcess(asks)
    jobs = [job(name, parent=store.parent) for name in ("x", "y")]
    store.supervisor(executor).run(jobs)
    assert len(executor.attempts) == 1
    assert [(made.state, made.reason) for made in jobs] == [
        ("finished", ""),
        ("interrupted", "stopped before it started"),
    ]


def test_a_trial_that_runs_is_stopped_harder_each_time_that_it_is_asked_for(store):
    class Stubborn(InProcess):
        def wait(self, timeout_s):
            if len(self.stops) == 3:
                return super().wait(timeout_s)
            store.state.request_stop("x")
            return []

    made, executor = job("x", parent=store.parent), Stubborn(lambda *_: 75)
    store.supervisor(executor).run([made])
    assert executor.stops == [Stop.ASK, Stop.TERMINATE, Stop.KILL]
    assert (made.state, made.attempts) == ("interrupted", 1)


@pytest.mark.parametrize("given_up", [True, False])
def test_a_trial_that_waits_for_another_attempt_and_is_stopped_ends_as_its_last_one_did(store, given_up):
    def asks(attempt, journal):
        if attempt.run_id == first.run_id:
            return 1
        if given_up:
            store.state.abandon("toy", "x")
        store.state.request_stop("x")
        return 0

    first, other = (job(name, parent=store.parent, limits=Limits(attempts=2)) for name in ("x", "y"))
    executor = InProcess(asks)
    store.supervisor(executor).run([first, other])
    expected = "abandoned" if given_up else "failed"
    assert (len(executor.attempts), first.state, other.state) == (2, expected, "finished")
    assert store.run(first.run_id).data.tags["sweeps.outcome"] == expected


def test_what_waits_for_another_attempt_when_all_is_stopped_ends_as_its_last_one_did(store):
    def stops(attempt, journal):
        if attempt.run_id == first.run_id:
            return 1
        os.kill(os.getpid(), signal.SIGINT)
        return 75

    first, other, late = (
        job(name, parent=store.parent, limits=Limits(attempts=2)) for name in ("x", "y", "late")
    )
    store.supervisor(InProcess(stops)).run([first, other, late])
    assert [one.state for one in (first, other, late)] == ["failed", "interrupted", "waiting"]


def test_a_trial_that_failed_is_given_up_while_others_go_on(store):
    def asks(attempt, journal):
        if attempt.run_id == second.run_id:  # once: what is asked after that is the next run's
            store.state.abandon("toy", "x")
            store.state.request_stop("x")
        return 1 if attempt.run_id == failed.run_id else 0

    failed, second, third = (job(name, parent=store.parent) for name in ("x", "y", "z"))
    failed.source = source = Source([], store.parent, lambda: None)
    source.jobs.append(failed)
    store.supervisor(InProcess(asks)).run([failed, second, third], [])
    assert [one.state for one in (failed, second, third)] == ["abandoned", "finished", "finished"]
    assert store.run(failed.run_id).data.tags["sweeps.outcome"] == "abandoned"
    assert "sweep run" in store.run(failed.run_id).data.tags["mlflow.note.content"]
    assert store.state.abandoned("toy") == []
    assert source.heard.count(("ended", "failed")) == 1
    assert ("ended", "abandoned") not in source.heard  # its study has its end already


def test_trials_that_the_user_gives_up_are_abandoned_wherever_they_are(store):
    early, running, waiting, wins, free = (
        job(name, parent=store.parent) for name in ("early", "running", "waiting", "wins", "free")
    )
    store.state.abandon("toy", "early")  # by somebody who asked before this run listened
    codes = {"running": 3, "wins": 0, "free": 0}

    def given_up_meanwhile(attempt, _):
        name = next(one.step.trial.name for one in jobs if one.run_id == attempt.run_id)
        for fingerprint in {"running": ("running", "waiting"), "wins": ("wins",)}.get(name, ()):
            store.state.abandon("toy", fingerprint)
            store.state.request_stop(fingerprint)
        return codes[name]

    jobs = [early, running, waiting, wins, free]
    executor = InProcess(given_up_meanwhile)
    store.supervisor(executor).run(jobs)
    assert [one.state for one in jobs] == ["abandoned"] * 3 + ["finished"] * 2
    assert len(executor.attempts) == 3
    for name in ("early", "running", "waiting"):
        (found,) = store.ledger.claims.runs_of(name, None)
        assert (found.outcome, found.status) == ("abandoned", "KILLED")
    assert store.state.abandoned("toy") == []


def test_a_run_that_is_deleted_while_it_runs_is_its_own_loss(store):
    def train(attempt, journal):
        if len(executor.attempts) == 1:
            store.client.delete_run(attempt.run_id)
        return trains(attempt, journal)

    executor = InProcess(train)
    jobs = [job(name, parent=store.parent) for name in ("x", "y")]
    store.supervisor(executor).run(jobs)
    assert [made.state for made in jobs] == ["finished", "finished"]
    assert store.ledger.refusals.lost == {jobs[0].run_id}
    assert "noticed" in store.shown.events
    assert store.run(jobs[1].run_id).data.metrics == {"train/loss": 0.5}
    assert store.run(jobs[1].run_id).info.status == "FINISHED"


def test_a_trial_whose_folder_is_removed_while_it_runs_fails_alone(store):
    def train(attempt, journal):
        if attempt.run_id == executor.attempts[0].run_id:
            shutil.rmtree(attempt.paths.root)
        return trains(attempt, journal)

    executor = InProcess(train)
    jobs = [job(name, parent=store.parent) for name in ("x", "y")]
    store.supervisor(executor).run(jobs)
    assert [made.state for made in jobs] == ["failed", "finished"]
    assert jobs[0].reason == FILES_LOST
    assert store.run(jobs[0].run_id).data.tags["sweeps.reason"] == FILES_LOST


@pytest.mark.usefixtures("retries_at_once")
def test_a_trial_whose_run_is_deleted_between_two_attempts_begins_anew_in_another(store):
    def train(attempt, journal):
        if attempt.attempt == 1:
            store.client.delete_run(attempt.run_id)
        return fails_once(attempt, journal)

    executor = InProcess(train)
    made = job("x", parent=store.parent, limits=Limits(attempts=2))
    store.supervisor(executor).run([made])
    first, second = (attempt.run_id for attempt in executor.attempts)
    assert first != second == made.run_id
    assert (made.state, store.run(second).info.status) == ("finished", "FINISHED")


def test_a_trial_that_the_store_makes_no_run_for_fails_alone(store, monkeypatch):
    create = store.ledger._store.create_run

    def strict(experiment_id, start_ms, tags, name):
        if name == "x":
            raise RestException({"error_code": "INVALID_PARAMETER_VALUE", "message": "no x here"})
        return create(experiment_id, start_ms, tags, name)

    monkeypatch.setattr(store.ledger._store, "create_run", strict)
    jobs = [job(name, parent=store.parent) for name in ("x", "y")]
    supervisor = store.supervisor(InProcess(trains))
    supervisor.run(jobs)
    assert [made.state for made in jobs] == ["failed", "finished"]
    assert "no x here" in jobs[0].reason


def test_one_metric_that_the_store_refuses_costs_its_trial_nothing_else(store):
    def train(attempt, journal):
        journal.metrics({"acc@5": 0.9, "train/loss": 0.5}, 0)  # as an older version's journal may hold
        return 0

    jobs = [job(name, parent=store.parent) for name in ("x", "y")]
    store.supervisor(InProcess(train)).run(jobs)
    for made in jobs:
        run = store.run(made.run_id)
        assert (run.info.status, run.data.metrics) == ("FINISHED", {"train/loss": 0.5})
        assert "metric 'acc@5'" in run.data.tags["mlflow.note.content"]
