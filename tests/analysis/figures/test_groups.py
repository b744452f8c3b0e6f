import pytest

from analysis.figures.groups import grouped, grouped_by_settings
from analysis.figures.palette import RAMPS, styles
from analysis.results.expected import ExpectedSweep
from tests.analysis.judged import judged
from tests.analysis.recorded import ratio_sweep, results_of, seed_sweep, trial

SWEEP = ratio_sweep(strategies=("Cyclical",))
RATIOS = SWEEP.values("tfr")


def test_groups_follow_the_sweep_and_leave_out_values_that_nobody_has():
    found = results_of(SWEEP)
    groups = grouped(found.results[1:], "tfr", RATIOS)
    assert [group.label for group in groups] == ["TFR 0.5", "TFR 0"]
    assert groups[0].style == grouped(found.results, "tfr", RATIOS)[1].style


def test_any_axes_make_groups_and_seeds_are_repeats():
    groups = grouped_by_settings(results_of(seed_sweep()).results)
    assert [(group.label, len(group.results)) for group in groups] == [
        ("no annealing", 3),
        ("Cyclical", 3),
        ("Monotonic", 3),
    ]
    assert len({group.style for group in groups}) == 3


def colours(ends):
    results = judged(ends=dict.fromkeys(ends, (1.0, 2.0)), axis="lr").results
    return {group.label: group.style.color for group in grouped_by_settings(results)}


@pytest.mark.parametrize("values", [(0.001, 0.01, 0.1), (0.1, 0.001, 0.01)])
def test_settings_that_differ_in_one_number_have_colours_in_its_order_however_the_file_has_them(values):
    assert colours(values) == {
        f"lr {value}": color for value, color in zip((0.001, 0.01, 0.1), RAMPS[3], strict=True)
    }


@pytest.mark.parametrize("values", [(0.1, 0.2), ("a", "b", "c"), (0.1, "auto", 0.2), (True, False, 2)])
def test_others_have_colours_without_order(values):
    ramps = {color for ramp in RAMPS.values() for color in ramp}
    assert ramps.isdisjoint(colours(values).values())


def test_settings_that_differ_in_two_numbers_have_colours_without_order():
    trials = tuple(
        trial(f"{lr}-{width}", {"lr": lr, "width": width}, kl_anneal_type="None")
        for lr in (1, 2)
        for width in (3, 4)
    )
    groups = grouped_by_settings(results_of(ExpectedSweep("s", ("lr", "width"), trials)).results)
    assert [group.style for group in groups] == [*styles("", tuple(group.label for group in groups)).values()]
