import ast

import pytest

from sweeps.authoring.syntax import argument, arguments_of, called, name_of, owner_of, parameters_of


def expression(text):
    return ast.parse(text, mode="eval").body


@pytest.mark.parametrize(
    ("text", "name"),
    [("out", "out"), ("args.out", "out"), ("f().out", "out"), ("args['out']", ""), ("3", "")],
)
def test_a_name_is_the_last_part_of_a_dotted_one(text, name):
    assert name_of(expression(text)) == name


def test_a_method_has_an_owner_only_where_a_variable_is_it():
    assert owner_of(expression("parser.parse_args()")) == "parser"
    assert owner_of(expression("build().parse_args()")) == owner_of(expression("parse_args()")) == ""


def test_a_call_gives_a_parameter_by_its_place_or_by_one_of_its_names():
    call = expression("f(1, file=2, path=3, **more)")
    assert argument(call, 0, "file").value == 1
    assert argument(call, 1, "path").value == 3
    assert argument(call, 1, "f") is None
    assert {name: node.value for name, node in arguments_of(call, "first", "second").items()} == {
        "first": 1,
        "file": 2,
        "path": 3,
    }


def test_a_decorator_is_the_same_with_arguments_and_without():
    assert (
        called(expression("click.command")).attr == called(expression("click.command('x')")).attr == "command"
    )


def test_the_call_of_a_method_gives_no_self():
    function = ast.parse("def f(self, a, /, b, *, c): pass").body[0]
    assert parameters_of(function) == ["self", "a", "b"]
    assert parameters_of(function, of_call=True) == ["a", "b"]
