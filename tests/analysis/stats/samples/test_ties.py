import math

from analysis.stats.samples.ties import ranked


def close(one, other):
    return math.isclose(one[1], other[1], rel_tol=1e-9)


def test_what_is_equal_up_to_rounding_stays_in_the_order_that_it_came_in():
    items = [("a", 0.15), ("b", 0.3), ("c", 0.1 + 0.05 + 1e-17), ("d", 0.1 + 0.2), ("e", 0.0)]
    for given in (items, items[::-1]):
        order = [name for name, _ in given]
        found = [name for name, _ in ranked(given, lambda item: item[1], close)]
        tied = [sorted(pair, key=order.index) for pair in ("ac", "bd")]
        assert found == ["e", *tied[0], *tied[1]]
    assert ranked([], lambda item: item, close) == []


def test_what_equals_the_first_of_its_rank_alone_belongs_to_it():
    def near(one, other):
        return abs(one - other) <= 1

    assert ranked([4, 3, 2, 1, 0], lambda item: item, near) == [1, 0, 3, 2, 4]
