"""Each style against the real parser that it is for, and each cell of the table in docs/reference/trainers-reference.md."""

import re
from pathlib import Path

import pytest

from sweeps.program.arguments import SpellingError, command_words, spelled
from sweeps.program.template import NoFileError, TrialValues
from sweeps.spec.trainer.arguments import ARGS, STYLES, Arguments, Spelling
from tests.sweeps.program.parsers import PARSERS, whole_hydra
from tests.sweeps.specs import read

DOCUMENT = Path(__file__).parents[3] / "docs" / "reference" / "trainers-reference.md"

NUMBERS = [("n", 3), ("n", 0), ("n", -1), ("n", 10**20)]
NUMBERS += [("lr", value) for value in (1.0, 0.0, -0.0, 0.1, -2.5, 1e-05, -1e-05, 1e16, -1.5e300, 5e-324)]
TEXTS = ["word", "a/b-c.d", "", " ", " a ", "a b", "a=b", "=", "--lr=1", "-x", "-", "-1", "-1e-05"]
TEXTS += [
    "it's",
    'a "word"',
    "'quoted'",
    '"',
    "naïve ü 数",
    "ﬁ",
    "$HOME",
    "a;b|c",
    "a\nb",
    "\\",
    "a\\",
    "\\'",
    "a\\\\'b",
]
TEXTS += [
    "1",
    "1.0",
    "1e-05",
    "0x10",
    "1_000",
    "1j",
    "True",
    "true",
    "False",
    "None",
    "null",
    "nan",
    "inf",
    "-inf",
]
TEXTS += [
    "[1]",
    "[a, b]",
    "{a: 1}",
    "(1,)",
    "a,b",
    "a#b",
    "# a",
    "a: b",
    "...",
    "b'x'",
    "f(x)",
    "a-1",
    "yes",
    "~",
    "@a",
    "*",
]
LISTS = [("sizes", [1, 2]), ("sizes", [-1, -2]), ("floats", [1.0, -1e-05]), ("floats", [-1e20, 1e-05])]
LISTS += [("names", ["a b", "c=d"]), ("names", ["1", "ü"]), ("names", ['"q"', "it's"])]
CASES = [*NUMBERS, *(("name", text) for text in TEXTS), *LISTS, ("optim.lr", 0.5), ("x_flag", True)]


@pytest.fixture(params=PARSERS)
def style(request):
    return request.param


def words(style, key, value):
    return spelled(Arguments(style, STYLES[style]), key, value)


def read_args(tmp_path, text):
    """The arguments of `args: TEXT`."""
    head = f"trainer:\n  command: [python, '{{args}}']\n  args: {text}\n"
    return read(tmp_path, "sweeps: {a: {seeds: 1}}\n", head).trainer.arguments


def is_same(one, other):
    return one == other and repr(one) == repr(other)


def test_every_style_has_a_parser():
    assert set(STYLES) == set(PARSERS)


def test_the_programs_own_parser_gets_the_value_that_the_config_has(style):
    wrong = []
    for key, value in CASES:
        try:
            found = PARSERS[style](words(style, key, value))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a parser raises
            found = error
        if not is_same(found, {key: value}):
            wrong.append((key, value, words(style, key, value), found))
    assert wrong == []


def test_all_keys_at_once(style):
    config = {"name": "-a b", "sizes": [3, -4], "x_flag": True, "n": -5, "lr": 1.0, "optim.lr": -1e-05}
    parts = [word for key, value in config.items() for word in words(style, key, value)]
    assert PARSERS[style](parts) == config
    if style == "hydra":
        assert whole_hydra(parts) == config


def test_false_is_said_or_left_out(style):
    expected = {} if style in {"argparse", "click"} else {"x_flag": False}
    found = PARSERS[style](words(style, "x_flag", value=False))
    assert found == expected


@pytest.mark.parametrize(
    "style", ["tyro", "yacs", "hydra", "ml_collections", "jsonargparse", "fire", "literal"]
)
def test_false_in_a_group_is_said_as_the_parser_has_it(style):
    found = PARSERS[style](words(style, "optim.ema", value=False))
    assert found == {"optim.ema": False}


