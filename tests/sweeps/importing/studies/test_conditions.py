"""Conditions cover what they should, and nothing else."""

import itertools
import random

from sweeps.importing.studies.conditions import covering, missing, without_all


def matched(conditions, keys, values):
    return [
        place
        for place in itertools.product(*values)
        for condition in conditions
        if all(code in condition.get(key, (code,)) for key, code in zip(keys, place, strict=True))
    ]


def test_alike_values_share_a_condition():
    assert list(covering({(0, 1), (0, 2), (3, 1), (3, 2)}, ["a", "b"])) == [{"a": (0, 3), "b": (1, 2)}]
    assert without_all({"a": (0, 1), "b": (1,)}, {"a": (0, 1), "b": (0, 1)}) == {"b": (1,)}


def test_drawn_places_are_matched_once_each():
    keys, values = ["a", "b", "c"], [range(3)] * 3
    for seed in range(30):
        places = set(random.Random(seed).sample(list(itertools.product(*values)), 9))
        assert sorted(matched(list(covering(places, keys)), keys, values)) == sorted(places)
        holes = matched(list(missing(places, values, keys)), keys, values)
        assert set(holes) == set(itertools.product(*values)) - places
