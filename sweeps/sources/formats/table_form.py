"""What separates the columns of a table, and what they are called: by its head, or else by its first row of numbers.

Heads are lines of text, or comments as numpy's `savetxt` writes them: `# step energy`. Columns are separated by commas, tabs
or semicolons, or, where a line has none of these, by blanks.
"""

from __future__ import annotations

import csv
import itertools
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sweeps.sources.counters import COUNTERS
from sweeps.sources.formats.number import POINT, number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

DELIMITERS = ",\t;"
BLANKS = " "
COMMENT = "#"
UNNAMED = "column_{}"
"""What the columns of a table without a head are called, by their numbers from 1."""
_MOST_HEADS = 20
"""So many of the last lines above the first row may name its columns."""
_NO_DECIMAL = re.compile(r",(?!\d)|(?<!\d),")
_COUNTERS = frozenset({*COUNTERS, "time", "t", "n"})


@dataclass(slots=True)
class TableForm:
    """The form of a table, as far as its lines were seen.

    Attributes:
        header: The columns; None: they are not known yet.
        delimiter: What separates them; `BLANKS` is any number of blanks.
        heads: The lines that may name them.
    """

    header: list[str] | None = None
    delimiter: str = ","
    heads: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, position: Mapping[str, Any]) -> TableForm:
        """The form that a position holds."""
        return cls(
            position.get("header"), str(position.get("delimiter", ",")), list(position.get("heads", []))
        )

    def state(self) -> dict[str, Any]:
        """What a position is to hold of it."""
        if self.header is not None:
            return {"header": self.header, "delimiter": self.delimiter}
        return {"heads": self.heads} if self.heads else {}

    def rows(self, lines: Iterable[str]) -> Iterator[Mapping[str, str]]:
        """The cells of the next rows by the names of their columns.

        A head that comes again, or another one that shares a column with it, holds from there on. Rows of a table with
        blanks that have more or fewer cells than it has columns have one cell that is no number.
        """
        lines = iter(lines)
        for line in lines if self.header is None else ():
            if self._begins_with(line.strip()):
                lines = itertools.chain([line], lines)
                break
        if self.header is None:
            return
        for cells in self._cells(lines):
            if not any(cell.strip() for cell in cells) or self._is_head(cells):
                continue
            if self.delimiter == BLANKS and len(cells) != len(self.header):
                yield {f"a row of {len(cells)}": f"row {BLANKS.join(cells)}"}
            else:
                yield dict(zip(self.header, cells, strict=False))

    def _begins_with(self, line: str) -> bool:
        """Whether a line is the head, or the first row, so that the form is known."""
        is_comment = line.startswith(COMMENT)
        if not line:
            return False
        if not is_comment and _is_row(line):
            self._decide(line)
        elif not is_comment and (delimiter := _delimiter(line)) != BLANKS and not self.heads:
            self.header, self.delimiter = _each_once(_names(line, delimiter)), delimiter
        else:
            self.heads = [*self.heads, line][-_MOST_HEADS:]
        return self.header is not None

    def _decide(self, row: str) -> None:
        """Take the form from the first row, and its names from the head that has as many columns."""
        self.delimiter = _delimiter(row)
        count = len(_split(row, self.delimiter))
        named = [
            (head.startswith(COMMENT), names)
            for head in self.heads
            for names in (
                _names(head, delimiter) for delimiter in dict.fromkeys((self.delimiter, *DELIMITERS))
            )
            if len(names) == len(set(names)) == count and not any("=" in name for name in names)
        ]
        counting = [names for _, names in named if _COUNTERS & {name.lower() for name in names}]
        comments = [names for is_comment, names in named if is_comment]
        plain = [names for is_comment, names in named if not is_comment]
        # Below a head in plain words may stand the units; above one in a comment anything.
        chosen = [*counting[:1], *plain[:1], *comments[-1:]]
        self.header = chosen[0] if chosen else [UNNAMED.format(at) for at in range(1, count + 1)]
        self.heads = []

    def _cells(self, lines: Iterable[str]) -> Iterator[list[str]]:
        if self.delimiter == BLANKS:
            return (line.split() for line in lines)
        return csv.reader(lines, delimiter=self.delimiter)

    def _is_head(self, cells: list[str]) -> bool:
        """Whether a line names columns, which hold from there on, or is a comment."""
        header = self.header or []
        is_comment = cells[0].startswith(COMMENT) and not header[0].startswith(COMMENT)
        if is_comment:
            cells = _names(self.delimiter.join(cells), self.delimiter)
        named = [cell.strip() for cell in cells]
        if any(name and name in header for name in named) and not _is_data(cells):
            self.header = _each_once(named)
            return True
        return is_comment


def _delimiter(line: str) -> str:
    """What separates the cells of a line; of one without any delimiter blanks where there are some, else the usual comma."""
    found = max(DELIMITERS, key=line.count)
    others = DELIMITERS.replace(",", "")
    if found == "," and not _NO_DECIMAL.search(line) and any(other in line for other in others):
        found = max(others, key=line.count)  # the commas are those of numbers: `0,5;0,25`
    if found in line:
        return found
    return BLANKS if len(line.split()) > 1 else DELIMITERS[0]


def _split(line: str, delimiter: str) -> list[str]:
    if delimiter == BLANKS:
        return line.split()
    return next(csv.reader([line], delimiter=delimiter), [])


def _names(head: str, delimiter: str) -> list[str]:
    """The columns that a head names; `#` alone is the name of one."""
    cells = _split(head.lstrip(COMMENT), delimiter)
    return [cell.strip() or COMMENT * (at == 0) for at, cell in enumerate(cells)]


def _each_once(names: Sequence[str]) -> list[str]:
    """The names of columns, those that come again with a number behind them: `loss`, `loss_2`."""
    found: list[str] = []
    for name in names:
        others = (f"{name}_{at}" for at in itertools.count(2))
        is_new = not name or name not in found
        found.append(
            name if is_new else next(other for other in others if other not in found and other not in names)
        )
    return found


def _is_data(cells: Iterable[str]) -> bool:
    """Whether some cell is a number, so that the line is no head."""
    return any(_is_number(cell) for cell in cells)


def _is_row(line: str) -> bool:
    """Whether a line is a row: some cell is a number, of words between blanks half of them at least, as in `top 5 error` they are not."""
    delimiter = _delimiter(line)
    if delimiter == BLANKS:
        words = re.split(r"\s+", line)
        return 2 * sum(map(_is_number, words)) >= len(words)
    return _is_data(_split(line, delimiter))


def _is_number(text: str) -> bool:
    """Whether a text is a number, whatever a comma in it means."""
    return number(text) is not None or number(text, POINT) is not None
