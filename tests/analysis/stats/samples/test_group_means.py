import pytest

from analysis.stats.samples.group_means import group_means


def test_a_group_has_the_variance_of_all_groups_or_its_own_where_that_is_more():
    found = group_means({"calm": [1.0, 1.0], "noisy": [0.0, 4.0]}, noise=0.0)
    assert (dict(found.means), found.free) == ({"calm": 1.0, "noisy": 2.0}, 2)
    # Squares of 0 and 8, so 4 of all groups; 8 of the noisy one alone: each over its two differences.
    assert dict(found.variances) == pytest.approx({"calm": 2.0, "noisy": 4.0})


def test_no_variance_is_less_than_the_noise_and_without_noise_that_of_equal_differences_is_none():
    equal = {"a": [1.0, 1.0], "b": [2.0, 2.0, 2.0]}
    assert dict(group_means(equal, noise=0.0).variances) == {"a": 0.0, "b": 0.0}
    assert dict(group_means(equal, noise=6.0).variances) == {"a": 3.0, "b": 2.0}
