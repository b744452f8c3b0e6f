"""What a trial logged of a search's objectives, and when one counts as never logged."""

from dataclasses import replace

import pytest

from sweeps.errors import Place, SpecError
from sweeps.rundir.journal import Metrics
from sweeps.search.objectives import TrialObjectives, compared
from sweeps.spec.search_space import EPOCH_TIME, TIME, Algorithm, Objective, SearchSpec

PLACE = Place("e.yaml", 1, 1)
LOSS = Objective("train/loss", maximize=False, place=PLACE)
PSNR = Objective("val/psnr", maximize=True, place=PLACE, by=3)


def search(objective, pruner="median"):
    return SearchSpec((), (objective,), 10, Algorithm("tpe", {}, PLACE), Algorithm(pruner, {}, PLACE), PLACE)


def row(step, *keys, value=1.0):
    return Metrics(0, step, dict.fromkeys(keys, value))


def logged(*objectives):
    return TrialObjectives("s", objectives)


def test_each_objective_has_its_curve():
    trial = logged(LOSS)
    for step in range(2):
        trial.note(row(step, "train/loss", "val/psnr", value=step + 0.5))
    assert trial.curves == {"train/loss": {0: 0.5, 1: 1.5}}
    trial.require_all()


def test_an_epoch_that_goes_on_may_yet_log_the_objective():
    trial = logged(LOSS)
    trial.note(row(0, "train/los"))
    with pytest.raises(
        SpecError, match="logged no 'train/loss' in its first epoch; did you mean 'train/los'"
    ):
        trial.note(row(1, "train/los"))


def test_the_time_of_an_epoch_ends_it():
    with pytest.raises(SpecError, match="in its first epoch"):
        logged(LOSS).note(row(0, "val/psnr", EPOCH_TIME))


def test_an_objective_of_every_few_epochs_has_so_many_to_come():
    trial = logged(PSNR)
    trial.note(row(0, "train/loss", EPOCH_TIME))
    trial.note(row(1, "train/loss", EPOCH_TIME))
    with pytest.raises(SpecError, match="logged no 'val/psnr' in 3 epochs; it logged"):
        trial.note(row(2, "train/loss", EPOCH_TIME))


def test_a_trial_that_finished_must_have_logged_it():
    with pytest.raises(SpecError, match="logged no 'train/loss' by its end; it logged nothing"):
        logged(LOSS).require_all()


def test_what_earlier_attempts_logged_counts():
    trial = logged(LOSS)
    trial.curves = {"train/loss": {0: 0.5}}
    trial.note(row(1, "val/psnr", EPOCH_TIME))
    trial.require_all()


def test_the_time_of_epochs_adds_up():
    curves = {EPOCH_TIME: {0: 2.0, 1: 3.0, 2: 5.0}, "train/loss": {1: 0.5}}
    assert compared(search(Objective(TIME, maximize=False, place=PLACE)), curves) == {0: 2.0, 1: 5.0, 2: 10.0}
    assert compared(search(LOSS), curves) == {1: 0.5}


def test_a_pruner_compares_the_means_so_far_and_wilcoxon_fold_by_fold():
    mean = Objective("acc", maximize=True, place=PLACE, of_curve="mean")
    curves = {"acc": {3: 0.25, 1: 0.5, 2: 1.0}}
    assert compared(search(mean), curves) == {1: 0.5, 2: 0.75, 3: 1.75 / 3}
    assert compared(search(mean, "wilcoxon"), curves) == curves["acc"]
    assert compared(search(mean), {}) == {}


def test_what_counts_batches_is_told_in_steps():
    trial = logged(LOSS)
    trial.note(row(21, "val/psnr"), "step")
    with pytest.raises(SpecError, match="logged no 'train/loss' in its first step"):
        trial.note(row(43, "val/psnr"), "step")


def test_what_comes_at_the_end_is_asked_for_when_the_trial_has_ended():
    objectives = TrialObjectives("s", (replace(LOSS, at_end=True),))
    for epoch in range(5):
        objectives.note(Metrics(0, epoch, {"val/psnr": 1.0}))
    with pytest.raises(SpecError, match="logged no 'train/loss' in 4 epochs"):
        objectives.require_all()
    objectives.note(Metrics(0, 4, {"train/loss": 1.0}))
    objectives.require_all()
