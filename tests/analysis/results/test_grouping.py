import pytest

from analysis.results.grouping import by_setting, value_label
from tests.analysis.recorded import results_of, seed_sweep


def test_runs_that_differ_by_seed_alone_are_repeats_of_one_setting():
    found = by_setting(results_of(seed_sweep()).results)
    assert {label: len(results) for label, results in found.items()} == {
        "no annealing": 3,
        "Cyclical": 3,
        "Monotonic": 3,
    }


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
