"""Breaks the words of an image into lines, each as wide as its place at most: capitals are wider than the letters of a sentence."""

from __future__ import annotations

import functools
import os
import re
import textwrap
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FONT = "DejaVu Sans"
WIDTH_IN = 3.3
"""The column of a paper: sizes are those on paper, and no letter is smaller than `SMALLEST_PT`."""
SMALLEST_PT, TITLE_PT, LABEL_PT = 6.0, 8.0, 7.0
FULL_PT = 72 * WIDTH_IN - 8
"""How wide a line of a title or a note is at most."""
FINE = 10
NOTE_COLUMNS, NOTE_LINES, TITLE_COLUMNS, FEWEST_COLUMNS = 66, 9, 46, 8
LEGEND_CHARACTERS, HANDLE_CHARACTERS, MARK_CHARACTERS = 68, 8, 5
"""How many characters of the legend's font fit side by side, and how many of them a sample takes: a line's, a mark's."""


def wrapped(
    text: str, columns: int, *, size_pt: float, width_pt: float = FULL_PT, indent: str = ""
) -> list[str]:
    """Return the lines of a text: of so many characters at most, and of fewer where these are wide.

    Args:
        text: Words, on one line.
        columns: How many characters a line has at most.
        size_pt: Of its letters.
        width_pt: How wide a line may be.
        indent: What its second line, and each after it, begins with.
    """
    for fewer in range(columns, FEWEST_COLUMNS, -1):
        lines = textwrap.wrap(text, fewer, subsequent_indent=indent)
        if all(width_of(line, size_pt) <= width_pt for line in lines):
            return lines
    return textwrap.wrap(text, FEWEST_COLUMNS)


@functools.lru_cache(maxsize=4096)
def width_of(line: str, size_pt: float) -> float:
    """Return how wide a line is, in points."""
    font = _font()
    with warnings.catch_warnings(action="ignore", category=UserWarning):  # a letter that it lacks is a box
        font.set_size(size_pt, 72 * FINE)  # whole pixels would be coarse
        font.set_text(line)
    return float(font.get_width_height()[0]) / 64 / FINE


@functools.cache
def _font() -> Any:
    from matplotlib.font_manager import findfont
    from matplotlib.ft2font import FT2Font

    return FT2Font(findfont(FONT))


if hasattr(
    os, "register_at_fork"
):  # a font reads its file as it needs it, from a place that processes would share
    os.register_at_fork(after_in_child=_font.cache_clear)


def title_lines(title: str) -> list[str]:
    """The lines of a title."""
    return wrapped(title, TITLE_COLUMNS, size_pt=TITLE_PT)


def note_lines(notes: Sequence[str]) -> list[str]:
    """The lines of all notes; of more than `NOTE_LINES` the rest is counted."""
    lines = [
        line for note in notes for line in wrapped(note, NOTE_COLUMNS, size_pt=SMALLEST_PT, indent="    ")
    ]
    if len(lines) <= NOTE_LINES:
        return lines
    return [*lines[: NOTE_LINES - 1], f"... and {len(lines) - NOTE_LINES + 1} more lines: see report.md"]


def in_lines(label: str, columns: int) -> str:
    """Break a label that is too long: before its unit if that helps, and a long name behind a slash or `_` of it."""
    parts = label.replace(" (", "\n(").splitlines() if len(label) > columns else [label]
    return "\n".join(line for part in parts for line in _filled(part, columns))


def _filled(text: str, columns: int) -> Iterator[str]:
    """The lines of a text, each as long as may be."""
    for line in textwrap.wrap(text, columns, break_long_words=False, break_on_hyphens=False):
        begun = ""
        for piece in re.split(r"(?<=[/_-])", line):
            if begun and len(begun) + len(piece) > columns:
                yield from textwrap.wrap(begun, columns)
                begun = ""
            begun += piece
        yield from textwrap.wrap(begun, columns)


def legend_columns(labels: Sequence[str], handle: int = HANDLE_CHARACTERS) -> int:
    """Return how many names fit side by side in a legend; the sample of each takes `handle` characters."""
    longest = max((len(label) for label in labels), default=0)
    return max(1, min(len(labels), LEGEND_CHARACTERS // (longest + handle)))


def legend_labels(labels: Sequence[str], handle: int = HANDLE_CHARACTERS) -> list[str]:
    """Return the names of a legend, a long one on several lines."""
    columns = legend_columns(labels, handle)
    characters = LEGEND_CHARACTERS // columns - handle
    width_pt = FULL_PT * characters / LEGEND_CHARACTERS
    return ["\n".join(wrapped(one, characters, size_pt=SMALLEST_PT, width_pt=width_pt)) for one in labels]


def legend_rows(labels: Sequence[str], handle: int = HANDLE_CHARACTERS) -> int:
    """Return how many lines of text a legend is high; matplotlib fills its columns from the top."""
    shown = legend_labels(labels, handle)
    return max(
        (sum(1 + label.count("\n") for label in column) for column in _columns(shown, handle)), default=0
    )


def _columns(labels: Sequence[str], handle: int) -> Iterator[Sequence[str]]:
    columns = legend_columns(labels, handle)
    each = -(-len(labels) // columns)
    for first in range(0, len(labels), max(1, each)):
        yield labels[first : first + each]
