"""How far one setting lies from another, in words: in its unit, in percent, or as a ratio."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from analysis.stats.measures import Measure

MOST_PERCENT = 1000.0
"""A difference of more is told as a ratio: `31.4 times as high`, not `3040 % above`."""
LARGEST_EXPONENT = 700.0
"""What `exp` can still give; a greater ratio is written as this one."""


@dataclass(frozen=True)
class Distance:
    """How far one setting lies from another, in words.

    Attributes:
        measure: What they are judged by.
        is_log: Whether the difference is one of logarithms, told in percent or as a ratio.
        difference: Of the means, greater than 0.
        interval: The ends of its interval; empty where it has none.
        up: Whether it leads from the lower to the higher. In percent it is of the one that it starts from.
    """

    measure: Measure
    is_log: bool
    difference: float
    interval: tuple[float, ...]
    up: bool

    @property
    def is_ratio(self) -> bool:
        """Whether it is told as a ratio: in percent it, or an end of its interval, would be `MOST_PERCENT` or more."""
        told = (self.difference, *self.interval)
        return self.is_log and any(abs(self._percent(one)) >= MOST_PERCENT for one in told)

    @property
    def gap(self) -> str:
        """How far, in its unit: `0.50 dB`, `20.5 %`, `31.4 times`."""
        if not self.is_log:
            return self.measure.gap_words(self.difference)
        return f"{self._told(self.difference)} {'times' if self.is_ratio else '%'}"

    @property
    def where(self) -> str:
        """How far and in which direction: `0.50 dB above`, `31.4 times as high`."""
        return f"{self.gap} {'as high' if self.is_ratio else 'above' if self.up else 'below'}"

    @property
    def lies(self) -> str:
        """The same with its verb: `lies 0.50 dB above`, `is 31.4 times as high`."""
        return f"{'is' if self.is_ratio else 'lies'} {self.where}"

    def lies_from(self, other: str) -> str:
        """The same, and from which other one: `lies 0.50 dB above b`, `is 31.4 times as high as b`."""
        return f"{self.lies} {'as ' if self.is_ratio else ''}{other}"

    def by_from(self, other: str) -> str:
        """The same with the other one first: `above b by 0.50 dB`, `31.4 times as high as b`."""
        return (
            f"{self.where} as {other}"
            if self.is_ratio
            else f"{'above' if self.up else 'below'} {other} by {self.gap}"
        )

    @property
    def span(self) -> str:
        """Its interval: `147.4 to 265.9 %`."""
        low, high = self.interval
        if not self.is_log:
            return f"{self.measure.gap(low)} to {self.measure.gap_words(high)}"
        if self.is_ratio and not self.up:
            low, high = high, low
        return f"{self._told(low)} to {self._told(high)} {'times' if self.is_ratio else '%'}"

    def _told(self, logarithm: float) -> str:
        value = self._percent(logarithm) if not self.is_ratio else math.exp(self._sign * _bounded(logarithm))
        return f"{value:.1f}" if 0.1 <= abs(value) < 1e4 else f"{value:.2g}"  # noqa: PLR2004 - as people write them

    def _percent(self, logarithm: float) -> float:
        return 100 * self._sign * math.expm1(self._sign * _bounded(logarithm))

    @property
    def _sign(self) -> int:
        return 1 if self.up else -1


def _bounded(logarithm: float) -> float:
    return max(-LARGEST_EXPONENT, min(logarithm, LARGEST_EXPONENT))
