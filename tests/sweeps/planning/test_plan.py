import json

import pytest

from analysis.read.store import RunRecord
from sweeps.planning.plan import (
    Action,
    Plan,
    changed_keys,
    make_plan,
    trainer_changes,
    with_beginnings,
    with_changed_keys,
)
from sweeps.planning.selection import Selection
from sweeps.rundir.process_identity import ProcessIdentity
from tests.sweeps.specs import expanded

OWNER = json.dumps(ProcessIdentity("node7", "boot", 42, 1.0).to_json())
TEXT = "sweeps: {a: {grid: {tfr: [0, 0.5, 1]}}, b: {grid: {tfr: [1]}, set: {kind: None}}}"


@pytest.fixture
def sweeps(tmp_path):
    return expanded(tmp_path, TEXT)[0]


def record(trial, outcome="finished", status=None, *, run_id="r1", start_ms=1, profile="", **tags):
    """A run as the ledger leaves it; `tags` stand for `sweeps.<name>`."""
    statuses = {"finished": "FINISHED", "pruned": "FINISHED", "failed": "FAILED", None: "RUNNING"}
    known = {
        "sweeps.sweep": trial.sweep,
        "sweeps.trial": trial.name,
        "sweeps.fingerprint": trial.fingerprint,
        "sweeps.profile": profile,
    }
    known |= {f"sweeps.{name}": value for name, value in tags.items()}
    if outcome is not None:
        known["sweeps.outcome"] = outcome
    status = status or statuses.get(outcome, "KILLED")
    return RunRecord(run_id, trial.name, "parent", "trial", status, start_ms, None, known)


def plan_of(sweeps, records, *, alive=False, **asked):
    return make_plan(list(sweeps.values()), records, is_alive=lambda _: alive, **asked)


def decided(plan, index=0):
    step = plan.steps[index]
    return step.action, step.reason, step.record.run_id if step.record else None


def test_without_a_record_everything_is_new(sweeps):
    plan = plan_of(sweeps, [])
    assert [(step.label, step.action) for step in plan.steps] == [
        ("a/tfr0", Action.NEW),
        ("a/tfr0.5", Action.NEW),
        ("a/tfr1", Action.NEW),
        ("b/tfr1", Action.NEW),
    ]
    assert plan.counts() == {"new": 4}
    assert plan.removed == ()


@pytest.mark.parametrize(
    ("run", "alive", "action", "reason"),
    [
        (("finished", None, {}), False, Action.DONE, ""),
        (
            ("pruned", None, {"reason": "median: loss 9 after epoch 0"}),
            False,
            Action.RESUME,
            "pruned for a alone (median: loss 9 after epoch 0)",
        ),
        (("failed", None, {"reason": "oom"}), False, Action.RETRY, "oom"),
        (("abandoned", None, {"reason": "given up"}), False, Action.ABANDONED, "given up"),
        (("finished", None, {"set_aside": ""}), False, Action.DONE, ""),
        (("interrupted", None, {"reason": "signal: SIGINT"}), False, Action.RESUME, "signal: SIGINT"),
        (("interrupted", None, {}), False, Action.RESUME, "interrupted"),
        (("orphaned", None, {}), False, Action.RESUME, "orphaned"),
        ((None, "KILLED", {}), False, Action.RESUME, "killed"),
        ((None, "RUNNING", {}), False, Action.RESUME, "its supervisor is gone"),
        (("failed", "RUNNING", {}), False, Action.RESUME, "its supervisor is gone"),
        ((None, "SCHEDULED", {}), True, Action.RUNNING, ""),
        ((None, "RUNNING", {"owner": "no json"}), True, Action.RUNNING, ""),
        ((None, "RUNNING", {"owner": OWNER}), True, Action.RUNNING, "by pid 42 on node7"),
    ],
)
def test_what_a_recorded_run_leaves_to_do(run, alive, action, reason, sweeps):
    outcome, status, tags = run
    plan = plan_of(sweeps, [record(sweeps["a"].trials[0], outcome, status, **tags)], alive=alive)
    assert decided(plan) == (action, reason, "r1")


def test_only_what_is_new_changed_or_interrupted_is_started_and_failures_when_asked(sweeps):
    starting = {Action.NEW, Action.CHANGED, Action.AGAIN, Action.RESUME}
    assert {action for action in Action if action.starts} == starting
    first, second, *_ = sweeps["a"].trials
    plan = plan_of(sweeps, [record(first, "failed", reason="oom"), record(second)])
    assert [step.label for step in plan.to_start()] == ["a/tfr1"]
    assert [step.label for step in plan.to_start(retry_failed=True)] == ["a/tfr0", "a/tfr1"]


