"""Averages curves within bins of steps: where their steps differ, and where they would be a felt as they were recorded. Pure.

A felt are curves of more points than an image has room for, and those of noise that hides where they go.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from analysis.results.curves import Curve
from analysis.results.grouping import is_irregular, shared_steps

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SCATTERED_SHARE = 0.9
"""Repeats at irregular steps go into bins even where they have half of them in common, but not this share."""
BINS, FEWEST_BINS = 50, 10
"""About how many bins the steps are divided into, and how many they must allow."""
POINTS_A_BIN, FEWEST_POINTS = 4, 16
"""How many points a run needs in a bin, about, and in the range that the runs have in common."""
BINNED_SHARE = 0.9
"""Bins are used where at least this share of them has a point of every run."""
DENSE = 400
"""A run drawn alone is averaged within bins if it has more points than these, at irregular steps."""
MANY, PIXELS = 200, 800
"""A curve of more points than the one is averaged within bins where its noise hides where it goes, of more than the other, about as many as
the axes of an image have pixels side by side, where it has noise at all."""
FINE_BINS = 200
"""About how many bins a curve is divided into that has more points than pixels, and goes further than its noise."""
NOISE_DEVIATIONS, LEAST_NOISE = 4.0, 0.02
"""The height of noise in its standard deviations, and which part of the range of a curve it must have to be called so."""

APART = "steps differ from run to run, so each run is averaged within {} {}s first"
IRREGULAR = "points are many and their steps irregular, so each run is averaged within {} {}s"
NOISY = "points are many and noisy, so each run is averaged within {} {}s"


@dataclass(frozen=True)
class Binned:
    """Curves in a form in which they can be drawn.

    Attributes:
        curves: As they were recorded or, in bins, the mean of each bin at its middle.
        width: Of a bin, in steps; 0 for curves as they were recorded.
        reason: Why there are bins, as a caption says it.
    """

    curves: tuple[Curve, ...]
    width: int = 0
    reason: str = ""


def together(curves: Sequence[Curve], width: int = 0, *, may_be_noisy: bool = True) -> Binned | None:
    """Return repeats in the form in which they have steps in common: as recorded or in bins; None where neither will do.

    Args:
        curves: Of the repeats.
        width: What bins have at least, where the curves have points enough for these.
        may_be_noisy: Whether noise is averaged, too.
    """
    return _together(tuple(curves), width, may_be_noisy=may_be_noisy)


@lru_cache(maxsize=512)  # a figure asks for its lines, and several times for its captions
def _together(curves: tuple[Curve, ...], width: int, *, may_be_noisy: bool) -> Binned | None:
    steps = [curve.steps for curve in curves]
    common = shared_steps(steps)
    if common and (
        len(common) >= SCATTERED_SHARE * min(map(len, steps)) or not all(map(is_irregular, steps))
    ):
        return (_without_noise(curves) if may_be_noisy else None) or Binned(curves)
    if found := _at_least(curves, width):
        return replace(found, reason=APART)
    return Binned(curves) if common else None


def alone(curve: Curve, width: int = 0, *, may_be_noisy: bool = True) -> Binned:
    """Return a run that is drawn alone: as recorded or in bins, with noise, or very many points at irregular steps.

    Args:
        curve: The run's.
        width: What bins have at least; with any, points at irregular steps need not be many.
        may_be_noisy: Whether noise is averaged, too.
    """
    return _alone(curve, width, may_be_noisy=may_be_noisy)


@lru_cache(maxsize=512)
def _alone(curve: Curve, width: int, *, may_be_noisy: bool) -> Binned:
    are_many = len(curve.steps) > DENSE
    if (are_many or width) and is_irregular(curve.steps) and (found := _at_least((curve,), width)):
        return replace(found, reason=IRREGULAR if are_many else APART)
    return (_without_noise((curve,)) if may_be_noisy else None) or Binned((curve,))


def _at_least(curves: Sequence[Curve], width: int) -> Binned | None:
    """Curves in bins of a width or more; in narrower ones where they are too short for that."""
    return binned(curves, least=width) or (binned(curves) if width else None)


@lru_cache(maxsize=512)
def _without_noise(curves: tuple[Curve, ...]) -> Binned | None:
    """Curves in bins where they would be a felt as recorded; None where they would not, or leave too many bins empty."""
    most = max(len(curve.steps) for curve in curves)
    if most <= MANY:
        return None
    noises = [_noise(curve.values) for curve in curves]
    bins = 0
    if any(noise > within_bins for noise, within_bins, _ in noises):
        bins = BINS
    elif most > PIXELS and any(noise > LEAST_NOISE * whole for noise, _, whole in noises):
        bins = FINE_BINS
    found = binned(curves, bins) if bins else None
    return replace(found, reason=NOISY) if found else None


def _noise(values: Sequence[float]) -> tuple[float, float, float]:
    """How high the noise from point to point is, the range of the means of `BINS` parts, and that of all values.

    Of three points in a row the middle one lies off the mean of the others by noise alone, of sqrt(3 / 2) times its deviation.
    """
    import numpy as np

    finite = np.array([value for value in values if math.isfinite(value)])
    if len(finite) < BINS:
        return 0.0, 0.0, 0.0
    off = np.abs(finite[1:-1] - (finite[:-2] + finite[2:]) / 2)
    deviation = float(np.median(off)) / (
        0.6745 * math.sqrt(1.5)
    )  # of a normal one the median is 0.6745 times it
    means = [float(np.mean(part)) for part in np.array_split(finite, BINS)]
    return NOISE_DEVIATIONS * deviation, max(means) - min(means), float(np.ptp(finite))


def binned(curves: Sequence[Curve], bins: int = BINS, least: int = 0) -> Binned | None:
    """Average each curve within bins of equal width: 1, 2 or 5 times a power of ten, so that there are about so many.

    A bin of width w goes from the step after a multiple of w to the next multiple: trainers count the steps that are done.
    Bins whose middle lies before the first step of a curve or behind its last are left out. Bins are wider where a run has
    too few points for them, or too many of them would be empty; None where less than `FEWEST_BINS` were left.

    Args:
        curves: Of the runs.
        bins: How many bins the longest curve is divided into, about.
        least: What a bin is wide at least, in steps.
    """
    start, end = max(curve.steps[0] for curve in curves), min(curve.steps[-1] for curve in curves)
    fewest = min(sum(start <= step <= end for step in curve.steps) for curve in curves)
    span = max(curve.steps[-1] for curve in curves) - min(curve.steps[0] for curve in curves)
    if fewest < FEWEST_POINTS:
        return None
    wanted = max(span / bins, POINTS_A_BIN * (end - start) / fewest, least)
    while wanted and span >= FEWEST_BINS * wanted:
        width = _round_width(wanted)
        if found := _filled(tuple(_in_bins(curve, width) for curve in curves), width):
            return found
        wanted = 2 * width
    return None


def _filled(curves: tuple[Curve, ...], width: int) -> Binned | None:
    """Curves in bins; None where too many bins lack one of them."""
    if not all(curve.steps for curve in curves):
        return None
    places = (min(curve.steps[-1] for curve in curves) - max(curve.steps[0] for curve in curves)) // width + 1
    filled = len(shared(curves))
    return Binned(curves, width) if filled and filled >= BINNED_SHARE * places else None


def _round_width(wanted: float) -> int:
    power = int(10 ** math.floor(math.log10(max(1.0, wanted))))
    return min((power, 2 * power, 5 * power, 10 * power), key=lambda width: abs(math.log(width / wanted)))


def _in_bins(curve: Curve, width: int) -> Curve:
    held: defaultdict[int, list[float]] = defaultdict(list)
    for step, value in zip(curve.steps, curve.values, strict=True):
        held[(step - (step > 0)) // width].append(value)  # step 0 belongs to the first bin
    middles = {number * width + (width + 1) // 2: values for number, values in held.items()}
    inside = {
        middle: math.fsum(values) / len(values)
        for middle, values in middles.items()
        if curve.steps[0] <= middle <= curve.steps[-1]
    }
    return Curve(tuple(inside), tuple(inside.values()))


def shared(curves: Iterable[Curve]) -> set[int]:
    """The steps that all curves have."""
    return set.intersection(*(set(curve.steps) for curve in curves))
