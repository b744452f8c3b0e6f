import math

import pytest

from analysis.results.criterion import LOWER, Criterion
from analysis.stats.measures import measure_of
from analysis.stats.samples.distance import Distance


def distance(difference, interval=(), *, is_log, up):
    return Distance(measure_of(Criterion("loss", LOWER), []), is_log, difference, interval, up)


@pytest.mark.parametrize(
    ("factor", "up", "told"),
    [(1.5, True, "50.0 % above b"), (2.0, False, "50.0 % below b"), (31.4, True, "31.4 times as high as b")],
)
def test_a_difference_of_logarithms_is_told_in_percent_or_as_a_ratio(factor, up, told):
    assert distance(math.log(factor), is_log=True, up=up).lies_from("b").endswith(told)


def test_an_interval_that_reaches_far_makes_it_a_ratio():
    far = distance(math.log(2), (math.log(1.1), math.log(40)), is_log=True, up=True)
    assert (far.lies, far.span) == ("is 2.0 times as high", "1.1 to 40.0 times")
    assert distance(1e9, is_log=True, up=True).gap.endswith(" times")  # what `exp` cannot give


def test_a_plain_difference_has_its_unit_and_direction():
    near = distance(0.5, (0.25, 0.75), is_log=False, up=False)
    assert (near.where, near.by_from("b")) == ("0.5 below", "below b by 0.5")
    assert near.span == "0.25 to 0.75"
