"""What is told, how often, and what happens where a hook fails; hooks are real processes."""

import pytest

from analysis.read.store import RunRecord
from sweeps.hooks import caller as callers
from sweeps.hooks import fire
from sweeps.hooks.caller import HookCaller
from sweeps.rundir.paths import StateDir
from sweeps.spec.launch.hooks import Hook, Hooks

TELLS = Hook(("/bin/sh", "-c", 'echo "$SWEEP_EVENT $SWEEP_RUN_ID $SWEEP_COUNTS" >> told'))
FAILS = Hook(("/bin/sh", "-c", "echo no; exit 7"))


@pytest.fixture
def open_caller(tmp_path, monkeypatch):
    monkeypatch.setattr(callers, "LINGER_S", 300.0)

    def opened(**hooks):
        return HookCaller(Hooks(hooks), StateDir(tmp_path / "state"), "toy", tmp_path / "e.yaml", ["toy/a"])

    return opened


def told(tmp_path):
    path = tmp_path / "told"
    return sorted(path.read_text().splitlines()) if path.exists() else []


def ended(caller, outcome, run_id, attempt=1):
    caller.ended(outcome, "", sweep="a", trial="x", run_id=run_id, attempt=attempt)


def run(run_id, outcome, status="FINISHED", attempt=1):
    tags = {
        "sweeps.sweep": "a",
        "sweeps.trial": "x",
        "sweeps.outcome": outcome,
        "sweeps.attempt": str(attempt),
    }
    return RunRecord(run_id, "x", None, "trial", status, 0, None, tags)


def test_each_end_is_told_once_whoever_sees_it(tmp_path, open_caller):
    first = open_caller(finished=TELLS)
    first.owe("r1", 1)
    first.owe("r2", 1)
    first.owe("r3", 1)
    first.states({"f1": "finished", "f2": "waiting"})
    ended(first, "finished", "r1")
    ended(first, "finished", "r1")
    assert first.finish() == []
    second = open_caller(finished=TELLS)  # its supervisor was killed before r2's end was told
    second.left(
        [run("r1", "finished"), run("r2", "finished"), run("r3", "", "RUNNING"), run("r9", "finished")]
    )
    ended(second, "finished", "r2")
    assert second.finish() == []
    assert told(tmp_path) == ['finished r1 {"finished": 1, "waiting": 1}', "finished r2 {}"]


def test_a_failure_that_nobody_told_and_the_end_of_the_next_attempt_are_two_events(tmp_path, open_caller):
    caller = open_caller(failed=TELLS, finished=TELLS)
    caller.owe("r1", 1)
    caller.left([run("r1", "failed")])
    caller.owe("r1", 2)
    ended(caller, "finished", "r1", attempt=2)
    caller.owe("r2", 1)
    caller.drop("r2", 1)
    caller.owe("r2", 2)  # the supervisor is killed now, and the next one has it go on
    assert caller.finish() == []
    assert told(tmp_path) == ["failed r1 {}", "finished r1 {}"]
    assert sorted(path.name for path in (tmp_path / "state" / "hooks" / "owed").iterdir()) == ["r2.2"]


def test_only_what_the_file_asks_for_is_told(tmp_path, open_caller):
    caller = open_caller(failed=TELLS)
    for outcome in ("finished", "failed", "interrupted", "pruned", "abandoned"):
        caller.owe(outcome, 1)
        ended(caller, outcome, outcome)
    assert caller.finish() == []
    assert told(tmp_path) == ["failed failed {}"]
    again = open_caller(finished=TELLS)  # what has no hook is over, too
    again.left([run("finished", "finished"), run("pruned", "pruned"), run("interrupted", "interrupted")])
    assert again.finish() == []
    assert told(tmp_path) == ["failed failed {}"]


def test_that_all_is_over_is_told_once_for_each_launch_that_had_work(tmp_path, open_caller):
    idle = open_caller(done=TELLS)
    idle.done(0)
    assert idle.finish() == []
    working = open_caller(done=TELLS)
    working.owe_done()
    working.done(130)
    assert working.finish() == []  # killed before it came to an end
    for _ in range(2):
        after = open_caller(done=TELLS)
        after.done(0)
        assert after.finish() == []
    assert told(tmp_path) == ["done  {}"]


