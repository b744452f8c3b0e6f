import pytest

from sweeps.authoring.option import Interface, Option
from sweeps.authoring.roles import roles_of
from sweeps.authoring.settings import settings_of


def made(*options, style="argparse"):
    found = settings_of(Interface("x", style, options), roles_of(options))
    return {entry.key: entry for entry in found.settings}, found.choices


def test_dashes_are_a_choice_where_all_names_have_them_and_else_part_of_the_key():
    entries, choices = made(
        Option("batch-size", default=1, flag="--batch-size"), Option("lr", default=1, flag="--lr")
    )
    assert (list(entries), choices) == (["batch_size", "lr"], {"dashes": True})
    entries, choices = made(Option("batch-size", flag="--batch-size"), Option("lr_x", flag="--lr_x"))
    assert (list(entries), choices) == (["batch-size", "lr_x"], {})


def test_the_seed_of_another_name_is_told_to_the_command():
    entries, _ = made(Option("random-seed", "int", 3, flag="--random-seed"))
    assert entries["seed"].spelling == {"name": "--random-seed"}
    entries, _ = made(Option("random_seed", "int", 3, flag="--random_seed"), style="tyro")
    assert entries["seed"].spelling == {"name": "--random-seed"}


def test_flags_that_all_differ_from_the_style_are_a_choice_and_one_alone_is_told_of_its_key():
    one = Option("amp", "bool", True, flag="--amp", booleans="no-flag")
    assert made(one)[1] == {"booleans": "no-flag"}
    entries, choices = made(one, Option("fast", "bool", False, flag="--fast"))
    assert (entries["amp"].spelling, choices) == ({"booleans": "no-flag"}, {})
    assert made(Option("e", "int", 1, flag="-e"))[0]["e"].spelling == {"name": "-e"}


def test_how_most_flags_are_spelled_is_said_once_and_the_others_are_told_of_their_keys():
    words = [Option(name, "bool", True, flag=f"--{name}", booleans=("True", "False")) for name in "abc"]
    entries, choices = made(
        *words, Option("fast", "bool", False, flag="--fast"), Option("n", "int", 1, flag="--n")
    )
    assert choices == {"booleans": ["True", "False"]}
    spelled = {key: entry.spelling for key, entry in entries.items() if entry.spelling}
    assert spelled == {"fast": {"booleans": "flag"}}


@pytest.mark.parametrize("default", ["$HOME/x", "a\0b", "x" * 1000, "\ud800", ["-a"], "none-of-them"])
def test_a_default_that_no_file_holds_is_a_comment(default):
    choices = ("a",) if default == "none-of-them" else ()
    entry = made(Option("x", "str", default, choices, flag="--x", is_list=isinstance(default, list)))[0]["x"]
    assert not entry.has_value
    assert entry.question


def test_what_is_required_is_missing_unless_it_is_an_output_or_has_choices():
    entries, _ = made(
        Option("data", flag="--data", is_required=True),
        Option("save_dir", flag="--save_dir", is_required=True),
        Option("kind", choices=("a", "b"), flag="--kind", is_required=True),
    )
    assert [entry.is_missing for entry in entries.values()] == [True, False, False]
    assert (entries["save_dir"].value, entries["kind"].value) == ("{run_dir}", "a")


def test_a_text_that_would_be_a_reference_is_written_as_a_text():
    assert made(Option("x", "str", "{lr}", flag="--x"))[0]["x"].value == "{{lr}}"


def test_names_that_are_no_keys_or_that_overlap_are_comments():
    entries, _ = made(
        Option("a b", flag="--a b"),
        Option("m", default=1, flag="--m"),
        Option("m.x", default=1, flag="--m.x"),
    )
    assert [entry.has_value for entry in entries.values()] == [False, True, False]