@pytest.mark.parametrize("outcome", ["finished", "failed", "interrupted", "abandoned"])
def test_a_trial_that_is_to_be_trained_again_begins_anew_in_another_run(outcome, sweeps):
    first = sweeps["a"].trials[0]
    plan = plan_of(sweeps, [record(first, outcome, set_aside="7", epochs="2")])
    assert decided(plan)[::2] == (Action.AGAIN, "r1")
    (step,) = (step for step in plan.to_start() if step.trial is first)
    assert (step.record, step.earlier.run_id, step.epochs_done) == (None, "r1", 0)
    assert trainer_changes(plan) == ()
    running = record(first, None, run_id="r2", start_ms=2)
    assert decided(plan_of(sweeps, [plan.steps[0].record, running], alive=True))[0] is Action.RUNNING


def test_a_trial_that_two_sweeps_share_is_trained_once_and_done_for_both(sweeps):
    shared = sweeps["b"].trials[0]
    assert shared.fingerprint == sweeps["a"].trials[2].fingerprint
    assert [step.label for step in plan_of(sweeps, []).to_start()] == ["a/tfr0", "a/tfr0.5", "a/tfr1"]
    plan = plan_of(sweeps, [record(shared)])
    assert plan.counts() == {"new": 2, "done": 2}
    assert {step.record.run_id for step in plan.steps if step.record} == {"r1"}


@pytest.mark.parametrize(
    ("outcomes", "best"),
    [
        ([("failed", 1), ("finished", 2), ("interrupted", 3)], 1),
        ([("interrupted", 1), ("failed", 3), ("interrupted", 2)], 1),
        ([(None, 1), ("failed", 2)], 0),
        ([("finished", 1), (None, 2)], 0),
        ([("finished", 1), ("finished", 2)], 1),
    ],
)
@pytest.mark.parametrize("backwards", [False, True])
def test_of_several_runs_of_one_config_the_best_speaks(outcomes, best, backwards, sweeps):
    trial = sweeps["a"].trials[0]
    runs = [record(trial, o, run_id=f"r{i}", start_ms=start) for i, (o, start) in enumerate(outcomes)]
    plan = plan_of(sweeps, reversed(runs) if backwards else runs)
    assert plan.steps[0].record.run_id == f"r{best}"


def test_a_name_with_another_config_is_changed_and_its_old_run_is_not_removed(sweeps, tmp_path):
    old = expanded(tmp_path, TEXT.replace("a: {grid", "a: {set: {lr: 2}, grid"))[0]["a"].trials[0]
    runs = [record(old, run_id="older", start_ms=1), record(old, run_id="old-with-id", start_ms=2)]
    plan = plan_of(sweeps, reversed(runs))
    step = plan.steps[0]
    assert (step.action, step.record, step.earlier.run_id) == (Action.CHANGED, None, "old-with-id")
    assert step.reason == "the recorded run old-with has another config"
    assert plan.removed == ()
    assert step in plan.to_start()


def test_going_back_to_an_earlier_config_finds_its_run_again(sweeps, tmp_path):
    other = expanded(tmp_path, TEXT.replace("a: {grid", "a: {set: {lr: 2}, grid"))[0]["a"].trials[0]
    runs = [record(sweeps["a"].trials[0], start_ms=1), record(other, run_id="r2", start_ms=2)]
    assert decided(plan_of(sweeps, runs)) == (Action.DONE, "", "r1")


def test_recorded_trials_that_the_file_no_longer_names_are_removed_not_forgotten(sweeps, tmp_path):
    gone = expanded(tmp_path, "sweeps: {a: {grid: {tfr: [0.25]}}}")[0]["a"].trials[0]
    plan = plan_of(sweeps, [record(gone)])
    assert [run.run_id for run in plan.removed] == ["r1"]
    assert plan.counts() == {"new": 4, "removed": 1}


def test_runs_of_another_profile_are_neither_changed_nor_removed(sweeps, tmp_path):
    old, gone = expanded(tmp_path, "sweeps: {a: {set: {lr: 2}, grid: {tfr: [0, 0.25]}}}")[0]["a"].trials
    runs = [record(old, profile="quick"), record(gone, profile="quick", run_id="r2")]
    assert plan_of(sweeps, runs, profile="report").counts() == {"new": 4}
    assert plan_of(sweeps, runs, profile="quick").counts() == {"new": 3, "changed": 1, "removed": 1}


