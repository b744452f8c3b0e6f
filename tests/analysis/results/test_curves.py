import math

import pytest

from analysis.results.curves import Curve, is_finite


def test_the_best_epoch_is_the_first_of_equals_and_never_nan():
    assert Curve((0, 1, 2, 3), (1.0, 7.0, math.nan, 7.0)).best_by(1) == (7.0, 1)
    assert Curve((0,), (math.nan,)).best_by(1) is None


@pytest.mark.parametrize(
    ("points", "tail"),
    [
        ({step: float(step) for step in range(101)}, 95.0),  # steps 90 to 100
        ({step: float(step) for step in range(1, 51)}, 48.0),  # epochs 46 to 50
        ({100: 3.0, 0: 1.0, 95: 5.0, 89: 9.0}, 4.0),  # irregular, in any order
        ({0: 1.0, 10: 7.0}, 7.0),  # at least the last point
        ({3: 2.0}, 2.0),
        ({0: math.nan, 89: 1e308, 90: 1.0, 100: 2.0}, 1.5),
        ({0: 1.0, 95: math.nan, 100: 2.0}, math.nan),
        ({0: 1.0, 95: -math.inf, 100: 2.0}, math.nan),
        ({0: 1.0, 95: 1.7976931348623157e308, 100: 2.0}, math.nan),  # an infinity, as SQL stores keep it
    ],
)
def test_the_tail_is_the_mean_of_the_last_tenth_of_the_steps_where_all_of_it_is_finite(points, tail):
    assert Curve.by_step(points).tail == pytest.approx(tail, nan_ok=True)


@pytest.mark.parametrize(
    ("points", "mean"),
    [
        ({1: 0.5, 2: 0.75, 3: 1.0}, 0.75),
        ({3: 2.0}, 2.0),
        ({0: 1.5e299, 1: 0.5e299}, 1e299),
        ({0: 1.0, 1: math.nan}, math.nan),
        ({0: math.inf, 1: -math.inf}, math.nan),
        ({0: 1.0, 1: 1.7976931348623157e308}, math.nan),  # an infinity, as SQL stores keep it
    ],
)
def test_the_mean_is_that_of_all_steps_where_all_of_them_are_finite(points, mean):
    assert Curve.by_step(points).mean == pytest.approx(mean, nan_ok=True)


def test_which_value_counts_is_said_by_a_word():
    curve = Curve.by_step({0: 4.0, 95: 1.0, 100: 2.0, 99: math.nan})
    assert [curve.counted("last", is_high=high) for high in (True, False)] == [2.0, 2.0]
    assert [curve.counted("best", is_high=high) for high in (True, False)] == [4.0, 1.0]
    whole = Curve.by_step({0: 4.0, 95: 1.0, 100: 2.0})
    assert (whole.counted("tail", is_high=True), whole.counted("mean", is_high=True)) == (1.5, 7 / 3)
    assert math.isnan(Curve((0,), (math.nan,)).counted("best", is_high=True))
    assert not is_finite(-math.inf)
