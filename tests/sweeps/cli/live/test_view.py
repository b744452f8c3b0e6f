"""How a launch stands, as plain values."""

import json

from analysis.read.outcomes import Outcome
from analysis.results.criterion import BEST, HIGHER, LOWER, MEAN, Criterion
from sweeps.cli.live.view import View, view_of
from sweeps.cli.progress import STOPPING
from sweeps.cli.time_left import TimeLeft
from sweeps.executors.base import Stop
from sweeps.pace.judged_values import JudgedValues
from sweeps.rundir.journal import Metrics
from sweeps.scheduler.verdict import Verdict
from tests.sweeps.scheduler.jobs import job, running


def jobs():
    busy = running("busy", epochs=4)
    busy.progress.note(Metrics(0, 1, {"train/loss": 0.5, "val/psnr": 20.0}))
    failed = job("failed")
    failed.concluded(Verdict(Outcome.FAILED, "exit code 1\nand more"))
    done = job("done")
    done.concluded(Verdict(Outcome.FINISHED, ""))
    return [done, job("waiting"), failed, busy]


def test_a_view_has_a_row_a_trial_with_its_numbers():
    view = view_of(jobs(), 1, 10, "note")
    assert [row.state for row in view.rows] == ["finished", "waiting", "failed", "running"]
    assert (view.ended, view.total, view.note) == (2, 4, "note")
    busy = view.rows[-1]
    assert (busy.label, busy.epochs, busy.values) == ("a/busy", "2/4", (0.5, 20.0))
    assert view.columns == ("trial", "state", "epoch", "left", "loss", "score")
    assert busy.left_s >= 0
    assert "\n" not in view.rows[2].reason


def test_what_was_interrupted_has_not_ended_and_where_all_stops_no_time_is_left(monkeypatch):
    monkeypatch.setattr(TimeLeft, "of_all", lambda *_: 60.0)
    stopped = running("stopped", epochs=4)
    stopped.concluded(Verdict(Outcome.INTERRUPTED, "stopped"))
    view = view_of([*jobs(), stopped], 1, 10, "note")
    assert (view.ended, view.interrupted, view.left_s) == (3, 1, None)
    assert view.foot == "2 of 5 ended, 1 interrupted."
    assert view_of(jobs(), 1, 10, STOPPING[Stop.ASK]).foot == "2 of 4 ended."
    assert view_of(jobs(), 1, 10).foot == "2 of 4 ended, about 1m00s left."


def test_the_files_measures_are_its_columns_also_of_a_trial_that_has_ended():
    criteria = (Criterion("acc", HIGHER), Criterion("frame/x", HIGHER), Criterion("cost", LOWER))
    busy = running("busy", criteria=criteria)
    busy.progress.note(Metrics(0, 1, {"loss": 0.5, "acc": 0.9, "cost": 3.0}))
    done = running("done", criteria=criteria)
    done.progress.note(Metrics(0, 1, {"loss": 0.5, "cost": 4.0}))
    done.concluded(Verdict(Outcome.FINISHED, ""))
    view = view_of([busy, done], 1, 10)
    assert view.columns[4:] == ("acc", "cost")
    assert [row.cells[4:] for row in view.rows] == [("0.9", "3"), ("", "4")]
    assert View.from_json(json.loads(json.dumps(view.to_json()))) == view


def test_a_file_of_an_earlier_version_is_read():
    now = view_of(jobs(), 1, 10).to_json()
    before = {key: value for key, value in now.items() if key != "metrics"}
    before["rows"] = [
        {
            **{key: value for key, value in row.items() if key != "values"},
            "loss": row["values"][0],
            "score": row["values"][1],
        }
        for row in now["rows"]
    ]
    assert View.from_json(before) == View.from_json(now)


def test_where_there_is_no_room_running_and_failed_trials_stay_in_the_files_order():
    assert [row.state for row in view_of(jobs(), 1, 2).rows] == ["failed", "running"]
    view = view_of(jobs(), 1, 10).within(1)
    assert [row.state for row in view.rows] == ["running"]
    assert view.total == 4


def test_a_view_goes_through_a_file_unchanged():
    view = view_of(jobs(), 1, 10, "note")
    assert View.from_json(json.loads(json.dumps(view.to_json()))) == view


def test_steps_are_called_so_where_the_config_counts_them():
    busy = running("busy", epochs=4, unit="step")
    busy.progress.note(Metrics(0, 1, {"loss": 0.5}))
    view = view_of([busy], 1, 10)
    assert (view.columns[2], view.rows[0].epochs) == ("step", "2/4")
    assert View.from_json(json.loads(json.dumps(view.to_json()))) == view


def test_epochs_that_nothing_tells_are_not_shown_as_none():
    busy = running("busy", epochs=4)
    assert view_of([busy], 1, 10).rows[0].epochs == "0/4"
    busy.progress.note(Metrics(0, 30, {"loss": 0.5}, epochs=0))
    assert view_of([busy], 1, 10).rows[0].epochs == "?/4"


def test_a_measure_that_is_called_as_a_setting_is_told_apart():
    judged = running("x", criteria=(Criterion("factor", HIGHER), Criterion("f1", HIGHER)))
    judged.progress.note(Metrics(0, 0, {"factor": 0.25, "f1": 0.5}))
    view = view_of([judged], 1, 10)
    assert (view.metrics, view.rows[0].values) == (("factor (metric)", "f1"), (0.25, 0.5))


def test_a_measure_that_is_called_as_a_column_of_its_own_is_told_apart():
    assert View((), 0, 0, None, metrics=("left", "f1")).columns[3:] == ("left", "left (metric)", "f1")


def test_a_measure_of_which_another_value_than_the_last_counts_shows_that_and_says_so():
    criteria = (Criterion("factor", HIGHER, value=BEST), Criterion("f1", HIGHER, value=MEAN))
    judged = running("x", criteria=criteria)
    judged.progress.judged = JudgedValues(criteria)
    for step, value in ((1, 0.75), (2, 0.25)):
        judged.progress.note(Metrics(0, step, {"factor": value, "f1": value}))
    view = view_of([judged, job("y", criteria=criteria)], 1, 10)
    assert view.columns[4:] == ("factor (metric) (best)", "f1 (mean)")
    assert [row.values for row in view.rows] == [(0.75, 0.5), (None, None)]
    other = running("z", criteria=(Criterion("f1", HIGHER),))  # another sweep's
    other.progress.note(Metrics(0, 1, {"f1": 1.0}))
    view = view_of([judged, other], 1, 10)
    assert (view.columns[5:], view.rows[1].values) == (("f1",), (None, 1.0))
