"""A run and its journal agree again, on a real store, whichever of the two lost something."""

import shutil
import sqlite3
from contextlib import closing

import pytest

from sweeps.rundir.delivered import Delivered
from sweeps.rundir.journal import JournalWriter
from sweeps.rundir.paths import RunPaths


@pytest.fixture
def log(run):
    def log_steps(*steps, key="loss"):
        journal = JournalWriter(run.paths)
        for step in steps:
            journal.metrics({key: float(step)}, step)
        journal.close()

    return log_steps


def stored(run, key="loss"):
    """The steps of a metric in the database itself, repeated ones repeated."""
    with closing(sqlite3.connect("mlflow.db")) as database:
        rows = database.execute("select step from metrics where key = ? order by step", [key])
        return [step for (step,) in rows]


def forget(run, first, key="loss"):
    """Take from the store what a metric has from a step on, as if it were put back to an older copy."""
    with closing(sqlite3.connect("mlflow.db")) as database, database:
        database.execute("delete from metrics where key = ? and step >= ?", [key, first])
        database.execute("delete from latest_metrics where key = ?", [key])
        database.execute(
            "insert into latest_metrics (key, value, timestamp, step, is_nan, run_uuid) "
            "select key, value, timestamp, step, is_nan, run_uuid from metrics where key = ? "
            "order by step desc limit 1",
            [key],
        )


def test_what_the_store_lost_is_sent_again_and_told_once(run, log):
    log(0, 1, 2, 3)
    run.deliver()
    forget(run, 2)
    log(4)
    (told,) = run.ledger.agree(run.id, run.paths)
    assert "lost 2 points" in told
    assert stored(run) == [0, 1, 2, 3, 4]
    assert run.ledger.agree(run.id, run.paths) == []
    run.deliver()
    assert stored(run) == [0, 1, 2, 3, 4]


def test_a_store_that_lost_the_whole_curve_gets_it_back(run, log):
    log(0, 1)
    run.deliver()
    forget(run, 0)
    run.ledger.agree(run.id, run.paths)
    assert stored(run) == [0, 1]


def test_what_the_files_lost_is_taken_over_so_that_no_step_is_logged_again(run, log):
    log(0, 1, 2)
    run.deliver()
    shutil.rmtree(run.paths.root)
    (told,) = run.ledger.agree(run.id, run.paths)
    assert "3 points up to step 2" in told
    log(0, 1, 2, 3)
    run.deliver()
    assert stored(run) == [0, 1, 2, 3]
    assert "files on this machine were lost" in run.paths.remarks.read_text()


@pytest.mark.parametrize("left", [0, 1, 30, 90])
def test_a_journal_that_was_cut_short_grows_again_and_nothing_new_is_passed_over(run, log, left):
    log(0, 1, 2)
    run.deliver()
    with run.paths.journal.open("r+b") as file:
        file.truncate(left)
    run.ledger.agree(run.id, run.paths)
    log(0, key="of_another_length" * 9)
    log(0, 1, 2, 3, 4)
    run.deliver()
    assert stored(run) == [0, 1, 2, 3, 4]


def test_a_lost_claim_sends_nothing_twice(run, log, monkeypatch):
    log(0, 1)
    run.deliver()
    run.paths.delivered.unlink()
    sent = []
    monkeypatch.setattr(run.ledger._client.store, "log_batch", lambda *_, **batch: sent.append(batch))
    assert run.ledger.agree(run.id, run.paths) == []
    run.deliver()
    assert sent == []


def test_both_lost_another_part(run, log):
    log(0, 1, 2, 3)
    run.deliver()
    lines = run.paths.journal.read_bytes().splitlines(keepends=True)
    run.paths.journal.write_bytes(b"".join(lines[1:]))
    forget(run, 2)
    run.ledger.agree(run.id, run.paths)
    assert stored(run) == [0, 1, 2, 3]
    log(0, 1)
    run.deliver()
    assert stored(run) == [0, 1, 2, 3]


def test_a_hole_in_the_middle_is_found_where_there_is_doubt(run, log):
    log(0, 1, 2)
    run.deliver()
    with closing(sqlite3.connect("mlflow.db")) as database, database:
        database.execute("delete from metrics where step = 1")
    assert run.ledger.agree(run.id, run.paths) == []
    assert run.ledger.agree(run.id, run.paths, doubt=True)
    assert stored(run) == [0, 1, 2]


@pytest.mark.parametrize("first", [0, 1])
def test_what_neither_has_any_more_is_told(run, log, first):
    log(0, 1, 2)
    run.deliver()
    forget(run, first)
    run.paths.journal.unlink()
    told = run.ledger.agree(run.id, run.paths)
    assert "loss up to step 2" in told[-1]
    assert told[-1] in run.paths.remarks.read_text()
    assert run.ledger.agree(run.id, run.paths) == []


def test_a_directory_that_is_a_copy_of_another_runs_is_set_aside(run, log):
    log(0, 1)
    run.deliver()
    other = RunPaths(run.paths.root.with_name("other"))
    shutil.copytree(run.paths.root, other.root)
    other_id = run.ledger.trial_run(sweep="s", trial="y", fingerprint="g", parent="p", tags={})
    (told,) = run.ledger.agree(other_id, other)
    assert f"belong to run {run.id}" in told
    assert run.client.get_run(other_id).data.metrics == {}
    assert not other.journal.exists()
    assert other.root.with_name(f"other.of-{run.id}").is_dir()


def test_files_that_the_store_lost_are_sent_again_or_told(run, log):
    kept, gone = run.paths.files / "best.pt", run.paths.root / "scratch.csv"
    journal = JournalWriter(run.paths)
    for path in (kept, gone):
        path.write_text(path.name)
        journal.artifact(path)
    journal.close()
    gone.unlink()
    for attempt in (1, 2):
        run.paths.log(attempt).write_text("said")
    log(0)
    run.deliver()
    forget(run, 0)
    shutil.rmtree("mlruns")
    told = run.ledger.agree(run.id, run.paths)
    assert run.artifacts() == ["best.pt", "logs"]
    assert run.artifacts("logs") == [f"logs/{run.paths.log(attempt).name}" for attempt in (1, 2)]
    assert "scratch.csv" in told[-1]


def test_what_a_program_logs_by_itself_is_left_alone(run, log):
    run.client.log_metric(run.id, "own", 1.0, step=3)
    log(0)
    run.deliver()
    assert run.ledger.agree(run.id, run.paths, takes_over=False) == []
    assert set(Delivered.read(run.paths).tallies) == {"loss"}
    written = run.paths.journal.read_bytes()
    assert run.ledger.agree(run.id, run.paths, takes_over=False, doubt=True) == []
    assert run.paths.journal.read_bytes() == written, "an attempt may be writing it"
