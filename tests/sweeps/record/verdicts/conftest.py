import pytest

from tests.sweeps.scheduler.in_process import Store


@pytest.fixture
def store(tmp_path, empty_database):
    opened = Store(tmp_path, empty_database)
    with opened.queue:
        yield opened
