import argparse
import ast

import pytest

from sweeps.authoring.truths import truth_of
from tests.sweeps.authoring.scripts import script_of

STR2BOOL = """
def str2bool(v):
    '''True or false.'''
    if isinstance(v, bool):
        return v
    v = v.strip().lower()
    if v in ("yes", "true", "t", "y", "1"):
        return True
    elif v in ("no", "false", "f", "n", "0"):
        return False
    else:
        raise argparse.ArgumentTypeError("no truth")
"""
SWITCH = (
    "def switch(text):\n    if text == 'on':\n        return True\n    return text != 'off' and unknown()\n"
)


def truth(folder, text, head=""):
    return truth_of(ast.parse(text, mode="eval").body, script_of(folder, f"{head}\nx = {text}"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("lambda x: bool(strtobool(x))", ("True", "False")),
        ("distutils.util.strtobool", ("True", "False")),
        ("lambda s: s.lower() in ('true', '1')", ("True", "False")),
        ("lambda x: (str(x).lower() == 'true')", ("True", "False")),
        ("lambda x: x == 'true'", ("true", "false")),
        ("lambda x: not x.lower() in ['no', 'false', '0']", ("True", "False")),
        ("lambda x: True if x == 'yes' else False", ("yes", "no")),
        ("lambda x: bool(int(x))", ("1", "0")),
        ("str2bool", ("True", "False")),
        ("lambda x: str2bool(x)", ("True", "False")),
        ("lambda x: {'true': True, 'false': False}[x.lower()]", ("True", "False")),
        ("switch", ("on", "off")),
    ],
)
def test_the_words_that_a_function_takes_are_those_that_it_tells_apart(tmp_path, text, words):
    found = truth(tmp_path, text, STR2BOOL + SWITCH)
    assert found.words == words
    assert found.is_plain
    assert (found.of(words[0]), found.of(words[1])) == (True, False)


@pytest.mark.parametrize(
    ("text", "words"),
    [("eval", ("True", "False")), ("ast.literal_eval", ("True", "False")), ("json.loads", ("true", "false"))],
)
def test_what_reads_any_value_is_told_a_truth_as_it_takes_it_and_says_so(tmp_path, text, words):
    found = truth(tmp_path, text, "import ast, json")
    assert (found.words, found.is_plain) == (words, False)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "bool",
            "str",
            "float",
            "'int'",
            "other",
            "lambda x: other(x)",
            "lambda x: x.split(',')",
            "lambda: True",
        ),
        *("lambda x: x[0] == 't'", "lambda x, *y: x < 'true'", "loop", "lambda x: loop(x)"),
    ],
)
def test_of_another_function_or_one_that_the_source_does_not_tell_there_are_none(tmp_path, text):
    assert truth(tmp_path, text, "def loop(x):\n    return loop(x)") is None


def test_the_function_itself_takes_the_words(tmp_path):
    made = {"argparse": argparse}
    exec(STR2BOOL, made)  # noqa: S102 - the test's own function
    found = truth(tmp_path, "str2bool", STR2BOOL)
    assert [made["str2bool"](word) for word in found.words] == [True, False]
    assert found.of("maybe") is None
