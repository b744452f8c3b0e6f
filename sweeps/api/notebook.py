"""Shows how a `run` goes in a notebook: one table under the cell, which changes in place."""

from __future__ import annotations

import sys
from html import escape
from typing import TYPE_CHECKING, Any

from analysis.visible import visible
from sweeps.cli.live.view import view_of
from sweeps.cli.progress import STOPPING, Seldom, duration
from sweeps.scheduler.job import Phase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sweeps.cli.live.view import Row, View
    from sweeps.executors.base import Stop
    from sweeps.scheduler.job import Job

ROOM = 50
"""The most trials that the table shows."""
PAUSE_S = 0.5
"""The least time between two drawings."""
INTERRUPT = "Interrupt the kernel: stop starting trials, let running ones checkpoint and end"
_COLUMNS = ("trial", "state", "epoch", "left", "loss", "score")


def in_notebook() -> bool:
    """Whether this Python is a notebook's kernel."""
    if "IPython" not in sys.modules:
        return False
    from IPython import get_ipython

    return hasattr(get_ipython(), "kernel")


def table_html(view: View) -> str:
    """A launch in one moment, as HTML."""
    head = "".join(f"<th>{name}</th>" for name in _COLUMNS)
    rows = "".join(
        f"<tr>{''.join(f'<td>{_text(cell)}</td>' for cell in _cells(row))}</tr>" for row in view.rows
    )
    left = f", about {duration(view.left_s)} left" if view.left_s else ""
    hidden = view.total - len(view.rows)
    more = f" ({hidden} rows not shown)" if hidden else ""
    ends = f"{view.ended} of {view.total} ended{left}{more}. {_text(view.note)}"
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table><p>{ends}</p>"


def _cells(row: Row) -> tuple[str, ...]:
    state = f"{row.state}: {row.reason}" if row.reason and row.state != Phase.WAITING else row.state
    left = "" if row.left_s is None else duration(row.left_s)
    return row.label, state, row.epochs, left, *map(_number, (row.loss, row.score))


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"


def _text(text: str) -> str:
    return escape(visible(text))


class NotebookTable:
    """A table that is drawn anew in its place while a run goes on.

    Args:
        slots: How many attempts run at once.
    """

    def __init__(self, slots: int) -> None:
        self._slots = slots
        self._note = INTERRUPT
        self._jobs: Sequence[Job] = ()
        self._handle: Any = None
        self._redraw = Seldom(self._draw, PAUSE_S)

    def starting(self, job: Job) -> None:
        """Nothing to add: the table shows it."""

    def started(self, job: Job) -> None:
        """Nothing to add: the table shows it."""

    def progressed(self, job: Job) -> None:
        """Nothing to add: the table shows it."""

    def ended(self, job: Job) -> None:
        """Nothing to add: the table shows it."""

    def stopping(self, how: Stop) -> None:
        """Say what the interrupt did, under the table."""
        self._note = STOPPING[how].replace("Ctrl-C again", "another interrupt")

    def noticed(self, text: str) -> None:
        """Print it, where it stays."""
        print(visible(text), flush=True)  # noqa: T201 - the cell's output

    def tick(self, jobs: Sequence[Job]) -> None:
        """Draw it anew."""
        self._jobs = jobs
        self._redraw()

    def close(self) -> None:
        """Leave the table as it stands."""
        self._note = ""
        self._draw()

    def _draw(self) -> None:
        from IPython.display import HTML, display

        drawn = HTML(table_html(view_of(self._jobs, self._slots, ROOM, self._note)))
        if self._handle is None:
            self._handle = display(drawn, display_id=True)
        else:
            self._handle.update(drawn)
