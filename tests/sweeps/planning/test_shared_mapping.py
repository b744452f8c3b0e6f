import random
from collections.abc import Mapping

from sweeps.planning.shared_mapping import MappingPool


def is_equal(one, other):
    return type(one) is type(other) and repr(one) == repr(other)


def test_what_is_shared_reads_as_what_was_put_in():
    chance = random.Random(3)
    pool = MappingPool(is_equal, repr)
    values = [0, 1, 1.0, True, -0.0, 0.0, "1", None, [1], [True], [1.0]]
    keys = ["a", "b", "c", "d"]
    put = [
        {key: chance.choice(values) for key in chance.sample(keys, chance.randrange(5))} for _ in range(300)
    ]
    for mapping, shared in [(mapping, pool.share(mapping)) for mapping in put]:
        assert [(key, repr(shared[key])) for key in shared] == [(k, repr(v)) for k, v in mapping.items()]
        assert len(shared) == len(mapping)


def test_equal_values_are_stored_once():
    pool = MappingPool(is_equal, repr)
    first, second, third = (pool.share({"a": a, "b": [7]}) for a in ([1], [2], [2]))
    assert second["a"] is third["a"]
    assert first["b"] is second["b"]


def test_it_is_a_mapping_that_cannot_be_written():
    shared = MappingPool(is_equal).share({"a": 1})
    assert isinstance(shared, Mapping)
    assert not hasattr(shared, "__setitem__")
    assert shared == {"a": 1}
    assert shared.get("b", 2) == 2
    assert repr(shared) == "{'a': 1}"
