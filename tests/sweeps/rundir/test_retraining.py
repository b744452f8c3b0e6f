import math

import pytest

from analysis.read.tags import anew_of
from sweeps.rundir.retraining import Retraining


@pytest.fixture
def retraining():
    """What knows of an attempt that recorded steps 0 to 4."""
    found = Retraining()
    for step in range(5):
        found.recorded({"loss": 1.0 - 0.1 * step, "time": 1.0}, step)
    found.begin()
    return found


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ([(0, 2.0), (1, 1.9)], {"loss": 4}),
        ([(0, math.nan)], {"loss": 4}),
        ([(0, 1.0), (1, 1.9)], {}),
        ([(4, 0.5)], {}),
        ([(1, 0.5)], None),  # it may have begun there, or gone on
        ([], None),
    ],
)
def test_other_values_at_the_first_step_are_of_another_training(retraining, values, told):
    for step, value in values:
        retraining.gives({"loss": value, "time": 7.0}, step)
    assert anew_of(retraining.text(2)) == told


def test_what_is_found_is_to_be_kept_at_once_and_no_second_time(retraining):
    found = [retraining.gives({"loss": 2.0 - 0.1 * step}, step) for step in range(3)]
    assert [anew_of(text) for text in found] == [None, {"loss": 4}, None]
    later = Retraining()
    later.said(found[1])
    assert anew_of(later.text(3)) == {"loss": 4}


def test_of_several_values_at_the_first_step_the_last_one_counts(retraining):
    assert not retraining.gives({"loss": 2.0}, 0)
    assert not retraining.gives({"loss": 1.0}, 0)
    assert not retraining.gives({"loss": 0.9}, 1)
    assert anew_of(retraining.text(2)) == {}


def test_an_attempt_that_is_told_to_resume_is_compared_with_nothing(retraining):
    retraining.begin(resumed=True)
    retraining.gives({"loss": 2.0}, 0)
    assert retraining.text(2) == ""
