"""Settings that recorded the very same numbers with each seed: most often a setting that does not reach the program. Pure."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from analysis.read.provenance import shortened
from analysis.results.expected import SEED_AXIS
from analysis.results.grouping import by_setting, names_of, short_name
from analysis.results.metric_names import is_score
from analysis.results.results import FINISHED
from analysis.stats.words.phrases import joined

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from analysis.results.results import Result

FEWEST_NUMBERS = 4
"""So many different numbers two settings share, at least: accuracies of a small test set may agree by chance."""

_Numbers = tuple[tuple[Any, ...], ...]


def same_numbers(results: Sequence[Result]) -> str:
    """Say which settings recorded the same numbers at each step with each of their seeds; empty where none did.

    Times, speeds and learning rates do not count. A whole axis is named where none of its values makes a difference anywhere.
    """
    settings = {label: own for label, runs in by_setting(results).items() if (own := _finished(runs))}
    alike: defaultdict[_Numbers, list[str]] = defaultdict(list)
    for label, runs in settings.items():
        numbers = _numbers(runs)
        if len({value for _, _, _, values in numbers for value in values}) >= FEWEST_NUMBERS:
            alike[numbers].append(label)
    groups = [labels for labels in alike.values() if len(labels) > 1 and _are_several_runs(settings, labels)]
    if not groups:
        return ""
    group_of = {label: place for place, labels in enumerate(groups) for label in labels}
    idle = _idle_axes(settings, group_of)
    if idle:
        named = joined([short_name(axis, names_of(results)) for axis in idle])
        told = f"{named} {'changes' if len(idle) == 1 else 'change'} nothing: with {'all of its' if len(idle) == 1 else 'all of their'} values"
    else:
        told = f"Settings that are the same: {shortened([joined(labels) for labels in groups])}:"
    return (
        f"{told} each seed recorded the same numbers at each step, as where a setting does not reach the program. "
        "`sweep commands` shows what each trial runs."
    )


def _finished(runs: Iterable[Result]) -> list[Result]:
    return [run for run in runs if run.state == FINISHED and run.run is not None and run.curves]


def _numbers(runs: Iterable[Result]) -> _Numbers:
    """All that the runs of a setting recorded but times, speeds and rates, by seed; numbers as texts, for no NaN equals another."""
    return tuple(
        sorted(
            (repr(run.trial.axes.get(SEED_AXIS)), key, curve.steps, tuple(map(repr, curve.values)))
            for run in runs
            for key, curve in run.curves.items()
            if is_score(key)
        )
    )


def _are_several_runs(settings: dict[str, list[Result]], labels: Iterable[str]) -> bool:
    """Whether settings have runs of their own: what several share, as a trial that two records hold, is the same by nature."""
    runs = [run.run.run_id for label in labels for run in settings[label] if run.run]
    return len(set(runs)) == len(runs)


def _idle_axes(settings: dict[str, list[Result]], group_of: dict[str, int]) -> list[str]:
    """The axes of which no value makes a difference beside any setting of the others."""
    axes_of = {
        label: {key: value for key, value in runs[0].trial.axes.items() if key != SEED_AXIS}
        for label, runs in settings.items()
    }
    found = []
    for axis in dict.fromkeys(axis for axes in axes_of.values() for axis in axes):
        beside: defaultdict[str, list[str]] = defaultdict(list)
        for label, axes in axes_of.items():
            beside[repr([item for item in axes.items() if item[0] != axis])].append(label)
        several = [labels for labels in beside.values() if len(labels) > 1]
        if several and all(
            labels[0] in group_of and len({group_of.get(label) for label in labels}) == 1
            for labels in several
        ):
            found.append(axis)
    return found
