import errno
import os

import pytest

from sweeps.rundir.paths import RunPaths
from sweeps.sources.following.follower import catch_up
from tests.sweeps.sources.following.runs import LOSS, Run, stdout


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


def test_a_source_that_gave_no_metric_is_named_with_what_is_known_of_it(tmp_path, capsys):
    run = Run(
        tmp_path,
        LOSS,
        stdout(r"acc (?P<acc>\S+)"),
        stdout(r"Step (?P<step>\d+)"),  # it leads the lines after it, and gives none
        ("csv", str(tmp_path / "run" / "files" / "words.csv"), {}),
        ("csv", str(tmp_path / "run" / "files" / "none.csv"), {}),
    )
    run.attempt()
    run.prints("epoch 0 loss 0.5\nStep 1\n")
    run.ends(finished=False)
    assert "gave no metric" not in capsys.readouterr().err
    run.attempt()
    run.writes("words.csv", "a,b\nx,y\n")
    run.ends()
    said = [line for line in capsys.readouterr().err.splitlines() if "gave no metric" in line]
    assert [line.partition("gave no metric: ")[2] for line in said] == [
        "no line fits",
        "'a' is 'x', no number",
        "there is no such file",
    ]


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
