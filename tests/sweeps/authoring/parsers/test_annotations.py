import ast

import pytest

from sweeps.authoring.parsers.annotations import described, said_by
from tests.sweeps.authoring.scripts import script_of


@pytest.mark.parametrize(
    ("text", "kind", "is_list", "is_optional"),
    [
        ("int", "int", False, False),
        ("Optional[float]", "float", False, True),
        ("'int | None'", "int", False, True),
        ("list[str]", "str", True, False),
        ("tuple[int, ...]", "int", True, False),
        ("Annotated[float, 'help']", "float", False, False),
        ("Union[int, None]", "int", False, True),
        ("'not ( python'", "not ( python", False, False),
    ],
)
def test_annotations_say_type_list_and_none(tmp_path, text, kind, is_list, is_optional):
    said = said_by(ast.parse(text, mode="eval").body, script_of(tmp_path, ""))
    assert (said.kind, said.is_list, said.is_optional) == (kind, is_list, is_optional)


def test_choices_stand_in_literals_and_enums(tmp_path):
    script = script_of(tmp_path, "import enum\nclass K(enum.Enum):\n    A = 'a'\n    B = 'b'\n")
    assert said_by(ast.parse("Literal[1, 2]", mode="eval").body, script).choices == (1, 2)
    assert said_by(ast.parse("K", mode="eval").body, script).choices == ("a", "b")


@pytest.mark.parametrize(
    "line", ["lr: the rate", "lr (float): the rate", ":param lr: the rate", "lr : float\n        the rate"]
)
def test_docstrings_describe_parameters_in_each_style(line):
    function = ast.parse(f"def f(lr):\n    '''Do.\n\n    {line}\n    '''").body[0]
    assert described(function)["lr"] == "the rate"
