"""Jobs for the scheduler's tests, made without a file, a record or a process."""

from types import SimpleNamespace

from sweeps.executors.slots import Allocation
from sweeps.scheduler.job import Job
from sweeps.spec.resources import Limits, Resources

CPU, GPU = Resources(0.0, 1), Resources(1.0, 1)
ALLOCATION = Allocation((), 1.0, 1, 1)


def job(name, resources=CPU, *, record=None, limits=None, parent="parent", **more):
    trial = SimpleNamespace(
        fingerprint=name, name=name, sweep="a", settings={}, axes=(), config={"factor": 0.5}
    )
    step = SimpleNamespace(trial=trial, record=record, label=f"a/{name}", epochs_done=0)
    return Job(step, resources, limits or Limits(), parent, "sweep run", **more)


def running(name="x", **more):
    """A job whose attempt is with the executor."""
    made = job(name, **more)
    made.granted(ALLOCATION)
    made.opened("run-1")
    made.progress.begin(None)
    made.started()
    return made
