import random

import pytest

from analysis.stats.samples.two_outcomes import LEVEL, two_outcomes
from analysis.stats.seed_tests import Sample

CALM = Sample("calm", dict(enumerate((0.80, 0.81, 0.79, 0.82, 0.80))))


def found(*values, beside=(CALM,), tested=None, rounding=0.0):
    samples = [Sample("split", dict(enumerate(values, start=1)), rounding), *beside]
    return list(two_outcomes(samples, tested or len(samples)))


def test_seeds_that_end_at_two_values_are_cut_between_them():
    (one,) = found(0.84, 0.30, 0.85, 0.31, 0.84)
    assert (one.sample.label, one.low, one.high) == ("split", {2: 0.30, 4: 0.31}, {1: 0.84, 3: 0.85, 5: 0.84})


@pytest.mark.parametrize(
    "values",
    [
        (0.84, 0.85, 0.83, 0.86, 0.84),
        (0.84, 0.30, 0.85, 0.84, 0.84),  # one far off is no second outcome
        (0.84, 0.31, 0.30),
        (0.84, 0.30, 0.70, 0.45, 0.60),  # something lies between
    ],
)
def test_other_seeds_are_not(values):
    assert found(*values) == []


def test_a_gap_counts_where_it_is_large_beside_what_seeds_do_in_the_other_settings():
    loud = Sample("loud", dict(enumerate((0.6, 0.9, 0.4, 0.8, 0.7))))
    near = (0.8401, 0.8301, 0.8402, 0.8302, 0.8401)
    assert len(found(*near, beside=())) == 1
    assert found(*near, beside=(loud,)) == []


def test_a_gap_of_one_digit_is_none():
    assert len(found(0.5, 0.6, 0.5, 0.6, 0.5, rounding=1e-3, beside=())) == 1
    assert found(0.5, 0.6, 0.5, 0.6, 0.5, rounding=0.1, beside=()) == []


def test_the_more_is_tested_the_clearer_it_must_be():
    values = (0.84, 0.30, 0.86, 0.32, 0.82)
    assert len(found(*values, tested=2)) == 1
    assert found(*values, tested=2000) == []


@pytest.mark.parametrize("n", [4, 5, 10])
def test_normal_numbers_look_so_as_seldom_as_is_said(n):
    draw = random.Random(n)
    pages = 4000
    wrong = sum(bool(found(*(draw.gauss(0, 1) for _ in range(n)), beside=(), tested=1)) for _ in range(pages))
    assert wrong / pages <= 1.5 * LEVEL
