import pytest

from sweeps.errors import SpecError
from sweeps.spec.trainer.arguments import STYLES, Arguments
from tests.sweeps.specs import read


def arguments(tmp_path, text, command="[python, '{args}']"):
    head = f"trainer:\n  command: {command}\n{text}"
    return read(tmp_path, "sweeps: {a: {seeds: 1}}\n", head).trainer.arguments


def problems(tmp_path, text, command="[python, '{args}']"):
    with pytest.raises(SpecError) as caught:
        arguments(tmp_path, text, command)
    return [f"{p.place.line}:{p.place.column}: {p.message}" for p in caught.value.problems]


def test_a_trainer_that_says_nothing_has_the_usual(tmp_path):
    assert arguments(tmp_path, "", "[python]") == Arguments()


@pytest.mark.parametrize("style", STYLES)
def test_a_style_is_one_word(style, tmp_path):
    read = arguments(tmp_path, f"  args: {style}\n")
    assert (read.style, read.usual, read.of("lr")) == (style, STYLES[style], STYLES[style])


def test_a_program_that_reads_the_file_of_settings_has_no_arguments(tmp_path):
    assert arguments(tmp_path, "  args: none\n", "[python]").style == "none"


def test_a_key_has_the_choices_of_all_keys_but_for_its_own(tmp_path):
    text = "  args: {style: tyro, join: equals, keys: {lr: learning_rate, a.b: {list: json}, debug: none}}\n"
    read = arguments(tmp_path, text)
    usual = read.usual
    assert (usual.dashes, usual.join, usual.lists, usual.name) == (True, "equals", "words", None)
    assert (read.of("lr").name, read.of("lr").join) == ("learning_rate", "equals")
    assert (read.of("a.b").lists, read.of("a.b").name, read.of("debug"), read.of("other")) == (
        *("json", None, None),
        usual,
    )
    assert read.places["lr"].column == 44


def test_wrong_choices_are_told_all_at_once_each_with_its_place(tmp_path):
    text = """
  args:
    style: tiro
    joined: space
    join: spaces
    dashes: 1
    prefix: null
    booleans: [true, false]
    "null": null
    list: [1]
    keys: {lr: 1, a b: x, debug: {list: word, styl: x}}
"""
    assert problems(tmp_path, text) == [
        "5:12: trainer.args.style: must name a style, not 'tiro'; did you mean 'tyro'?",
        "6:5: trainer.args: unknown key 'joined'; did you mean 'join'?",
        "7:11: trainer.args.join: must be one of space, equals, not 'spaces'; did you mean 'space'?",
        "8:13: trainer.args.dashes: must be true or false, not 1",
        "9:13: trainer.args.prefix: must be a text, such as '--', not null",
        "10:15: trainer.args.booleans: must be the words for true and for false, in quotes, such as ['1', '0']",
        "11:13: trainer.args.null: must be `omit`, or the word for null in quotes, not null",
        "12:11: trainer.args.list: must be one of words, repeat, comma, python, json, hydra, not a list",
        "13:16: trainer.args.keys.lr: must be a word, not 1",
        "13:24: trainer.args.keys.a b: must be a key of the config, in parts joined by dots",
        (
            "13:41: trainer.args.keys.debug.list: must be one of words, repeat, comma, python, json, hydra, "
            "not 'word'; did you mean 'words'?"
        ),
        (
            "13:47: trainer.args.keys.debug: unknown key 'styl'; the keys are name, prefix, join, dashes, "
            "booleans, null, list"
        ),
    ]


@pytest.mark.parametrize(
    ("command", "text", "expected"),
    [
        (
            "[python, 'x={args}']",
            "",
            "2:21: trainer.command: `{args}` must be a word of its own, not a part of 'x={args}'",
        ),
        (
            "['{args}', x]",
            "",
            "2:13: trainer.command: the first word is the program; write it before `{args}`",
        ),
        ("[python, '{args}', '{args}']", "", "2:31: trainer.command: `{args}` may stand once; delete one"),
        (
            "[python]",
            "  args: tyro\n",
            "3:9: trainer.args: says how `{args}` is spelled, and the command has no such word; add '{args}' to it",
        ),
        (
            "[python, '{args}']",
            "  args: none\n",
            "3:9: trainer.args: `none` says that the program reads $SWEEP_CONFIG itself; delete it, or `{args}`",
        ),
        (
            "[python]",
            "  args: {style: none}\n",
            "3:9: trainer.args: the style `none` leaves nothing to choose; write `args: none`",
        ),
        (
            "[python, '{args}']",
            "  args: [tyro]\n",
            (
                "3:9: trainer.args: must name a style, not a list; the styles are argparse, click, hf, tyro, literal, "
                "fire, yacs, hydra, overrides, absl, ml_collections, jsonargparse, none"
            ),
        ),
    ],
)
def test_args_and_the_command_fit_together(command, text, expected, tmp_path):
    assert problems(tmp_path, text, command) == [expected]


def test_braces_around_the_word_make_it_a_text(tmp_path):
    assert arguments(tmp_path, "", "[python, 'x{{args}}']") == Arguments()
