"""Lays out many settings in one figure: panels side by side, each with at most as many lines as there are colours."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from analysis.figures.figure_data import FigureData
from analysis.figures.groups import Group, grouped, grouped_by_settings
from analysis.figures.palette import COLORS, styles
from analysis.results.grouping import value_label
from analysis.results.provenance_marks import have_several_marks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.figures.figure_request import FigureRequest
    from analysis.results.results import Result, SweepResults

MOST_LINES = len(COLORS)
"""Lines of one panel: one a colour."""
MOST_PANELS, COLUMNS = 12, 2
"""Panels of one figure, and how many of them stand side by side."""
MOST_FIGURES = 4
"""Beyond these, settings are counted in the caption of the last figure, and stand in the results table."""


def small_multiples(sweep: SweepResults, request: FigureRequest) -> list[FigureData]:
    """Draw one metric of every setting, in as many figures as it takes, up to `MOST_FIGURES`."""
    facets = _facets(sweep)
    pages = [facets[first : first + MOST_PANELS] for first in range(0, len(facets), MOST_PANELS)]
    rest = [result.trial.name for page in pages[MOST_FIGURES:] for result in _trials(page)]
    pages = pages[:MOST_FIGURES]
    marked = have_several_marks(sweep.results)
    figures = []
    for number, page in enumerate(pages, start=1):
        results = _trials(page)
        panels = tuple(
            replace(
                request.panel([replace(group, marked=marked) for group in groups], beside=results),
                title=above,
            )
            for above, groups in page
        )
        captions = request.notes(results, request.band)
        if number == len(pages) and rest:
            captions = (*captions, no_room(_names(rest)))
        figures.append(
            FigureData(*request.page(number, len(pages)), panels, captions, request.keys, results, COLUMNS)
        )
    return figures


def no_room(what: str) -> str:
    """The caption that says what no figure shows."""
    return f"not drawn, for want of room: {what}; see Results"


def _names(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{len(names)} trials, {names[0]} to {names[-1]}"


def _trials(page: Sequence[tuple[str, Sequence[Group]]]) -> tuple[Result, ...]:
    return tuple(result for _, groups in page for group in groups for result in group.results)


def _facets(sweep: SweepResults) -> list[tuple[str, Sequence[Group]]]:
    """Split the settings into panels: the lines of each differ in one axis, else they are the next few."""
    expected = sweep.expected
    counts = {axis: len(expected.values(axis)) for axis in expected.settings} if expected.is_whole else {}
    fitting = [axis for axis, count in counts.items() if 1 < count <= MOST_LINES]
    if not fitting or any(
        axis not in result.trial.axes for axis in expected.settings for result in sweep.results
    ):
        return _chunks(sweep)
    lines = max(fitting, key=lambda axis: (counts[axis], expected.settings.index(axis)))
    others = [axis for axis in expected.settings if axis != lines]
    held: defaultdict[tuple[Any, ...], list[Result]] = defaultdict(list)
    for result in sweep.results:
        held[tuple(result.trial.axes[axis] for axis in others)].append(result)
    return [
        (
            ", ".join(
                value_label(axis, value, expected.names) for axis, value in zip(others, shared, strict=True)
            ),
            grouped(results, lines, expected.values(lines)),
        )
        for shared, results in held.items()
    ]


def _chunks(sweep: SweepResults) -> list[tuple[str, Sequence[Group]]]:
    groups = grouped_by_settings(sweep.results)
    chunks = [groups[first : first + MOST_LINES] for first in range(0, len(groups), MOST_LINES)]
    looks = [styles("", tuple(group.label for group in chunk)) for chunk in chunks]
    return [
        (
            f"{chunk[0].label} to {chunk[-1].label}" if len(chunk) > 1 else chunk[0].label,
            [replace(group, style=look[group.label]) for group in chunk],
        )
        for chunk, look in zip(chunks, looks, strict=True)
    ]
