"""The `run` that a trainer is given."""

import threading

import pytest

from sweeps.rundir.journal import Artifact, JournalReader, JournalWriter, Metrics
from sweeps.runner.trial_run import TrialRun
from tests.sweeps.runner.attempts import spec


@pytest.fixture
def given(tmp_path):
    attempt, stopping = spec(tmp_path), threading.Event()
    journal = JournalWriter(attempt.paths)
    yield TrialRun(attempt, journal, stopping), attempt.paths, stopping
    journal.close()


def test_it_says_which_run_it_is_where_and_on_what(given):
    run, paths, _ = given
    assert (run.id, run.device, run.dir) == ("r", "cpu", paths.files)
    assert run.dir.is_dir()


def test_what_is_logged_is_in_the_journal_at_once(given):
    run, paths, _ = given
    run.log({"train/loss": 0.5}, 0)
    file = run.dir / "weights.bin"
    file.write_bytes(b"1")
    run.artifact(file)
    metrics, artifact = JournalReader(paths).poll()
    assert isinstance(metrics, Metrics)
    assert (metrics.step, metrics.values) == (0, {"train/loss": 0.5})
    assert isinstance(artifact, Artifact)
    assert artifact.name == "weights.bin"


def test_it_remembers_that_the_trainer_heard_of_a_stop(given):
    run, _, stopping = given
    assert not run.should_stop()
    stopping.set()
    assert not run.heard_stop
    assert run.should_stop()
    assert run.heard_stop
