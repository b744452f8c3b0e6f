"""The table that changes in place."""

import io

import pytest
from rich.console import Console

from sweeps.cli.live.table import LiveTable, listener_for, render, room_in
from sweeps.cli.live.view import Row, View
from sweeps.cli.progress import PlainLines
from sweeps.executors.base import Stop
from tests.sweeps.scheduler.jobs import job, running


@pytest.fixture
def shown():
    return io.StringIO()


def test_a_pipe_gets_plain_lines_and_a_terminal_a_table(shown):
    assert isinstance(listener_for(Console(file=shown), 1), PlainLines)
    table = listener_for(Console(file=shown, force_terminal=True), 1)
    assert isinstance(table, LiveTable)
    table.close()


def test_the_table_has_a_row_a_trial_and_running_ones_first_where_there_is_no_room(shown):
    waiting = [job(f"w{n}") for n in range(30)]
    console = Console(file=shown, force_terminal=True, width=200, height=10)
    table = LiveTable(console, 1)
    table.tick([*waiting, running("busy", epochs=4)])
    table.stopping(Stop.ASK)
    table.noticed("a word")
    table.close()
    text = shown.getvalue()
    assert "a/busy" in text
    assert "0 of 31 ended" in text
    assert f"{31 - room_in(console)} rows not shown" in text
    assert "Ctrl-C again terminates them" in text
    assert "a word" in text


def test_a_long_reason_takes_one_line_of_the_table(shown):
    rows = (Row("a/x", "failed", "exit code 1: " + "far too large " * 30, "2/4", None, (0.5, None)),)
    Console(file=shown, width=80).print(render(View(rows, 1, 2, 65.0, "A note")))
    _, line, foot = shown.getvalue().splitlines()
    assert line.split()[:4] == ["a/x", "failed:", "exit", "code"]
    assert line.split("…")[1].split() == ["2/4", "0.5"]
    assert foot.endswith("A note")


def test_a_row_says_what_is_known_and_leaves_the_rest_empty(shown):
    rows = (
        Row("a/x", "failed", "exit code 1", "2/4", None, (0.5, None)),
        Row("a/y", "running", "", "", 65.0, (None, None)),
    )
    Console(file=shown, width=100).print(render(View(rows, 1, 2, 65.0, "A note")))
    lines = [" ".join(line.split()) for line in shown.getvalue().splitlines()]
    assert lines == [
        "trial state epoch left loss score",
        "a/x failed: exit code 1 2/4 0.5",
        "a/y running 1m05s",
        "1 of 2 ended, about 1m05s left. A note",
    ]


def test_long_names_of_one_sweep_can_be_told_apart_in_a_narrow_terminal(shown):
    names = [f"learning_rate0.003-anneal_lr{value}-seed1" for value in (True, False)]
    rows = tuple(
        Row(f"learning-rate/{name}", "interrupted", "SIGINT", "1/2", 3.0, (0.5, 0.1)) for name in names
    )
    Console(file=shown, width=80).print(render(View(rows, 1, 2, 65.0)))
    _, first, second, *_ = shown.getvalue().splitlines()
    assert first.startswith("learning_rate0.003-anneal_lrTrue-s")
    assert second.startswith("learning_rate0.003-anneal_lrFalse-")
