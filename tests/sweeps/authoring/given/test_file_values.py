"""What config files set, read and not run."""

import ast

import pytest

from sweeps.authoring.given.file_values import values_of_file
from sweeps.authoring.option import Formula


def read(folder, name, text, constants=None):
    (folder / name).write_text(text)
    return values_of_file(folder / name, constants or {})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.yaml", "lr: 1e-3\nmodel: {width: 8, drops: [0.1, 0.2]}\nname: x\nfast: true\n"),
        ("a.json", '{"lr": 0.001, "model": {"width": 8, "drops": [0.1, 0.2]}, "name": "x", "fast": true}'),
        ("a.toml", 'lr = 1e-3\nname = "x"\nfast = true\n[model]\nwidth = 8\ndrops = [0.1, 0.2]\n'),
    ],
)
def test_sections_are_dotted_keys(tmp_path, name, text):
    assert read(tmp_path, name, text) == {
        "lr": 0.001,
        "model.width": 8,
        "model.drops": [0.1, 0.2],
        "name": "x",
        "fast": True,
    }


def test_assignments_are_read_with_the_names_that_they_find_and_the_last_stands(tmp_path):
    text = """
import time
trap = open("executed", "w")
a = steps
b: int = a * 2
b = 7
c = b + 1
if a:
    d = 1
for e in (1, 2): ...
f = {"x": 1}
"""
    found = read(tmp_path, "a.py", text, {"steps": ast.parse("60", mode="eval").body})
    assert {key: value for key, value in found.items() if not isinstance(value, Formula)} == {
        "a": 60,
        "b": 7,
        "c": 8,
        "f": {"x": 1},
    }
    assert {key for key, value in found.items() if isinstance(value, Formula)} == {"trap", "d", "e"}
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.yaml", "a: [1"),
        ("b.yaml", "- 1\n"),
        ("c.json", "{"),
        ("d.toml", "a = "),
        ("e.py", "def ("),
        ("f.ini", "a = 1\n"),
        ("g.yaml", "a: " + "x" * 300_000),
        ("h.yaml", "[" * 5000),
    ],
)
def test_what_cannot_be_read_is_none(tmp_path, name, text):
    assert read(tmp_path, name, text) is None
    assert values_of_file(tmp_path / "nowhere.yaml", {}) is None


def test_what_no_option_holds_is_a_formula(tmp_path):
    assert read(tmp_path, "a.yaml", "a: [[1]]\nb: 2020-01-01\nc: {}\nd: null\n") == {
        "a": Formula("[[1]]"),
        "b": Formula("2020-01-01"),
        "c": Formula("{}"),
        "d": None,
    }
