import errno
import os

import pytest

from sweeps.rundir.paths import RunPaths
from sweeps.sources.following.follower import catch_up
from tests.sweeps.sources.following.runs import LOSS, Run


@pytest.fixture
def run(tmp_path):
    return Run(tmp_path, LOSS)


def test_what_a_program_writes_is_in_the_journal_while_it_runs(run):
    run.attempt()
    run.prints("epoch 0 loss 0.5\nepoch 1 loss 0.25\n")
    while len(run.points().get("loss", ())) < 2:
        pass
    assert run.points() == {"loss": [(0, 0.5), (1, 0.25)]}
    run.ends()


def test_what_an_attempt_left_is_caught_up_with_once(run):
    run.attempt()
    run.prints("epoch 0 loss 0.5\n")
    run.is_read()
    run.prints("epoch 1 loss 0.25\n")
    run.dies()
    size = run.paths.journal.stat().st_size
    assert run.points() == {"loss": [(0, 0.5), (1, 0.25)]}
    assert catch_up(run.paths)
    assert run.paths.journal.stat().st_size == size


def test_a_run_without_sources_has_nothing_to_catch_up_with(tmp_path):
    assert not catch_up(RunPaths(tmp_path / "other"))
    assert not (tmp_path / "other").exists()


def test_a_journal_that_cannot_be_written_is_told_at_the_end(run, monkeypatch):
    run.attempt()

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    run.prints("epoch 0 loss 0.5\n")
    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="No space"):
        run.ends()
