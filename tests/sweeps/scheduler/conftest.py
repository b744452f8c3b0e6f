import pytest

from tests.sweeps.scheduler.in_process import Store


@pytest.fixture
def store(tmp_path, empty_database):
    found = Store(tmp_path, empty_database)
    yield found
    found.queue.close()
