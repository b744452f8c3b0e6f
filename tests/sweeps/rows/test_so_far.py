import pytest

from sweeps.rows.so_far import SoFar, so_far
from sweeps.rundir.journal import JournalWriter
from sweeps.rundir.paths import RunPaths


@pytest.fixture
def paths(tmp_path):
    return RunPaths(tmp_path / "run")


def test_the_end_of_a_journal_tells_how_many_epochs_are_over(paths, monkeypatch):
    assert so_far(paths) == SoFar()
    writer = JournalWriter(paths)
    writer.metrics({"frame/psnr": 1.0}, 40)
    assert so_far(paths).epochs is None
    for epoch in range(5):
        writer.metrics({"loss": 1.0}, epoch)
    writer.metrics({"system/cpu": 1.0}, 9)
    assert so_far(paths).epochs == 5
    monkeypatch.setattr("sweeps.rows.so_far._END_BYTES", 150)  # which begins inside a line
    assert so_far(paths).epochs == 5
    for _ in range(20):
        writer.metrics({"system/cpu": 1.0}, 9)
    assert so_far(paths).epochs == 5


def test_it_has_the_last_values_with_their_steps(paths):
    writer = JournalWriter(paths)
    for epoch in range(3):
        writer.metrics({"loss": 1.0 - epoch / 4}, epoch)
    writer.metrics({"acc": 0.5}, 1)
    assert so_far(paths).metrics == {"loss": (2, 0.5), "acc": (1, 0.5)}
