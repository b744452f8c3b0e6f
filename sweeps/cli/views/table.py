"""Prints rows as a table in the terminal: aligned, without empty columns, wrapped only where necessary."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from analysis.visible import on_one_line
from sweeps.cli.output import short_value

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from rich.console import Console, ConsoleOptions, JustifyMethod, OverflowMethod, RenderResult
    from rich.measure import Measurement

_LEAST: Mapping[str, int] = {"reason": 24, "value": 24, "from": 24, "trial": 40}
"""Columns that are wrapped where the terminal is too narrow, each with the characters that it is to keep."""
_MOST_LINES = 3
"""Lines that a reason takes in a terminal; a pipe and `--json` have the whole."""
_GAP = 2
"""Blanks between two columns."""
_MANY = 1000
"""More rows than this are printed without rich, which would take seconds."""


def print_table(
    console: Console,
    rows: Sequence[Mapping[str, Any]],
    columns: Sequence[str],
    heads: Mapping[str, str] | None = None,
    optional: Collection[str] = (),
) -> None:
    """Print some columns of the rows; a column without any value is left out.

    A pipe has a line for each row, as long as it takes. In a terminal long texts are wrapped, and a long reason is cut.

    Args:
        console: Where.
        rows: The rows.
        columns: The keys of the columns.
        heads: What stands above columns that are not called as their keys.
        optional: Columns that are left out, the last first, where the terminal is too narrow for all; a line names them.
    """
    filled = [name for name in columns if any(row.get(name) not in (None, "") for row in rows)]
    made = [_Column.of(name, (heads or {}).get(name, name), rows) for name in filled]
    if not console.is_terminal or len(rows) > _MANY:
        _print_plainly(console, made)
        return
    shown, left_out = _within(console.width, made, optional)
    _draw(console, shown)
    if left_out:
        names = ", ".join(column.head for column in left_out)
        console.print(f"no room for {names}: a wider terminal shows them, and --json", style="dim")


@dataclass(frozen=True, slots=True)
class _Column:
    """A column as it is printed.

    Attributes:
        key: Its key in the rows.
        head: What stands above it.
        cells: A text for each row.
        is_numeric: Whether it holds numbers, which end in line.
    """

    key: str
    head: str
    cells: tuple[str, ...]
    is_numeric: bool

    @classmethod
    def of(cls, key: str, head: str, rows: Sequence[Mapping[str, Any]]) -> _Column:
        is_numeric = any(isinstance(row.get(key), int | float) for row in rows)
        return cls(key, on_one_line(head), tuple(_cell(row.get(key)) for row in rows), is_numeric)

    @property
    def width(self) -> int:
        """Characters of a terminal that its widest text takes."""
        return max(map(_width, (self.head, *self.cells)))

    @property
    def least(self) -> int:
        """Characters that it takes where there is little room."""
        return min(self.width, _LEAST.get(self.key, self.width))


def _width(text: str) -> int:
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def _taken(columns: Sequence[_Column]) -> int:
    """Characters that columns take at least."""
    return sum(one.least + _GAP for one in columns) - _GAP


def _within(
    room: int, columns: Sequence[_Column], optional: Collection[str]
) -> tuple[list[_Column], list[_Column]]:
    """The columns that a terminal has room for, and those that are left out."""
    shown = list(columns)
    left_out: list[_Column] = []
    for column in reversed(columns):
        if _taken(shown) <= room:
            break
        if column.key in optional:
            shown.remove(column)
            left_out.insert(0, column)
    return shown, left_out


def _draw(console: Console, columns: Sequence[_Column]) -> None:
    from rich.table import Table

    table = Table(box=None, padding=(0, _GAP, 0, 0), pad_edge=False, header_style="dim")
    is_tight = _taken(columns) > console.width
    longest_name = _LEAST["reason"] if is_tight else _LEAST["trial"]
    for column in columns:
        is_broken = column.key in _LEAST and (column.key != "trial" or column.width > longest_name)
        justify: JustifyMethod = "right" if column.is_numeric else "left"
        overflow: OverflowMethod = "fold" if is_broken else "ellipsis"
        table.add_column(column.head, justify=justify, no_wrap=not is_broken, overflow=overflow)
    for row in zip(*(one.cells for one in columns), strict=True):
        cells = zip(columns, row, strict=True)
        table.add_row(*(Cut(text, _MOST_LINES) if one.key == "reason" else text for one, text in cells))
    console.print(table)


class Cut:
    """A text that is wrapped to a few lines at most, and ends in an ellipsis where it is longer.

    Args:
        text: The text.
        most: How many lines.
    """

    def __init__(self, text: str, most: int) -> None:
        self._text = text
        self._most = most

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        """As wide as the text."""
        from rich.measure import Measurement

        return Measurement.get(console, options, console.render_str(self._text))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The lines."""
        lines = console.render_str(self._text).wrap(console, options.max_width, overflow="fold")
        if len(lines) > self._most:
            last = lines[self._most - 1]
            last.rstrip()
            last.truncate(options.max_width - 1)
            last.append("…")
        yield from lines[: self._most]


def _print_plainly(console: Console, columns: Sequence[_Column]) -> None:
    """Print aligned, not wrapped, without colours. Rich takes 0.2 ms for each row: 20 s for 100,000 trials."""
    padded = []
    for column in columns:
        cells, width = (column.head, *column.cells), column.width
        gaps = (" " * (width - _width(cell)) for cell in cells)
        padded.append(
            [gap + cell if column.is_numeric else cell + gap for cell, gap in zip(cells, gaps, strict=True)]
        )
    between = " " * _GAP
    console.file.writelines(f"{between.join(line).rstrip()}\n" for line in zip(*padded, strict=True))


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return short_value(value)
    return on_one_line(value if isinstance(value, str) else json.dumps(value))


def print_differences(console: Console, differences: Iterable[str]) -> None:
    """Print what the compared runs differ in, one line for each difference."""
    for line in differences:
        console.print(line, soft_wrap=True)


def counts_text(words: Iterable[str]) -> str:
    """Count equal words, as in `2 finished, 1 failed`, in the order in which they first occur."""
    words = list(words)
    return ", ".join(f"{words.count(word)} {word}" for word in dict.fromkeys(words))
