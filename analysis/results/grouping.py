"""Groups results by setting: how a setting is labelled, which runs repeat it by seed, and whether these end at once."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any

from analysis.read.provenance import shortened
from analysis.results.expected import SEED_AXIS
from analysis.results.metric_names import EPOCH, STEP
from analysis.results.results import step_word

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from analysis.results.results import Result, SweepResults

SAME_LENGTH = 0.01
"""Runs whose last steps differ by no more than this share of the greatest have the same length: a mean loses nothing of note."""
LEAST_SHARE = 0.5
"""Repeats have their steps in common where these are at least this share of the shortest one's."""
REGULAR_GAPS = 4
"""Steps with more different gaps than these are irregular, as those at which episodes end."""
MOST_WHOLES = 12
"""So many settings are compared as wholes at most: with more a table of pairs is no longer read."""
MOST_NAMED = 4
"""How many settings are named that do not end at once, and how many ends of each."""

WHOLE = "setting"
"""The axis of settings that are compared as wholes; its values are their labels."""
LONGEST = 1e7
"""Numbers from here on are written with an exponent: 1e200 would be 200 digits."""

FROM_0 = ", counted from 0"
"""What is said behind numbers of epochs that are counted from 0."""


def by_setting(results: Iterable[Result]) -> dict[str, tuple[Result, ...]]:
    """The results of each setting of all axes together, by its label; runs that differ in the seed alone are repeats."""
    found: defaultdict[str, list[Result]] = defaultdict(list)
    for result in results:
        names = result.trial.names
        settings = [
            value_label(key, value, names) for key, value in result.trial.axes.items() if key != SEED_AXIS
        ]
        found[", ".join(settings) or "all trials"].append(result)
    return {label: tuple(members) for label, members in found.items()}


def as_wholes(sweep: SweepResults) -> SweepResults:
    """The sweep with one axis beside the seed, `WHOLE`, where no two of its settings differ in one axis alone; else as it is.

    So are those of `include` and `zip`: each axis by itself tells nothing of them, and the settings can be compared as they are.
    """
    axes = [axis for axis in sweep.expected.settings if len(sweep.expected.values(axis)) > 1]
    settings = {tuple(repr(one.axes.get(axis)) for axis in axes) for one in sweep.expected.trials}
    nearest = (
        sum(mine != theirs for mine, theirs in zip(one, other, strict=True))
        for one, other in combinations(settings, 2)
    )
    if len(axes) < 2 or len(settings) > MOST_WHOLES or min(nearest, default=1) < 2:  # noqa: PLR2004 - two axes differ together
        return sweep
    labels = {id(one): label for label, members in by_setting(sweep.results).items() for one in members}
    results = tuple(
        replace(one, trial=replace(one.trial, axes=_whole(one.trial.axes, labels[id(one)])))
        for one in sweep.results
    )
    rest = (SEED_AXIS,) if SEED_AXIS in sweep.expected.axes else ()
    expected = replace(sweep.expected, axes=(WHOLE, *rest), trials=tuple(one.trial for one in results))
    return replace(sweep, expected=expected, results=results)


def _whole(axes: Mapping[str, Any], label: str) -> dict[str, Any]:
    seed = {SEED_AXIS: axes[SEED_AXIS]} if SEED_AXIS in axes else {}
    return {WHOLE: label, **seed}


def is_repeated(results: Iterable[Result]) -> bool:
    """Whether runs are repeats by seed: what is compared then are settings, else trials."""
    return any(SEED_AXIS in result.trial.axes for result in results)


def compared(results: Sequence[Result]) -> dict[str, tuple[Result, ...]]:
    """What is compared, by its label: the settings with their repeats or, without repeats, each trial."""
    return by_setting(results) if is_repeated(results) else {one.trial.name: (one,) for one in results}


def still_to_finish(results: Sequence[Result]) -> str:
    """Say how many repeats have not finished; empty where there are none, or all have: then more seeds can be asked for."""
    seeds = {repr(result.trial.axes[SEED_AXIS]) for result in results if SEED_AXIS in result.trial.axes}
    waiting = sum(not result.is_whole for result in results)
    if len(seeds) < 2 or not waiting:  # noqa: PLR2004 - one seed is no repeat
        return ""
    return f"{waiting} of {len(results)} trials {'has' if waiting == 1 else 'have'} still to finish"


