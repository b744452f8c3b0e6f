import pytest

from sweeps.authoring.drafting.yaml_text import aligned, scalar, single_quoted
from sweeps.spec.yaml_reader import parse
from sweeps.spec.yaml_writer import comment

VALUES = ["a", "no", "on", "None", "null", "1", "1e-3", "a: b", "# x", "", " a", "a\nb", "é", "\u2028", "'\"", "{a}", "[x]", "-x", "*", "~", ".5", ".", "y", "a b", "\x07", 1, 1.0, 1e-05, True, None, [1, "a"], {"a b": [None]}]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_every_value_is_read_back_as_it_was(value, tmp_path):
    node = parse(f"key: {scalar(value)}\n", str(tmp_path))
    found = node.entry("key").plain()
    assert found == value
    assert type(found) is type(value)


def test_patterns_stand_in_single_quotes():
    assert (
        parse(f"key: {single_quoted(chr(92) + 's it' + chr(39) + 's')}\n", "f").entry("key").plain()
        == "\\s it's"
    )


def test_comments_stand_in_one_column_and_in_one_line():
    assert aligned([("a: 1", "x\ny"), ("long: 2", ""), ("b", "z")]) == ["a: 1  # x y", "long: 2", "b     # z"]
    assert comment("a\x1b]b\u2028c") == "a ]b c"
