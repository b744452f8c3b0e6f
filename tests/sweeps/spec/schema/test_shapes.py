"""What shapes let through; that they agree with the readers is tested where the whole schema is."""

import jsonschema
import pytest

from sweeps.spec.parser import PROFILE_KEYS, TOP_KEYS
from sweeps.spec.schema.shapes import (
    any_case,
    count,
    duration,
    either,
    exactly_one,
    listed,
    mapping,
    one_of,
    target,
    told,
    word,
)
from sweeps.spec.sweep_parser import SWEEP_KEYS
from sweeps.spec.trainer.parser import TRAINER_KEYS


def fits(shape, value):
    return jsonschema.Draft7Validator(shape).is_valid(value)


@pytest.mark.parametrize("keys", [TOP_KEYS, PROFILE_KEYS, TRAINER_KEYS, SWEEP_KEYS])
def test_every_key_says_what_it_is_for(keys):
    assert [key for key, shape in keys.items() if not shape.get("description")] == []


@pytest.mark.parametrize(
    ("text", "right"), [("2h", True), (" .5 m ", True), ("0s", False), ("2 weeks", False)]
)
def test_a_duration_is_a_time_above_zero(text, right):
    assert fits(duration(""), text) is right


def test_a_choice_beside_a_mapping_refuses_other_words_and_other_keys():
    shape = either(one_of(["a", "b"]), mapping("", {"n": count("")}))
    assert [value for value in ("a", {"n": 1}, {}) if not fits(shape, value)] == []
    assert [value for value in ("c", {"m": 1}, {"n": 0}, [], 1) if fits(shape, value)] == []


def test_texts_and_lists_keep_their_own_rules_side_by_side():
    shape = either(word(), listed("", word(), least=1))
    assert [fits(shape, value) for value in ("x", ["x"], " ", [], [" "], 1)] == [
        True,
        True,
        False,
        False,
        False,
        False,
    ]


def test_one_of_several_keys_has_to_stand_there():
    assert [fits(exactly_one("ab"), value) for value in ({"a": 1}, {"a": 1, "b": 1}, {})] == [
        True,
        False,
        False,
    ]


def test_a_target_is_a_module_and_a_name():
    assert [fits(target(""), text) for text in ("a.b:c", "größe:f", "a.b", "a:b:c", "1a:b")] == [
        True,
        True,
        False,
        False,
        False,
    ]


def test_letters_of_either_case_are_found():
    assert any_case("a_?b") == "[aA]_?[bB]"


def test_nothing_is_told_where_there_is_nothing_to_tell():
    assert told("", {"type": "string"}) == {"type": "string"}
