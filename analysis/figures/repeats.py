"""How runs that repeat a setting are drawn: as their mean as far as all of them come, and each alone beyond. Pure.

Where their steps differ, as those at which episodes end, their values are averaged within bins of steps first. So are those of
curves that would be a felt: of more points than an image has room for, or of noise that hides where they go.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from analysis.read.outcomes import Outcome
from analysis.read.provenance import shortened
from analysis.results.expected import SEED_AXIS
from analysis.results.grouping import FROM_0, by_setting, end_apart, ends_words, is_irregular, shared_steps
from analysis.results.metric_names import PER_FRAME
from analysis.results.results import RUNNING, Curve, from_zero, step_word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from analysis.results.results import Result

SCATTERED_SHARE = 0.9
"""Repeats at irregular steps go into bins even where they have half of them in common, but not this share."""
BINS, FEWEST_BINS = 50, 20
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
MOST_NAMED = 4
"""How many settings or steps a caption names, and of how many kinds of runs it tells the steps."""


@dataclass(frozen=True)
class Tail:
    """A run beyond where the mean of its setting's runs ends, from there on.

    Attributes:
        label: Which run it is: `seed 3`.
        x: Its steps.
        y: Its values.
    """

    label: str
    x: tuple[float, ...]
    y: tuple[float, ...]


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


APART = "steps differ from run to run, so each run is averaged within {} {}s first"
IRREGULAR = "points are many and their steps irregular, so each run is averaged within {} {}s"
NOISY = "points are many and noisy, so each run is averaged within {} {}s"


@dataclass(frozen=True)
class Averaged:
    """Repeats as one line.

    Attributes:
        steps: Those that all of them have, or the middles of bins in which all of them have a point.
        mean: At each of them.
        low: The least of them at each.
        high: The greatest.
        tails: The runs that go on beyond the last of these steps; empty where all are of the same length.
        ends: Step and value at which each run that does not go on any more has ended; empty in the same case.
    """

    steps: tuple[int, ...]
    mean: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    tails: tuple[Tail, ...]
    ends: tuple[tuple[float, float], ...]


def averaged(runs: Sequence[Result], key: str) -> Averaged | None:
    """Average runs that have a metric; None where these have too few steps in common, and bins will not do (`binned`).

    The mean over whichever runs got that far would jump where one ends: it stops with the first that does.
    """
    recorded = [run.curves[key] for run in runs]
    found = together_of(runs, key)
    if found is None:
        return None
    curves = found.curves
    steps = tuple(sorted(_shared(curves)))
    at = [dict(zip(curve.steps, curve.values, strict=True)) for curve in curves]
    columns = [[values[step] for values in at] for step in steps]
    apart = end_apart(curve.steps[-1] for curve in recorded)
    return Averaged(
        steps,
        tuple(math.fsum(column) / len(column) for column in columns),
        tuple(_extreme(min, column) for column in columns),
        tuple(_extreme(max, column) for column in columns),
        tuple(
            _tail(run, curve, steps[-1])
            for run, curve in zip(runs, curves, strict=True)
            if apart and curve.steps[-1] > steps[-1]
        ),
        tuple(
            (run.curves[key].steps[-1], curve.last)
            for run, curve in zip(runs, curves, strict=True)
            if apart and run.state != RUNNING
        ),
    )


def named(steps: Sequence[float]) -> str:
    """Name the first of some steps, and count the others."""
    return shortened(steps, MOST_NAMED)


def gaps_in(curve: Curve) -> list[int]:
    """The steps at which a curve has no number."""
    return [step for step, value in zip(curve.steps, curve.values, strict=True) if math.isnan(value)]


def scaling_of(runs: Sequence[Result], key: str) -> tuple[tuple[float, ...], ...] | None:
    """The values of a metric that set the scale of a line, a part each run: of those that did not fail; None where none failed."""
    if all(run.state != Outcome.FAILED for run in runs):
        return None
    found = alone_of(runs[0], key) if len(runs) == 1 else together_of(runs, key)
    if found is None:
        return None
    drawn = zip(runs, found.curves, strict=True)
    return tuple(curve.values for run, curve in drawn if run.state != Outcome.FAILED)


def together_of(runs: Sequence[Result], key: str) -> Binned | None:
    """Return the curves of runs by a metric as `together` does; those over the frames of a video have no noise, and keep each frame."""
    return together([run.curves[key] for run in runs], may_be_noisy=not key.startswith(PER_FRAME))


def alone_of(run: Result, key: str) -> Binned:
    """Return the curve of a run that is drawn alone as `alone` does, and of frames each."""
    return alone(run.curves[key], may_be_noisy=not key.startswith(PER_FRAME))


def together(curves: Sequence[Curve], *, may_be_noisy: bool = True) -> Binned | None:
    """Return repeats in the form in which they have steps in common: as recorded or in bins; None where neither will do."""
    return _together(tuple(curves), may_be_noisy=may_be_noisy)


@lru_cache(maxsize=512)  # a figure asks for its lines, and several times for its captions
def _together(curves: tuple[Curve, ...], *, may_be_noisy: bool) -> Binned | None:
    steps = [curve.steps for curve in curves]
    common = shared_steps(steps)
    if common and (
        len(common) >= SCATTERED_SHARE * min(map(len, steps)) or not all(map(is_irregular, steps))
    ):
        return (_without_noise(curves) if may_be_noisy else None) or Binned(curves)
    if found := binned(curves):
        return replace(found, reason=APART)
    return Binned(curves) if common else None


def alone(curve: Curve, *, may_be_noisy: bool = True) -> Binned:
    """Return a run that is drawn alone: as recorded or, with very many points at irregular steps or with noise, in bins."""
    if len(curve.steps) > DENSE and is_irregular(curve.steps) and (found := binned((curve,))):
        return replace(found, reason=IRREGULAR)
    return (_without_noise((curve,)) if may_be_noisy else None) or Binned((curve,))


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


def binned(curves: Sequence[Curve], bins: int = BINS) -> Binned | None:
    """Average each curve within bins of equal width, that of the longest divided by `bins`, rounded to 1, 2 or 5 times a power of ten.

    A bin of width w goes from the step after a multiple of w to the next multiple: trainers count the steps that are done.
    Bins whose middle lies before the first step of a curve or behind its last are left out. None where the curves have
    too few points, or leave too many bins empty.
    """
    start, end = max(curve.steps[0] for curve in curves), min(curve.steps[-1] for curve in curves)
    fewest = min(sum(start <= step <= end for step in curve.steps) for curve in curves)
    span = max(curve.steps[-1] for curve in curves) - min(curve.steps[0] for curve in curves)
    if fewest < FEWEST_POINTS:
        return None
    wanted = max(span / bins, POINTS_A_BIN * (end - start) / fewest)
    if span < FEWEST_BINS * wanted:
        return None
    width = _round_width(wanted)
    found = tuple(_in_bins(curve, width) for curve in curves)
    if not all(curve.steps for curve in found):
        return None
    places = (min(curve.steps[-1] for curve in found) - max(curve.steps[0] for curve in found)) // width + 1
    filled = len(_shared(found))
    return Binned(found, width) if filled and filled >= BINNED_SHARE * places else None


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


def _tail(run: Result, curve: Curve, start: int) -> Tail:
    points = [(x, y) for x, y in zip(curve.steps, curve.values, strict=True) if x >= start]
    return Tail(_run_name(run), tuple(x for x, _ in points), tuple(y for _, y in points))


def _run_name(run: Result) -> str:
    return f"seed {run.trial.axes[SEED_AXIS]}" if SEED_AXIS in run.trial.axes else run.trial.name


def _extreme(pick: Callable[[list[float]], float], column: list[float]) -> float:
    return math.nan if any(math.isnan(value) for value in column) else pick(column)


def mean_words(results: Sequence[Result], keys: Sequence[str]) -> tuple[str, ...]:
    """Say what a line and its band are where repeats are averaged, and where their runs end if that is not at once."""
    if not have_means(results, keys):
        return ()
    told = [
        "a line is the mean of n runs with different seeds; its band goes from the least of them to the greatest"
    ]
    for key in keys:
        ends = {
            label: lasts
            for label, runs in _repeats(results, key).items()
            if together_of(runs, key) and end_apart(lasts := [run.curves[key].steps[-1] for run in runs])
        }
        if ends:
            unit = step_word(results, key)
            told.append(
                f"where runs of a line end at different {unit}s, line and band stop with the first; a thin line is a run that goes "
                f"on, an upright stroke the end of a run: {ends_words(ends)}{FROM_0 if from_zero(results, key) else ''}"
            )
    return tuple(dict.fromkeys(told))


def binned_words(results: Sequence[Result], keys: Iterable[str]) -> tuple[str, ...]:
    """Say which settings are averaged within bins of steps, and how wide these are."""
    return tuple(dict.fromkeys(words for key in keys for words in _binned_words(results, key)))


def _binned_words(results: Sequence[Result], key: str) -> Iterable[str]:
    unit = step_word(results, key)
    having = _having(results, key)
    widths: dict[str, dict[str, set[int]]] = {APART: {}, IRREGULAR: {}, NOISY: {}}
    for label, runs in having.items():
        as_one = together_of(runs, key) if len(runs) > 1 else None
        for found in [as_one] if as_one else [alone_of(run, key) for run in runs]:
            if found.width:
                widths[found.reason].setdefault(label, set()).add(found.width)
    for words, of_settings in widths.items():
        if of_settings:
            whose = "" if len(of_settings) == len(having) else f"{shortened(list(of_settings), MOST_NAMED)}: "
            wide = " or ".join(map(str, sorted(set.union(*of_settings.values()))))
            yield f"{whose}{words.format(wide, unit)}"


def have_means(results: Sequence[Result], keys: Iterable[str]) -> bool:
    """Whether some metric of some setting is drawn as the mean of its repeats."""
    return any(together_of(runs, key) for key in keys for runs in _repeats(results, key).values())


def apart_words(results: Sequence[Result], keys: Iterable[str]) -> tuple[str, ...]:
    """Say which settings have no mean, for their repeats have few steps in common, and which steps these have."""
    return tuple(dict.fromkeys(words for key in keys if (words := _apart(results, key))))


def _apart(results: Sequence[Result], key: str) -> str:
    words = {
        label: _steps_words(runs, key)
        for label, runs in _repeats(results, key).items()
        if not together_of(runs, key)
    }
    if not words:
        return ""
    first = next(iter(words.values()))
    alike = [label for label, own in words.items() if own == first]
    rest = len(words) - len(alike)
    whose = "" if len(alike) == len(by_setting(results)) else f"{shortened(alike, MOST_NAMED)}: "
    others = f"; {rest} more setting{' is' if rest == 1 else 's are'} drawn so" if rest else ""
    return f"{whose}{first}{others}"


def _repeats(results: Sequence[Result], key: str) -> dict[str, list[Result]]:
    """The runs of each setting that have recorded a metric, where there are several."""
    return {label: runs for label, runs in _having(results, key).items() if len(runs) > 1}


def _having(results: Sequence[Result], key: str) -> dict[str, list[Result]]:
    """The runs of each setting that have recorded a metric, where there are any."""
    found = {label: [run for run in runs if key in run.curves] for label, runs in by_setting(results).items()}
    return {label: runs for label, runs in found.items() if runs}


def _shared(curves: Iterable[Curve]) -> set[int]:
    return set.intersection(*(set(curve.steps) for curve in curves))


def _steps_words(runs: Sequence[Result], key: str) -> str:
    """`no step in common, so each run is drawn: seed 0 has steps 21 to 175, seeds 1, 2 have steps 0 to 7`."""
    having: defaultdict[str, list[str]] = defaultdict(list)
    for run in runs:
        steps = run.curves[key].steps
        places = f"steps {steps[0]} to {steps[-1]}" if len(steps) > 1 else f"step {steps[0]}"
        having[places].append(str(run.trial.axes.get(SEED_AXIS, run.trial.name)))
    kinds = [
        f"seed{'s' * (len(names) > 1)} {shortened(names, MOST_NAMED)} {'have' if len(names) > 1 else 'has'} {places}"
        for places, names in having.items()
    ]
    many = "few steps" if _shared(run.curves[key] for run in runs) else "no step"
    return f"{many} in common, so each run is drawn: {shortened(kinds, MOST_NAMED)}"
