import hashlib
import json
import math
import random

import pytest

from sweeps.planning.fingerprint import (
    OPERATIONAL,
    SCHEME,
    Fingerprinter,
    canonical,
    counts,
    fingerprint,
)

CONFIG = {
    "lr": 1e-4,
    "tfr": 1.0,
    "kind": "Cyclical",
    "steps": [2, 5],
    "data.name": "folder",
    "root": None,
    "fast": True,
}


def test_the_strings_of_the_scheme_are_pinned():
    assert SCHEME == "s1"
    assert fingerprint({}) == "s1-44136fa355b3678a"
    assert fingerprint(CONFIG) == "s1-04d9b0e95a23a565"
    assert canonical({"b": 1.0, "a": [None, True, -0.0, 1e-07, 'é"']}) == (
        '{"a":[null,true,0,1e-07,"\\u00e9\\""],"b":1}'
    )


def test_key_order_never_matters_and_one_is_one_point_nought():
    shuffled = dict(reversed(CONFIG.items()))
    assert fingerprint(shuffled | {"tfr": 1, "steps": [2.0, 5.0]}) == fingerprint(CONFIG)
    assert fingerprint({"a": {"x": 1, "y": 2}}) == fingerprint({"a": {"y": 2.0, "x": 1.0}})
    assert fingerprint({"a": -0.0}) == fingerprint({"a": 0})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True),
        (0, False),
        (1, "1"),
        (None, "None"),
        ([], {}),
        ([1, 2], [2, 1]),
        (0.1, 0.1 + 1e-16),
        ("a", "A"),
    ],
)
def test_values_that_differ_give_other_fingerprints(one, other):
    assert (fingerprint({"a": one}) == fingerprint({"a": other})) is (
        one == other and type(one) is type(other)
    )


def test_the_name_of_a_key_counts():
    assert fingerprint({"a": 1}) != fingerprint({"b": 1})
    assert fingerprint({"a": 1}) != fingerprint({"a": 1, "b": None})


def test_a_setting_that_came_later_is_left_out_at_the_value_that_all_trials_before_it_had():
    kept = Fingerprinter({"ceiling": 1.0, "free.nats": 0})
    for same in ({}, {"ceiling": 1}, {"ceiling": 1.0, "free.nats": 0.0}):
        assert kept.fingerprint(CONFIG | same) == fingerprint(CONFIG)
    for other in ({"ceiling": 0.5}, {"ceiling": True}, {"free.nats": 1}, {"nats": 0}):
        assert kept.fingerprint(CONFIG | other) == fingerprint(CONFIG | other) != fingerprint(CONFIG)
    assert kept.fingerprint(CONFIG | {"ceiling": 1}) == fingerprint(CONFIG)


@pytest.mark.parametrize("key", sorted(OPERATIONAL))
def test_operational_keys_are_left_out_at_any_depth(key):
    assert fingerprint(CONFIG | {key: "x", f"data.{key}": [1]}) == fingerprint(CONFIG)
    assert not counts(f"a.b.{key}")
    assert counts(f"{key}_more")
    assert counts(f"{key}.more")


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, [1, math.nan], {"x": math.inf}])
def test_a_value_that_does_not_equal_itself_has_no_fingerprint(value):
    with pytest.raises(ValueError, match="cannot be part of a config's identity"):
        fingerprint({"a": value})


def test_the_identity_is_canonical_json_hashed():
    """What is written piece by piece, and kept for the next trial, is what one json.dumps writes."""
    chance = random.Random(7)
    values = [
        1,
        1.0,
        True,
        False,
        None,
        'x"é',
        -0.0,
        1e300,
        1e-7,
        2**70,
        [1.0, True, [None, "a"]],
        {"b": 1.5, "a": [2]},
    ]
    kept = Fingerprinter()
    config = {}
    for _ in range(300):
        if chance.random() < 0.5:
            config = {
                f"k{chance.randrange(40)}é": chance.choice([*values, chance.random()]) for _ in range(12)
            }
        else:
            config = config | {key: chance.choice(values) for key in list(config)[:3]}
        text = json.dumps(whole(config), sort_keys=True, separators=(",", ":"))
        expected = f"s1-{hashlib.sha256(text.encode()).hexdigest()[:16]}"
        assert (fingerprint(config), kept.fingerprint(config)) == (expected, expected)


def whole(value):
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: whole(inner) for key, inner in value.items()}
    return [whole(inner) for inner in value] if isinstance(value, list) else value
