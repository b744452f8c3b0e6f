import pytest

from sweeps.errors import SpecError
from sweeps.spec.fields import FieldReader
from sweeps.spec.setting_parser import flat_layer, read_condition, read_layer, read_overrides
from sweeps.spec.yaml_reader import parse


def plain(layer):
    return {key: setting.value for key, setting in layer.items()}


def read(read_part, text):
    """What is read of `set: text`, and the problems."""
    reader = FieldReader()
    part = read_part(parse(text, "e.yaml").entry("set"), reader)
    return part, [str(problem) for problem in reader.problems]


def test_nested_and_dotted_keys_are_the_same_settings():
    nested, _ = read(read_layer, "set: {data: {name: folder, size: {x: 1}}}")
    dotted, _ = read(read_layer, "set: {data.name: folder, data: {size.x: 1}}")
    assert plain(nested) == plain(dotted) == {"data.name": "folder", "data.size.x": 1}


def test_settings_know_their_layer_and_their_place():
    layer, _ = read(read_layer, "set:\n  data:\n    name: folder\n")
    setting = layer["data.name"]
    assert (setting.layer, str(setting.place), str(setting.key_place)) == ("set", "e.yaml:3:11", "e.yaml:3:5")


def test_a_key_that_is_set_twice_or_is_none_is_a_problem():
    layer, problems = read(read_layer, "set: {data.name: a, data: {name: b}, 'a b': 1}")
    assert plain(layer) == {"data.name": "a"}
    assert problems == [
        "e.yaml:1:28: set: data.name is set twice (as data.name at line 1); delete one",
        "e.yaml:1:38: set: the key 'a b' must consist of letters, digits, _ and -, in parts joined by dots",
    ]


def test_a_layer_can_be_made_of_some_entries_of_a_mapping():
    node = parse("quick: {lr: 1, sweeps: {a: {lr: 2}}}", "e.yaml").entry("quick")
    reader = FieldReader()
    layer = flat_layer(node, {"lr": node.entry("lr")}, reader)
    assert (plain(layer), layer["lr"].layer, reader.problems) == ({"lr": 1}, "quick", [])


def test_a_condition_has_values_for_each_key():
    condition, _ = read(read_condition, "set: {tfr: 0.5, data: {name: [a, b]}}")
    assert condition == {"tfr": (0.5,), "data.name": ("a", "b")}


def test_an_empty_condition_is_a_problem():
    condition, problems = read(read_condition, "set: {}")
    message = "is empty, so it would match every trial; name a key and a value"
    assert (condition, problems) == ({}, [f"e.yaml:1:6: set: {message}"])


def test_flags_are_read_as_yaml_values_and_the_last_one_wins():
    layer = read_overrides(["lr=1e-4", "kind=None", "steps=[1, 2]", "root=a=b", "empty=", "lr=2"])
    assert plain(layer) == {"lr": 2, "kind": "None", "steps": [1, 2], "root": "a=b", "empty": ""}
    assert {setting.layer for setting in layer.values()} == {"--set"}
    assert str(layer["lr"].place) == "--set lr=2"


def test_all_wrong_flags_are_reported_at_once():
    with pytest.raises(SpecError) as caught:
        read_overrides(["lr", "a..b=1", "lr={a: 1}", "lr=1"])
    assert str(caught.value).splitlines() == [
        "--set a..b=1: is not key=value; write for example --set lr=1e-3",
        "--set lr: is not key=value; write for example --set lr=1e-3",
        "--set lr={a: 1}: is a mapping; set its keys, such as --set lr.name=VALUE",
    ]
