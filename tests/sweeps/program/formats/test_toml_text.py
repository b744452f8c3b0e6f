"""A config written as TOML: what Python reads of it is what was written."""

import tomllib

import pytest

from sweeps.program.formats.toml_text import toml_text

TEXT = """
name = 'a "b" \\c'
when = 1979-05-27T07:32:00Z
day = 1979-05-27
at = 07:32:00
big = 1e22
small = 1e-5
no = false
empty = []
[optim]
lr = 0.1
"a.b" = [1, [2, 3]]
[optim.deep.er]
x = "ü\\u007f\\n"
[alone]
[[layers]]
size = 8
[[layers]]
size = 4
kinds = {a = [inf], b = {}}
"""


def test_what_is_read_of_it_is_what_was_written():
    content = tomllib.loads(TEXT)
    text = toml_text(content)
    assert tomllib.loads(text) == content
    assert toml_text(tomllib.loads(text)) == text
    assert toml_text({"a": {"b": 1}, "c": "d"}) == 'c = "d"\n\n[a]\nb = 1\n'


@pytest.mark.parametrize("value", [None, [1, None]])
def test_what_it_has_no_word_for_is_told(value):
    with pytest.raises(ValueError, match="TOML has no null"):
        toml_text({"a": value})
