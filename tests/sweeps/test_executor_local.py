"""The executor contract on this machine."""

import time

import pytest

from sweeps.executors.local import LocalExecutor
from sweeps.slots import Machine
from tests.sweeps.executor_contract import ExecutorContract


class TestLocal(ExecutorContract):
    @pytest.fixture
    def on_engine(self, project):
        return project


def test_waiting_with_nothing_running_waits():
    executor = LocalExecutor([], [], Machine(1, []))
    began_s = time.monotonic()
    assert executor.wait(0.05) == []
    assert time.monotonic() - began_s >= 0.05
    executor.close()
