import math
from dataclasses import replace

import pytest

from analysis.read.record import Record
from analysis.results.matching import match, read_results
from analysis.results.results import PSNR, Curve
from tests.analysis.recorded import (
    EPOCHS,
    EXPERIMENT,
    FAILED,
    FINISHED,
    RUNNING,
    START_MS,
    Recording,
    ratio_study,
    record,
    record_trial,
    result_of,
)

STUDY = ratio_study(strategies=("Cyclical",))
TRIAL = STUDY.trials[0]


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
    assert Curve((0, 1, 2, 3), (1.0, 7.0, math.nan, 7.0)).best == (7.0, 1)
    assert Curve((0,), (math.nan,)).best is None


def test_skill_is_psnr_less_copying_at_the_last_epoch():
    result = result_of(TRIAL)
    assert result.skill_db == pytest.approx(result.curves["val/skill"].last)


def test_wall_time_counts_epochs_and_not_the_pauses_between_attempts():
    assert result_of(TRIAL).wall_s == pytest.approx(2.5 * EPOCHS)
    assert result_of(TRIAL, Recording(without=("time/epoch_s",))).wall_s == 60.0
    assert result_of(TRIAL, None).wall_s is None


def test_a_trial_is_shown_by_the_run_that_stands_whatever_sweep_recorded_it():
    run = result_of(TRIAL).run
    tags = dict(run.tags)
    old = replace(run, run_id="old")
    new = replace(run, run_id="new", start_ms=START_MS + 5)
    foreign = replace(run, run_id="foreign", tags=tags | {"sweeps.sweep": "else"}, start_ms=START_MS + 9)
    parent = replace(run, run_id="parent", kind="sweep", start_ms=START_MS + 99)
    (result, *others) = match(STUDY, [new, foreign, old, parent]).results
    assert (result.run.run_id, result.others) == ("foreign", 2)
    assert all(other.run is None for other in others)


def test_a_finished_run_stands_before_a_failed_one_that_came_later():
    finished = result_of(TRIAL).run
    tags = dict(finished.tags) | {"sweeps.outcome": "failed"}
    failed = replace(finished, run_id="later", tags=tags, status="FAILED", start_ms=START_MS + 9)
    assert match(STUDY, [finished, failed]).results[0].state == "finished"


def test_reading_gives_the_curves_of_the_matched_runs(store):
    record(store.client, STUDY, {"Cyclical-tfr0.5": FAILED, "Cyclical-tfr0.0": None})
    record_trial(store.client, STUDY, TRIAL, Recording(epochs=3), START_MS + 9_000)
    (found,) = read_results(Record(store.uri, EXPERIMENT), [STUDY])
    assert [result.state for result in found.results] == ["finished", "failed", "missing"]
    assert [result.epochs for result in found.results] == [3, 4, 0]
    assert found.results[0].others == 1
    expected = result_of(TRIAL, Recording(epochs=3)).curves[PSNR]
    assert found.results[0].curves[PSNR] == expected


def test_an_infinity_is_no_number(store):
    run_id = record(store.client, STUDY)[TRIAL.name]
    store.client.log_metric(run_id, PSNR, math.inf, step=EPOCHS)
    (found,) = read_results(Record(store.uri, EXPERIMENT), [STUDY])
    assert math.isnan(found.results[0].curves[PSNR].last)
