import json

from analysis.read.store import RunRecord
from sweeps.planning.search_history import (
    curves_by_run,
    members,
    next_number,
    progress,
    scores,
    tag_text,
    trial_name,
    trial_number,
    with_recorded,
)
from tests.sweeps.specs import expanded

TEXT = """\
    sweeps:
      a: {search: {space: {tfr: {float: [0, 1]}}, objective: {loss: min}, trials: 4, enqueue: [{tfr: 0.5}, {tfr: 1}]}}
    """


def run_of(search, tfr, number, outcome="finished", fingerprint=None):
    trial = search.trial({"tfr": tfr}, trial_name(number))
    tags = {
        "sweeps.fingerprint": fingerprint or trial.fingerprint,
        "sweeps.outcome": outcome,
        "sweeps.search": tag_text("", "a", trial.name, {"tfr": tfr}, "study", number),
    }
    status = {"finished": "FINISHED", "failed": "FAILED"}.get(outcome, "KILLED")
    return RunRecord(f"r{number}", trial.name, "parent", "trial", status, number, None, tags)


def test_runs_count_whose_suggestion_still_makes_their_config(tmp_path):
    sweeps, _ = expanded(tmp_path, TEXT)
    search = sweeps["a"].search
    records = [
        run_of(search, 0.5, 1),
        run_of(search, 0.75, 2, "interrupted"),
        run_of(search, 0.1, 3, fingerprint="s1-x"),
    ]
    assert [(member.trial.name, member.ended) for member in members(search, records)] == [
        ("trial-001", True),
        ("trial-002", False),
    ]
    (found,) = with_recorded(list(sweeps.values()), records)
    assert [trial.name for trial in found.trials] == ["trial-001", "trial-002"]
    assert next_number("a", records) == 4
    state = progress(search, records)
    assert (state.done, state.begun, state.to_begin, state.points) == (1, 1, 2, ({"tfr": 1},))


def test_a_tag_keeps_what_other_sweeps_wrote():
    text = tag_text(tag_text("", "a", "trial-001", {}, "s", 0), "b", "trial-002", {"x": 1}, "s", 1)
    assert {sweep: entry["name"] for sweep, entry in json.loads(text).items()} == {
        "a": "trial-001",
        "b": "trial-002",
    }
    assert json.loads(tag_text("no json", "a", "n", {}, "s", 0)).keys() == {"a"}


def test_names_of_trials_are_numbers():
    assert (trial_name(7), trial_number("trial-007"), trial_number("tfr7")) == ("trial-007", 7, None)


def test_of_a_step_that_was_logged_twice_the_latest_value_stands(tmp_path):
    batch = (["r", "r", "r"], ["loss"] * 3, [0, 1, 0], [10, 11, 12], [3.0, 2.0, 1.0])
    curves = curves_by_run([batch])
    assert curves == {"r": {"loss": {0: 1.0, 1: 2.0}}}
    objectives = expanded(tmp_path, TEXT)[0]["a"].search.spec.objectives
    assert scores(objectives, curves["r"]) == (2.0,)
    assert scores(objectives, {}) is None
    assert scores(objectives, {"loss": {0: float("nan")}}) is None
