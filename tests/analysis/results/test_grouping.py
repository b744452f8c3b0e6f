import pytest

from analysis.results.grouping import (
    by_setting,
    compared,
    end_apart,
    ends_words,
    is_irregular,
    is_repeated,
    shared_steps,
    short_names,
    value_label,
)
from tests.analysis.recorded import ratio_sweep, results_of, seed_sweep


def test_runs_that_differ_by_seed_alone_are_repeats_of_one_setting():
    found = by_setting(results_of(seed_sweep()).results)
    assert {label: len(results) for label, results in found.items()} == {
        "no annealing": 3,
        "Cyclical": 3,
        "Monotonic": 3,
    }


def test_axes_are_called_as_the_labels_of_their_values_call_them_unless_two_would_be_called_alike():
    assert short_names(["thermo.temperature", "lr"]) == ["temperature", "lr"]
    assert short_names(["encoder.width", "decoder.width", "run.seed"]) == [
        "encoder.width",
        "decoder.width",
        "seed",
    ]


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
    assert value_label(axis, value) == label


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
