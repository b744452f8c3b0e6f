"""What is asked for where one metric is to be drawn: over its steps in one panel or several, or as one value a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.figures.averages.band import Band
from analysis.figures.figure_data import FigureData, Panel, notes, panel
from analysis.results.metric_names import is_loss

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.figures.groups import Group
    from analysis.results.results import Result


@dataclass(frozen=True)
class FigureRequest:
    """One metric that is to be drawn.

    Attributes:
        path: Of the image, without `.png`.
        title: What it is.
        key: The metric.
        label: The metric with its unit.
        baseline: The metric that it is to beat, or its value; None where there is none.
        band: What means of repeats have around them.
    """

    path: str
    title: str
    key: str
    label: str
    baseline: str | float | None = None
    band: Band = Band.MINMAX

    @property
    def keys(self) -> tuple[str, ...]:
        """The metrics that it is drawn from."""
        return (self.key, self.baseline) if isinstance(self.baseline, str) else (self.key,)

    def page(self, number: int, of: int) -> tuple[str, str]:
        """The path and the title of one of the figures that it takes, which count from 1."""
        path = f"{self.path}{f'-{number}' if number > 1 else ''}.png"
        return path, f"{self.title} ({number} of {of})" if of > 1 else self.title

    def panel(self, groups: Sequence[Group], beside: Sequence[Result] = ()) -> Panel:
        """The curves of groups; `beside` are all trials of the figure, where it has further panels."""
        return panel(
            groups,
            self.key,
            self.label,
            loss=is_loss(self.key),
            baseline=self.baseline,
            beside=beside,
            band=self.band,
        )

    def notes(self, results: Sequence[Result], band: Band | None) -> tuple[str, ...]:
        """What a reader would not see; `band` is None where the means are told of elsewhere."""
        return notes(results, (self.key,), *self.keys[1:], band=band)

    def curves(self, groups: Sequence[Group], axis: str = "") -> FigureData:
        """The curves of all groups in one panel; `axis` tells them apart."""
        results = tuple(result for group in groups for result in group.results)
        captions = self.notes(results, self.band)
        return FigureData(*self.page(1, 1), (self.panel(groups),), captions, self.keys, results, axis=axis)
