"""A search's trials, progress and scores, read from the record."""

import json
import math
import random

import pytest

from analysis.read.store import PointColumns, RunRecord
from analysis.results.searches.prunings import Pruning, prunings_text
from sweeps.errors import Place
from sweeps.planning.search_history import (
    curves_by_run,
    entry_of,
    members,
    next_number,
    numbered_name,
    progress,
    scores,
    tag_text,
    trial_number,
    until,
    with_recorded,
)
from sweeps.rows.plan import why_none_of
from sweeps.spec.search_space import Objective
from tests.sweeps.specs import expanded, names

TEXT = """\
    sweeps:
      g: {{grid: {{lr: [1, 2]}}}}
      s:
        set: {{lr: {lr}}}
        search:
          space: {{tfr: {{float: [0, 1]}}}}
          objective: {{loss: min}}
          trials: 5
          {pruner}
          enqueue: [{{tfr: 0.5}}, {{tfr: 0.25}}]
    """
STEPPED = TEXT.replace("float: [0, 1]", "float: [0, 1], step: 0.1").replace("0.25", "0.3")
STATUSES = {"finished": "FINISHED", "pruned": "FINISHED", "failed": "FAILED", "": "RUNNING"}


@pytest.fixture
def sweeps_of(tmp_path):
    def made(lr=1, pruner=""):
        return expanded(tmp_path, TEXT.format(lr=lr, pruner=pruner))[0]

    return made


@pytest.fixture
def search(sweeps_of):
    return sweeps_of()["s"].search


def recorded(search, number, tfr, outcome="finished", /, *, sweep="s", kind="trial", **changed):
    """The run of a suggestion as `sweep run` leaves it; `changed` are other tags, as `sweeps.<name>`."""
    trial = search.trial({"tfr": tfr}, numbered_name(number))
    known = {
        "sweeps.fingerprint": trial.fingerprint,
        "sweeps.outcome": outcome,
        "sweeps.search": tag_text("", sweep, trial.name, {"tfr": tfr}, "study", number),
    }
    known |= {f"sweeps.{name}": value for name, value in changed.items()}
    status = STATUSES.get(outcome, "KILLED")
    return RunRecord(f"r{number}", trial.name, None, kind, status, number, None, known)


def test_a_trial_is_named_by_its_number_and_the_number_is_read_from_the_name():
    assert [numbered_name(number) for number in (7, 1234)] == ["trial-007", "trial-1234"]
    assert [trial_number(name) for name in ("trial-007", "trial-1234", "lr0.1", "trial-7b")] == [
        *(7, 1234, None, None),
    ]


def test_no_number_is_used_twice_even_where_the_file_has_changed(search):
    runs = [recorded(search, 2, 0.5), recorded(search, 9, 0.5, fingerprint="of another config")]
    assert next_number("s", runs) == 10
    assert next_number("other", runs) == 1
    assert next_number("s", []) == 1


def test_a_runs_tag_has_an_entry_for_each_search_that_it_is_a_trial_of():
    first = tag_text("", "s", "trial-001", {"tfr": 0.5}, "study", 0)
    both = json.loads(tag_text(first, "t", "trial-004", {"x": [1]}, "other", 3))
    assert both == {
        "s": {"name": "trial-001", "study": "study", "number": 0, "params": {"tfr": 0.5}},
        "t": {"name": "trial-004", "study": "other", "number": 3, "params": {"x": [1]}},
    }


@pytest.mark.parametrize("before", ["no json", "[1]", "3"])
def test_a_tag_that_cannot_be_read_is_replaced(before):
    assert list(json.loads(tag_text(before, "s", "trial-001", {}, "study", 0))) == ["s"]


@pytest.mark.parametrize(
    "text",
    ["", "no json", "[]", "{}", '{"s": 1}', '{"s": {"name": "x"}}', '{"s": {"name": 1, "params": {}}}'],
)
def test_a_run_whose_tag_is_not_an_entry_of_the_search_is_none_of_its_trials(search, text):
    run = recorded(search, 1, 0.5, search=text)
    assert entry_of(run, "s") is None
    assert members(search, [run]) == []


