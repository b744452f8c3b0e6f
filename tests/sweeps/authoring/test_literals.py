import ast

import pytest

from sweeps.authoring.literals import last_name, text_of, value_of
from sweeps.authoring.option import Formula


def value(text, **constants):
    named = {name: ast.parse(inner, mode="eval").body for name, inner in constants.items()}
    return value_of(ast.parse(text, mode="eval").body, named)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-1e-3", -0.001), ("2 ** 10", 1024), ("int(1e6)", 1000000), ("float('0.5')", 0.5), ("(1, 2)", [1, 2]),
        ("{'a': [True, None]}", {"a": [True, None]}), ("'a' + 'b'", "ab"), ("Path('a') / 'b'", "a/b"),
        ("os.path.join('a', 'b')", "a/b"), ("f'{W}x'", "4x"), ("W * 3", 12), ("7 // 2", 3),
    ],
)  # fmt: skip
def test_values_that_the_source_tells(text, expected):
    found = value(text, W="4")
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    "text", ["f()", "x", "9 ** 9 ** 9", "'a' * 10 ** 9", "1e999", "1 / 0", "b'x'", "1 << 10 ** 9", "loop", "int('x')", "[x]", "not True", "__import__('os').system('true')"]
)  # fmt: skip
def test_everything_else_stays_an_expression(text):
    assert isinstance(value(text, loop="loop"), Formula)


def test_no_expression_is_a_value_and_a_long_one_is_cut():
    assert value_of(None, {}) is None
    assert len(text_of(ast.parse("+".join("a" * 300), mode="eval"))) == 80
    deep = "(" * 90 + "1" + ",)" * 90
    assert isinstance(value(deep), Formula)


def test_texts_that_are_made_of_one_another_end():
    twice = {f"T{at}": f"f'{{T{at + 1}}}{{T{at + 1}}}'" for at in range(40)}
    assert isinstance(value("T0", **twice, T40="'x'"), Formula)
    assert value("T30", **twice, T40="'x'") == "x" * 1024
    added = {f"T{at}": f"T{at + 1} + T{at + 1}" for at in range(40)}
    assert isinstance(value("T0", **added, T40="'x'"), Formula)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("out", "out"),
        ("args.out", "out"),
        ("make().out", "out"),
        ("c['out']", "out"),
        ("c[0]", ""),
        ("f(out)", ""),
    ],
)
def test_the_last_part_of_a_name(text, name):
    assert last_name(ast.parse(text, mode="eval").body) == name
