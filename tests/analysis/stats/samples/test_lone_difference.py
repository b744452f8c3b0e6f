import random

import pytest

from analysis.stats.samples.lone_difference import LEVEL, lone_difference

NOTHING = (0.1, -0.1, 0.05)


def found(*groups, noise=0.0):
    return lone_difference({f"g{place}": values for place, values in enumerate(groups)}, noise)


def test_a_difference_in_one_group_alone_is_found():
    one = found(NOTHING, (5.0, 5.1, 4.9), NOTHING)
    assert (one.group, one.mean) == ("g1", pytest.approx(5.0))
    assert one.p < LEVEL


@pytest.mark.parametrize(
    "groups",
    [
        ((5.0, 5.1, 4.9), (5.0, 5.1, 4.9), NOTHING),  # in two of three
        ((5.0, 5.1, 4.9), (1.0, 1.1, 0.9)),  # less in the other, but more than noise
        ((0.5, -0.6, 0.9), (0.1, 0.4, -0.3)),
        ((5.0, 5.1, 4.9), (0.0,)),  # one seed tells of no noise
        ((5.0, 5.0), (0.0, 0.0)),
    ],
)
def test_others_are_not(groups):
    one = found(*groups)
    assert one is None or one.p >= LEVEL


def test_where_the_others_are_too_noisy_to_say_that_they_have_none_nothing_is_said():
    assert found((5.0, 5.1, 4.9), (3.0, -3.0, 0.5)) is None


def test_a_difference_of_one_digit_is_none():
    assert found((0.1, 0.1, 0.1), (0.0, 0.0, 0.0), noise=0.01) is None


@pytest.mark.parametrize(("loud", "most"), [(1.0, 0.002), (3.0, 0.008)])
def test_chance_looks_so_as_seldom_as_is_said(loud, most):
    draw = random.Random(5)
    sets = 3000
    wrong = 0
    for _ in range(sets):
        one = found(*([draw.gauss(0, loud if group == 0 else 1) for _ in range(3)] for group in range(3)))
        wrong += one is not None and one.p < LEVEL
    assert wrong / sets <= most
