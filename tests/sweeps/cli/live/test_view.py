"""How a launch stands, as plain values."""

import json

from analysis.read.outcomes import Outcome
from sweeps.cli.live.view import View, view_of
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
    assert (busy.label, busy.epochs, busy.loss, busy.score) == ("a/busy", "2/4", 0.5, 20.0)
    assert busy.left_s >= 0
    assert "\n" not in view.rows[2].reason


def test_where_there_is_no_room_running_and_failed_trials_stay_in_the_files_order():
    assert [row.state for row in view_of(jobs(), 1, 2).rows] == ["failed", "running"]
    view = view_of(jobs(), 1, 10).within(1)
    assert [row.state for row in view.rows] == ["running"]
    assert view.total == 4


def test_a_view_goes_through_a_file_unchanged():
    view = view_of(jobs(), 1, 10, "note")
    assert View.from_json(json.loads(json.dumps(view.to_json()))) == view
