"""How a script's own parser has its words."""

import ast

import pytest

from sweeps.authoring.parsers.rarer.own_spelling import Spelled
from tests.sweeps.authoring.parsers.rarer.test_own_options import ARGS, NO_FLAG
from tests.sweeps.authoring.scripts import interface


@pytest.mark.parametrize(
    ("text", "booleans"),
    [
        ('name.startswith("no-")', "no-flag"),
        ("ast.literal_eval(value)", ("True", "False")),
        ("json.loads(value)", ("true", "false")),
        ('value.lower() in ("1", "true")', ("true", "false")),
        ('value in ("1", "yes")', ("1", "0")),
        ("type(default)(value)", ("True", "")),
        ("isinstance(default, bool)\nsetattr(args, name, True)", "flag"),
        ("isinstance(default, bool)\nuse(value)", None),
        ("use(value)", None),
    ],
)
def test_what_is_done_with_a_word_tells_how_true_and_false_are_said(text, booleans):
    assert Spelled.of(list(ast.walk(ast.parse(text)))).booleans == booleans


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('word.lstrip("-").split("=")', (True, False, "equals")),
        ('word[2:].replace("-", "_")', (True, True, "")),
        ('word.partition("=")\nwords.pop(0)', (False, False, "")),
        ('word.split("=")', (False, False, "equals")),
        ("zip(words[::2], words[1::2])\nname.strip('--')", (True, False, "")),
    ],
)
def test_names_and_values_stand_as_the_source_takes_them_apart(text, told):
    said = Spelled.of(list(ast.walk(ast.parse(text))))
    assert (said.is_dashed, said.has_dashes, said.join) == told


def test_what_the_source_does_not_tell_is_a_question(tmp_path):
    text = ARGS.replace("amp: bool = True", "amp: bool = True\n    dims: list = None") + (
        "import shlex\nargs = Args()\nfor word in sys.argv[1:]:\n    key, value = word.split('=')\n"
        "    setattr(args, key, shlex.quote(value))\n"
    )
    questions = {option.key: option.question for option in interface(tmp_path, text).options}
    assert questions["amp"].startswith("its source does not tell how false is said")
    assert questions["dims"] == "how does its command line say a list?"
    flag = ARGS + NO_FLAG.replace('"no_"', '"none"')
    (amp,) = [option for option in interface(tmp_path, flag).options if option.is_flag]
    assert amp.question == "its source shows no word that turns it off"
