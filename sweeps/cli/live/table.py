"""Draws how a `sweep run` goes as a table that changes in place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.read.outcomes import Outcome
from sweeps.cli.live.view import view_of
from sweeps.cli.progress import STOPPING, PlainLines, Seldom
from sweeps.cli.views.table import Cut
from sweeps.scheduler.job import Phase

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console, RenderableType
    from rich.live import Live

    from sweeps.cli.live.view import View
    from sweeps.executors.base import Stop
    from sweeps.scheduler.events import Listener
    from sweeps.scheduler.job import Job

CTRL_C = "Ctrl-C: stop starting trials, ask running ones to end"
_STYLES: Mapping[str, str] = {Phase.RUNNING: "bold", Outcome.FAILED: "red", Phase.WAITING: "dim"}
_LEAST_ROWS, _OTHER_LINES = 3, 4
"""Rows that are shown however low the terminal is, and the lines that stand around the rows."""
_NAME_COLUMNS = 36
"""So much of a trial's name is shown in a narrow terminal, too: other columns give way."""


def listener_for(console: Console, slots: int) -> Listener:
    """The live table where there is a terminal, plain lines elsewhere."""
    return LiveTable(console, slots) if can_draw(console) else PlainLines(console.file, slots)


def can_draw(console: Console) -> bool:
    """Whether a table can change in place there."""
    return console.is_terminal and not console.is_dumb_terminal


def room_in(console: Console) -> int:
    """How many rows fit."""
    return max(_LEAST_ROWS, console.height - _OTHER_LINES)


def render(view: View) -> RenderableType:
    """Draw a launch in one moment: state, progress, time left and latest metrics of each trial."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    labels = [row.label for row in view.rows]
    if (
        max(map(len, labels), default=0) > _NAME_COLUMNS
        and len({one.partition("/")[0] for one in labels}) == 1
    ):
        labels = [one.partition("/")[2] for one in labels]  # of one sweep the trials' names tell all
    least = min(_NAME_COLUMNS, max(map(len, labels), default=0))
    for name in view.columns:
        is_text = name in {"trial", "state"}
        table.add_column(
            name, justify="left" if is_text else "right", min_width=least if name == "trial" else None
        )
    for label, row in zip(labels, view.rows, strict=True):
        _, state, *others = row.cells
        table.add_row(label, Cut(state, 1), *others, style=_STYLES.get(row.state, ""))
    return Group(table, Text(f"{view.foot} {view.note}", style="dim"))


class TableListener:
    """A listener whose table shows trials as they are: drawn anew at a tick, not at each event.

    Args:
        note: What stands below the table.
    """

    def __init__(self, note: str) -> None:
        self._note = note
        self._jobs: Sequence[Job] = ()

    def starting(self, job: Job) -> None:
        """Nothing to add: the table shows it."""

    def started(self, job: Job) -> None:
        """Nothing to add: the table shows it."""

    def progressed(self, job: Job) -> None:
        """Nothing to add: the table shows it."""

    def ended(self, job: Job) -> None:
        """Nothing to add: the table shows it."""


class LiveTable(TableListener):
    """A table that is redrawn in place while a `sweep run` goes on."""

    def __init__(self, console: Console, slots: int) -> None:
        from rich.live import Live

        super().__init__(CTRL_C)
        self._slots = slots
        self._room = room_in(console)
        self._live: Live = Live(console=console, auto_refresh=False, transient=False)
        self._live.start()
        self._redraw = Seldom(lambda: self._live.update(self._render(), refresh=True))

    def stopping(self, how: Stop) -> None:
        """Say what the signal did, under the table."""
        self._note = STOPPING[how]

    def noticed(self, text: str) -> None:
        """Print it above the table, where it stays."""
        self._live.console.print(text)

    def tick(self, jobs: Sequence[Job]) -> None:
        """Redraw."""
        self._jobs = jobs
        self._redraw()

    def close(self) -> None:
        """Leave the table as it stands."""
        self._live.update(self._render())
        self._live.stop()

    def _render(self) -> RenderableType:
        return render(view_of(self._jobs, self._slots, self._room, self._note))
