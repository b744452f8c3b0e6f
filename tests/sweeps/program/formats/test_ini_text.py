"""INI is read as configparser reads it, and written with other values in its own lines."""

import configparser

import pytest

from sweeps.program.formats.ini_text import ini_content, ini_word, ini_written

TEXT = """\
; what stands here stays
[DEFAULT]
seed = 0

[model]
  # a comment
  C : 1.0
  kernel= rbf
  grid = a
    b
    # inside
    c
  flag
note = on
big = 1e-3
[cv]
folds=5
"""


def test_numbers_and_truths_are_values_and_all_else_is_text():
    content = ini_content(TEXT + "ok = True\n")
    assert content["DEFAULT"] == {"seed": 0}
    assert content["model"]["C"] == 1.0
    assert (content["model"]["kernel"], content["model"]["grid"]) == ("rbf", "a\nb\nc")
    assert content["cv"] == {"folds": 5, "ok": True}


@pytest.mark.parametrize("text", ["a = 1\n", "[a]\nb = 1\nb = 2\n"])
def test_what_configparser_refuses_is_no_ini(text):
    with pytest.raises(ValueError, match="line"):
        ini_content(text)


def test_a_copy_says_the_settings_and_all_else_as_it_stood():
    settings = {("model", "C"): 0.5, ("model", "grid"): "d", ("DEFAULT", "seed"): 3, ("cv", "folds"): True}
    text = ini_written(TEXT, settings)
    parser = configparser.RawConfigParser(allow_no_value=True)
    parser.read_string(text)
    assert (parser["model"]["c"], parser["cv"]["folds"]) == ("0.5", "true")
    assert text.splitlines()[:3] == ["; what stands here stays", "[DEFAULT]", "seed = 3"]
    assert "  C : 0.5\n  kernel= rbf\n  grid = d\n    # inside\n  flag\n" in text
    content = ini_content(TEXT)
    for (section, key), value in settings.items():
        content[section][key] = value
    assert ini_content(text) == content
    assert ini_written(TEXT, {}) == TEXT


@pytest.mark.parametrize(("value", "what"), [(None, "null"), ([1], "list"), ({"a": 1}, "mapping"), ("a\nb", "text of several lines")])  # fmt: skip
def test_what_ini_has_no_word_for_is_refused(value, what):
    with pytest.raises(ValueError, match=f"INI has no {what}"):
        ini_word(value)
