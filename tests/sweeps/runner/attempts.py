"""Attempts for the runner's tests, in a run's directory of their own."""

import psutil

from sweeps.rundir.process_tree import is_living
from sweeps.runner.attempt_spec import AttemptSpec
from tests.sweeps.outages import until


def spec(root, **more):
    given = {
        "run_id": "r",
        "attempt": 1,
        "root": root,
        "config": {"data.name": "toy", "lr": 0.5},
        "function": None,
        "command": None,
        "devices": ("cpu",),
        "environment": {},
    }
    return AttemptSpec(**given | more)


def end_forkserver():
    """End this process's forkserver, so that the next attempt starts another with another environment."""
    for child in psutil.Process().children():
        if is_living(child) and "forkserver" in " ".join(child.cmdline()):
            child.kill()  # multiprocessing waits for it itself
            until(lambda child=child: not is_living(child), "the forkserver's end")
