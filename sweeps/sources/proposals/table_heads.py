"""The head of a table that a program prints: the names of its columns, above rows of bare numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

_RULE = re.compile(r"\s*[-=+|:\s]*[-=]{3,}[-=+|:\s]*")
"""The rule below a head."""
_LEAST = 2
"""A table has so many columns at least."""


@dataclass(slots=True)
class TableHeads:
    """Finds heads among lines as they come, and names the columns of rows.

    A line is a head if a rule stands below it, or if one of its words counts, such as `epoch`.
    """

    counters: Collection[str]
    _last: str = ""
    _heads: dict[int, tuple[str, ...]] = field(default_factory=dict)

    def see(self, line: str) -> None:
        """Look at a line without numbers, or one that stands alone."""
        if not line.strip():
            return
        if _RULE.fullmatch(line):
            self._take(self._last)
        elif any(
            word in self.counters or word.removesuffix("s") in self.counters
            for word in re.findall(r"\w+", line.lower())
        ):
            self._take(line)
        self._last = line

    def names(self, row: str) -> tuple[tuple[int, str], ...]:
        """Where each cell of a row begins, and what its column is called; empty where no head has as many."""
        cells = [match.start() for match in re.finditer(r"[^\s|]+", row)]
        head = self._heads.get(len(cells), ())
        return tuple(zip(cells, head, strict=True)) if head else ()

    def _take(self, line: str) -> None:
        """Keep a head by the number of its columns: those parted by bars or wide gaps, else by any."""
        for gap in (r"\s+", r"\s{2,}|\t") if "|" not in line else (r"\|",):
            cells = [cell.strip() for cell in re.split(gap, line.strip()) if cell.strip()]
            if len(cells) >= _LEAST:
                self._heads[len(cells)] = tuple(_name(cell) for cell in cells)


def _name(cell: str) -> str:
    """A head's cell as a name: `Train Loss (%)` as `train_loss`; empty where it has no letter."""
    name = re.sub(r"\W+", "_", cell.lower()).strip("_")
    if not re.search(r"[a-z]", name):
        return ""
    return f"_{name}" if name[:1].isdigit() else name
