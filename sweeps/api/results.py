"""What `run` and `report` give: values, and how a notebook shows them."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote

from sweeps.api.notebook import cell, in_notebook

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

_PAGE = "report.html"
_MOST_LINES = 8
"""So many sentences of a report's head a notebook shows."""


@dataclass(frozen=True, slots=True)
class Launch:
    """How a `run` ended.

    Attributes:
        trials: All trials that it was about, as `status` has them: `sweep`, `trial`, the settings that vary, `outcome`, `reason`, `attempt`,
            `epoch`, the metrics, and so on; `ran` is false for those that were done before, or never began.
        exit_code: As the command line's: 0 all done, 1 some trial failed, 3 another run has some, 130 interrupted.
        notes: What was said beside the table, such as that the code has changed since other trials ran.
    """

    trials: pd.DataFrame
    exit_code: int
    notes: tuple[str, ...] = ()
    shown_in: int | None = field(default=None, repr=False)

    @property
    def is_done(self) -> bool:
        """Whether every trial of the file has finished, now or before."""
        return self.exit_code == 0

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        return str(self.trials.to_html())

    def _ipython_display_(self) -> None:
        """Show it; nothing more in the cell whose table shows the same trials already."""
        if not in_notebook():
            print(self)  # noqa: T201 - what a terminal's IPython shows
        elif self.shown_in is None or self.shown_in != cell():
            from IPython.display import display

            display({"text/html": self._repr_html_(), "text/plain": str(self.trials)}, raw=True)


@dataclass(frozen=True, slots=True)
class Report:
    """What `report` wrote.

    Attributes:
        paths: The files.
        incomplete: The trials that have not finished, or recorded nothing, each with its condition.
        findings: The sentences at the head of the report.
    """

    paths: tuple[Path, ...]
    incomplete: Mapping[str, str]
    findings: tuple[str, ...] = ()

    @property
    def page(self) -> Path:
        """The report.html."""
        return next(path for path in self.paths if path.name == _PAGE)

    def __repr__(self) -> str:
        incomplete = f", {len(self.incomplete)} incomplete" if self.incomplete else ""
        return f"<Report {self.page}: {len(self.paths)} files{incomplete}>"

    def _repr_html_(self) -> str:
        """What a notebook shows: the head of the report, and a link to its page."""
        lines = "".join(f"<li>{escape(line)}</li>" for line in self.findings[:_MOST_LINES])
        link = quote(os.path.relpath(self.page))
        open_ones = "".join(
            f"<li>not complete: {escape(f'{name}: {why}')}</li>" for name, why in self.incomplete.items()
        )
        return (
            f'<p><a href="{link}" target="_blank">{escape(str(self.page))}</a>, {len(self.paths)} files</p>'
            f"<ul>{lines}{open_ones}</ul>"
        )
