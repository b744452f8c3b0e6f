"""Launches a file's plan with its display: what `sweep run` and `sweeps.run` have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sweeps.cli.live.board import Showing
from sweeps.cli.live.certain_warnings import CertainWarnings
from sweeps.cli.live.failure_hints import FailureHint
from sweeps.cli.views.run_summary import opening_lines, opening_notes, print_summary
from sweeps.commands.run import launch
from sweeps.scheduler.events import Relay

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.console import Console

    from sweeps.cli.live.board import Board
    from sweeps.commands.run import Launched
    from sweeps.commands.running.starting import LaunchSettings
    from sweeps.commands.session import Session
    from sweeps.planning.plan import Plan, Step
    from sweeps.scheduler.events import Listener


def shown_launch(
    session: Session,
    settings: LaunchSettings,
    console: Console,
    board: Board,
    display: Callable[[int], Listener],
    note: Callable[[str], None] = lambda _: None,
) -> tuple[Launched, str]:
    """Carry out a plan, shown on a console and a board.

    Args:
        session: The checked file.
        settings: How trials are run.
        console: Where the plan and remarks are printed.
        board: Shows it to `sweep attach`; how it ended is left to the caller to say there.
        display: Makes the display of the trials, given how many run at once; called once they start.
        note: Called with each remark that is shown, too.

    Returns:
        How it ended, and its summary as a text.

    Raises:
        SweepError: As `sweeps.commands.run.launch`.
    """
    starting: list[Step] = []

    def announce(planned: Plan, steps: Sequence[Step]) -> None:
        starting.extend(steps)
        for line in opening_lines(session, planned, steps):
            console.print(line, soft_wrap=True)
        for line in opening_notes(session, planned):
            say(line)

    def say(text: str) -> None:
        note(text)
        console.print(text, soft_wrap=True)

    def listener(slots: int) -> Listener:
        here = CertainWarnings(FailureHint(_Noting(display(slots), note), session), session, starting)
        return Showing(here, board, slots)

    launched = launch(
        session,
        settings,
        announce=announce,
        notice=say,
        listener=listener,
    )
    with console.capture() as summary:
        print_summary(console, session, launched)
    return launched, summary.get()


class _Noting(Relay):
    """A listener that has remarks noted, too."""

    def __init__(self, listener: Listener, note: Callable[[str], None]) -> None:
        super().__init__(listener)
        self._note = note

    def noticed(self, text: str) -> None:
        """Note it, and pass it on."""
        self._note(text)
        super().noticed(text)
