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
    assert (run.id, run.device, run.devices, run.dir) == ("r", "cpu", ["cpu"], paths.files)
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


@pytest.mark.parametrize(
    ("metrics", "step", "error", "told"),
    [
        ({"acc@5": 1.0}, 0, ValueError, r"metric 'acc@5': the name holds '@', .* for example 'acc_5'"),
        ({"": 1.0}, 0, ValueError, "metric '': the name is empty"),
        ({"a/": 1.0}, 0, ValueError, "is a path"),
        (
            {"k" * 300: 1.0},
            0,
            ValueError,
            r"metric 'k{60}...': the name has 300 characters, and MLflow takes 250",
        ),
        ({"caf\udce9": 1.0}, 0, ValueError, r"the name holds '\\udce9'"),
        ({5: 1.0}, 0, TypeError, "metric 5: a name must be a string; write '5'"),
        ({"x": 1.0}, 2**63, ValueError, r"metric 'loss', 'x': step 9223372036854775808 is no 64-bit integer"),
        ({"x": 1.0}, 1e30, ValueError, "is no 64-bit integer"),
        ({"x": 1.0}, float("nan"), ValueError, "is no 64-bit integer"),
        ({"x": 1.0}, "3", TypeError, "step must be a whole number, not '3'"),
        ({"x": 1.0}, None, TypeError, "step must be a whole number, not None"),
        ({"x": 1.0}, 0.5, TypeError, "step must be a whole number"),
        ({"x": 10**400}, 0, TypeError, "metric 'x' must be a number"),
        ({"x": "high"}, 0, TypeError, "metric 'x' must be a number, not 'high'"),
    ],
)
def test_what_no_store_takes_is_refused_with_name_rule_and_remedy(given, metrics, step, error, told):
    run, paths, _ = given
    with pytest.raises(error, match=told):
        run.log({"loss": 0.5, **metrics}, step)
    assert JournalReader(paths).poll() == []  # nothing of this call


def test_steps_and_names_that_mlflow_takes_are_logged(given):
    run, paths, _ = given
    run.log({"train/loss: a-b_c.d é": 0.5}, 2**63 - 1)
    run.log({"x": float("nan")}, -1)
    assert [entry.step for entry in JournalReader(paths).poll()] == [2**63 - 1, -1]


def test_a_file_that_cannot_be_an_artifact_is_refused(given):
    run, paths, _ = given
    with pytest.raises(OSError, match="hand over single files"):
        run.artifact(run.dir)
    odd = run.dir / "caf\udce9.png"
    odd.write_bytes(b"1")
    with pytest.raises(ValueError, match="rename the file"):
        run.artifact(odd)
    assert JournalReader(paths).poll() == []
