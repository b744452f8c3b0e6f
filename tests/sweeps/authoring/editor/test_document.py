"""The schema is compared with what reads the file: the same wrong files to both."""

import json
import re

import jsonschema
import pytest

from sweeps.authoring.editor.config_keys import of_model
from sweeps.authoring.editor.document import file_schema
from sweeps.errors import Place
from sweeps.spec.fields import FieldReader
from sweeps.spec.parser import _read_file
from sweeps.spec.yaml_reader import ROOT, Node
from tests.sweeps.spec.whole_files import FILES, PROBES, at, changed, paths, without

HERE = Place("e.yaml", 1, 1)
NO_WORDS_FOR_IT = re.compile(
    r"is no expression|has no group|is not one of small$|is not defined|there is no sweep|must have the same length"
    r"|is never|there is nothing between|needs values above 0|is not drawn before|is not in the space|is continuous"
)
"""What compares one part of a file with another, or reads a language: only `sweep check` says it."""
SCHEMA = file_schema()
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)


def node(value, path=ROOT):
    """A value as the YAML reader gives it."""
    if isinstance(value, dict):
        entries = {key: node(inner, key if path == ROOT else f"{path}.{key}") for key, inner in value.items()}
        return Node(entries, HERE, path, dict.fromkeys(value, HERE))
    return Node(tuple(node(item, path) for item in value) if isinstance(value, list) else value, HERE, path)


def problems(document):
    reader = FieldReader()
    _read_file(node(document), "e.yaml", "", reader)
    return [problem.message for problem in reader.problems]


def changes(document):
    """The document with something wrong, or odd, in each place."""
    for path in paths(document):
        for probe in PROBES:
            yield path, probe, changed(document, path, probe)
        yield path, "deleted", without(document, path)
        if isinstance(at(document, path), dict):
            yield path, "one key more", changed(document, (*path, "extraneous"), 1)


def closed_mappings(schema, path=""):
    """Each mapping of the schema that takes no other keys, with these."""
    if isinstance(schema, dict):
        if schema.get("additionalProperties") is False:
            yield path, set(schema["properties"])
        for name, inner in schema.items():
            yield from closed_mappings(inner, f"{path}/{name}")
    elif isinstance(schema, list):
        for inner in schema:
            yield from closed_mappings(inner, path)


def keys_of(document):
    if isinstance(document, dict):
        yield from document
    for inner in (
        document.values() if isinstance(document, dict) else document if isinstance(document, list) else ()
    ):
        yield from keys_of(inner)


def test_it_is_a_schema():
    jsonschema.Draft7Validator.check_schema(SCHEMA)


def test_the_files_that_are_compared_have_every_key_of_the_schema():
    used = {key for document in FILES.values() for key in keys_of(document)}
    missing = {path: keys - used for path, keys in closed_mappings(SCHEMA) if keys - used}
    assert missing == {}


@pytest.mark.parametrize("name", FILES)
def test_schema_and_reader_agree_about_every_change_of_a_file(name):
    document = FILES[name]
    assert (problems(document), VALIDATOR.is_valid(document)) == ([], True)
    refused_alone, let_through = [], []
    for path, probe, wrong in changes(document):
        said, fits = problems(wrong), VALIDATOR.is_valid(wrong)
        if not said and not fits:
            refused_alone.append((path, probe))
        if fits and not all(map(NO_WORDS_FOR_IT.search, said)):
            let_through.append((path, probe, said))
    assert (refused_alone, let_through) == ([], [])


MODEL = of_model(
    {
        "$defs": {
            "Data": {
                "type": "object",
                "properties": {"name": {"enum": ["a", "b"]}, "n": {"type": "integer", "minimum": 1}},
            }
        },
        "type": "object",
        "properties": {
            "lr": {"type": "number", "exclusiveMinimum": 0},
            "data": {"$ref": "#/$defs/Data"},
            "extra": {"type": "object", "additionalProperties": True},
            "decay": {
                "anyOf": [
                    {"type": "object", "additionalProperties": {"type": "number"}},
                    {"type": "integer"},
                    {"type": "null"},
                ]
            },
        },
    }
)


def sweep(*, follows=False, **settings):
    document = {"trainer": "module:train", "sweeps": {"a": settings}}
    return jsonschema.Draft7Validator(file_schema(MODEL, follows=follows)).is_valid(document)


@pytest.mark.parametrize(
    "right",
    [
        {"set": {"lr": 0.1, "data": {"name": "a"}, "data.n": 2}},
        {"set": {"extra": {"any": 1}, "extra.other": {"x": []}}},
        {"set": {"decay": None}},
        {"set": {"decay": {"weight": 0.1}, "decay.bias": 0.2}},
        {"grid": {"decay": [None, 1]}},
        {"grid": {"decay.weight": [0.1, 0.2]}},
        {"grid": {"lr": [1, 2], "data.name": ["a"]}},
        {"set": {"lr": 1}, "when": [{"if": {"data": {"name": ["a", "b"]}}, "set": {"data.n": 3}}]},
        {"search": {"space": {"data.name": {"choice": ["a"]}}, "objective": {"x": "min"}, "trials": 3}},
    ],
)
def test_settings_of_the_trainer_are_taken(right):
    assert sweep(**right)


@pytest.mark.parametrize(
    "wrong",
    [
        {"set": {"lrr": 0.1}},
        {"set": {"lr": 0}},
        {"set": {"data": {"name": "c"}}},
        {"set": {"data.nn": 2}},
        {"set": {"data": {"nn": 2}}},
        {"grid": {"lr": [1, "x"]}},
        {"grid": {"data": [{"name": "a"}]}},
        {"set": {"decay": "x"}},
        {"set": {"extra": 1}},
        {"grid": {"decay": ["x"]}},
        {"grid": {"decay": [{"weight": 0.1}]}},
        {"set": {"lr": 1}, "when": [{"if": {"data.name": "c"}, "set": {"lr": 2}}]},
        {"search": {"space": {"data.name": {"choice": ["c"]}}, "objective": {"x": "min"}, "trials": 3}},
        {"search": {"space": {"lrr": {"float": [0, 1]}}, "objective": {"x": "min"}, "trials": 3}},
    ],
)
def test_what_the_trainer_cannot_be_set_to_is_refused_wherever_it_stands(wrong):
    assert not sweep(**wrong)


def test_a_value_may_follow_another_where_a_command_trains():
    assert sweep(follows=True, set={"lr": "{data.n}"})
    assert not sweep(follows=False, set={"lr": "{data.n}"})


def test_profiles_have_settings_seeds_and_sweeps():
    document = {"trainer": "module:train", "sweeps": {"a": {"set": {}}}}
    validator = jsonschema.Draft7Validator(file_schema(MODEL))
    assert validator.is_valid(
        {**document, "profiles": {"p": {"lr": 1, "seeds": 2, "sweeps": {"a": {"lr": 3}}}}}
    )
    assert not validator.is_valid({**document, "profiles": {"p": {"lrr": 1}}})
    assert not validator.is_valid({**document, "profiles": {"p": {"sweeps": {"a": {"lrr": 3}}}}})


def test_a_key_shows_what_it_is_for():
    told = json.dumps(SCHEMA["properties"]["trainer"]["properties"]["cwd"])
    assert "Where it runs" in told
