"""What is written is read back by Python, JSON and YAML; Hydra's own parser reads it in test_arguments.py."""

import ast
import json

import pytest
import yaml

from sweeps.program.notation import (
    NotationError,
    hydra_text,
    hydra_value,
    json_value,
    number,
    python_text,
    python_value,
)

NESTED = [1, 1.0, 1e-05, True, None, "a=b", "'", [], {}, {"k v": [1e16, "é"]}]


@pytest.mark.parametrize(
    ("value", "text"),
    [(1, "1"), (1.0, "1.0"), (-0.0, "-0.0"), (1e-05, "1.0e-05"), (1.5e-05, "1.5e-05"), (1e16, "1.0e+16")],
)
def test_a_number_is_read_back_by_python_json_and_yaml_1_1(value, text):
    assert number(value) == text
    for read in (ast.literal_eval, json.loads, yaml.safe_load):
        assert repr(read(text)) == repr(value)


def test_values_are_read_back():
    assert repr(ast.literal_eval(python_value(NESTED))) == repr(NESTED)
    assert repr(json.loads(json_value(NESTED))) == repr(NESTED)


def test_json_keeps_the_letters_that_a_person_wrote():
    assert json_value(["é", {"größe": 1}]) == '["é", {"größe": 1}]'


def test_a_python_literal_holds_no_equals_sign():
    assert "=" not in python_value(NESTED) + python_text("a=b")


@pytest.mark.parametrize("text", ["word", "a/b.c", "_x", "http://a:8", "", "e-mail@x"])
def test_a_plain_text_needs_no_quotes_for_python(text):
    assert python_text(text) == text


@pytest.mark.parametrize("text", ["word", "a/b.c", "_x", "http://a:8"])
def test_a_plain_text_needs_no_quotes_for_hydra(text):
    assert hydra_text(text) == text


@pytest.mark.parametrize("text", ["None", "1", "a b", "a,b", "é"])
def test_other_texts_are_quoted_for_python(text):
    assert python_text(text) == repr(text)


def test_hydra_has_mappings_of_plain_keys():
    assert hydra_value({"a": [1, {"b_c": "x"}]}) == "{a:[1,{b_c:'x'}]}"
    for key in ("a b", "true", "1"):
        with pytest.raises(NotationError, match="has no words"):
            hydra_value([{key: 1}])
