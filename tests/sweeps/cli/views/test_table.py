import io

import pytest
from rich.console import Console

from sweeps.cli.views.table import counts_text, print_table

ROWS = [
    {"trial": "None-tfr1.0", "loss": 0.123456, "epoch": 3, "reason": ""},
    {"trial": "Cyclical", "loss": 12.0, "epoch": None, "reason": ""},
]
COLUMNS = ("trial", "loss", "epoch", "reason", "attempt")


def printed(rows, columns=COLUMNS, *, width=1000):
    console = Console(file=io.StringIO(), width=width)
    print_table(console, rows, columns)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def test_text_begins_and_numbers_end_in_line():
    assert printed(ROWS) == [
        "trial          loss  epoch",
        "None-tfr1.0  0.1235      3",
        "Cyclical         12",
    ]


def test_a_column_without_any_value_is_left_out_and_nothing_is_not_zero():
    lines = printed([{"a": 0, "b": None, "c": "", "d": False}], ("a", "b", "c", "d"))
    assert [line.split() for line in lines] == [["a", "d"], ["0", "false"]]


def test_columns_stand_in_the_order_that_was_asked_for():
    assert printed(ROWS, ("epoch", "trial"))[0].split() == ["epoch", "trial"]


@pytest.mark.parametrize(
    ("value", "text"),
    [(1e-6, "1e-06"), (0.30000000000000004, "0.3"), ([1, 2], "[1, 2]"), (True, "true"), ("é", "é")],
)
def test_a_cell_shows_a_value_as_short_as_it_can_be_read(value, text):
    assert printed([{"value": value}], ("value",))[1].strip() == text


def test_only_long_texts_are_wrapped_where_the_terminal_is_narrow():
    rows = [{"trial": "t" * 20, "reason": "exit code 7 and then some words more"}]
    lines = printed(rows, ("trial", "reason"), width=40)
    assert lines[1].startswith("t" * 20 + "  exit code 7")
    assert len(lines) == 4


def test_very_many_rows_look_the_same_but_are_printed_without_rich():
    rows = [{"trial": f"seed{number}", "reason": None, "loss": number / 4} for number in range(1001)]
    lines = printed(rows, ("trial", "reason", "loss"), width=10)
    assert lines[:3] == ["trial     loss", "seed0     0", "seed1     0.25"]
    assert lines[-1] == "seed1000  250"
    assert len(lines) == 1002


def test_without_rows_there_is_nothing_to_read():
    assert "".join(printed([])) == ""


def test_counts_keep_the_order_in_which_the_words_come():
    assert counts_text(["finished", "failed", "finished"]) == "2 finished, 1 failed"
    assert counts_text([]) == ""


@pytest.mark.parametrize("count", [1, 1001])
def test_a_column_may_have_another_head_than_its_key(count):
    console = Console(file=io.StringIO(), width=100)
    print_table(console, [{"epoch": 3, "trial": "a"}] * count, ("trial", "epoch"), {"epoch": "step"})
    assert console.file.getvalue().split()[:2] == ["trial", "step"]
