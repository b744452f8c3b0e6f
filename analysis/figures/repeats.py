"""How runs that repeat a setting are drawn: as their mean as far as all of them come, and each alone beyond. Pure.

Where their steps differ, as those at which episodes end, their values are averaged within bins of steps first.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.read.provenance import shortened
from analysis.results.expected import SEED_AXIS
from analysis.results.grouping import FROM_0, by_setting, end_apart, ends_words, is_irregular, shared_steps
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
MOST_NAMED = 4
"""How many settings a caption names, and of how many kinds of runs it tells the steps."""


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
    """

    curves: tuple[Curve, ...]
    width: int = 0


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
    found = together(recorded)
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


def together(curves: Sequence[Curve]) -> Binned | None:
    """Return repeats in the form in which they have steps in common: as recorded or in bins; None where neither will do."""
    steps = [curve.steps for curve in curves]
    common = shared_steps(steps)
    if common and (
        len(common) >= SCATTERED_SHARE * min(map(len, steps)) or not all(map(is_irregular, steps))
    ):
        return Binned(tuple(curves))
    return binned(curves) or (Binned(tuple(curves)) if common else None)


def alone(curve: Curve) -> Binned:
    """Return a run that is drawn alone: as recorded or, with very many points at irregular steps, in bins."""
    found = binned((curve,)) if len(curve.steps) > DENSE and is_irregular(curve.steps) else None
    return found or Binned((curve,))


def binned(curves: Sequence[Curve]) -> Binned | None:
    """Average each curve within bins of equal width, that of the longest divided by `BINS`, rounded to 1, 2 or 5 times a power of ten.

    A bin of width w goes from the step after a multiple of w to the next multiple: trainers count the steps that are done.
    Bins whose middle lies before the first step of a curve or behind its last are left out. None where the curves have
    too few points, or leave too many bins empty.
    """
    start, end = max(curve.steps[0] for curve in curves), min(curve.steps[-1] for curve in curves)
    fewest = min(sum(start <= step <= end for step in curve.steps) for curve in curves)
    span = max(curve.steps[-1] for curve in curves) - min(curve.steps[0] for curve in curves)
    if fewest < FEWEST_POINTS:
        return None
    wanted = max(span / BINS, POINTS_A_BIN * (end - start) / fewest)
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
        "a line is the mean of its n runs, one a seed; its band goes from the least of them to the greatest"
    ]
    for key in keys:
        of_settings = {
            label: [run.curves[key] for run in runs] for label, runs in _repeats(results, key).items()
        }
        ends = {
            label: lasts
            for label, curves in of_settings.items()
            if together(curves) and end_apart(lasts := [curve.steps[-1] for curve in curves])
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
    found = {label: together([run.curves[key] for run in runs]) for label, runs in having.items()}
    widths = {
        "steps differ from run to run, so each run is averaged within {} {}s first": {
            label: {one.width} for label, one in found.items() if one and one.width
        },
        "points are many and their steps irregular, so each run is averaged within {} {}s": {
            label: own
            for label, runs in having.items()
            if (len(runs) == 1 or found[label] is None)
            and (own := {alone(run.curves[key]).width for run in runs} - {0})
        },
    }
    for words, of_settings in widths.items():
        if of_settings:
            whose = "" if len(of_settings) == len(having) else f"{shortened(list(of_settings), MOST_NAMED)}: "
            wide = " or ".join(map(str, sorted(set.union(*of_settings.values()))))
            yield f"{whose}{words.format(wide, unit)}"


def have_means(results: Sequence[Result], keys: Iterable[str]) -> bool:
    """Whether some metric of some setting is drawn as the mean of its repeats."""
    return any(
        together([run.curves[key] for run in runs])
        for key in keys
        for runs in _repeats(results, key).values()
    )


def apart_words(results: Sequence[Result], keys: Iterable[str]) -> tuple[str, ...]:
    """Say which settings have no mean, for their repeats have few steps in common, and which steps these have."""
    return tuple(dict.fromkeys(words for key in keys if (words := _apart(results, key))))


def _apart(results: Sequence[Result], key: str) -> str:
    words = {
        label: _steps_words(runs, key)
        for label, runs in _repeats(results, key).items()
        if not together([run.curves[key] for run in runs])
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
