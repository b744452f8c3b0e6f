import math
from dataclasses import replace

import pytest

from analysis.results.results import Curve
from tests.analysis.recorded import (
    EPOCHS,
    FAILED,
    FINISHED,
    RUNNING,
    Recording,
    ratio_sweep,
    result_of,
)

SWEEP = ratio_sweep(strategies=("Cyclical",))
TRIAL = SWEEP.trials[0]


@pytest.mark.parametrize(
    ("recording", "condition"),
    [
        (None, "missing: no run is recorded"),
        (FINISHED, "finished after 12 epochs"),
        (RUNNING, "running, 5 epochs so far"),
        (replace(RUNNING, epochs=1), "running, 1 epoch so far"),
        (FAILED, "failed after 4 epochs: loss is NaN in epoch 4, batch 2"),
        (Recording(epochs=0, status="KILLED", tags={}), "killed after 0 epochs"),
    ],
)
def test_a_condition_says_how_far_it_came_and_why_it_ended(recording, condition):
    assert result_of(TRIAL, recording).condition == condition


def test_the_best_epoch_is_the_first_of_equals_and_never_nan():
    assert Curve((0, 1, 2, 3), (1.0, 7.0, math.nan, 7.0)).best_by(1) == (7.0, 1)
    assert Curve((0,), (math.nan,)).best_by(1) is None


def test_skill_is_psnr_less_copying_at_the_last_epoch():
    result = result_of(TRIAL)
    assert result.skill_db == pytest.approx(result.curves["val/skill"].last)


def test_wall_time_counts_epochs_and_not_the_pauses_between_attempts():
    assert result_of(TRIAL).wall_s == pytest.approx(2.5 * EPOCHS)
    assert result_of(TRIAL, Recording(without=("time/epoch_s",))).wall_s == 60.0
    assert result_of(TRIAL, None).wall_s is None


def test_an_adopted_run_whose_files_tell_no_times_has_no_duration():
    found = result_of(TRIAL, Recording(without=("time/epoch_s",)))
    tags = found.run.tags | {"sweeps.adopted": "folder /x"}
    assert replace(found, run=replace(found.run, tags=tags)).wall_s == 60.0
    assert replace(found, run=replace(found.run, tags=tags, end_ms=found.run.start_ms)).wall_s is None
