"""Whether a measure beats its baseline, such as a PSNR that of repeating the first frame: counted, trial by trial and seed by seed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from analysis.results.document import Cell, Finding, Table
from analysis.results.grouping import compared, is_repeated
from analysis.results.results import FINISHED, Result, step_word
from analysis.stats.measures import ONCE, number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from analysis.results.criterion import Criterion
    from analysis.results.document import ColumnType


@dataclass(frozen=True)
class _Setting:
    """One setting of all axes: how much better than the baseline its runs are, and how many there should be."""

    label: str
    gains: tuple[float, ...]
    expected: int

    @property
    def mean(self) -> float:
        return math.fsum(self.gains) / len(self.gains)

    @property
    def beats(self) -> bool:
        """Whether every run that there should be ends better than the baseline."""
        return len(self.gains) == self.expected and all(gain > 0 for gain in self.gains)

    def mean_words(self, criterion: Criterion) -> str:
        """How much better it is in the mean."""
        return f"{_gain(self.mean, criterion)}{criterion.gap_after}"

    def words(self, criterion: Criterion) -> str:
        """How much better it is in the mean, with the range over its seeds where there are several."""
        mean, n = self.mean_words(criterion), len(self.gains)
        if n == 1:
            return mean
        least, greatest = (_gain(end(self.gains), criterion) for end in (min, max))
        return f"{mean}, mean of {n}: {least} to {greatest}"


def baseline_headline(criterion: Criterion, sweeps: Sequence[tuple[str, Sequence[Result]]]) -> str:
    """Say of all sweeps together, each with its name, how many settings beat the baseline, in one line.

    Empty where no trial has both numbers.
    """
    return _headline(
        criterion,
        [(name, one) for name, results in sweeps for one in _settings(results, _gains(results, criterion))],
    )


def _headline(criterion: Criterion, found: Sequence[tuple[str, _Setting]]) -> str:
    if not found:
        return ""
    name, best = max(found, key=lambda item: item[1].mean)
    beating = sum(one.beats for _, one in found)
    place = f" in {name}" if len({sweep for sweep, _ in found}) > 1 else ""
    n = "" if len(best.gains) > 1 else "; n = 1"
    whose = "its" if beating == 1 else "their"
    seeds = f" in all {whose} seeds" if any(one.expected > 1 for _, one in found) else ""
    beaten = criterion.wording.beaten or f"{criterion.baseline_name} by {criterion.called}"
    return (
        f"{beating} of {len(found)} settings {_end(criterion)}{'s' if beating == 1 else ''} {_side(criterion)} {beaten}{seeds}; "
        f"the best is {best.label}{place} ({best.words(criterion)}{n})"
    )


def against_baseline(results: Sequence[Result], criterion: Criterion) -> Finding:
    """Say which settings beat the baseline at the end, in all their seeds; the criterion has one."""
    gains, repeated = _gains(results, criterion), is_repeated(results)
    wording = criterion.wording
    basis = [
        wording.remark.replace("{step}", step_word(results, criterion.metric))
        or f"Each number is one run's {criterion.in_words}."
    ]
    if left_out := [result.trial.name for result in results if result.trial.name not in gains]:
        basis.append(f"Not judged, for lack of numbers: {', '.join(left_out)}.")
    if gains and not repeated:
        basis.append(ONCE)
    settings = _settings(results, gains)
    details = [_counted(one, criterion) for one in settings] if repeated else []
    unfinished = sum(result.state != FINISHED and result.trial.name in gains for result in results)
    return Finding(
        wording.question or f"Does {criterion.called} beat {criterion.baseline_name}?",
        _answer(settings, criterion, unfinished, repeated=repeated),
        _numbers(results, criterion),
        (*_passing(results, gains, criterion), *details),
        tuple(basis),
        answered=bool(gains),
        headline=_headline(criterion, [("", one) for one in settings]),
        rank=-1,
        pooled=partial(baseline_headline, criterion),
        keys=(*(wording.frames or ())[:1], criterion.metric),
    )


def _gains(results: Sequence[Result], criterion: Criterion) -> dict[str, float]:
    """How much better than the baseline each trial is that has both numbers."""
    return {
        result.trial.name: gain
        for result in results
        if (gain := result.gain(criterion)) is not None and math.isfinite(gain)
    }


def _side(criterion: Criterion) -> str:
    return "above" if criterion.is_high else "below"


def _settings(results: Sequence[Result], gains: Mapping[str, float]) -> list[_Setting]:
    """The settings that have a run with both numbers; without seeds each trial is one."""
    found = [
        _Setting(label, tuple(gains[one.trial.name] for one in runs if one.trial.name in gains), len(runs))
        for label, runs in compared(results).items()
    ]
    return [one for one in found if one.gains]


def _answer(settings: Sequence[_Setting], criterion: Criterion, unfinished: int, *, repeated: bool) -> str:
    if not settings:
        lacking = criterion.wording.lacking or _lacking(criterion)
        return f"The data cannot tell: {lacking}."
    best = max(settings, key=lambda one: one.mean)
    better, of = [one for one in settings if one.beats], len(settings)
    standing = f" ({unfinished} of them unfinished, judged where they stand)" if unfinished else ""
    kind = " settings" if repeated else ""
    side = _side(criterion)
    words = (
        f"Yes: {len(better)} of {of}{kind} {_end(criterion)}{'s' if len(better) == 1 else ''} {side} it"
        if better
        else f"No: none of {of}{kind} {_end(criterion)}s {side} it"
    )
    if repeated:
        words += f" in all {'their' if len(better) > 1 else 'its'} seeds"
    return f"{words}{standing}; the best is {best.label} ({best.words(criterion)})."


def _lacking(criterion: Criterion) -> str:
    both = (criterion.called, *([criterion.baseline_name] if isinstance(criterion.baseline, str) else ()))
    return f"no trial has {' and '.join(both)}"


def _counted(one: _Setting, criterion: Criterion) -> str:
    better = sum(gain > 0 for gain in one.gains)
    lacking = one.expected - len(one.gains)
    return (
        f"{one.label}: {better} of {len(one.gains)} seeds {_end(criterion)}{'s' if better == 1 else ''} {_side(criterion)} it; better by {one.mean_words(criterion)} in the mean"
        f"{f'; {lacking} without a result' if lacking else ''}."
    )


def _end(criterion: Criterion) -> str:
    return "end" if criterion.is_last else "come"


def _passing(results: Sequence[Result], gains: Mapping[str, float], criterion: Criterion) -> list[str]:
    """Which runs were better than the baseline before their end; of a metric over frames there is no before."""
    if not criterion.is_last:
        return []
    side, steps, passing = _side(criterion), step_word(results, criterion.metric), []
    for result in results:
        top = result.curves[criterion.metric].best_by(criterion.sign) if result.trial.name in gains else None
        to_beat = result.to_beat(criterion)
        if top is None or to_beat is None or gains[result.trial.name] > 0:
            continue
        if (lead := criterion.sign * (top[0] - to_beat)) > 0:
            value = f"{number(lead, criterion.wording.form)}{criterion.gap_after}"
            passing.append(f"{result.trial.name} ({value} {side}, {steps} {top[1]})")
    return (
        [f"{side.capitalize()} it at their best {steps}, and no longer at the last: {', '.join(passing)}."]
        if passing
        else []
    )


def _numbers(results: Sequence[Result], criterion: Criterion) -> Table:
    wording, named = criterion.wording, isinstance(criterion.baseline, str)
    columns: tuple[tuple[str, ColumnType], ...] = (
        ("trial", "name"),
        (criterion.column, "number"),
        *(((criterion.baseline_name, "number"),) if named else ()),
        (wording.gain or "better by", "number"),
        *((("frames above copying", "number"),) if wording.frames else ()),
    )
    return Table(
        columns,
        tuple(
            tuple(
                Cell(text)
                for text in (
                    result.trial.name,
                    number(result.score(criterion), wording.form),
                    *((number(result.to_beat(criterion), wording.form),) if named else ()),
                    number(result.gain(criterion), f"+{wording.form}"),
                    *((_frames_above(result, *wording.frames),) if wording.frames else ()),
                )
            )
            for result in results
        ),
    )


def _gain(value: float, criterion: Criterion) -> str:
    return number(value, f"+{criterion.wording.form}")


def _frames_above(result: Result, metric: str, baseline: str) -> str:
    model, copy = result.curves.get(metric), result.curves.get(baseline)
    if model is None or copy is None:
        return number(None)
    at = dict(zip(copy.steps, copy.values, strict=True))
    pairs = [(value, at[step]) for step, value in zip(model.steps, model.values, strict=True) if step in at]
    return f"{sum(one > other for one, other in pairs)} of {len(pairs)}"
