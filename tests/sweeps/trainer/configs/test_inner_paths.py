"""The texts of config files of each format, and of nothing else."""

import json

import pytest

from sweeps.trainer.configs.inner_paths import MOST, texts_in


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("c.yaml", "a: {b: [x, 1, y]}\nc: 3\n"),
        ("c.json", json.dumps({"a": {"b": ["x", 1, "y"]}})),
        ("c.toml", '[a]\nb = ["x", 1, "y"]\n'),
    ],
)
def test_texts_are_given_with_their_keys(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    assert texts_in(tmp_path / name) == [("a.b", "x"), ("a.b", "y")]


def test_of_ini_the_section_is_part_of_the_key(tmp_path):
    (tmp_path / "c.ini").write_text("[a]\nb = x\n")
    assert texts_in(tmp_path / "c.ini") == [("a.b", "x")]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("c.txt", "a: b\n"),
        ("c.yaml", "- a\n"),
        ("c.json", "{"),
        ("c.yaml", "a: !x b"),
        ("c.yaml", "\n".join(f"k{at}: x" for at in range(MOST + 1))),
    ],
)
def test_what_is_no_config_has_none(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    assert texts_in(tmp_path / name) == []
    assert texts_in(tmp_path / "none.yaml") == []
