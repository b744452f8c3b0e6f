"""Whether a style writes words again as they are."""

import pytest

from sweeps.authoring.given.option_words import read_arguments
from sweeps.importing.program.rewriting import are_alike, count_written, words_of


def options(text):
    return read_arguments(text.split()).options


@pytest.mark.parametrize(
    ("text", "alike"),
    [
        ("--lr 1e-3 --b", True),
        ("--b --lr 0.001", True),
        ("--lr=0.001 --b", True),
        ("--lr 0.01 --b", False),
        ("--lr 0.001", False),
    ],
)
def test_order_and_the_form_of_numbers_do_not_count(text, alike):
    assert are_alike(text.split(), options("--lr 0.001 --b")) is alike
    assert words_of(options(text)) == text.split()


@pytest.mark.parametrize(
    ("style", "lines", "count"),
    [
        ("literal", ["--lr=0.1 --fast=True", "--lr=1e-3 --fast=False"], 2),
        ("fire", ["--name=abc"], 1),
        ("literal", ["--name='a'", "--name=b"], 1),
        ("tyro", ["--lr 1 --no-fast"], 1),
        ("argparse", ["--sizes 1 2 --tag a --tag b", "--x 1 2 --x 3"], 1),
        (None, ["--name=b", "--name={run_dir}"], 1),
    ],
)
def test_a_style_writes_the_lines_that_it_can_say(style, lines, count):
    assert count_written([options(line) for line in lines], style) == count


def test_what_a_no_turns_off_is_known_of_the_source():
    assert count_written([options("--no-amp")], "argparse", {"--amp"}) == 1
