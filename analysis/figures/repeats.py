"""Whether runs that repeat a setting can be averaged, and what a figure says where they cannot. Pure."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from analysis.read.provenance import shortened
from analysis.results.expected import SEED_AXIS
from analysis.results.grouping import by_setting

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from analysis.results.results import Curve, Result

LEAST_SHARE = 0.5
"""Repeats are averaged where they have at least this share of the shortest one's steps in common."""
MOST_NAMED = 4
"""How many settings a caption names, and of how many kinds of runs it tells the steps."""


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
