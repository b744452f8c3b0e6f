"""What words of a shell stand for, without a shell."""

import pytest

from sweeps.importing.shell.values import Unreadable, Variables, expand_all, sequence
from sweeps.importing.shell.words import read_commands


def expanded(text, **known):
    (command,), _ = read_commands(text)
    return expand_all(command.words, Variables(texts=known, lists={"list": ["a", "b c"]}))


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("{1..3} {a,b}c {05..07} {3..1..2} {a..c}", "1|2|3|ac|bc|05|06|07|3|1|a|b|c"),
        ("$x${x}y \"$x\" '$x'", "1|21|2y|1 2|$x"),
        ('"${list[@]}"', "a|b c"),
        ("${list[@]}", "a|b|c"),
        ("x{a} {} a{,b}", "x{a}|{}|a|ab"),
        ("$(seq 3) $(seq 2 0.5 3) `seq 1 2`", "1|2|3|2.0|2.5|3.0|1|2"),
        ("'*.py' \"~\" --x=~", "*.py|~|--x=~"),
    ],
)
def test_what_can_be_told(text, values):
    assert expanded(text, x="1 2") == values.split("|")


@pytest.mark.parametrize(
    "text", ["$y", "$(rm -rf /)", "`date`", "$((1+1))", "*.csv", "~/x", "${x:-1}", "$1", "$(seq a)"]
)
def test_what_only_a_shell_could_tell_is_refused(text):
    with pytest.raises(Unreadable, match=r"write|name"):
        expanded(text, x="1")


def test_home_is_known_where_it_is_given():
    assert expanded("~/x ~", HOME="/h") == ["/h/x", "/h"]


def test_words_without_end_are_refused():
    for command in ("seq 0 0 1", "seq 0 1e-12 1", "seq 999999999"):
        with pytest.raises(Unreadable):
            sequence(command)
    with pytest.raises(Unreadable, match="more than 200,000"):
        expanded("{a,b}" * 40)
