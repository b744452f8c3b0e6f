"""Which ticks of an axis have labels in an image, on a linear scale and on a log scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

if TYPE_CHECKING:
    from matplotlib.axis import Axis

STEPS, FEWEST_TICKS = (1, 2, 2.5, 5, 10), 3
"""What lies between two labels of a linear scale, times a power of ten, and how many labels there are: two show no more than the ends."""


def linear_labels(axis: Axis) -> None:
    """Label a linear scale by as many round numbers as there is room for, and by `FEWEST_TICKS` at least."""
    axis.set_major_locator(MaxNLocator("auto", steps=STEPS, min_n_ticks=FEWEST_TICKS))


def log_labels(axis: Axis, *, few: bool) -> None:
    """Label a log scale by plain numbers: powers of ten, and of few decades what is twice and five times them, too."""
    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if few else (1.0,)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())
