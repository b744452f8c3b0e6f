"""`sweep attach`: shows a `sweep run` of this machine that goes on, until it ends or the user leaves."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from sweeps.cli.live.board import last_board, read_board
from sweeps.cli.live.table import can_draw, render, room_in
from sweeps.planning.plan import Action
from sweeps.rows.failures import Reasons
from sweeps.rundir.paths import StateDir

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from sweeps.cli.live.board import Shown
    from sweeps.cli.live.view import View
    from sweeps.commands.session import Session

PAUSE_S = 0.5
GONE, ELSEWHERE = 1, 3
"""The exit codes where a run ended without a word, and where another place has it."""


def attach(console: Console, session: Session) -> int:
    """Show the run of a session's sweeps until it ends, with what it says at its end.

    Args:
        console: Where: in a terminal a table that changes in place, elsewhere a line a change.
        session: The checked file.

    Returns:
        The run's exit code, also where it has ended before; 0 where none ever ran here, or the user left with Ctrl-C.
    """
    state = StateDir.here()
    pid = next(iter(session.holders().values()), None)
    if pid is None:
        return _tell_the_last(console, state, session)
    try:
        shown = show(console, session, pid)
    except KeyboardInterrupt:
        console.print(f"pid {pid} goes on; `{session.command('attach')}` shows it again", soft_wrap=True)
        return 0
    return tell_end(console, session, pid, shown)


def show(console: Console, session: Session, pid: int) -> Shown | None:
    """Show how a run stands until it ends; returns what it shows then, None where it ended without a word.

    Raises:
        KeyboardInterrupt: Who watches leaves.
    """
    state = StateDir.here()
    note = f"Ctrl-C leaves it running; `{session.command('stop')}` stops it"
    draw = _draw_table if can_draw(console) else _print_changes
    draw(console, _views(state, session, pid), note)
    return _last_word(state, pid)


def _tell_the_last(console: Console, state: StateDir, session: Session) -> int:
    """Say how the last run here ended, or that there was none."""
    shown = last_board(state, session.labels)
    if shown is not None:
        console.print(
            f"nothing is running here; the last `sweep run` was pid {shown.process.pid}:", soft_wrap=True
        )
        return tell_end(console, session, shown.process.pid, _last_word(state, shown.process.pid))
    running = next((step for step in session.plan().steps if step.action is Action.RUNNING), None)
    if running is not None:
        where = "attach there, in the same directory and with the same SWEEP_HOME"
        console.print(
            f"nothing is running here; {running.label} is running {running.reason}: {where}", soft_wrap=True
        )
        return ELSEWHERE
    console.print(f"nothing is running here; `{session.command('run')}` starts it", soft_wrap=True)
    return 0


def _last_word(state: StateDir, pid: int) -> Shown | None:
    """What a run shows that has let go of its sweeps: it is about to say how it ended. None where it ended without that."""
    while (shown := read_board(state, pid)) is not None and shown.exit_code is None:
        time.sleep(PAUSE_S)
    return shown


def tell_end(console: Console, session: Session, pid: int, shown: Shown | None) -> int:
    """Say how a run ended; returns its exit code."""
    if shown is None or shown.exit_code is None:
        console.print(
            f"pid {pid} has ended without a word; `{session.command('status')}` says what it left",
            soft_wrap=True,
        )
        return GONE
    console.print(shown.summary.rstrip("\n"), soft_wrap=True)
    return shown.exit_code


def _views(state: StateDir, session: Session, pid: int) -> Iterator[View]:
    """How it stands, again and again, until it has ended."""
    while pid in session.holders().values():
        shown = read_board(state, pid)
        if shown is not None:
            yield shown.view
            if shown.exit_code is not None:
                return
        time.sleep(PAUSE_S)
    if (shown := read_board(state, pid)) is not None:
        yield shown.view


def _draw_table(console: Console, views: Iterator[View], note: str) -> None:
    from rich.live import Live

    with Live(console=console, auto_refresh=False) as live:
        for view in views:
            words = ". ".join(filter(None, (view.note, note)))
            live.update(render(replace(view, note=words).within(room_in(console))), refresh=True)


def _print_changes(console: Console, views: Iterator[View], note: str) -> None:
    console.print(note, soft_wrap=True)
    before: dict[str, str] = {}
    reasons = Reasons()
    for view in views:
        for row in view.rows:
            epochs = f", {view.unit} {row.epochs}" if row.epochs else ""
            reason = f" ({reasons.said(row.label, row.reason)})" if row.reason else ""
            line = f"{row.label}: {row.state}{reason}{epochs}"
            if before.get(row.label) != line:
                console.print(line, soft_wrap=True)
            before[row.label] = line
