"""`sweep status --watch`: the table of the record, read again while something runs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sweeps.cli.live.table import can_draw
from sweeps.cli.views.status_table import print_status
from sweeps.planning.plan import Action
from sweeps.rows.status import LOAD, status_of

if TYPE_CHECKING:
    from rich.console import Console

    from sweeps.commands.session import Session
    from sweeps.rows import Row

PAUSE_S = 2.0


def watch_status(console: Console, session: Session, *, wide: bool = False) -> None:
    """Print the status whenever it has changed, until nothing runs any more: here, or by what the record says elsewhere.

    Args:
        console: Where. In a terminal each status takes the place of the one before.
        session: The checked file.
        wide: As for `print_status`.

    Raises:
        AnalysisError: The record cannot be read.
    """
    before: list[Row] | None = None
    while True:
        plan = session.plan()
        status = status_of(session, plan)
        shown = [{key: value for key, value in row.items() if wide or key not in LOAD} for row in status.rows]
        if shown != before:
            if can_draw(console):
                console.clear()
            print_status(console, session, plan, status, wide=wide)
            before = shown
        # A `sweep run` has its sweeps also before its first trial, and between two.
        if not session.holders() and not any(step.action is Action.RUNNING for step in plan.steps):
            return
        time.sleep(PAUSE_S)
        session.record.refresh()
