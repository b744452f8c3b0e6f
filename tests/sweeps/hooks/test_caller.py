"""What is told, how often, and what happens where a hook fails; hooks are real processes."""

import pytest

from analysis.read.store import RunRecord
from sweeps.hooks import teller as tellers
from sweeps.hooks.teller import Teller
from sweeps.rundir.paths import StateDir
from sweeps.spec.launch.hooks import Hook, Hooks

TELLS = Hook(("/bin/sh", "-c", 'echo "$SWEEP_EVENT $SWEEP_RUN_ID $SWEEP_COUNTS" >> told'))
FAILS = Hook(("/bin/sh", "-c", "echo no; exit 7"))


@pytest.fixture
def open_teller(tmp_path, monkeypatch):
    monkeypatch.setattr(tellers, "LINGER_S", 300.0)

    def opened(**hooks):
        return Teller(Hooks(hooks), StateDir(tmp_path / "state"), "toy", tmp_path / "e.yaml", ["toy/a"])

    return opened


def told(tmp_path):
    path = tmp_path / "told"
    return sorted(path.read_text().splitlines()) if path.exists() else []


def ended(teller, outcome, run_id, attempt=1):
    teller.ended(outcome, "", sweep="a", trial="x", run_id=run_id, attempt=attempt)


def run(run_id, outcome, status="FINISHED", attempt=1):
    tags = {
        "sweeps.sweep": "a",
        "sweeps.trial": "x",
        "sweeps.outcome": outcome,
        "sweeps.attempt": str(attempt),
    }
    return RunRecord(run_id, "x", None, "trial", status, 0, None, tags)


def test_each_end_is_told_once_whoever_sees_it(tmp_path, open_teller):
    first = open_teller(finished=TELLS)
    first.owe("r1", 1)
    first.owe("r2", 1)
    first.owe("r3", 1)
    first.states({"f1": "finished", "f2": "waiting"})
    ended(first, "finished", "r1")
    ended(first, "finished", "r1")
    assert first.finish() == []
    second = open_teller(finished=TELLS)  # its supervisor was killed before r2's end was told
    second.left(
        [run("r1", "finished"), run("r2", "finished"), run("r3", "", "RUNNING"), run("r9", "finished")]
    )
    ended(second, "finished", "r2")
    assert second.finish() == []
    assert told(tmp_path) == ['finished r1 {"finished": 1, "waiting": 1}', "finished r2 {}"]


def test_a_failure_that_nobody_told_and_the_end_of_the_next_attempt_are_two_events(tmp_path, open_teller):
    teller = open_teller(failed=TELLS, finished=TELLS)
    teller.owe("r1", 1)
    teller.left([run("r1", "failed")])
    teller.owe("r1", 2)
    ended(teller, "finished", "r1", attempt=2)
    teller.owe("r2", 1)
    teller.drop("r2", 1)
    teller.owe("r2", 2)  # the supervisor is killed now, and the next one has it go on
    assert teller.finish() == []
    assert told(tmp_path) == ["failed r1 {}", "finished r1 {}"]
    assert sorted(path.name for path in (tmp_path / "state" / "hooks" / "owed").iterdir()) == ["r2.2"]


def test_only_what_the_file_asks_for_is_told(tmp_path, open_teller):
    teller = open_teller(failed=TELLS)
    for outcome in ("finished", "failed", "interrupted", "pruned", "abandoned"):
        teller.owe(outcome, 1)
        ended(teller, outcome, outcome)
    assert teller.finish() == []
    assert told(tmp_path) == ["failed failed {}"]
    again = open_teller(finished=TELLS)  # what has no hook is over, too
    again.left([run("finished", "finished"), run("pruned", "pruned"), run("interrupted", "interrupted")])
    assert again.finish() == []
    assert told(tmp_path) == ["failed failed {}"]


def test_that_all_is_over_is_told_once_for_each_launch_that_had_work(tmp_path, open_teller):
    idle = open_teller(done=TELLS)
    idle.done(0)
    assert idle.finish() == []
    working = open_teller(done=TELLS)
    working.owe_done()
    working.done(130)
    assert working.finish() == []  # killed before it came to an end
    for _ in range(2):
        after = open_teller(done=TELLS)
        after.done(0)
        assert after.finish() == []
    assert told(tmp_path) == ["done  {}"]


def test_a_hook_that_fails_is_told_in_a_line_and_its_output_stays(tmp_path, open_teller):
    teller = open_teller(failed=FAILS)
    teller.owe("r1", 1)
    ended(teller, "failed", "r1")
    said = teller.finish()
    (log,) = (tmp_path / "state" / "hooks").glob("failed-r1-*.log")
    assert said == [f"hook `failed` of a/x: exit code 7; its output: {log}"]
    assert log.read_text() == "no\nexit code 7\n"


def test_a_hook_that_hangs_delays_nothing_and_is_left_behind(tmp_path, open_teller, monkeypatch):
    monkeypatch.setattr(tellers, "LINGER_S", 0.0)
    monkeypatch.setattr(tellers, "LIMIT_S", 0.5)
    teller = open_teller(finished=Hook(("/bin/sh", "-c", "sleep 1000")))
    for number in range(tellers.AT_ONCE + 1):
        teller.owe(f"r{number}", 1)
        ended(teller, "finished", f"r{number}")
    assert teller.poll() == []
    processes = [one.process for one in teller._called]
    *gone, left = teller.finish()
    assert len(gone) == tellers.AT_ONCE
    assert left == "1 calls of hooks are left; the next `sweep run` makes them"
    assert [process.wait() for process in processes] == [1] * tellers.AT_ONCE


def test_without_hooks_nothing_is_noted(tmp_path, open_teller):
    teller = open_teller()
    teller.owe("r1", 1)
    teller.owe_done()
    ended(teller, "finished", "r1")
    teller.done(1)
    assert teller.finish() == []
    assert list(tmp_path.iterdir()) == []


def test_what_a_saved_file_asks_for_counts_from_then_on(open_teller, tmp_path):
    teller = open_teller(done=TELLS)
    teller.states({"x": "finished", "y": "not started"})
    teller.owe_done()
    teller.heed(Hooks({"done": TELLS}), {"x": "not started", "z": "not started"})
    teller.done(0)
    teller.finish()
    assert told(tmp_path) == ['done  {"finished": 1, "not started": 1}']


def test_a_hook_that_goes_from_the_file_leaves_nothing_to_tell_later(open_teller, tmp_path):
    teller = open_teller(finished=TELLS)
    teller.owe("r", 1)
    teller.heed(Hooks(), {})
    ended(teller, "finished", "r")
    teller.finish()
    later = open_teller(finished=TELLS)
    later.left([run("r", "finished")])
    later.finish()
    assert told(tmp_path) == []
