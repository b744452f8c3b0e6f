"""Launches a `run` from within somebody's Python, and leaves that as it was."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.escapes import without_escapes
from sweeps.api.notebook import NotebookTable, in_notebook
from sweeps.cli.live.board import Board
from sweeps.cli.live.shown_launch import shown_launch
from sweeps.cli.live.table import listener_for
from sweeps.cli.screen import screen
from sweeps.errors import SelectionError
from sweeps.executors.local import end_forkserver, has_forkserver
from sweeps.rundir.paths import StateDir

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from sweeps.cli.options import LaunchOptions
    from sweeps.commands.run import Launched
    from sweeps.commands.session import Session
    from sweeps.scheduler.events import Listener


@dataclass(frozen=True, slots=True)
class Ended:
    """How a launch ended here.

    Attributes:
        launched: Its result.
        notes: What was said beside its table.
        has_table: Whether a notebook's cell shows its trials.
    """

    launched: Launched
    notes: tuple[str, ...]
    has_table: bool


def launched(session: Session, how: LaunchOptions, *, quiet: bool) -> Ended:
    """Carry out a file's plan, shown here and to `sweep attach`.

    Args:
        session: The checked file.
        how: How trials are run.
        quiet: Whether to show nothing here.

    Raises:
        SweepError: As `sweeps.commands.run.launch`; and where this is not the main thread, which alone hears interrupts,
            or where this process has a forkserver, which would know neither trainer nor environment.
    """
    if threading.current_thread() is not threading.main_thread():
        raise SelectionError(
            "sweeps.run: only the main thread hears interrupts; call it there, or `sweep run` in a process"
        )
    if has_forkserver():
        raise SelectionError(
            "sweeps.run: this Python has started multiprocessing's forkserver, which trials would have to share; "
            "call it before that, or `sweep run` in a process"
        )
    state = StateDir.here()
    board = Board(state, session.labels)
    notes: list[str] = []
    with _shown_on(quiet=quiet) as console, _left_as_it_was(), _ended_on(board) as is_shown:

        def display(slots: int) -> Listener:
            is_shown.set()
            return _listener(console, slots, quiet=quiet)

        ended, summary = shown_launch(session, how.settings(), console, board, display, notes.append)
        board.finish(ended.exit_code, without_escapes(summary))
        if not quiet:
            console.print(summary, end="", soft_wrap=True)
    has_table = in_notebook() and not quiet and is_shown.is_set()
    return Ended(ended, tuple(dict.fromkeys(notes)), has_table)


def _listener(console: Console, slots: int, *, quiet: bool) -> Listener:
    return NotebookTable(slots) if in_notebook() and not quiet else listener_for(console, slots)


@contextlib.contextmanager
def _shown_on(*, quiet: bool) -> Iterator[Console]:
    """The console to print to; a quiet one leads nowhere."""
    if not quiet:
        yield screen()
        return
    from sweeps.cli.screen import Screen

    with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123 - a device
        yield Screen(nowhere)


@contextlib.contextmanager
def _ended_on(board: Board) -> Iterator[threading.Event]:
    """Say on the board how a launch that raises ended, once the event says that it is shown there: this process may live on."""
    is_shown = threading.Event()
    try:
        yield is_shown
    except BaseException as error:
        if is_shown.is_set():
            interrupted = 130 if isinstance(error, KeyboardInterrupt) else 1
            board.finish(getattr(error, "exit_code", interrupted), without_escapes(f"{error}\n"))
        raise


@contextlib.contextmanager
def _left_as_it_was() -> Iterator[None]:
    """What a launch sets for the processes that it starts ends with it: the environment, the main module, the forkserver."""
    environment, main = dict(os.environ), sys.modules["__main__"]
    spec = main.__spec__
    try:
        yield
    finally:
        end_forkserver()
        main.__spec__ = spec
        os.environ.update(
            environment
        )  # before the rest goes: an interrupt here leaves too much, and nothing out
        for name in os.environ.keys() - environment.keys():
            del os.environ[name]
