"""Which job gets the next free slot."""

import pytest

from sweeps.executors.slots import EARLY_S, Machine
from sweeps.scheduler.dispatcher import Dispatcher
from tests.sweeps.scheduler.jobs import CPU, GPU, job


class Source:
    """Gives a job a name; closes when it has none left."""

    def __init__(self, *names, resources=CPU, waits=False):
        self.names, self.resources, self.waits = list(names), resources, waits

    @property
    def to_come(self):
        return 0

    @property
    def is_open(self):
        return bool(self.names)

    def next(self):
        return None if self.waits else job(self.names.pop(0), self.resources)

    def close(self):
        self.names.clear()


def granted(dispatcher):
    return [made.step.trial.name for made, allocation in dispatcher.grants() if allocation is not None]


@pytest.fixture
def machine():
    return Machine(2, ["0"])


def test_jobs_get_what_is_free_in_order_and_smaller_ones_pass(machine):
    jobs = [job("a", GPU), job("b", GPU), job("c"), job("d"), job("e")]
    dispatcher = Dispatcher(machine, jobs)
    assert granted(dispatcher) == ["a", "c", "d"]
    assert granted(dispatcher) == []
    assert dispatcher.has_more


def test_nothing_overtakes_a_trial_that_wants_to_be_alone(machine):
    held = machine.allocate(CPU)
    dispatcher = Dispatcher(machine, [job("a", alone=True), job("b")], [Source("s")])
    assert granted(dispatcher) == []
    machine.release(held)
    assert granted(dispatcher) == ["a"]


def test_sources_get_what_the_known_jobs_leave(machine):
    dispatcher = Dispatcher(machine, [job("a")], [Source("s", "t")])
    assert granted(dispatcher) == ["a", "s"]
    assert dispatcher.has_more


def test_a_source_without_a_job_for_now_takes_no_slot(machine):
    dispatcher = Dispatcher(machine, [], [Source("s", waits=True), Source("t", "u")])
    assert granted(dispatcher) == ["t", "u"]


def test_a_job_is_not_granted_before_its_time(machine):
    dispatcher = Dispatcher(machine)
    for name, not_before_s in (("later", float("inf")), ("now", 0.0)):
        dispatcher.requeue(job(name, not_before_s=not_before_s))
    assert granted(dispatcher) == ["now"]
    assert [made.step.trial.name for made in dispatcher.drop("later")] == ["later"]
    assert not dispatcher.has_more


def test_without_a_sound_device_a_job_is_given_up_and_a_source_closed(machine):
    for _ in range(3):
        allocation = machine.allocate(GPU)
        machine.release(allocation)
        machine.note_end(allocation, failed=True, lived_s=EARLY_S / 2)
    dispatcher = Dispatcher(machine, [job("a", GPU)], [Source("s", resources=GPU)])
    assert [(made.step.trial.name, allocation) for made, allocation in dispatcher.grants()] == [("a", None)]
    assert not dispatcher.has_more
