import math
import random
import statistics

import pytest
from scipy import stats

from analysis.stats.samples.coarseness import coarseness_of
from analysis.stats.seed_tests import (
    CALIBRATED,
    SHARE_ALONE,
    Sample,
    compare_all,
    compare_two,
)


def sample(label, *values):
    return Sample(label, dict(enumerate(values)))


def test_a_sample_has_mean_and_standard_deviation():
    found = sample("a", 1.0, 3.0, 5.0)
    assert (found.n, found.mean, found.spread, found.varies) == (3, 3.0, 2.0, True)
    assert sample("a", 1.0).spread is None


@pytest.mark.parametrize("values", [(0.1, 0.1, 0.1), (0.3, 0.1 + 0.2, 0.3), (0.0, 0.0)])
def test_what_rounding_leaves_is_no_spread(values):
    assert not sample("a", *values).varies


def test_seeds_that_two_settings_share_are_compared_by_seed():
    one, other = sample("a", 20.0, 22.0, 25.1), sample("b", 19.0, 21.1, 24.0)
    found = compare_two(one, other)
    apart = stats.ttest_ind(one.values, other.values, equal_var=False)
    assert found.p < 0.05 < apart.pvalue
    assert found.estimate == pytest.approx(1.0)
    assert 0 < found.interval[0] < 1.0 < found.interval[1]


def test_p_is_the_mean_over_the_ratio_of_noises_that_the_formula_says():
    one, other = (20.0, 22.0, 25.1), (21.0, 21.1, 24.0)
    differences = [a - b for a, b in zip(one, other, strict=True)]
    sums = [a + b for a, b in zip(one, other, strict=True)]
    of_differences, of_sums = (2 * statistics.variance(values) for values in (differences, sums))
    alike = statistics.correlation(differences, sums) ** 2
    p = weights = 0.0
    for place in range(4000):  # the middle of as many equal parts of the probability
        ratio = stats.f.ppf((place + 0.5) / 4000, 2, 2)
        weight = min(1.0, of_sums / of_differences / ratio)  # to the power of 2 / m = 1
        error = math.sqrt(of_differences * (1 + ratio) / 4 / 3)
        free = 2 * (1 + ratio) ** 2 / (1 + ratio**2 + 2 * alike * ratio)
        p += weight * 2 * stats.t.sf(abs(statistics.fmean(differences)) / error, free)
        weights += weight
    assert compare_two(sample("a", *one), sample("b", *other)).p == pytest.approx(
        p / weights / CALIBRATED, rel=0.01
    )


@pytest.mark.parametrize("seeds", [2, 3, 5])
def test_an_interval_holds_the_differences_that_the_test_does_not_refuse(seeds):
    noise = random.Random(seeds)
    one, other = ([noise.gauss(0, 1) for _ in range(seeds)] for _ in range(2))
    for bound in compare_two(sample("a", *one), sample("b", *other)).interval:
        moved = compare_two(sample("a", *(value - bound for value in one)), sample("b", *other))
        assert moved.p == pytest.approx(0.05, rel=1e-6)


def test_twenty_seeds_tell_how_much_they_share():
    """Where there are many, the paired test is what is left where seeds share much, Welch's where they share nothing."""
    noise = random.Random(1)
    kind = [noise.gauss(0, 1) for _ in range(20)]
    ours, theirs = ([noise.gauss(0, 1) for _ in range(20)] for _ in range(2))
    one, other = ([10 * a + b for a, b in zip(kind, rest, strict=True)] for rest in (ours, theirs))
    paired = stats.ttest_rel(one, other)
    assert compare_two(sample("a", *one), sample("b", *other)).p == pytest.approx(paired.pvalue, rel=0.15)
    apart = stats.ttest_ind(ours, theirs, equal_var=False)
    assert compare_two(sample("a", *ours), sample("b", *theirs)).p == pytest.approx(apart.pvalue, rel=0.15)