def n_words(counts: Collection[int]) -> str:
    """Say how many repeats settings have, of which there is one at least: `n = 3`, `n = 2 to 3`."""
    least, most = min(counts), max(counts)
    return f"n = {least}" if least == most else f"n = {least} to {most}"


def names_of(results: Iterable[Result]) -> Mapping[str, str]:
    """What the file calls metrics, settings and steps, by their keys, as any of its trials has it."""
    return next((result.trial.names for result in results), {})


def steps_called(results: Iterable[Result], *keys: str) -> str:
    """What the steps of metrics are called on an axis: `step_word`, or what their program calls them in place of `step`; as the file has it."""
    runs = tuple(results)
    word = step_word(runs, *keys)
    own = {run.trial.step_name for run in runs} - {EPOCH}
    if word == STEP and len(own) == 1:
        word = own.pop() or STEP
    return names_of(runs).get(word, word)


def value_label(axis: str, value: Any, names: Mapping[str, str]) -> str:
    """Return a value of an axis as a legend says it."""
    if axis == WHOLE:
        return value_text(value)
    if axis in names:
        return f"{names[axis]} {value_text(value)}"
    if axis == "tfr":
        return f"TFR {value_text(value)}"
    if axis == "kl_anneal_type":
        return "no annealing" if value == "None" else str(value)
    return f"{axis.rpartition('.')[2]} {value_text(value)}"


def short_name(axis: str, names: Mapping[str, str]) -> str:
    """Return what an axis is called beside the labels of its values: as the file says, else by its last part."""
    return names.get(axis, axis.rpartition(".")[2])


def distinct_names(axes: Sequence[str], names: Mapping[str, str]) -> Mapping[str, str]:
    """Return what the file calls things, and the whole key of each axis whose short name another one has, too."""
    parts = {axis: short_name(axis, names) for axis in axes}
    several = [axis for axis, part in parts.items() if list(parts.values()).count(part) > 1]
    return {**names, **{axis: axis for axis in several}}


def axis_name(axis: str, names: Mapping[str, str]) -> str:
    """Return what an axis is called in a title or a sentence: as the file says, else `temperature` of `thermo.temperature`."""
    own = {"tfr": "teacher forcing ratio", "kl_anneal_type": "KL annealing"}
    return short_name(axis, {**own, **names})


def value_text(value: Any) -> str:
    """The value of a setting wherever a report says it: `true`, and not Python's `True`; a number in its shortest form, `1` for `1.0`."""
    if isinstance(value, float) and float(short := f"{value:g}") == value:
        return short
    return str(value).lower() if isinstance(value, bool) else str(value)


def short_number(value: float, form: str = ".4g") -> str:
    """Return a number in few digits; a whole one that these would give an exponent, as it is below `LONGEST`: `10000`, and not `1e+04`."""
    is_whole = abs(value) < LONGEST and value == round(value)
    return format(value, f"{'+' * form.startswith('+')}.0f" if is_whole else form)


def is_irregular(steps: Sequence[int]) -> bool:
    """Whether steps follow no rule."""
    return len({after - before for before, after in pairwise(steps)}) > REGULAR_GAPS


def shared_steps(runs: Sequence[Sequence[int]]) -> tuple[int, ...]:
    """The steps that runs have in common; none where these are less than `LEAST_SHARE` of the shortest one's."""
    shared = set.intersection(*map(set, runs))
    return tuple(sorted(shared)) if len(shared) >= LEAST_SHARE * min(map(len, runs)) else ()


def end_apart(lasts: Iterable[int]) -> bool:
    """Whether the last steps of the runs of a setting differ by more than `SAME_LENGTH`."""
    ordered = sorted(lasts)
    return ordered[-1] - ordered[0] > SAME_LENGTH * ordered[-1]


def ends_words(ends: Mapping[str, Iterable[int]]) -> str:
    """Name settings with the last steps of their runs: `lr 0.1 (8, 10), lr 0.3 (7, 12)`."""
    return shortened(
        [f"{label} ({shortened(sorted(set(lasts)), MOST_NAMED)})" for label, lasts in ends.items()],
        MOST_NAMED,
    )
