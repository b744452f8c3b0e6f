"""The console of tables and colours: no string of a user is markup, and none steers the terminal."""

import io

import pytest
from rich.table import Table

from sweeps.cli.live.table import listener_for
from sweeps.cli.progress import PlainLines
from sweeps.cli.screen import Screen
from sweeps.cli.views.table import print_table

HOSTILE = "[/data/x.npz] [bold]a :smile: \x1b]0;OWNED\x07 \x1b[2J \r\u202e"
SHOWN = r"[/data/x.npz] [bold]a :smile: \x1b]0;OWNED\x07 \x1b[2J \r\u202e"


@pytest.fixture(params=[False, True], ids=["pipe", "terminal"])
def screen(request):
    return Screen(io.StringIO(), force_terminal=request.param, width=300, color_system=None)


def test_a_string_is_printed_as_it_is(screen):
    screen.print(HOSTILE)
    assert screen.file.getvalue() == f"{SHOWN}\n"


def test_so_are_the_cells_and_the_head_of_a_table(screen):
    table = Table(HOSTILE, box=None)
    table.add_row(HOSTILE)
    screen.print(table)
    assert screen.file.getvalue().count(SHOWN) == 2


@pytest.mark.parametrize("rows", [1, 1001])
def test_so_are_rows_however_many(screen, rows):
    print_table(screen, [{"trial": f"{HOSTILE}\nx", HOSTILE: 1}] * rows, ("trial", HOSTILE))
    lines = screen.file.getvalue().splitlines()
    assert len(lines) == rows + 1
    assert SHOWN in lines[0]
    assert rf"{SHOWN}\nx" in lines[1]


def test_a_terminal_that_cannot_move_its_cursor_gets_plain_lines(monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    assert isinstance(listener_for(Screen(io.StringIO(), force_terminal=True), 1), PlainLines)


def test_a_narrow_terminal_is_no_error(monkeypatch):
    monkeypatch.setenv("COLUMNS", "20")
    screen = Screen(io.StringIO(), force_terminal=True)
    print_table(screen, [{"trial": "t" * 50, "reason": HOSTILE}], ("trial", "reason"))
    assert screen.file.getvalue()


def test_an_event_is_one_line():
    file = io.StringIO()
    PlainLines(file, 1).noticed(f"{HOSTILE}\nmore")
    (line,) = file.getvalue().splitlines()
    assert line.endswith(rf"{SHOWN}\nmore")


def test_in_a_notebook_it_prints_where_it_is_told_to_and_shows_nothing_else(monkeypatch):
    monkeypatch.setattr("rich.console._is_jupyter", lambda: True)
    screen = Screen(io.StringIO(), width=300)
    with screen.capture() as captured:
        screen.print("kept")
    screen.print("said")
    assert (captured.get(), screen.file.getvalue(), screen.is_jupyter) == ("kept\n", "said\n", False)