def test_where_some_seeds_are_not_shared_both_tests_count():
    one, other = sample("a", 20.0, 22.0, 25.1, 21.0), sample("b", 14.0, 11.1, 10.0)
    welch = stats.ttest_ind(one.values, other.values, equal_var=False)
    assert compare_two(one, other).p == pytest.approx(welch.pvalue / SHARE_ALONE)


def test_settings_without_a_shared_seed_are_two_samples_at_the_whole_level():
    one, other = Sample("a", {1: 20.0, 2: 22.0, 3: 25.1}), Sample("b", {4: 19.0, 5: 21.1})
    welch = stats.ttest_ind(one.values, other.values, equal_var=False)
    found = compare_two(one, other)
    assert found.p == pytest.approx(welch.pvalue)
    assert found.interval == pytest.approx(tuple(welch.confidence_interval(0.95)))


def test_a_seed_that_one_setting_lacks_does_not_move_the_difference():
    whole = sample("a", 20.0, 22.0, 25.1, 40.0)
    assert compare_two(whole, sample("b", 19.0, 21.1, 24.0)).estimate == pytest.approx(1.0)


@pytest.mark.parametrize("scale", [1e-300, 1e-9, 1.0, 1e200, 1e299])
def test_the_unit_of_the_numbers_makes_no_difference(scale):
    values = (1.5, 2.25, 3.0), (2.75, 3.0, 4.5)
    plain = compare_two(*(sample("", *each) for each in values))
    samples = [sample("", *(scale * value for value in each)) for each in values]
    found = compare_two(*samples)
    assert found.p == pytest.approx(plain.p)
    assert found.estimate == pytest.approx(scale * plain.estimate)
    assert found.interval == pytest.approx(tuple(scale * bound for bound in plain.interval))
    assert compare_all(samples) == pytest.approx(compare_all([sample("", *each) for each in values]))


def test_all_settings_together_are_tested_with_seeds_as_blocks():
    rows = (20.0, 22.0, 25.1), (19.0, 21.1, 24.0), (20.2, 21.9, 25.5)
    # Two-way analysis of variance, by hand.
    grand = math.fsum(map(math.fsum, rows)) / 9
    settings = [math.fsum(row) / 3 for row in rows]
    seeds = [math.fsum(column) / 3 for column in zip(*rows, strict=True)]
    between = 3 * math.fsum((mean - grand) ** 2 for mean in settings)
    left = math.fsum(
        (value - settings[i] - seeds[j] + grand) ** 2
        for i, row in enumerate(rows)
        for j, value in enumerate(row)
    )
    p = stats.f.sf(between / 2 / (left / 4), 2, 4)
    assert compare_all([sample(str(i), *row) for i, row in enumerate(rows)]) == pytest.approx(p)


def test_repeats_that_leave_no_noise_to_measure_are_not_tested_together():
    assert compare_all([Sample("a", {1: 1.0, 2: 2.0}), Sample("b", {3: 1.0, 4: 2.0})]) is None


def test_seeds_that_differ_by_the_same_count_do_not_measure_their_noise_as_none():
    one, other = ([count / 397 for count in counts] for counts in ((380, 362, 371), (360, 342, 351)))
    rounding = coarseness_of([*one, *other])
    found = compare_two(
        *(Sample(name, dict(enumerate(v)), rounding) for name, v in (("a", one), ("b", other)))
    )
    low, high = found.interval
    assert found.p < 0.01
    assert high - low > rounding


def test_a_shift_of_one_last_digit_in_two_seeds_proves_nothing():
    coarse = [
        Sample(label, dict(enumerate(values)), 0.01)
        for label, values in (("a", (0.91, 0.92)), ("b", (0.92, 0.93)))
    ]
    assert compare_two(*coarse).p > 0.05


def test_settings_whose_seeds_explain_all_that_they_gave_are_not_tested_together():
    chain = [Sample(str(at), {at: 1.0 + at, at + 1: 2.5 - at}) for at in range(3)]
    assert compare_all(chain) is None
