"""One entry a setting in the legend that the panels of a figure share, whatever its runs are like in each of them. Pure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from analysis.read.provenance import shortened

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analysis.figures.figure_data import FigureData, Line, Panel

MOST_PANELS_NAMED = 3
"""How many panels a caption names that have the same runs of a setting."""


def with_one_entry_each(figure: FigureData) -> FigureData:
    """Return a figure in which a setting has one label: where its runs differ from panel to panel, the captions tell how.

    Labels tell how many runs a line has, which failed, and of which code they are. A legend of all panels would have such a setting
    twice, in one look.
    """
    labels: defaultdict[str, dict[str, list[str]]] = defaultdict(dict)
    for panel in figure.panels:
        for line in panel.lines:
            if line.setting:
                places = labels[line.setting].setdefault(line.label, [])
                places += [place] if (place := _place(panel)) not in places else []
    differing = {setting: own for setting, own in labels.items() if len(own) > 1}
    if not differing:
        return figure
    panels = tuple(
        replace(
            panel, lines=tuple(_named(line) if line.setting in differing else line for line in panel.lines)
        )
        for panel in figure.panels
    )
    return replace(figure, panels=panels, notes=(*_captions(differing), *figure.notes))


def _named(line: Line) -> Line:
    return replace(line, label=line.setting)


def _place(panel: Panel) -> str:
    return panel.title or panel.y_label


def _captions(differing: Mapping[str, Mapping[str, list[str]]]) -> tuple[str, ...]:
    """A caption for all settings whose runs differ in the same way."""
    told: defaultdict[str, list[str]] = defaultdict(list)
    for setting, labels in differing.items():
        words = "; ".join(
            f"{state} in {shortened(places, MOST_PANELS_NAMED)}"
            for label, places in labels.items()
            if (state := label.removeprefix(setting).strip())
        )
        told[words].append(setting)
    return tuple(f"{shortened(settings)}: {words}" for words, settings in told.items())
