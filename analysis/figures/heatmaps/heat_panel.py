"""One heatmap as plain values: its cells, its scale, and how its numbers are written."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from analysis.results.criterion import LOWER, pooled

if TYPE_CHECKING:
    from collections.abc import Sequence

FIXED = (0.1, 1e4)
"""Values of this size are told with two decimals, others with three digits."""
WIDE = 10.0
"""Where the seeds scatter so much, values of that size have no decimals, as of a count: 634 ± 394."""
FEWEST_DIGITS, MOST_DIGITS = 3, 6
"""How many digits values have at least where two that differ would read alike, and at most where their colours differ."""
SPREAD_PLACES = 4
"""How many decimals all values get at most so that no spread reads as zero; one that still would has a digit of its own."""
SEEN = 0.02
"""From this difference on, as a share of the scale, two colours can be told apart side by side."""
DARK_WORDS_FROM = 0.47
"""From this share of the scale on, black words have more contrast on a cell than white ones."""
ROW_CHARACTERS = 60
"""How many characters stand in a row of cells."""


@dataclass(frozen=True)
class HeatCell:
    """The finished runs of one setting.

    Attributes:
        value: The mean of their final values; NaN where there is none.
        spread: Their standard deviation (n - 1); NaN for fewer than two.
        n: How many there are.
        missing: In place of a value: how the setting's trials stand, the states separated by slashes.
        mark: The provenance groups of its runs, as ` [a]`; empty where the sweep has one alone.
    """

    value: float
    spread: float
    n: int
    missing: str = ""
    mark: str = ""


@dataclass(frozen=True)
class HeatPanel:
    """One measure over two axes.

    Attributes:
        title: What the cells hold, with its unit, and what all of them share.
        x_label: The axis whose values are columns.
        y_label: The axis whose values are rows.
        columns: What each column is called.
        rows: What each row is called.
        cells: The cells, row by row.
        low: The least value of the scale.
        high: The greatest.
        better: `higher` or `lower`, which has the lightest colour; empty where that is not known, as for `higher`.
        floor: Cells that are not above it are hatched; None: no cell is.
        is_widened: Whether the scale goes beyond its cells, as these lie closer to each other than seeds do.
        form: How values are written, as anywhere in the report; empty: so that cells can be told apart.
    """

    title: str
    x_label: str
    y_label: str
    columns: tuple[str, ...]
    rows: tuple[str, ...]
    cells: tuple[tuple[HeatCell, ...], ...]
    low: float
    high: float
    floor: float | None = None
    better: str = ""
    form: str = ""
    is_widened: bool = False

    @property
    def pooled(self) -> float:
        """The standard deviation of the seeds over all cells together; 0 where no cell has two."""
        return pooled((cell.spread, cell.n) for row in self.cells for cell in row)

    @property
    def is_flipped(self) -> bool:
        """Whether the least value has the lightest colour, as the best one."""
        return self.better == LOWER

    def share(self, cell: HeatCell) -> float:
        """Where between the darkest and the lightest colour a cell lies, 0 ... 1: the better, the lighter."""
        if self.low == self.high:
            return 0.5
        share = (cell.value - self.low) / (self.high - self.low)
        return 1 - share if self.is_flipped else share

    def has_dark_words(self, cell: HeatCell) -> bool:
        """Whether what stands in a cell is black: one without a value is light."""
        return bool(cell.missing) or self.share(cell) >= DARK_WORDS_FROM

    def words(self, cell: HeatCell) -> tuple[str, ...]:
        """The lines that stand in a cell: its value and its spread, or why there is none."""
        if cell.missing:
            return tuple(cell.missing.split("/"))
        form = self._form
        spread = () if math.isnan(cell.spread) else (f"\N{PLUS-MINUS SIGN} {_spread(cell.spread, form)}",)
        return (f"{cell.value:{form}}{cell.mark}", *spread)

    @cached_property
    def _form(self) -> str:
        """How all values of the panel are written: as it is said, else so that cells that differ can be told apart."""
        if self.form:
            return self.form
        largest = max(abs(self.low), abs(self.high))
        is_fixed = FIXED[0] <= largest < FIXED[1] or not largest
        kind, fewest = ("f", 0 if self.pooled >= WIDE else 2) if is_fixed else ("g", 3)
        before = len(f"{largest:.0f}") if is_fixed and largest >= 1 else 0
        cells = [cell for row in self.cells for cell in row if not cell.missing]
        values = sorted(cell.value for cell in cells)
        numbers = [*values, *(-cell.spread for cell in cells)]  # a spread has a sign before it, too
        longest = ROW_CHARACTERS // max(1, len(self.columns)) - max(
            (len(cell.mark) for cell in cells), default=0
        )
        form = f".{fewest}{kind}"
        for places in range(fewest, MOST_DIGITS + 1):
            wider = f".{places}{kind}"
            if places > fewest and any(len(f"{one:{wider}}") > longest for one in numbers):
                break
            form = wider
            hides = places < SPREAD_PLACES and any(_reads_zero(cell.spread, form) for cell in cells)
            if not hides and not self._is_confusing(values, form, is_short=before + places < FEWEST_DIGITS):
                break
        return form

    def _is_confusing(self, values: Sequence[float], form: str, *, is_short: bool) -> bool:
        """Whether two values read alike and are not: of few digits any two, else those whose colours tell them apart."""
        least = 0.0 if is_short else SEEN * (self.high - self.low)
        return any(
            other > value and other - value >= least and f"{value:{form}}" == f"{other:{form}}"
            for value, other in itertools.pairwise(values)
        )

    def is_below(self, cell: HeatCell) -> bool:
        """Whether a cell is no better than the floor."""
        return self.floor is not None and cell.value <= self.floor


def _reads_zero(spread: float, form: str) -> bool:
    return spread > 0 and float(f"{spread:{form}}") == 0


def _spread(spread: float, form: str) -> str:
    return f"{spread:.1g}" if _reads_zero(spread, form) else f"{spread:{form}}"