def test_a_finished_config_is_done_whatever_its_profile(sweeps):
    run = record(sweeps["a"].trials[0], profile="quick")
    assert decided(plan_of(sweeps, [run], profile="report"))[0] is Action.DONE


def test_runs_that_are_no_trials_are_not_looked_at(sweeps):
    parent = RunRecord("p", "a", None, "sweep", "RUNNING", 1, None, {"sweeps.sweep": "a"})
    foreign = RunRecord("f", "mine", None, "", "FINISHED", 1, None, {})
    assert plan_of(sweeps, [parent, foreign]).counts() == {"new": 4}


def test_a_selection_keeps_its_part_of_the_plan_and_removes_nothing(tmp_path):
    sweeps, _ = expanded(tmp_path, TEXT)
    plan = plan_of(sweeps, [])
    picked = Selection.parse(["tfr=0.5"], [], list(sweeps.values())).of_plan(plan)
    assert [step.label for step in picked.steps] == ["a/tfr0.5"]
    everything = Selection.parse([], [], list(sweeps.values()))
    assert everything.of_plan(plan) is plan


def test_changed_keys_tell_both_values_and_what_came_and_went():
    assert (
        changed_keys({"lr": "1", "a": "x", "k": "0"}, {"lr": "2", "b": "y", "k": "0"})
        == "a (gone), b (new), lr 1 -> 2"
    )
    assert changed_keys({"a": "1"}, {"a": "1"}) == ""


def test_the_reason_of_a_changed_trial_is_the_keys_that_changed_in_its_latest_run(sweeps, tmp_path):
    old = expanded(tmp_path, TEXT.replace("a: {grid", "a: {set: {lr: 2}, grid"))[0]["a"].trials[0]
    params = [("r1", key, str(value)) for key, value in old.config.items()]
    plan = with_changed_keys(plan_of(sweeps, [record(old)]), [*params, ("r9", "lr", "7")], str)
    assert [step.reason for step in plan.steps] == ["lr 2.0 -> 0.001", "", "", ""]


def test_a_key_that_the_trainer_got_later_is_named_only_where_its_value_changed(sweeps, tmp_path):
    old = expanded(tmp_path, TEXT.replace("a: {grid", "a: {set: {lr: 2}, grid"))[0]["a"].trials[0]
    params = [("r1", key, str(value)) for key, value in old.config.items() if key != "epochs"]
    for before, reason in ((3, "lr 2.0 -> 0.001"), (2, "epochs 2 -> 3, lr 2.0 -> 0.001")):
        plan = with_changed_keys(plan_of(sweeps, [record(old)]), params, str, {"epochs": before})
        assert plan.steps[0].reason == reason


def test_a_plan_of_nothing_starts_nothing():
    assert (Plan((), ()).counts(), Plan((), ()).to_start()) == ({}, ())


@pytest.mark.parametrize("outcome", ["finished", "failed", "interrupted"])
def test_a_trial_that_only_another_trainer_ran_is_changed_and_starts(sweeps, outcome):
    foreign = record(sweeps["a"].trials[0], outcome, trainer="old:train")
    plan = plan_of(sweeps, [], others=[foreign], trainer="new:train")
    assert decided(plan) == (Action.CHANGED, "trainer old:train -> new:train", None)
    assert plan.steps[0] in plan.to_start()
    assert trainer_changes(plan) == ("changed: trainer old:train -> new:train (tfr0)",)
    assert with_changed_keys(plan, [("r1", "tfr", "0")], str) == plan


def test_a_trial_that_this_trainer_ran_too_is_done_whatever_another_one_did(sweeps):
    trial = sweeps["a"].trials[0]
    foreign = record(trial, "finished", run_id="r2", start_ms=9, trainer="old:train")
    plan = plan_of(sweeps, [record(trial, "finished")], others=[foreign], trainer="new:train")
    assert decided(plan) == (Action.DONE, "", "r1")
    assert trainer_changes(plan) == ()


def test_what_begins_anew_has_no_epochs_done_and_only_what_is_taken_up_again_is_asked(sweeps):
    one, two, three = sweeps["a"].trials
    records = [
        record(one, "interrupted", run_id="r1", epochs="4"),
        record(two, "failed", run_id="r2", epochs="4"),
        record(three, run_id="r3", epochs="4"),
    ]
    answers = {"r1": False, "r2": None}
    plan = with_beginnings(plan_of(sweeps, records), lambda step: answers[step.record.run_id])
    found = [(step.goes_on, step.epochs_done) for step in plan.steps]
    assert found == [(False, 0), (None, 4), (True, 4), (True, 4)]
