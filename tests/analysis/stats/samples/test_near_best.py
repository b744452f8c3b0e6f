import random

import pytest
from scipy import stats

from analysis.stats.samples.near_best import is_near


@pytest.mark.parametrize("n", [2, 3, 5, 10, 40])
def test_it_is_welchs_test(n):
    draw = random.Random(n)
    for _ in range(200):
        spread = draw.choice((0.2, 1, 3))
        one = [draw.gauss(0, 1) for _ in range(n)]
        other = [2 * n**-0.5 + draw.gauss(0, spread) for _ in range(n + draw.randrange(3))]
        p = stats.ttest_ind(one, other, equal_var=False).pvalue
        assert is_near(one, other) is bool(p >= 0.05) or abs(p - 0.05) < 2e-3


def test_what_has_no_spread_or_is_no_number_is_near_nothing():
    assert not is_near([1.0], [1.0, 1.1])
    assert not is_near([1.0, float("nan")], [1.0, 1.1])
    assert is_near([1e200, 1.2e200], [1.1e200, 1.2e200])
    assert is_near([1.0, 1.0], [1.0, 1.0])
