import itertools
import math
import random

import pytest

from sweeps.errors import Place
from sweeps.spec.settings import (
    ConditionIndex,
    KeySet,
    Setting,
    flatten,
    holds,
    identity,
    is_key,
    nest,
    overlaps,
    overlay,
    same,
)


def layer(**values):
    return {key.replace("__", "."): Setting(value, "test", Place("e.yaml")) for key, value in values.items()}


def plain(settings):
    return {key: setting.value for key, setting in settings.items()}


@pytest.mark.parametrize(
    ("over", "left"),
    [
        ({"lr": 2}, {"lr": 2, "data.name": "a", "data.more.x": 1}),
        ({"data": 3}, {"lr": 1, "data": 3}),
        ({"data__name__first": "b"}, {"lr": 1, "data.name.first": "b", "data.more.x": 1}),
        ({"data__more": 5}, {"lr": 1, "data.name": "a", "data.more": 5}),
    ],
)
def test_a_setting_replaces_its_own_key_and_whatever_stood_above_or_below_it(over, left):
    base = layer(lr=1, data__name="a", data__more__x=1)
    overlay(base, layer(**over))
    assert plain(base) == left


def test_a_condition_holds_where_every_key_has_one_of_its_values():
    condition = {"tfr": (0.5, 1), "kind": ("None",)}
    assert holds(condition, {"tfr": 1.0, "kind": "None"}.get)
    assert not holds(condition, {"tfr": 0.5, "kind": "Cyclical"}.get)
    assert not holds(condition, {"tfr": True, "kind": "None"}.get)
    assert holds({}, {}.get)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [(1, 1.0, True), (1, True, False), (0, False, False), (math.nan, math.nan, True), ([1], [1.0], True)],
)
def test_two_values_are_the_same_as_numbers_but_never_a_number_and_a_truth_value(one, other, alike):
    assert same(one, other) is alike


def test_keys_are_words_joined_by_dots_and_overlap_where_one_holds_the_other():
    assert [is_key(text) for text in ("lr", "data.name", "a-b", "", "a..b", "a b", ".a")] == [True] * 3 + [
        False
    ] * 4
    assert overlaps("data", "data.name")
    assert overlaps("lr", "lr")
    assert not overlaps("data", "data2.name")


VALUES = (
    0,
    0.0,
    -0.0,
    1,
    1.0,
    True,
    False,
    None,
    "1",
    "None",
    "",
    0.1 + 0.2,
    0.3,
    [1],
    [1.0],
    [True],
    math.nan,
)


def test_two_values_have_one_identity_exactly_where_they_are_the_same():
    for one, other in itertools.product(VALUES, repeat=2):
        if not (
            isinstance(one, list) and isinstance(other, list)
        ):  # Python takes [1] and [True] for the same
            assert (identity(one) == identity(other)) == same(one, other), (one, other)


def test_a_set_of_keys_finds_the_twin_that_comparing_each_would_find():
    draw = random.Random(3)
    for _ in range(200):
        keys, known = KeySet(), []
        for _ in range(20):
            key = ".".join(draw.choice("ab") for _ in range(draw.randint(1, 4)))
            twins = [other for other in known if overlaps(other, key)]
            twin = keys.twin(key)
            assert twin in twins if twins else twin is None
            if twin is None:
                keys.add(key)
                known.append(key)


def test_an_index_of_conditions_finds_the_one_that_trying_each_would_find():
    draw = random.Random(4)
    numbers = range(40)
    for _ in range(100):
        conditions = [
            {key: tuple(draw.sample(numbers, draw.choice([1, 2, 35]))) for key in draw.sample("abc", 2)}
            for _ in range(30)
        ]
        index = ConditionIndex(conditions)
        for _ in range(20):
            config = {key: draw.choice(numbers) for key in "abc"}
            held = [at for at, condition in enumerate(conditions) if holds(condition, config.get)]
            assert index.first_held(config.get) == (held[0] if held else None)


def test_nesting_and_flattening_are_inverse_and_keep_empty_mappings_as_values():
    flat = {"lr": 1, "data.name": "x", "data.more.deep": [1, {"a": 2}], "empty": {}}
    assert nest(flat) == {"lr": 1, "data": {"name": "x", "more": {"deep": [1, {"a": 2}]}}, "empty": {}}
    assert flatten(nest(flat)) == flat
