"""Shows how a `run` goes in a notebook: one table under the cell, which changes in place."""

from __future__ import annotations

import sys
from html import escape
from typing import TYPE_CHECKING, Any

from analysis.visible import visible
from sweeps.cli.live.table import TableListener
from sweeps.cli.live.view import view_of
from sweeps.cli.progress import STOPPING, Seldom

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sweeps.cli.live.view import View
    from sweeps.executors.base import Stop
    from sweeps.scheduler.job import Job

ROOM = 50
"""The most trials that the table shows."""
PAUSE_S = 0.5
"""The least time between two drawings."""
INTERRUPT = "Interrupt the kernel: stop starting trials, ask running ones to end"


def in_notebook() -> bool:
    """Whether this Python is a notebook's kernel."""
    if "IPython" not in sys.modules:
        return False
    from IPython import get_ipython

    return hasattr(get_ipython(), "kernel")


def cell() -> int | None:
    """The number of the notebook's cell that is carried out; None elsewhere."""
    if not in_notebook():
        return None
    from IPython import get_ipython

    return int(get_ipython().execution_count)


def table_html(view: View) -> str:
    """A launch in one moment, as HTML."""
    head = "".join(f"<th>{_text(name)}</th>" for name in view.columns)
    rows = "".join(
        f"<tr>{''.join(f'<td>{_text(cell)}</td>' for cell in row.cells)}</tr>" for row in view.rows
    )
    ends = f"{view.foot} {_text(view.note)}"
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table><p>{ends}</p>"


def _in_kernel(text: str) -> str:
    """What is said of a terminal's keys, said of a kernel."""
    return text.replace("Ctrl-C again", "another interrupt").replace("Ctrl-C", "interrupt the kernel")


def _text(text: str) -> str:
    return escape(visible(text))


class NotebookTable(TableListener):
    """A table that is drawn anew in its place while a run goes on."""

    def __init__(self, slots: int) -> None:
        super().__init__(INTERRUPT)
        self._slots = slots
        self._handle: Any = None
        self._redraw = Seldom(self._draw, PAUSE_S)

    def stopping(self, how: Stop) -> None:
        """Say what the interrupt did, under the table."""
        self._note = _in_kernel(STOPPING[how])

    def noticed(self, text: str) -> None:
        """Print it, where it stays."""
        print(visible(_in_kernel(text)), flush=True)  # noqa: T201 - the cell's output

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