def test_null_is_said_or_left_out(style):
    left_out = {"overrides", "argparse", "click", "hf", "tyro", "absl", "ml_collections"}
    expected = {} if style in left_out else {"opt": None}
    found = PARSERS[style](words(style, "opt", None))
    assert {key: value for key, value in found.items() if key == "opt"} == expected


def test_an_empty_list_is_one(style):
    if style == "click":
        pytest.skip("click has lists of a fixed length, or repeats the option; then nothing is an empty list")
    assert PARSERS[style](words(style, "sizes", [])) == {"sizes": []}


@pytest.mark.parametrize("value", [[[1, 2], [3]], [{"a": [1, "x"]}], [None, True, "true", 1.0]])
@pytest.mark.parametrize("style", ["literal", "fire", "yacs", "hydra"])
def test_what_is_in_a_list_stays_what_it_is(style, value):
    assert is_same(PARSERS[style](words(style, "sizes", value)), {"sizes": value})


def test_an_empty_mapping_is_one_where_the_style_has_mappings():
    assert PARSERS["hydra"](words("hydra", "opt", {})) == {"opt": {}}
    assert PARSERS["fire"](words("fire", "opt", {})) == {"opt": {}}


@pytest.mark.parametrize(
    ("style", "value", "reason"),
    [
        ("argparse", [[1]], "a list or mapping in a list has no words"),
        ("argparse", {}, "a mapping has no words"),
        ("argparse", ["a", "-b"], "'-b' in a list looks like an option"),
        ("argparse", [1, None], "null in a list has no word"),
        ("absl", ["a", " b"], "' b' in a list begins or ends with a space"),
        ("hydra", [{"a b": 1}], "a mapping with the key 'a b' has no words"),
        ("argparse", "--", "parsers take it for the end of the options"),
        ("click", "a\0b", "holds a character that no argument"),
        ("click", "\ud800", "holds a character that no argument"),
    ],
)
def test_a_value_without_words_is_refused(style, value, reason):
    with pytest.raises(SpellingError, match=re.escape(reason)):
        words(style, "x", value)


def test_hydra_resolves_its_interpolations():
    assert PARSERS["hydra"]([*words("hydra", "name", "${n}-x"), "n=3"]) == {"name": "3-x", "n": 3}


# --- choices


@pytest.mark.parametrize(
    ("choices", "key", "value", "expected"),
    [
        ("{join: equals}", "lr", 0.1, ["--lr=0.1"]),
        ("{join: equals, list: comma}", "lr", [1, 2], ["--lr=1,2"]),
        ("{dashes: true}", "a_b.c_d", 1, ["--a-b.c-d", "1"]),
        ("{prefix: '-'}", "lr", 0.1, ["-lr", "0.1"]),
        ("{style: hydra, prefix: '++'}", "lr", 0.1, ["++lr=0.1"]),
        ("{booleans: no-flag}", "a.b", False, ["--no-a.b"]),
        ("{booleans: noflag}", "a", False, ["--noa"]),
        ("{booleans: ['1', '0']}", "a", False, ["--a", "0"]),
        ("{booleans: [1, 0]}", "a", True, ["--a", "1"]),
        ("{style: tyro, booleans: flag}", "a", False, []),
        ("{style: literal, 'null': omit}", "a", None, []),
        ("{'null': 'None'}", "a", None, ["--a", "None"]),
        ("{list: repeat}", "a", [1, -2], ["--a", "1", "--a=-2"]),
        ("{list: repeat}", "a", [], []),
        ("{list: json}", "a", [1, "b", None], ["--a", '[1, "b", null]']),
        ("{keys: {lr: learning_rate}}", "lr", 1, ["--learning_rate", "1"]),
        ("{keys: {lr: {name: -lr, join: equals}}}", "lr", 1, ["-lr=1"]),
        ("{keys: {optim.lr: {name: a_b}}, dashes: true}", "optim.lr", 1, ["--a_b", "1"]),
        ("{keys: {lr: none}}", "lr", 1, []),
        ("{keys: {lr: {list: python}}}", "lr", [1, [2]], ["--lr", "[1, [2]]"]),
        ("{keys: {amp: {booleans: no-flag}}}", "debug", False, []),
    ],
)
def test_a_choice_can_be_said_apart_for_all_keys_or_for_one(choices, key, value, expected, tmp_path):
    assert spelled(read_args(tmp_path, choices), key, value) == expected