def test_the_trials_of_a_search_are_the_runs_that_were_suggested_for_it_and_have_the_config_of_today(
    search, sweeps_of
):
    runs = [
        recorded(search, 1, 0.5),
        recorded(search, 2, 0.75, sweep="other"),
        recorded(search, 3, 0.1, kind="sweep"),
        recorded(search, 4, 0.2, search=tag_text("", "s", "trial-004", {"tfr": 1.5}, "study", 4)),
        recorded(sweeps_of(lr=2)["s"].search, 5, 0.3),
    ]
    (member,) = members(search, runs)
    assert (member.run.run_id, member.trial.name, member.params) == ("r1", "trial-001", {"tfr": 0.5})


def test_of_several_runs_of_one_config_one_is_the_trial(search):
    runs = [recorded(search, 1, 0.5, "failed"), recorded(search, 2, 0.5), recorded(search, 3, 0.5, "failed")]
    assert [member.run.run_id for member in members(search, runs)] == ["r2"]


@pytest.mark.parametrize(
    ("outcome", "ended"),
    [("finished", True), ("pruned", True), ("failed", True), ("interrupted", False), ("", False)],
)
def test_a_trial_counts_once_it_has_finished_failed_or_been_pruned(sweeps_of, outcome, ended):
    search = sweeps_of(pruner="pruner: median")["s"].search
    (member,) = members(search, [recorded(search, 1, 0.5, outcome)])
    assert member.ended is ended


def test_what_was_pruned_is_unfinished_for_a_search_without_a_pruner(search):
    (member,) = members(search, [recorded(search, 1, 0.5, "pruned", reason="median: loss 9 after epoch 0")])
    assert (member.ended, member.run.outcome, member.until) == (False, "interrupted", None)


def test_a_run_that_was_pruned_and_then_went_on_elsewhere_counts_up_to_where_it_was_pruned(sweeps_of):
    search = sweeps_of(pruner="pruner: median")["s"].search
    pruning = {"s": Pruning("loss", "min", "median: loss 9 after epoch 3", "4", "12.000")}
    (member,) = members(search, [recorded(search, 1, 0.5, pruned=prunings_text(pruning), epochs="20")])
    assert (member.ended, member.run.outcome, member.run.epochs, member.until) == (True, "pruned", 4, 3)
    curves = {"loss": {2: 9.5, 3: 9.0, 4: 1.0}, "time/epoch_s": {4: 1.0}}
    assert until(curves, member.until) == {"loss": {2: 9.5, 3: 9.0}, "time/epoch_s": {}}


def test_the_progress_of_a_search_counts_its_trials_and_lists_the_points_to_come(sweeps_of):
    search = sweeps_of(pruner="pruner: median")["s"].search
    runs = [
        recorded(search, 1, 0.5),
        recorded(search, 2, 0.1, "pruned"),
        recorded(search, 3, 0.2, "interrupted"),
    ]
    so_far = progress(search, runs)
    assert (so_far.sweep, so_far.wanted, dict(so_far.ended)) == ("s", 5, {"finished": 1, "pruned": 1})
    assert (so_far.done, so_far.begun, so_far.to_begin) == (2, 1, 2)
    assert so_far.points == ({"tfr": 0.25},)


def test_a_search_with_more_trials_than_it_wants_begins_none(search):
    runs = [recorded(search, number, number / 10) for number in range(1, 8)]
    assert progress(search, runs).to_begin == 0


def test_the_pruner_is_named_beside_the_sampler_where_there_is_one(sweeps_of):
    assert progress(sweeps_of()["s"].search, []).how == "tpe"
    assert progress(sweeps_of(pruner="pruner: median")["s"].search, []).how == "tpe, median"


def test_searches_get_the_trials_of_the_record_and_grids_keep_their_own(sweeps_of):
    sweeps = sweeps_of()
    runs = [recorded(sweeps["s"].search, 1, 0.5), recorded(sweeps["s"].search, 2, 0.75)]
    grid, search = with_recorded(list(sweeps.values()), runs)
    assert grid is sweeps["g"]
    assert names(search) == ["trial-001", "trial-002"]


def test_of_a_step_that_was_logged_twice_the_latest_value_stands():
    points = [
        *(("r1", "loss", 0, 10, 3.0), ("r1", "loss", 1, 20, 2.0), ("r1", "loss", 1, 30, 1.5)),
        *(("r1", "psnr", 0, 10, 9.0), ("r2", "loss", 0, 5, 4.0), ("r2", "loss", 0, 4, 8.0)),
    ]
    random.Random(5).shuffle(points)
    batches = [PointColumns(*zip(*points[:3], strict=True)), PointColumns(*zip(*points[3:], strict=True))]
    assert curves_by_run(batches) == {
        "r1": {"loss": {0: 3.0, 1: 1.5}, "psnr": {0: 9.0}},
        "r2": {"loss": {0: 4.0}},
    }


