import math

import pytest
from scipy import stats

from analysis.stats.comparison import Contrast, Sample, contrasts, holm

LOW, HIGH = Sample("low", (1.0, 1.1, 0.9, 1.05)), Sample("high", (2.0, 2.2, 1.9, 2.1))


def test_a_sample_has_mean_and_standard_deviation():
    sample = Sample("a", (1.0, 3.0, 5.0))
    assert (sample.n, sample.mean, sample.spread) == (3, 3.0, 2.0)
    assert Sample("a", (1.0,)).spread is None


def test_a_difference_larger_than_the_seeds_make_is_significant():
    ((found,),) = contrasts([[HIGH, LOW]])
    assert (found.low, found.high, found.is_significant) == (LOW, HIGH, True)
    welch = stats.ttest_ind(HIGH.values, LOW.values, equal_var=False)
    assert found.p == pytest.approx(welch.pvalue)
    low, high = found.interval
    assert low < found.difference < high
    assert low > 0


def test_a_difference_smaller_than_the_spread_is_not_significant_however_many_seeds_there_are():
    wide = [math.sin(seed) for seed in range(400)]
    one, other = Sample("one", tuple(wide)), Sample("other", tuple(value + 0.3 for value in wide))
    ((found,),) = contrasts([[one, other]])
    assert found.p < 0.001
    assert found.difference < one.spread
    assert not found.is_significant


@pytest.mark.parametrize(
    "values", [[(1.0,), (2.0,)], [(1.0, 1.1), (2.0,)], [(1.0, 1.0, 1.0), (2.0, 2.0, 2.0)]]
)
def test_without_a_spread_on_both_sides_nothing_is_significant(values):
    ((found,),) = contrasts([[Sample(str(each), each) for each in values]])
    assert (found.p, found.interval, found.is_significant) == (None, None, False)


def test_pairs_of_all_groups_are_corrected_together():
    alone = contrasts([[LOW, HIGH]])[0][0].p
    together = contrasts([[LOW, HIGH], [LOW, HIGH, Sample("third", (1.5, 1.4, 1.7))]])
    assert sum(len(group) for group in together) == 4
    assert together[0][0].p > alone
    assert contrasts([[]]) == ((),)


def test_holms_correction_on_a_worked_example():
    # 0.01 x 4, 0.03 x 3 = 0.09 (ranks 3 and 4 may not fall below it)
    assert holm([0.03, 0.01, 0.04, 0.03]) == pytest.approx([0.09, 0.04, 0.09, 0.09])
    assert holm([0.9, 0.8]) == [1.0, 1.0]


def test_a_p_at_the_level_tells_nothing():
    assert not Contrast(LOW, HIGH, (0.1, 2.0), 0.05).is_significant
