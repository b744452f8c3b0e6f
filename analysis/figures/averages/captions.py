"""Says how runs became lines: what a mean and its band are, which bins there are, and which settings have no mean. Pure."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from analysis.figures.averages.band import Band
from analysis.figures.averages.bins import APART, IRREGULAR, NOISY, shared
from analysis.figures.averages.repeats import MOST_NAMED, Averaging, having
from analysis.read.provenance import shortened
from analysis.results.expected import SEED_AXIS
from analysis.results.grouping import FROM_0, by_setting, ends_words
from analysis.results.results import from_zero, step_word

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from analysis.results.results import Result


def mean_words(results: Sequence[Result], keys: Sequence[str], band: Band = Band.MINMAX) -> tuple[str, ...]:
    """Say what a line and its band are where repeats are averaged, and where their runs end if that is not at once."""
    if not have_means(results, keys):
        return ()
    told = [f"a line is the mean of n runs with different seeds; its band {band.words}"]
    for key in keys:
        averaging = Averaging.of(results, key)
        ends = {
            label: [run.curves[key].steps[-1] for run in runs]
            for label, runs in _repeats(results, key).items()
            if averaging.end_apart(runs)
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
    settings, averaging = having(results, key), Averaging.of(results, key)
    widths: dict[str, dict[str, set[int]]] = {APART: {}, IRREGULAR: {}, NOISY: {}}
    for label, runs in settings.items():
        for found in averaging.forms(runs):
            if found.width:
                widths[found.reason].setdefault(label, set()).add(found.width)
    for words, of_settings in widths.items():
        if of_settings:
            whose = (
                "" if len(of_settings) == len(settings) else f"{shortened(list(of_settings), MOST_NAMED)}: "
            )
            wide = " or ".join(map(str, sorted(set.union(*of_settings.values()))))
            yield f"{whose}{words.format(wide, unit)}"


def have_means(results: Sequence[Result], keys: Iterable[str]) -> bool:
    """Whether some metric of some setting is drawn as the mean of its repeats."""
    return any(_has_mean(results, key) for key in keys)


def _has_mean(results: Sequence[Result], key: str) -> bool:
    averaging = Averaging.of(results, key)
    return any(averaging.together(runs) for runs in _repeats(results, key).values())


def apart_words(results: Sequence[Result], keys: Iterable[str]) -> tuple[str, ...]:
    """Say which settings have no mean, for their repeats have few steps in common, and which steps these have."""
    return tuple(dict.fromkeys(words for key in keys if (words := _apart(results, key))))


def _apart(results: Sequence[Result], key: str) -> str:
    averaging = Averaging.of(results, key)
    words = {
        label: _steps_words(runs, key)
        for label, runs in _repeats(results, key).items()
        if not averaging.together(runs)
    }
    if not words:
        return ""
    first = next(iter(words.values()))
    alike = [label for label, own in words.items() if own == first]
    rest = len(words) - len(alike)
    whose = "" if len(alike) == len(by_setting(results)) else f"{shortened(alike, MOST_NAMED)}: "
    others = f"; {rest} more setting{' is' if rest == 1 else 's are'} drawn so" if rest else ""
    return f"{whose}{first}{others}"


def nothing_words(results: Sequence[Result], name: str) -> str:
    """What stands in place of a metric that no run has."""
    if results and all(result.run is not None and result.run.has_ended for result in results):
        return f"no run recorded {name}"
    return f"no run has recorded {name} yet"


def _repeats(results: Sequence[Result], key: str) -> dict[str, list[Result]]:
    """The runs of each setting that have recorded a metric, where there are several."""
    return {label: runs for label, runs in having(results, key).items() if len(runs) > 1}


def _steps_words(runs: Sequence[Result], key: str) -> str:
    """`no step in common, and too few points for bins, so each run is drawn: seed 0 has steps 21 to 175, seeds 1, 2 have steps 0 to 7`."""
    names_of: defaultdict[str, list[str]] = defaultdict(list)
    for run in runs:
        steps = run.curves[key].steps
        places = f"steps {steps[0]} to {steps[-1]}" if len(steps) > 1 else f"step {steps[0]}"
        names_of[places].append(str(run.trial.axes.get(SEED_AXIS, run.trial.name)))
    kinds = [
        f"seed{'s' * (len(names) > 1)} {shortened(names, MOST_NAMED)} {'have' if len(names) > 1 else 'has'} {places}"
        for places, names in names_of.items()
    ]
    many = "few steps" if shared(run.curves[key] for run in runs) else "no step"
    return (
        f"{many} in common, and too few points for bins, so each run is drawn: {shortened(kinds, MOST_NAMED)}"
    )
