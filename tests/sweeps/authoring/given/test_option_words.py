"""Words as options."""

import pytest

from sweeps.authoring.given.option_words import is_option, read_arguments


@pytest.mark.parametrize(
    ("text", "before", "options", "after"),
    [
        ("a --lr 0.1 -v --x=1", ["a"], [("--lr", "0.1"), ("-v",), ("--x", "1")], []),
        ("--sizes 1 2 --n -1", [], [("--sizes", "1", "2"), ("--n", "-1")], []),
        ("--lr 0.1 data.csv", [], [("--lr", "0.1")], ["data.csv"]),
        ("--name a b", [], [("--name", "a", "b")], []),
        ("lr=1 +m.x=a --flag", [], [("lr", "1"), ("+m.x", "a"), ("--flag",)], []),
        ("--env A=1 --b", [], [("--env", "A=1"), ("--b",)], []),
        ("--a 1 -- -x y", [], [("--a", "1")], ["--", "-x", "y"]),
    ],
)
def test_words_are_read_as_a_person_reads_them(text, before, options, after):
    found = read_arguments(text.split())
    assert [(option.name, *option.values) for option in found.options] == options
    assert (found.before, found.after) == (before, after)


def test_hydras_own_options_stay_in_the_command():
    found = read_arguments(["--config-name", "big", "lr=1", "--multirun"])
    assert found.fixed == ["--config-name", "big", "--multirun"]
    assert [option.name for option in found.options] == ["lr"]


def test_negative_numbers_are_values():
    assert [word for word in ("-1", "-.5", "-1e-3", "-", "-x", "--x") if is_option(word)] == ["-x", "--x"]
