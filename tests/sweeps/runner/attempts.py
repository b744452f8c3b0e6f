"""Attempts for the runner's tests, in a run's directory of their own."""

from sweeps.runner.attempt_spec import AttemptSpec


def spec(root, **more):
    given = {
        "run_id": "r",
        "attempt": 1,
        "root": root,
        "config": {"data.name": "toy", "lr": 0.5},
        "function": None,
        "command": None,
        "device": "cpu",
        "environment": {},
    }
    return AttemptSpec(**given | more)
