import warnings
from dataclasses import replace

import pytest

import analysis
from analysis.read.errors import UnknownExperimentError
from analysis.read.frames import param_value
from tests.analysis.recorded import EXPERIMENT, FINISHED, RUNNING, ratio_sweep, record, record_trial

SWEEP = ratio_sweep(strategies=("Cyclical",))
ASIDE = replace(FINISHED, tags=FINISHED.tags | {"sweeps.set_aside": "7"})


@pytest.fixture
def trained_again(store):
    """A record of three trials, the first of which was trained again: the store, and the ids of its two runs."""
    first = SWEEP.trials[0]
    run_ids = record(store.client, SWEEP, {first.name: ASIDE})
    return store, run_ids[first.name], record_trial(store.client, SWEEP, first, FINISHED)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.5", 0.5),
        ("100", 100),
        ("true", True),
        ("[1, 2]", [1, 2]),
        ("null", None),
        ("None", "None"),
        ("Cyclical", "Cyclical"),
        ("NaN", "NaN"),
        ("-Infinity", "-Infinity"),
        ("", ""),
    ],
)
def test_a_param_reads_back_as_what_was_logged(text, value):
    assert param_value(text) == value
    assert type(param_value(text)) is type(value)


def test_a_run_whose_trial_was_trained_again_is_a_row_only_when_asked_for(trained_again):
    store, old, new = trained_again
    runs = analysis.load_runs(store.uri, EXPERIMENT)
    assert (len(runs), set(runs["current"])) == (3, {True})
    assert new in set(runs["run_id"])
    every = analysis.load_runs(store.uri, EXPERIMENT, superseded=True).set_index("run_id")
    assert every["current"].to_dict() == dict.fromkeys(every.index, True) | {old: False}
    assert every["current"].dtype == "bool"


def test_curves_are_those_of_the_same_runs_but_for_runs_that_are_named(trained_again):
    store, old, new = trained_again
    assert set(analysis.load_curves(store.uri, EXPERIMENT)["run_id"]) >= {new}
    assert old not in set(analysis.load_curves(store.uri, EXPERIMENT)["run_id"])
    assert old in set(analysis.load_curves(store.uri, EXPERIMENT, superseded=True)["run_id"])
    assert set(analysis.load_curves(store.uri, EXPERIMENT, run_ids=old)["run_id"]) == {old}


def test_a_run_that_is_set_aside_is_current_until_the_next_one_begins(store):
    record(store.client, SWEEP, default=ASIDE)
    assert len(analysis.load_runs(store.uri, EXPERIMENT)) == 3
    record_trial(store.client, SWEEP, SWEEP.trials[0], RUNNING)
    assert set(analysis.load_runs(store.uri, EXPERIMENT)["status"]) == {"FINISHED", "RUNNING"}


def test_a_run_of_another_trainer_stands_beside_that_of_this_one(store):
    record(store.client, SWEEP, default=replace(FINISHED, tags=FINISHED.tags | {"sweeps.trainer": "a.py"}))
    other = replace(FINISHED, tags=FINISHED.tags | {"sweeps.trainer": "b.py"})
    record_trial(store.client, SWEEP, SWEEP.trials[0], other)
    assert len(analysis.load_runs(store.uri, EXPERIMENT)) == 4


def test_one_key_may_be_given_alone(store):
    record(store.client, SWEEP)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        curves = analysis.load_curves(store.uri, EXPERIMENT, "val/psnr")
        assert set(curves["key"]) == {"val/psnr"}


def test_a_key_that_nobody_recorded_is_warned_of_with_those_that_are(store):
    run_ids = record(store.client, SWEEP)
    with pytest.warns(UserWarning, match="recorded 'val_psnr'; did you mean 'val/psnr'. Recorded: beta, "):
        assert analysis.load_curves(store.uri, EXPERIMENT, ["val_psnr", "beta"])["key"].unique() == ["beta"]
    with pytest.warns(UserWarning, match="none of these runs of '.*' has recorded 'zzz'. Recorded: beta"):
        analysis.load_curves(store.uri, EXPERIMENT, "zzz", run_ids=list(run_ids.values())[:1])


def test_an_experiment_that_is_not_there_is_told_with_those_that_are(store):
    record(store.client, SWEEP)
    with pytest.raises(
        UnknownExperimentError, match=f"did you mean '{EXPERIMENT}'.* Recorded there: {EXPERIMENT}$"
    ):
        analysis.load_runs(store.uri, EXPERIMENT[:-2])
