"""How runs that repeat a setting are drawn: as their mean as far as all of them come, and each alone beyond. Pure."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.read.provenance import shortened
from analysis.results.expected import SEED_AXIS
from analysis.results.grouping import by_setting, end_apart, ends_words
from analysis.results.results import RUNNING, step_word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from analysis.results.results import Curve, Result

LEAST_SHARE = 0.5
"""Repeats are averaged where they have at least this share of the shortest one's steps in common."""
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
class Averaged:
    """Repeats as one line.

    Attributes:
        steps: Those that all of them have.
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
    """Average runs that have a metric; None where these have too few steps in common.

    The mean over whichever runs got that far would jump where one ends: it stops with the first that does.
    """
    curves = [run.curves[key] for run in runs]
    steps = common_steps(curves)
    if not steps:
        return None
    at = [dict(zip(curve.steps, curve.values, strict=True)) for curve in curves]
    columns = [[values[step] for values in at] for step in steps]
    apart = end_apart(curve.steps[-1] for curve in curves)
    return Averaged(
        steps,
        tuple(math.fsum(column) / len(column) for column in columns),
        tuple(_extreme(min, column) for column in columns),
        tuple(_extreme(max, column) for column in columns),
        tuple(_tail(run, key, steps[-1]) for run in runs if apart and run.curves[key].steps[-1] > steps[-1]),
        tuple(
            (curve.steps[-1], curve.last)
            for run, curve in zip(runs, curves, strict=True)
            if apart and run.state != RUNNING
        ),
    )


def _tail(run: Result, key: str, start: int) -> Tail:
    curve = run.curves[key]
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
            if common_steps(curves) and end_apart(lasts := [curve.steps[-1] for curve in curves])
        }
        if ends:
            unit = step_word(results, key)
            told.append(
                f"where runs of a line end at different {unit}s, line and band stop with the first; a thin line is a run that goes "
                f"on, an upright stroke the end of a run: {ends_words(ends)}"
            )
    return tuple(dict.fromkeys(told))


def common_steps(curves: Sequence[Curve]) -> tuple[int, ...]:
    """Return the steps at which repeats are averaged; empty where they have too few in common for that."""
    shared = _shared(curves)
    shortest = min(len(curve.steps) for curve in curves)
    return tuple(sorted(shared)) if len(shared) >= LEAST_SHARE * shortest else ()


def have_means(results: Sequence[Result], keys: Iterable[str]) -> bool:
    """Whether some metric of some setting is drawn as the mean of its repeats."""
    return any(
        common_steps([run.curves[key] for run in runs])
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
        if not common_steps([run.curves[key] for run in runs])
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
    found = {label: [run for run in runs if key in run.curves] for label, runs in by_setting(results).items()}
    return {label: runs for label, runs in found.items() if len(runs) > 1}


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
