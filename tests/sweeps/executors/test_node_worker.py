"""What stands on a node of a cluster and runs attempts there."""

import pytest

from sweeps.errors import LaunchError
from sweeps.executors.base import Exit, Stop
from sweeps.executors.node_worker import Worker
from tests.sweeps.runner.attempts import spec

TRAINER = """
import time

def train(config, run):
    while config.get("waits") and not run.should_stop():
        time.sleep(0.01)
"""


@pytest.fixture
def worker(tmp_path):
    (tmp_path / "worked_trainer.py").write_text(TRAINER)
    started = Worker(["worked_trainer"], [str(tmp_path)])
    yield started
    started._local.close()


def attempt(folder, **config):
    (folder / "run").mkdir()
    places = {"function": "worked_trainer:train", "search_path": (str(folder),)}
    return spec(folder / "run", config=config, **places)


def test_it_runs_an_attempt_to_its_end(worker, tmp_path):
    assert worker.run(attempt(tmp_path)) == Exit("r", 0, None)


def test_it_stops_the_attempt_that_is_meant(worker, tmp_path):
    worker.stop("another", Stop.KILL)
    worker.stop("r", Stop.KILL)
    assert worker.run(attempt(tmp_path, waits=True)).signal == 9


def test_a_node_that_does_not_see_the_runs_directory_says_so(worker, tmp_path):
    with pytest.raises(LaunchError, match="does not see this directory; every node must: set SWEEP_HOME"):
        worker.run(spec(tmp_path / "missing"))
