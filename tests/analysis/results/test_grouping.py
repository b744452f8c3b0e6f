import pytest

from analysis.results.expected import ExpectedSweep
from analysis.results.grouping import (
    WHOLE,
    as_wholes,
    axis_name,
    by_setting,
    compared,
    distinct_names,
    end_apart,
    ends_words,
    is_irregular,
    is_repeated,
    shared_steps,
    steps_called,
    value_label,
)
from analysis.results.results import Result, SweepResults
from tests.analysis.judged import at_batches, called, judged
from tests.analysis.recorded import ratio_sweep, results_of, seed_sweep, trial


def test_runs_that_differ_by_seed_alone_are_repeats_of_one_setting():
    found = by_setting(results_of(seed_sweep()).results)
    assert {label: len(results) for label, results in found.items()} == {
        "no annealing": 3,
        "Cyclical": 3,
        "Monotonic": 3,
    }


def test_axes_that_would_be_called_alike_have_their_whole_keys_and_others_the_files_names():
    assert distinct_names(["thermo.temperature", "lr"], {"lr": "learning rate"}) == {"lr": "learning rate"}
    full = {"encoder.width": "encoder.width", "decoder.width": "decoder.width"}
    assert distinct_names(["encoder.width", "decoder.width", "run.seed"], {}) == full
    assert distinct_names([*full], {"encoder.width": "outer width"}) == {"encoder.width": "outer width"}
    assert distinct_names(["optim.lr", "lr"], {}) == {"optim.lr": "optim.lr", "lr": "lr"}


def test_settings_are_compared_where_they_are_repeated_else_trials():
    repeated, once = results_of(seed_sweep()).results, results_of(ratio_sweep()).results
    assert (is_repeated(repeated), is_repeated(once)) == (True, False)
    assert compared(repeated) == by_setting(repeated)
    assert compared(once) == {result.trial.name: (result,) for result in once}


@pytest.mark.parametrize(
    ("axis", "value", "label"),
    [
        ("tfr", 1.0, "TFR 1"),
        ("tfr", "auto", "TFR auto"),
        ("kl_anneal_type", "None", "no annealing"),
        ("kl_anneal_type", "Cyclical", "Cyclical"),
        ("data.name", "clips", "name clips"),
    ],
)
def test_a_setting_is_called_by_its_axis_and_value(axis, value, label):
    assert value_label(axis, value, {}) == label


def test_ends_are_apart_by_more_than_a_hundredth_and_settings_are_named_with_them():
    assert not end_apart([100, 100])
    assert not end_apart([99, 100])
    assert end_apart([98, 100])
    assert not end_apart([0])
    assert ends_words({"lr 0.1": [10, 8, 8], "lr 0.3": [7]}) == "lr 0.1 (8, 10), lr 0.3 (7)"
    assert ends_words({str(place): range(6) for place in range(5)}).endswith(
        "3 (0, 1, 2, 3 and 2 more) and 1 more"
    )


def test_steps_at_which_episodes_end_are_irregular_and_those_of_batches_are_not():
    assert is_irregular([3, 4, 9, 17, 20, 31, 50])
    assert not is_irregular([0, 20, 40, 60, 62])
    assert not is_irregular([7])


def test_steps_are_shared_where_half_of_the_shortest_ones_are():
    assert shared_steps([(1, 2, 3, 4), (2, 4, 6, 8, 10)]) == (2, 4)
    assert shared_steps([(1, 2, 3, 5), (2, 4, 6, 8, 10)]) == ()


def test_the_file_may_call_an_axis_otherwise():
    names = {"tfr": "forcing", "optim.lr": "learning rate"}
    assert value_label("tfr", 1.0, names) == "forcing 1"
    assert value_label("optim.lr", 0.1, names) == "learning rate 0.1"
    assert [axis_name(axis, names) for axis in ("tfr", "optim.lr", "kl_anneal_type")] == [
        "forcing",
        "learning rate",
        "KL annealing",
    ]
    found = by_setting(called(judged(), {"optimizer": "Optimizer"}).results)
    assert list(found) == ["Optimizer a", "Optimizer b", "Optimizer c"]


def test_steps_are_called_as_their_program_calls_them_unless_they_are_epochs():
    steps, epochs = at_batches(judged(), by_epoch=False), judged()
    assert steps_called(called(steps, {}).results, "loss") == "step"
    assert steps_called(called(steps, {}, "t").results, "loss") == "t"
    assert steps_called(called(steps, {"t": "time (ps)"}, "t").results, "loss") == "time (ps)"
    assert steps_called(called(steps, {"step": "iteration"}).results, "loss") == "iteration"
    assert steps_called(called(steps, {}, "epoch").results, "loss") == "step"
    assert steps_called(called(epochs, {}, "t").results, "loss") == "epoch"
    assert steps_called(called(epochs, {"epoch": "Epoch"}).results, "loss") == "Epoch"
    assert steps_called(called(epochs, {}, "t").results, "frame/f1") == "frame"


def _of_settings(*settings, seeds=2):
    trials = tuple(
        trial(f"t{number}-seed{seed}", {**setting, "seed": seed})
        for number, setting in enumerate(settings)
        for seed in range(seeds)
    )
    sweep = ExpectedSweep("s", (*settings[0], "seed"), trials)
    return SweepResults(sweep, tuple(Result(one, None) for one in trials))


def test_settings_of_which_no_two_differ_in_one_axis_alone_are_compared_as_wholes():
    sweep = as_wholes(_of_settings({"lr": 0.1, "depth": 3}, {"lr": 0.2, "depth": 2}))
    assert sweep.expected.axes == (WHOLE, "seed")
    assert sweep.expected.values(WHOLE) == ("lr 0.1, depth 3", "lr 0.2, depth 2")
    assert value_label(WHOLE, "lr 0.1, depth 3", {}) == "lr 0.1, depth 3"
    assert [one.trial.axes["seed"] for one in sweep.results] == [0, 1, 0, 1]


@pytest.mark.parametrize(
    "settings",
    [
        [{"lr": 0.1, "depth": 3}, {"lr": 0.2, "depth": 2}, {"lr": 0.2, "depth": 3}],
        [{"lr": 0.1}, {"lr": 0.2}],
        [{"lr": 0.1, "depth": 3}],
        [{"lr": float(n), "depth": n} for n in range(13)],
    ],
)
def test_others_are_compared_axis_by_axis(settings):
    sweep = _of_settings(*settings)
    assert as_wholes(sweep) is sweep
