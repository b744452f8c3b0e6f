import random

import pytest

from analysis.stats.samples.reversal import reversal


def test_a_difference_that_goes_both_ways_by_more_than_noise_is_a_reversal():
    found = reversal({"a": [1.0, 1.1], "b": [-0.9, -1.1], "c": [0.01, -0.02]}, 0.0)
    assert found.p < 0.01
    assert found.means == pytest.approx({"a": 1.05, "b": -1.0, "c": -0.005})
    assert found.apart == {"a", "b"}


def test_the_formula_of_gail_and_simon():
    # Two groups, noise of variance 1 by its floor: the lesser squared t is 4 * 2, against F(1, 2) with weight 1/2.
    from scipy.stats import f

    found = reversal({"a": [9.0, 9.0], "b": [-2.0, -2.0]}, 1.0)
    assert found.p == pytest.approx(0.5 * f.sf(8.0, 1, 2))


@pytest.mark.parametrize(
    "groups",
    [
        {"a": [1.0, 1.1], "b": [9.0, 8.7]},
        {"a": [1.0, 1.1], "b": [-1.0, 0.7]},
        {"a": [0.0, 0.0], "b": [0.0, 0.0]},
    ],
    ids=["one sign", "noise", "equal"],
)
def test_one_sign_or_noise_is_none(groups):
    assert reversal(groups, 0.0).p > 0.05


def test_fewer_than_two_groups_with_two_seeds_are_not_tested():
    assert reversal({"a": [1.0, 1.1], "b": [-1.0]}, 0.0) is None
    assert reversal({}, 0.0) is None


def test_groups_of_which_none_goes_against_the_others_are_called_a_reversal_in_five_of_a_hundred_at_most():
    draw = random.Random(2)
    pages = 2000
    drawn = (
        {
            "far": [100 + draw.gauss(0, 1) for _ in range(3)],
            **{k: [draw.gauss(0, 1) for _ in range(3)] for k in "ab"},
        }
        for _ in range(pages)
    )
    assert sum(reversal(groups, 0.0).p < 0.05 for groups in drawn) / pages < 0.065
