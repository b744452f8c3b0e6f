"""The order of writes: what a free slot waits for comes first, everything else in the order in which it was asked for."""

import shutil
import threading

import pytest

from analysis.read.outcomes import Outcome
from sweeps.errors import RecordError, RefusedError
from sweeps.record.ledger import Ledger
from sweeps.record.outage import Outage
from sweeps.scheduler.write_queue import WriteQueue

DEADLINE_S = 120


@pytest.fixture
def queue(tmp_path, empty_database):
    shutil.copy(empty_database, tmp_path / "mlflow.db")
    ledger = Ledger.open(f"sqlite:///{tmp_path / 'mlflow.db'}", "toy", Outage(0.0))
    with WriteQueue(ledger) as queue:
        yield queue


def test_what_slots_wait_for_overtakes_the_rest_and_keeps_its_own_order(queue):
    may_go_on, begun, done = threading.Event(), threading.Event(), []

    def hold():
        begun.set()
        assert may_go_on.wait(DEADLINE_S)

    queue.do(hold)
    assert begun.wait(DEADLINE_S)
    queue.do(lambda: done.append("end of a trial"))
    for name in ("first run", "second run"):
        queue.ask(name, lambda name=name: done.append(name), first=True)
    may_go_on.set()
    assert queue.wait(DEADLINE_S)
    assert done == ["first run", "second run", "end of a trial"]
    assert [asker for asker, _ in queue.answers(0)] == ["first run", "second run"]


def test_what_is_asked_is_done_in_order_and_once_where_it_waits_already(queue):
    gate, done = threading.Event(), []
    queue.do(gate.wait)
    queue.do(lambda: done.append("a"), once="a")
    queue.do(lambda: done.append("b"))
    queue.do(lambda: done.append("again"), once="a")
    queue.ask("me", lambda: "an answer")
    gate.set()
    assert queue.wait(DEADLINE_S)
    assert (done, queue.answers(0)) == (["a", "b"], [("me", "an answer")])


def test_an_error_that_is_no_outage_is_raised_at_once_and_nothing_is_written_after_it(queue):
    done = []

    def password_is_wrong():
        raise RecordError("wrong password")

    queue.do(password_is_wrong)
    queue.do(lambda: done.append("later"))
    with pytest.raises(RecordError, match="wrong password"):
        queue.wait(DEADLINE_S)
    with pytest.raises(RecordError, match="wrong password"):
        queue.answers(0)
    assert done == []


def test_what_the_store_refuses_of_one_run_is_told_and_the_next_is_written(queue):
    def too_odd():
        raise RefusedError("too odd")

    done = []
    queue.do(lambda: queue.ledger.end("no such run", Outcome.FINISHED, ""))
    queue.do(too_odd)
    queue.ask("asker", too_odd)
    queue.do(lambda: done.append("later"))
    assert queue.wait(DEADLINE_S)
    assert done == ["later"]
    ((asker, answer),) = queue.answers(DEADLINE_S)
    assert (asker, str(answer)) == ("asker", "too odd")
    gone, odd = queue.ledger.refusals.news()
    assert "no such" in gone
    assert "is not there any more" in gone
    assert odd == "too odd"