def test_a_trial_has_a_score_for_each_objective_or_none_at_all():
    place = Place("e.yaml")
    objectives = [
        Objective("loss", maximize=False, place=place),
        Objective("psnr", maximize=True, place=place, of_curve="best"),
    ]
    curves = {"loss": {0: 3.0, 1: 2.0}, "psnr": {0: 9.0, 1: 8.0}}
    assert scores(objectives, curves) == (2.0, 9.0)
    assert scores(objectives, {"loss": curves["loss"]}) is None
    assert scores(objectives, curves | {"loss": {0: 1.0, 1: math.nan}}) is None


def test_a_record_of_before_steps_were_rounded_keeps_its_trials_and_their_spelling(tmp_path):
    search = expanded(tmp_path, STEPPED.format(lr=1, pruner=""))[0]["s"].search
    summed = 0.1 + 0.1 + 0.1
    old = recorded(search, 1, summed)
    assert [member.params for member in members(search, [old])] == [{"tfr": summed}]
    assert search.spelled({"tfr": 0.3}) == search.spelled({"tfr": summed}) == {"tfr": summed}
    assert progress(search, [old]).points == ({"tfr": 0.5},), "the starting point 0.3 has been tried"


def test_what_is_not_recorded_is_spelled_as_a_person_writes_it(tmp_path):
    search = expanded(tmp_path, STEPPED.format(lr=1, pruner=""))[0]["s"].search
    assert search.spelled({"tfr": 0.1 + 0.1 + 0.1}) == {"tfr": 0.3}
    assert search.points == ({"tfr": 0.5}, {"tfr": 0.3})


def test_a_record_that_has_both_spellings_keeps_both(tmp_path):
    search = expanded(tmp_path, STEPPED.format(lr=1, pruner=""))[0]["s"].search
    summed = 0.1 + 0.1 + 0.1
    members(search, [recorded(search, 1, summed), recorded(search, 2, 0.3)])
    assert [search.spelled({"tfr": tfr})["tfr"] for tfr in (summed, 0.3)] == [summed, 0.3]


WIDER = """\
    sweeps:
      s:
        set: {{{fixed}}}
        search: {{space: {{{space}}}, objective: {{loss: min}}, trials: 5}}
    """


def searching(tmp_path, fixed, space):
    return expanded(tmp_path, WIDER.format(fixed=fixed, space=space))[0]["s"].search


def test_a_key_that_was_set_and_is_searched_now_is_part_of_the_suggestion(tmp_path, search):
    runs = [recorded(search, 1, 0.5), recorded(search, 2, 0.75)]
    wider = searching(tmp_path, "lr: 1", "tfr: {float: [0, 1]}, lr: {float: [0.5, 2]}")
    assert [member.params for member in members(wider, runs)] == [
        {"tfr": 0.5, "lr": 1},
        {"tfr": 0.75, "lr": 1},
    ]
    elsewhere = searching(tmp_path, "lr: 1", "tfr: {float: [0, 1]}, lr: {float: [2, 3]}")
    assert members(elsewhere, runs) == []
    assert why_none_of(elsewhere, runs[0], {}, str) == "outside the search space: lr 1"


def test_a_key_that_was_searched_and_is_set_now_keeps_the_trials_of_that_value(tmp_path, search):
    runs = [recorded(search, 1, 0.5), recorded(search, 2, 0.75)]
    narrower = searching(tmp_path, "tfr: 0.5", "lr: {float: [0.5, 2]}")
    assert members(narrower, runs) == []  # its file sets no lr, and the default is another
    narrower = searching(tmp_path, "tfr: 0.5, lr: 1", "lr: {float: [0.5, 2]}")
    assert [member.params for member in members(narrower, runs)] == [{"lr": 1}]
    assert why_none_of(narrower, runs[0], {}, str) == ""
    trial = narrower.trial({"lr": 1}, "")
    had = {key: str(value) for key, value in trial.config.items()} | {"tfr": "0.75"}
    assert why_none_of(narrower, runs[1], had, str) == "tfr 0.75 -> 0.5"
