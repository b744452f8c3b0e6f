"""The ways to write a store have the calls of the interface, with its names."""

import inspect

import pytest

from sweeps.record.store.base import RunStore
from sweeps.record.store.mlflow_store import MlflowStore
from sweeps.record.store.sqlite_store import SqliteStore


@pytest.mark.parametrize("store", [MlflowStore, SqliteStore])
def test_a_store_takes_what_the_interface_says(store):
    calls = {
        name: call for name, call in vars(RunStore).items() if inspect.isfunction(call) and name[0] != "_"
    }
    assert len(calls) > 10
    for name, call in calls.items():
        assert list(inspect.signature(getattr(store, name)).parameters) == list(
            inspect.signature(call).parameters
        )
