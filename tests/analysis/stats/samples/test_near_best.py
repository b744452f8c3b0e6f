import random

import pytest
from scipy import stats

from analysis.stats.samples.near_best import is_near


@pytest.mark.parametrize("n", [2, 3, 5, 10, 40])
def test_it_is_students_test_for_equal_counts(n):
    draw = random.Random(n)
    for _ in range(200):
        one, other = ([mean + draw.gauss(0, 1) for _ in range(n)] for mean in (0, 2 * n**-0.5))
        p = stats.ttest_ind(one, other).pvalue
        assert is_near(one, other) is bool(p >= 0.05) or abs(p - 0.05) < 1e-3


def test_what_has_no_spread_or_is_no_number_is_near_nothing():
    assert not is_near([1.0], [1.0, 1.1])
    assert not is_near([1.0, float("nan")], [1.0, 1.1])
    assert is_near([1e200, 1.2e200], [1.1e200, 1.2e200])
    assert is_near([1.0, 1.0], [1.0, 1.0])
