"""What becomes of jobs while wishes come."""

import pytest

from sweeps.executors.base import Exit
from sweeps.planning.plan import Action
from sweeps.scheduler import retry_policy
from sweeps.scheduler.job import Phase
from sweeps.scheduler.wishes.wish import Wish
from sweeps.scheduler.wishes.wished import Wished
from sweeps.spec.resources import Keep, Limits
from tests.sweeps.scheduler.in_process import InProcess
from tests.sweeps.scheduler.jobs import job, running
from tests.sweeps.scheduler.test_supervisor import trains


def wish(*names, parent="parent", **more):
    jobs = {name: job(name, parent=parent, **more) for name in names}
    for made in jobs.values():
        made.step.action = Action.NEW
    return Wish(frozenset(names), jobs, (parent,))


def test_a_trial_that_is_dropped_counts_for_nothing_until_it_is_back_as_the_file_has_it_now():
    waiting = job("x")
    wished = Wished([waiting], {"x"})
    wished.take_up(wish(), lambda _: True)
    assert wished.jobs == []
    found = wished.take_up(wish("x", limits=Limits(attempts=5)), lambda _: True)
    assert (wished.jobs, found.waiting, waiting.limits.attempts) == ([waiting], [waiting], 5)


def test_what_runs_and_is_gone_stays_in_sight_and_is_what_it_was():
    made = running("x")
    wished = Wished([made], {"x"})
    wished.take_up(wish(), lambda _: True)
    assert (wished.jobs, made.is_gone, made.is_dropped) == ([made], True, False)
    found = wished.take_up(wish("x", limits=Limits(attempts=5)), lambda _: True)
    assert (made.is_gone, made.is_dropped, made.limits.attempts) == (False, False, 1)
    assert (found.back, found.waiting) == ((made,), [])


def test_what_runs_keeps_the_checkpoints_that_the_file_keeps_now():
    made = running("x")
    Wished([made], {"x"}).take_up(wish("x", keeps=frozenset({Keep.ALL})), lambda _: True)
    assert made.keeps == {Keep.ALL}
    Wished([made], {"x"}).take_up(wish("x", keeps=frozenset({Keep.LAST})), lambda _: True)
    assert made.keeps == {Keep.LAST}


class Wishes:
    """Brings a wish a line once so many attempts have begun."""

    is_settled = True

    def __init__(self, executor, first, wishes):
        self.executor, self.wishes, self.trials = executor, wishes, frozenset(first)

    def due(self):
        while self.wishes and self.wishes[0][0] <= len(self.executor.attempts):
            yield self.wishes.pop(0)[1]


class Queueing(InProcess):
    """Has what is submitted in a queue of its own, and runs it once somebody waits twice."""

    def __init__(self, train):
        super().__init__(train)
        self.queued = {}

    def submit(self, attempt):
        self.attempts.append(attempt)
        self.queued[attempt.run_id] = attempt

    def has_begun(self, run_id):
        return run_id not in self.queued

    def stop(self, run_id, how):
        super().stop(run_id, how)
        if self.queued.pop(run_id, None):
            self._exits.append(Exit(run_id, None, 15))


def test_a_supervisor_runs_what_the_last_wish_says_and_in_its_order(store):
    executor = InProcess(trains)
    first = [job(name, parent=store.parent) for name in ("x", "y", "z")]
    wishes = Wishes(executor, "xyz", [(1, wish("x", "n", "z", parent=store.parent))])
    supervisor = store.supervisor(executor)
    supervisor.run(first, (), wishes)
    assert [made.step.trial.name for made in supervisor.wished.jobs] == ["x", "z", "n"]
    ran = [store.run(attempt.run_id).info.run_name for attempt in executor.attempts]
    assert ran == ["x", "n", "z"]
    assert {made.state for made in supervisor.wished.jobs} == {"finished"}
    assert first[1].phase is Phase.WAITING
    assert "noticed" in store.shown.events


@pytest.mark.parametrize("comes_back", [False, True])
def test_what_a_cluster_has_queued_is_called_off_and_begins_again_where_it_comes_back(store, comes_back):
    executor = Queueing(trains)
    made = job("x", parent=store.parent)
    wishes = [(1, wish(parent=store.parent))]
    wishes += [(1, wish("x", parent=store.parent))] if comes_back else []
    supervisor = store.supervisor(executor)

    class Then(Wishes):
        def due(self):
            yield from super().due()
            if len(executor.attempts) == 2:
                for attempt in executor.queued.values():
                    InProcess.submit(executor, attempt)
                    executor.attempts.pop()
                executor.queued.clear()

    supervisor.run([made], (), Then(executor, "x", wishes))
    assert len({attempt.run_id for attempt in executor.attempts}) == 1
    assert (made.state, made.attempts) == (("finished", 2) if comes_back else ("interrupted", 1))
    assert supervisor.wished.jobs == ([made] if comes_back else [])


@pytest.mark.parametrize("comes_back", [False, True])
def test_what_waits_for_another_attempt_and_is_gone_has_ended_until_it_is_back(store, comes_back):
    executor = InProcess(lambda attempt, _: int(attempt.run_id == made.run_id and attempt.attempt == 1))
    made = job("x", parent=store.parent, limits=Limits(attempts=3))
    wishes = [(1, wish("y", parent=store.parent))]
    wishes += [(1, wish("x", "y", parent=store.parent))] if comes_back else []
    supervisor = store.supervisor(executor)
    supervisor.run([made], (), Wishes(executor, "x", wishes))
    assert made.state == ("finished" if comes_back else "failed")
    assert [one.step.trial.name for one in supervisor.wished.jobs] == (["x", "y"] if comes_back else ["y"])
    assert store.shown.events.count("ended") == (4 if comes_back else 3)


class Late(InProcess):
    """Tells of the first end one round later."""

    has_waited = False

    def wait(self, timeout_s):
        if self._exits and not self.has_waited:
            self.has_waited = True
            return []
        return super().wait(timeout_s)


def test_a_trial_that_is_gone_while_it_runs_is_not_tried_again(store, monkeypatch):
    monkeypatch.setattr(retry_policy, "BACKOFF_S", 0.0)
    executor = Late(lambda *_: 1)
    made = job("x", parent=store.parent, limits=Limits(attempts=3))
    supervisor = store.supervisor(executor)
    supervisor.run([made], (), Wishes(executor, "x", [(1, wish(parent=store.parent))]))
    assert (len(executor.attempts), made.state, supervisor.wished.jobs) == (1, "failed", [made])
