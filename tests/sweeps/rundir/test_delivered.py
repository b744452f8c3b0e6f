"""The claim of what MLflow has of a journal."""

import pytest

from analysis.read.store import Point
from sweeps.rundir.delivered import Delivered, Tally, short_by_points, short_by_steps
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


CLAIMS = {"r1": Delivered(tallies={"loss": Tally(3, -5), "acc": Tally(1, 7)}), "r2": Delivered()}


@pytest.mark.parametrize(("points", "short"), [(3, False), (4, False), (2, True), (None, True)])
def test_a_store_with_fewer_points_than_it_was_sent_is_short(points, short):
    counts = {("r1", "acc"): 1, ("r1", "loss"): points, ("r3", "loss"): 0}
    stored = {key: count for key, count in counts.items() if count is not None}
    assert short_by_points(CLAIMS, stored) == ({"r1"} if short else set())


@pytest.mark.parametrize(("last", "short"), [(-5, False), (-4, False), (-6, True), (None, True)])
def test_a_store_that_lacks_a_last_step_is_short_though_that_is_negative(last, short):
    steps = {("r1", "acc"): 7, ("r1", "loss"): last, ("r3", "loss"): 0}
    finals = [Point(*point, step, 0, 0.5) for point, step in steps.items() if step is not None]
    assert short_by_steps(CLAIMS, finals) == ({"r1"} if short else set())
