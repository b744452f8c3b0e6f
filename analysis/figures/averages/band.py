"""What a figure draws around the mean of repeats: from the least to the greatest, the standard deviation, or the quartiles. Pure."""

from __future__ import annotations

import math
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Band(StrEnum):
    """What the bands of curves and the bars of marks are, in every figure of a report; `sweep report --band` takes these words.

    `MINMAX` widens with every repeat, the others do not.
    """

    MINMAX = "minmax"
    SD = "sd"
    IQR = "iqr"

    def of(self, values: Sequence[float]) -> tuple[float, float]:
        """Return the lower and the upper end for repeats of one point; NaN twice where one of them is NaN, or none is there.

        One value alone has no standard deviation, and no quartiles: both are NaN then. The standard deviation has n - 1 in the
        denominator. Quartiles are interpolated linearly between the values in order: those of two lie a quarter of the way in.
        """
        import statistics  # the command line has this module's words, and seldom its numbers

        if not values or any(math.isnan(value) for value in values):
            return math.nan, math.nan
        if self is Band.MINMAX:
            return min(values), max(values)
        if len(values) == 1 or not all(map(math.isfinite, values)):
            return math.nan, math.nan
        if self is Band.SD:
            mean, spread = statistics.fmean(values), statistics.stdev(values)
            return mean - spread, mean + spread
        low, _, high = statistics.quantiles(values, n=4, method="inclusive")
        return low, high

    @property
    def words(self) -> str:
        """What a caption says of it, behind what it is: `its band`."""
        return {
            Band.MINMAX: "goes from their minimum to their maximum",
            Band.SD: "is the mean ± standard deviation",
            Band.IQR: "goes from the lower to the upper quartile",
        }[self]

    def ends_words(self, low: float, high: float, number: Callable[[float], str]) -> str:
        """Say from where to where it goes, as a hover text does."""
        what = {Band.MINMAX: "", Band.SD: " (± standard deviation)", Band.IQR: " (quartiles)"}[self]
        return f"{number(low)} to {number(high)}{what}"
