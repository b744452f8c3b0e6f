import io
import math

import pytest
from rich.console import Console

from sweeps.cli.views.table import counts_text, print_table, short_value

ROWS = [
    {"trial": "None-tfr1.0", "loss": 0.123456, "epoch": 3, "reason": ""},
    {"trial": "Cyclical", "loss": 12.0, "epoch": None, "reason": ""},
]
COLUMNS = ("trial", "loss", "epoch", "reason", "attempt")


def printed(rows, columns=COLUMNS, *, width=1000, optional=()):
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None)
    print_table(console, rows, columns, optional=optional)
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


METRICS = ("val/accuracy", "val/loss", "train/accuracy_top5", "train/loss", "eval/precision")
WORDS = "exit code 1: ValueError: " + "the value is far too large " * 20


def wide_rows(trial="lr0.1", reason=WORDS):
    return [
        {
            "sweep": "a",
            "trial": trial,
            "state": "failed",
            **dict.fromkeys(METRICS, 0.123456),
            "reason": reason,
        }
    ]


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("trial", ["lr0.1", "lr0.1-a.key0.5-" * 5])
@pytest.mark.parametrize("reason", [WORDS, "x" * 500, ""])
def test_no_reason_and_no_name_makes_a_table_wider_or_longer_than_it_has_room_for(width, trial, reason):
    columns = ("sweep", "trial", "state", *METRICS, "reason")
    lines = printed(wide_rows(trial, reason), columns, width=width, optional=METRICS)
    assert max(map(len, lines)) <= width
    table = lines[: next((n for n, line in enumerate(lines) if line.startswith("no room")), None)]
    assert len(table) <= (9 if len(trial) > 40 else 4)
    assert table[0].split()[:3] == ["sweep", "trial", "state"]
    assert table[1].split()[0] == "a"
    assert (" failed " in f"{table[1]} ", "…" in "".join(table)) == (True, bool(reason))
    assert "".join(line.split("failed")[0].replace(" ", "") for line in table[1:])[1:].startswith(trial[:20])


def test_metrics_for_which_there_is_no_room_are_named_and_the_first_stay():
    columns = ("sweep", "trial", "state", *METRICS, "reason")
    lines = printed(wide_rows(), columns, width=80, optional=METRICS)
    assert lines[0].split() == ["sweep", "trial", "state", "val/accuracy", "val/loss", "reason"]
    assert " ".join(lines[4:]) == (
        "no room for train/accuracy_top5, train/loss, eval/precision: a wider terminal shows them, and --json"
    )
    assert "no room" not in "".join(printed(wide_rows(), columns, width=200, optional=METRICS))


def test_a_pipe_has_a_line_for_each_row_whatever_its_length_and_no_blanks_at_its_end():
    console = Console(file=io.StringIO(), width=80)
    print_table(
        console, [*wide_rows(reason=WORDS * 9), *wide_rows(reason="short")], ("trial", "val/loss", "reason")
    )
    assert console.file.getvalue().splitlines() == [
        "trial  val/loss  reason",
        f"lr0.1    0.1235  {WORDS * 9}".rstrip(),
        "lr0.1    0.1235  short",
    ]


def test_very_many_rows_look_the_same_but_are_printed_without_rich():
    rows = [{"trial": f"seed{number}", "reason": None, "loss": number / 4} for number in range(1001)]
    lines = printed(rows, ("trial", "reason", "loss"), width=10)
    assert lines[:3] == ["trial      loss", "seed0         0", "seed1      0.25"]
    assert lines[-1] == "seed1000    250"
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


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (math.inf, "inf"),
        (-1.7976931348623157e308, "-inf"),
        (math.nan, "nan"),
        (1e299, "1e+299"),
        (0.12345, "0.1235"),
    ],
)
def test_an_infinity_is_one_however_a_store_keeps_it(value, text):
    assert short_value(value) == text
