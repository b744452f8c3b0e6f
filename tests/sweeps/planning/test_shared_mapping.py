"""Mappings that store once what they have in common."""

import operator
import random

import pytest

from sweeps.planning.shared_mapping import MappingPool


def test_mappings_that_were_shared_equal_what_they_were_made_from_in_the_same_order():
    chance = random.Random(3)
    keys = [f"k{number}" for number in range(8)]
    pool = MappingPool(operator.eq)
    originals = []
    for _ in range(200):
        chosen = chance.sample(keys, chance.choice([3, 8]))
        originals.append({key: chance.randrange(4) for key in chosen})
    shared = [pool.share(original) for original in originals]
    assert [list(mapping.items()) for mapping in shared] == [list(one.items()) for one in originals]
    assert shared == originals
    assert [len(mapping) for mapping in shared] == [len(one) for one in originals]


def test_a_mapping_does_not_change_with_the_one_that_it_was_made_from():
    pool = MappingPool(operator.eq)
    original = {"a": 1, "b": 2}
    shared = pool.share(original)
    original["a"] = 9
    assert (shared["a"], repr(shared)) == (1, "{'a': 1, 'b': 2}")


def test_it_is_read_only_and_knows_only_its_own_keys():
    pool = MappingPool(operator.eq)
    pool.share({"b": 1})
    shared = pool.share({"a": 1})
    with pytest.raises(TypeError):
        shared["a"] = 2
    with pytest.raises(KeyError):
        shared["b"]
    assert ("a" in shared, "b" in shared, shared.get("b")) == (True, False, None)


def test_only_values_that_may_stand_for_one_another_are_shared():
    pool = MappingPool(lambda one, other: type(one) is type(other) and one == other)
    assert [repr(pool.share({"a": value})) for value in (1, True, 1.0)] == [
        "{'a': 1}",
        "{'a': True}",
        "{'a': 1.0}",
    ]


def test_values_that_differ_are_stored_as_they_come():
    pool = MappingPool(operator.is_)
    values = [[1], [1]]
    assert all(pool.share({"a": value})["a"] is value for value in values)
