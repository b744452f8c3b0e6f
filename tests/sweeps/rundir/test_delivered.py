"""The claim of what MLflow has of a journal."""

import pytest

from sweeps.rundir.delivered import Delivered, Tally
from sweeps.rundir.journal import JournalReader, JournalWriter
from sweeps.rundir.paths import RunPaths


@pytest.fixture
def paths(tmp_path):
    return RunPaths(tmp_path / "run-1")


def logged(paths, *steps):
    journal = JournalWriter(paths)
    for step in steps:
        journal.metrics({"loss": 1.0, "acc": 2.0} if step else {"loss": 1.0}, step)
    journal.close()


def delivered(paths):
    reader = JournalReader(paths)
    reader.poll()
    reader.delivered()


def test_a_claim_says_of_which_run_how_far_and_which_points(paths):
    logged(paths, 0, 1)
    delivered(paths)
    logged(paths, 4)
    delivered(paths)
    claim = Delivered.read(paths)
    assert claim == Delivered(
        "run-1", paths.journal.stat().st_size, {"loss": Tally(3, 4), "acc": Tally(2, 4)}
    )


@pytest.mark.parametrize(
    "text", [None, "", "431", "{}", '{"run": "run-1", "bytes": "x", "metrics": []}', "\0\0"]
)
def test_a_missing_damaged_or_old_claim_claims_nothing(paths, text):
    paths.create()
    if text is not None:
        paths.delivered.write_text(text)
    assert Delivered.read(paths) == Delivered()


def test_a_journal_shorter_than_its_claim_is_read_from_its_begin(paths):
    logged(paths, 0, 1, 2)
    delivered(paths)
    paths.journal.unlink()
    logged(paths, 7)
    assert [entry.step for entry in JournalReader(paths).poll()] == [7]