def test_a_hook_that_fails_is_told_in_a_line_and_its_output_stays(tmp_path, open_caller):
    caller = open_caller(failed=FAILS)
    caller.owe("r1", 1)
    ended(caller, "failed", "r1")
    said = caller.finish()
    (log,) = (tmp_path / "state" / "hooks").glob("failed-r1-*.log")
    assert said == [f"hook `failed` of a/x: exit code 7; its output: {log}"]
    assert log.read_text() == "no\nexit code 7\n"


def test_a_hook_that_tidies_its_log_away_is_no_trouble(tmp_path, open_caller):
    tidies = Hook(("/bin/sh", "-c", 'rm -r state/hooks; test "$SWEEP_EVENT" = finished'))
    caller = open_caller(finished=tidies, failed=tidies)
    ended(caller, "finished", "")
    assert caller.finish() == []
    ended(caller, "failed", "")
    (said,) = caller.finish()
    assert said.startswith("hook `failed` of a/x: it was killed; its output: ")


def test_where_no_note_can_be_left_events_are_told_all_the_same(tmp_path, open_caller):
    (tmp_path / "state" / "hooks").mkdir(parents=True)
    (tmp_path / "state" / "hooks" / "owed").touch()  # where the folder of the notes should be
    caller = open_caller(finished=TELLS)
    for run_id in ("r1", "r2"):
        caller.owe(run_id, 1)
        ended(caller, "finished", run_id)
    caller.drop("r3", 1)
    (said,) = caller.finish()
    assert "owed: cannot be written: " in said
    assert told(tmp_path) == ["finished r1 {}", "finished r2 {}"]


def test_a_hook_that_hangs_delays_nothing_and_is_left_behind(tmp_path, open_caller, monkeypatch):
    monkeypatch.setattr(callers, "LINGER_S", 0.0)
    monkeypatch.setattr(fire, "LIMIT_S", 0.5)
    caller = open_caller(finished=Hook(("/bin/sh", "-c", "sleep 1000")))
    for number in range(callers.AT_ONCE + 1):
        caller.owe(f"r{number}", 1)
        ended(caller, "finished", f"r{number}")
    assert caller.poll() == []
    processes = [one.process for one in caller._called]
    *gone, left = caller.finish()
    assert len(gone) == callers.AT_ONCE
    assert left == "1 calls of hooks are left; the next `sweep run` makes them"
    assert [process.wait() for process in processes] == [1] * callers.AT_ONCE


def test_without_hooks_nothing_is_noted(tmp_path, open_caller):
    caller = open_caller()
    caller.owe("r1", 1)
    caller.owe_done()
    ended(caller, "finished", "r1")
    caller.done(1)
    assert caller.finish() == []
    assert list(tmp_path.iterdir()) == []


def test_what_a_saved_file_asks_for_counts_from_then_on(open_caller, tmp_path):
    caller = open_caller(done=TELLS)
    caller.states({"x": "finished", "y": "not started"})
    caller.owe_done()
    caller.heed(Hooks({"done": TELLS}), {"x": "not started", "z": "not started"})
    caller.done(0)
    caller.finish()
    assert told(tmp_path) == ['done  {"finished": 1, "not started": 1}']


def test_a_hook_that_goes_from_the_file_leaves_nothing_to_tell_later(open_caller, tmp_path):
    caller = open_caller(finished=TELLS)
    caller.owe("r", 1)
    caller.heed(Hooks(), {})
    ended(caller, "finished", "r")
    caller.finish()
    later = open_caller(finished=TELLS)
    later.left([run("r", "finished")])
    later.finish()
    assert told(tmp_path) == []


def test_a_hook_that_dies_before_it_has_read_what_it_is_told_holds_up_nothing(monkeypatch, open_caller):
    monkeypatch.setattr("sys.executable", "/bin/false")
    caller = open_caller(failed=TELLS)
    caller.ended("failed", "no memory " * 20_000, sweep="a", trial="x", run_id="r1", attempt=1)
    (said,) = caller.finish()
    assert said.startswith("hook `failed` of a/x: it was killed")
