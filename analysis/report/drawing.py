"""How a report is drawn: in which files, with what around means, and how soon again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.figures.averages.band import Band

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from analysis.read.store import RunRecord


@dataclass(frozen=True)
class Drawing:
    """How a report is drawn.

    Attributes:
        plain: Whether images have neither title nor captions; the report has them in any case.
        pdf: Whether each figure is drawn as PDF beside PNG and SVG.
        band: What bands and bars of repeats are.
        follows: Whether it is drawn again soon: its page in a browser then follows.
        folder_of: The folder of a run's own files, for the pictures in it; None where that is not on this machine.
    """

    plain: bool = False
    pdf: bool = False
    band: Band = Band.MINMAX
    follows: bool = False
    folder_of: Callable[[RunRecord], Path | None] = lambda _: None

    @property
    def processes(self) -> int:
        """How many processes draw: training comes first."""
        from analysis.figures.files.images import spare_processes

        return 1 if self.follows else spare_processes()


ONCE = Drawing()
"""In full, as PNG and SVG, and not again soon."""
