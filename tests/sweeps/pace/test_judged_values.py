"""By which values a trial is judged so far."""

import math

import pytest

from analysis.results.criterion import BEST, HIGHER, LAST, LOWER, MEAN, NEITHER, TAIL, Criterion
from sweeps.pace.judged_values import JudgedValues
from sweeps.rundir.journal import Metrics


def noted(criterion, *values, at=None):
    found = JudgedValues([criterion])
    for step, value in zip(at or range(len(values)), values, strict=True):
        found.note(Metrics(0, step, {"r": value, "other": 1.0}))
    return found


@pytest.mark.parametrize(
    ("better", "value", "logged", "expected"),
    [
        (HIGHER, BEST, (1, 3, 2), 3),
        (LOWER, BEST, (1, math.nan, 2), 1),
        (HIGHER, TAIL, tuple(range(21)), 19),
        (HIGHER, TAIL, (5,), 5),
        (NEITHER, TAIL, (5, 7), 7),
        (LOWER, MEAN, (5, 7, 9), 7),
    ],
)
def test_the_best_value_or_an_average_is_told(better, value, logged, expected):
    assert noted(Criterion("r", better, value=value), *logged).of("r", value) == expected


def test_it_follows_what_is_logged_and_a_step_that_is_logged_again_or_late_counts_once():
    found = noted(Criterion("r", HIGHER, value=MEAN), 1.0, 9.0, at=(1, 3))
    assert found.of("r", MEAN) == 5.0
    for step, value in ((3, 2.0), (2, 6.0)):
        found.note(Metrics(0, step, {"r": value}))
    assert found.of("r", MEAN) == 3.0


def test_what_counts_stays_when_the_curves_are_let_go_of():
    found = noted(Criterion("r", HIGHER, value=BEST), 1.0, 9.0)
    found.close()
    found.close()
    assert found.of("r", BEST) == 9.0


def test_an_average_is_kept_of_the_baseline_too():
    found = JudgedValues([Criterion("r", HIGHER, baseline="b", value=MEAN)])
    for step, value in ((1, 2.0), (2, 4.0)):
        found.note(Metrics(0, step, {"b": value}))
    assert (found.of("b", MEAN), found.of("r", MEAN)) == (3.0, None)


@pytest.mark.parametrize("one", [Criterion("r", HIGHER, value=LAST), Criterion("absent", HIGHER, value=BEST)])
def test_of_other_measures_nothing_is_told(one):
    assert noted(one, 1, 2).of("r", one.value) is None