def test_the_choices_for_flags_are_what_argparse_and_click_have():
    import argparse

    import click

    spelling = Arguments("argparse", Spelling(booleans="no-flag"))
    option = spelled(spelling, "amp", value=False)
    parser = argparse.ArgumentParser()
    parser.add_argument("--amp", action=argparse.BooleanOptionalAction, default=True)
    assert parser.parse_args(option).amp is False
    command = click.Command("c", params=[click.Option(["--amp/--no-amp"], default=True)])
    assert command.make_context("c", option).params == {"amp": False}


def test_repeated_options_are_what_click_has_for_several():
    import click

    option = spelled(Arguments("click", Spelling(lists="repeat")), "x", [1, -2])
    command = click.Command("c", params=[click.Option(["--x"], multiple=True, type=int)])
    assert command.make_context("c", option).params == {"x": (1, -2)}


# --- the command


def filled(command, config, named=(), arguments=None, own=None):
    values = TrialValues(config, own or {})
    return command_words(command, arguments or Arguments(), values, named)


def test_args_is_every_key_that_is_not_named_in_the_order_of_the_config():
    config = {"lr": 0.1, "data": "x", "debug": True, "n": 2}
    assert filled(["python", "t.py", "{data}", ARGS, "--last"], config, {"data"}) == (
        ["python", "t.py", "x", "--lr", "0.1", "--debug", "--n", "2", "--last"]
    )


def test_a_key_of_the_name_args_is_meant_where_the_config_has_one():
    assert filled(["t", "{args}"], {"args": "a b", "n": 1}) == ["t", "a b"]


def test_what_a_value_names_of_its_trial_is_filled_in(tmp_path):
    own = {"run_dir": str(tmp_path), "trial": "t", "run_id": "r"}
    config = {"out": "{run_dir}/{trial}", "form": "{epoch}-{{run_id}}", "all": ["{run_id}"]}
    assert filled(["t", ARGS], config, own=own) == (
        ["t", "--out", f"{tmp_path}/t", "--form", "{epoch}-{{run_id}}", "--all", "r"]
    )
    assert filled(["t", "--out={out}"], config, own=own) == ["t", f"--out={tmp_path}/t"]
    newest = {"resume": "{newest:{run_dir}/*.ckpt}"}
    with pytest.raises(NoFileError):
        filled(["t", ARGS], newest, own=own)
    (tmp_path / "a.ckpt").touch()
    assert filled(["t", ARGS], newest, own=own) == ["t", "--resume", f"{tmp_path}/a.ckpt"]


# --- the document


def table():
    """The rows of the table of styles in the document: the style, the setting, and what the cell says."""
    _, _, text = DOCUMENT.read_text(encoding="utf-8").partition("<!-- table: styles -->\n")
    rows = [
        [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        for line in text.partition("\n\n")[0].splitlines()
    ]
    head, rows = rows[0], rows[2:]
    return [
        (style.strip("`"), setting.strip("`"), cell)
        for style, *cells in rows
        for setting, cell in zip(head[1:], cells, strict=True)
    ]


@pytest.mark.parametrize(("style", "setting", "cell"), table())
def test_every_cell_of_the_documents_table_is_true(style, setting, cell, tmp_path):
    text = f"sweeps: {{a: {{set: {{{setting}}}}}}}"
    (sweep,) = read(tmp_path, text, "trainer: {command: [python]}\n").sweeps
    ((key, value),) = sweep.settings.items()
    told = " ".join(words(style, key, value.value))
    assert cell == (f"`{told}`" if told else "nothing")


def test_the_documents_table_has_every_style():
    assert {style for style, _, _ in table()} == set(STYLES)
