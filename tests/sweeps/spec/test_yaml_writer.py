"""What is written is read again as it was."""

import pytest

from sweeps.spec.yaml_reader import parse
from sweeps.spec.yaml_writer import comment, listed, mapping, scalar, typed

VALUES = [
    1,
    -1,
    0,
    1.0,
    1e-5,
    1e300,
    True,
    None,
    "None",
    "null",
    "true",
    "no",
    "1",
    "1e-4",
    "a b",
    "",
    "it's",
    'a"b',
    "a: b",
]
VALUES += [
    "- a",
    "{x}",
    "[1]",
    "#a",
    "a #b",
    "\x7f",
    "\n",
    "\t",
    "naïve",
    "\x85",
    "~",
    ".inf",
    "0x10",
    "-x",
    "*a",
    "&a",
    "!a",
    "%",
    "@",
]
VALUES += [
    [1, [2, "a"]],
    {"a": {"b": [None]}},
    "=",
    "<<",
    "a,b",
    "?",
    "\u2028",
    "\ufeff",
    "e" * 200,
    ".",
    "-.5",
    "1_0",
    "y",
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_value_is_read_as_it_was(value):
    read = parse(f"x: {scalar(value)}\ny: {listed([value])}\nz: {mapping({'k': value})}", "f").plain()
    assert repr(read) == repr({"x": value, "y": [value], "z": {"k": value}})


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("1", 1),
        ("-3", -3),
        ("007", "007"),
        ("1.", 1.0),
        (".5", 0.5),
        ("1e-4", 0.0001),
        ("+1", "+1"),
        ("1e999", "1e999"),
        ("nan", "nan"),
        ("True", "True"),
        ("0x10", "0x10"),
        ("1_000", "1_000"),
        ("-0", "-0"),
        ("", ""),
        ("9" * 500, "9" * 500),
    ],
)
def test_only_what_is_surely_a_number_becomes_one(word, value):
    assert repr(typed(word)) == repr(value)


def test_a_comment_is_one_line():
    assert comment("a\nrm -rf /\x1b[31m") == "a rm -rf / [31m"
