import random
import sys

import pytest
from scipy import stats

from analysis.stats.samples.near_best import is_near, is_near_by_student
from analysis.stats.seed_tests import Sample, compare_two


@pytest.mark.parametrize("n", [2, 3, 5, 10, 40])
def test_it_is_students_test_for_equal_counts(n):
    draw = random.Random(n)
    for _ in range(200):
        one, other = ([mean + draw.gauss(0, 1) for _ in range(n)] for mean in (0, 2 * n**-0.5))
        p = stats.ttest_ind(one, other).pvalue
        assert is_near_by_student(one, other) is bool(p >= 0.05) or abs(p - 0.05) < 1e-3


def test_it_is_the_test_that_compares_settings():
    draw = random.Random(3)
    for _ in range(100):
        one, other = ({seed: mean + draw.gauss(0, 1) for seed in range(3)} for mean in (5, 7))
        p = compare_two(Sample("", one), Sample("", other)).p
        assert is_near(one, other) is bool(p >= 0.05)


def test_without_the_library_it_is_students_test(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.special", None)
    assert is_near({1: 1.0, 2: 2.0, 3: 3.0}, {1: 1.5, 2: 2.5, 3: 3.5})
    assert not is_near({1: 1.0, 2: 1.1, 3: 1.2}, {1: 9.0, 2: 9.1, 3: 9.2})


def test_what_has_no_spread_or_is_no_number_is_near_nothing():
    assert not is_near({1: 1.0}, {1: 1.0, 2: 1.1})
    assert not is_near({1: 1.0, 2: float("nan")}, {1: 1.0, 2: 1.1})
    assert is_near({1: 1e200, 2: 1.2e200}, {1: 1.1e200, 2: 1.2e200})
    assert is_near({1: 1.0, 2: 1.0}, {1: 1.0, 2: 1.0})
