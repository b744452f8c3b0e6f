from dataclasses import replace

import pytest

from analysis.results.results import LOSS, PSNR, Curve, counts_epochs, step_word
from tests.analysis.judged import F1, at_batches, judged
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
        (Recording(epochs=0, status="KILLED", tags={}), "killed, nothing recorded"),
    ],
)
def test_a_condition_says_how_far_it_came_and_why_it_ended(recording, condition):
    assert result_of(TRIAL, recording).condition == condition


def test_skill_is_psnr_less_copying_at_the_last_epoch():
    result = result_of(TRIAL)
    assert result.skill_db == pytest.approx(result.curves["val/skill"].last)


def test_wall_time_counts_epochs_and_not_the_pauses_between_attempts():
    assert result_of(TRIAL).wall_s == pytest.approx(2.5 * EPOCHS)
    assert result_of(TRIAL, Recording(without=("time/epoch_s",))).wall_s == 60.0
    assert result_of(TRIAL, None).wall_s is None
    found = result_of(TRIAL, Recording(without=("time/epoch_s",)))
    told = {**found.run.tags, "sweeps.seconds": "7.25"}
    assert replace(found, run=replace(found.run, tags=told)).wall_s == 7.25
    assert replace(found, run=replace(found.run, tags=told, end_ms=None)).wall_s is None
    assert replace(result_of(TRIAL), run=replace(found.run, tags=told)).wall_s == pytest.approx(2.5 * EPOCHS)


def test_an_adopted_run_whose_files_tell_no_times_has_no_duration():
    found = result_of(TRIAL, Recording(without=("time/epoch_s",)))
    tags = found.run.tags | {"sweeps.adopted": "folder /x"}
    assert replace(found, run=replace(found.run, tags=tags)).wall_s == 60.0
    assert replace(found, run=replace(found.run, tags=tags, end_ms=found.run.start_ms)).wall_s is None


@pytest.mark.parametrize(
    ("last", "asked", "noted", "by_epoch", "counts"),
    [
        (7, 8, 8, None, True),
        (8, 8, 8, None, True),  # counted from 1
        (175, 8, 8, None, False),
        (175, 8, 176, True, False),  # a function that records each batch
        (175, None, 176, True, True),
        (175, None, 8, None, False),
        (7, None, 8, None, True),
        (7, None, 0, None, False),
        (7, None, None, None, None),
        (7, None, None, True, True),
        (7, 8, 8, False, False),  # `epochs: max_steps`
    ],
)
def test_steps_are_epochs_where_they_go_no_further_than_those_there_are(last, asked, noted, by_epoch, counts):
    assert counts_epochs(last, asked, noted, by_epoch=by_epoch) is counts


def program(*, steps, asked=None, noted=None, outcome="finished"):
    """A run of a program that asks for so many epochs, of which its supervisor noted so many."""
    found = result_of(replace(TRIAL, epochs=asked, by_epoch=None))
    tags = {"sweeps.outcome": outcome} if outcome else {}
    if noted is not None:
        tags["sweeps.epochs"] = str(noted)
    run = replace(found.run, status="FINISHED" if outcome else "RUNNING", tags=tags)
    return replace(found, run=run, curves={"loss": Curve(steps, tuple(map(float, steps)))})


def test_one_run_whose_steps_go_beyond_its_epochs_makes_all_of_them_steps():
    by_epoch, by_batch = program(steps=(0, 7), asked=8), program(steps=(21, 175), asked=8)
    assert step_word([by_epoch], "loss") == "epoch"
    assert step_word([by_epoch, by_batch], "loss") == "step"
    assert step_word([by_batch], "frame/loss") == "frame"


def test_where_nothing_tells_the_epochs_other_runs_do():
    running = program(steps=(0, 3), outcome="")
    assert step_word([running], "loss") == "step"
    assert step_word([running, program(steps=(0, 7), noted=8)], "loss") == "epoch"
    assert step_word([running, program(steps=(0, 7), noted="unknown")], "loss") == "step"


def test_an_epoch_that_a_run_stopped_in_is_one():
    assert step_word([program(steps=(1, 4), noted=3, outcome="interrupted")], "loss") == "epoch"
    assert step_word([program(steps=(1, 5), noted=3, outcome="interrupted")], "loss") == "step"


def test_a_metric_that_nothing_has_recorded_yet_is_taken_by_what_the_file_says():
    assert step_word([result_of(TRIAL, None)], PSNR) == "epoch"
    assert step_word([result_of(replace(TRIAL, by_epoch=None), None)], PSNR) == "step"
    assert step_word([result_of(replace(TRIAL, by_epoch=None, epochs=8), None)], PSNR) == "epoch"


@pytest.mark.parametrize(
    ("run", "condition"),
    [
        (program(steps=(21, 43, 65), asked=8, outcome=""), "running, step 65 so far"),
        (program(steps=(21, 43, 65), asked=8, noted=3, outcome="failed"), "failed after 3 epochs"),
        (program(steps=(21, 43), noted="unknown", outcome="failed"), "failed after step 43"),
        (program(steps=(0, 1, 2), noted="unknown", outcome="failed"), "failed after 3 recorded values"),
        (program(steps=(0, 1, 2), asked=8, outcome=""), "running, 3 epochs so far"),
        (program(steps=(49, 99), asked=8, noted=8), "finished after 8 epochs"),
    ],
)
def test_a_condition_tells_epochs_where_they_are_known_and_else_the_step(run, condition):
    assert run.condition == condition


def test_the_epochs_of_a_sweep_are_not_its_batches():
    found = at_batches(judged(F1))
    assert {one.epochs for one in found.results} == {3}
    assert step_word(found.results, *found.metrics) == "step"
    assert {one.epochs for one in at_batches(judged(F1), noted="unknown").results} == {None}
    assert result_of(TRIAL).counts_epochs(LOSS)
