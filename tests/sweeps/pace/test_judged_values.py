"""By which values a trial that has ended is judged."""

import math

import pytest

from analysis.results.criterion import BEST, HIGHER, LAST, LOWER, MEAN, NEITHER, TAIL, Criterion
from sweeps.pace.judged_values import judged_values
from sweeps.rundir.journal import Metrics


def rows(*values):
    return [Metrics(0, step, {"r": value, "other": 1.0}) for step, value in enumerate(values)]


@pytest.mark.parametrize(
    ("better", "value", "logged", "expected"),
    [
        (HIGHER, BEST, (1, 3, 2), (3, "best")),
        (LOWER, BEST, (1, math.nan, 2), (1, "best")),
        (HIGHER, TAIL, tuple(range(21)), (19, "tail")),
        (HIGHER, TAIL, (5,), (5, "tail")),
        (NEITHER, TAIL, (5, 7), (7, "tail")),
        (LOWER, MEAN, (5, 7, 9), (7, "mean")),
    ],
)
def test_the_best_value_or_an_average_is_told(better, value, logged, expected):
    assert judged_values([Criterion("r", better, value=value)], rows(*logged)) == {"r": expected}


def test_a_step_that_is_logged_again_counts_once():
    again = [*rows(1, 9), *rows(1, 2)]
    assert judged_values([Criterion("r", HIGHER, value=BEST)], again) == {"r": (2, "best")}


@pytest.mark.parametrize("one", [Criterion("r", HIGHER, value=LAST), Criterion("absent", HIGHER, value=BEST)])
def test_of_other_measures_nothing_is_told(one):
    assert judged_values([one], rows(1, 2)) == {}
