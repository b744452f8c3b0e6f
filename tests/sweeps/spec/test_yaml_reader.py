import math
from pathlib import Path

import pytest

from sweeps.errors import SpecError
from sweeps.spec.yaml_reader import describe, parse, parse_scalar, read_text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-4", 1e-4),
        ("1E4", 1e4),
        ("-1.5e+3", -1500.0),
        (".5", 0.5),
        ("1.", 1.0),
        ("7", 7),
        ("-7", -7),
        ("010", 10),
        ("0x1F", 31),
        ("0o17", 15),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("2020-01-01", "2020-01-01"),
        ("None", "None"),
        ("null", None),
        ("~", None),
        ("", ""),
        ("''", ""),
        ("true", True),
        ("FALSE", False),
        ("'no'", "no"),
        ('"on"', "on"),
        ("nonesuch", "nonesuch"),
        ("y", "y"),
        ("n", "n"),
        ("yesterday", "yesterday"),
        (".inf", math.inf),
        ("-.INF", -math.inf),
        ("[2, 5.0, None]", [2, 5.0, "None"]),
        ("{a: {b: [1]}}", {"a": {"b": [1]}}),
        ("!!str 1", "1"),
        ("!!int '3'", 3),
    ],
)
def test_scalars_are_what_yaml_1_2_says(text, value):
    scalar = parse_scalar(text)
    assert scalar == value
    assert type(scalar) is type(value)


def test_not_a_number_is_read_as_such():
    assert math.isnan(parse_scalar(".nan"))


@pytest.mark.parametrize("word", ["yes", "No", "ON", "off"])
def test_words_that_some_readers_take_for_booleans_are_refused_unless_quoted(word):
    with pytest.raises(SpecError, match=f"unquoted {word} is a boolean"):
        parse_scalar(word)
    assert parse_scalar(f"'{word}'") == word


def test_every_value_and_key_knows_its_place():
    root = parse("a: 1\nb:\n  - x\n  - {c: 2}\n", "e.yaml")
    c = root.mapping["b"].items[1]
    assert str(root.mapping["a"].place) == "e.yaml:1:4"
    assert str(root.key_place("b")) == "e.yaml:2:1"
    assert str(c.mapping["c"].place) == "e.yaml:4:9"
    assert str(c.key_place("c")) == "e.yaml:4:6"
    assert str(c.key_place("not there")) == str(c.place)
    assert root.plain() == {"a": 1, "b": ["x", {"c": 2}]}


def test_every_value_knows_the_keys_that_lead_to_it():
    root = parse("a: &a {b: [{c.d: 1}, 2]}\ne: {<<: *a, f: *a}\n", "e.yaml")
    c = root.entry("a").entry("b").items[0].entry("c.d")
    assert (root.path, root.entry("a").path, c.path) == ("the file", "a", "a.b.c.d")
    e = root.entry("e")
    assert (e.entry("b").path, e.entry("f").entry("b").path) == ("e.b", "e.f.b")


def test_merge_keys_lay_own_entries_over_merged_ones():
    text = "one: &one {a: 1, b: 1}\ntwo: &two {b: 2, c: 2}\nboth:\n  <<: [*one, *two]\n  c: 3\n"
    assert parse(text, "e.yaml").plain()["both"] == {"a": 1, "b": 1, "c": 3}


def test_an_alias_stands_for_what_its_anchor_names():
    assert parse("a: &a [1, 2]\nb: *a\n", "e.yaml").plain() == {"a": [1, 2], "b": [1, 2]}


def test_all_problems_of_the_values_are_reported_at_once():
    with pytest.raises(SpecError) as caught:
        parse("a: yes\na: 1\nb: !x 1\n[1]: 2\n", "e.yaml")
    assert str(caught.value).splitlines() == [
        "e.yaml:1:4: unquoted yes is a boolean to some YAML readers; write true, or 'yes' for the word",
        "e.yaml:2:1: key 'a' appears twice in this mapping (first at line 1); delete one",
        "e.yaml:3:4: tag !x is not supported here; write the plain value",
        "e.yaml:4:1: a key must be a word, not a list or a mapping",
    ]


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path):
    path = tmp_path / "e.yaml"
    path.write_bytes("\ufeffa: 1\r\nb: é\r\n".encode())
    root = parse(read_text(path), "e.yaml")
    assert root.plain() == {"a": 1, "b": "é"}
    assert str(root.key_place("b")) == "e.yaml:2:1"


def test_a_file_that_may_not_be_read_says_so(monkeypatch):
    def refuse(self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(SpecError, match=r"^e\.yaml: cannot be read: Permission denied$"):
        read_text(Path("e.yaml"))


def test_a_long_list_is_no_alias_that_multiplies():
    assert len(parse(f"[{', '.join(['1'] * 3000)}]", "e.yaml").items) == 3000


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({}, "a mapping"),
        ([1], "a list"),
        ((), "a list"),
        (None, "null"),
        (True, "true"),
        (0.5, "0.5"),
        ("a", "'a'"),
        ("x" * 61, f"'{'x' * 60}...'"),
    ],
)
def test_values_are_described_as_yaml_writes_them(value, words):
    assert describe(value) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a:\n  # why\n\n  # ? grid: {K: [V]}  # which?\nb: 1\n", "null: answer the `# ? grid` in line 4"),
        ("a:\n  # grid: {K: [V]}\nb:\n  # ? grid: x\n", "null"),
        ("a: null\n  # ? grid: {K: [V]}\nb: 1\n", "null"),
        ('a: ""\n  # ? grid: {K: [V]}\n', "''"),
    ],
)
def test_a_value_with_a_question_in_its_place_asks_for_the_answer(text, words):
    assert parse(text, "e.yaml").entry("a").describe() == words
