import sys

import pytest

from tests.sweeps.executors.fake_nvml import FakeNvml


@pytest.fixture
def fake_nvml(monkeypatch):
    fake = FakeNvml()
    monkeypatch.setitem(sys.modules, "pynvml", fake)
    return fake
