"""Whoever runs the trainer offers what it asks for: the orchestrator, and the trainer's own command line."""

import inspect

import pytest

from cvae.training.local_run import LocalRun
from cvae.training.run_protocol import Run
from sweeps.runner.trial_run import TrialRun

METHODS = [name for name, _ in inspect.getmembers(Run, inspect.isfunction) if not name.startswith("_")]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("kind", [LocalRun, TrialRun])
def test_a_run_can_be_called_as_the_trainer_calls_it(kind, method):
    asked, offered = (inspect.signature(getattr(cls, method)).parameters for cls in (Run, kind))
    assert list(offered) == list(asked)


def test_the_trainer_asks_for_three_calls_and_three_attributes():
    properties = {name for name, _ in inspect.getmembers(Run, lambda member: isinstance(member, property))}
    assert (set(METHODS), properties) == ({"log", "artifact", "should_stop"}, {"id", "device", "dir"})
