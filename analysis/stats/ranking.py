"""Ranks the settings of a sweep by a measure, best first."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from analysis.read.provenance import claims
from analysis.results.document import Cell, Finding, Table
from analysis.results.expected import SEED_AXIS
from analysis.results.grouping import compared, is_repeated
from analysis.results.provenance_marks import marks_of, run_differences
from analysis.results.results import FINISHED, Result, counted
from analysis.stats.measures import NONE, ONCE, Measure, measure_of
from analysis.stats.samples.near_best import is_near
from analysis.stats.samples.ties import are_close
from analysis.stats.samples.ties import ranked as ranked_by
from analysis.stats.words.phrases import capital, joined, uncertain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from analysis.results.criterion import Criterion
    from analysis.results.document import ColumnType
    from analysis.stats.comparison import Contrast

MOST_RANKED = 20
"""Settings that the table of a ranking has; the results table has every trial."""
_NAMED = 3
"""How many of the first an answer names."""


@dataclass(frozen=True)
class _Ranked:
    """A setting with what its finished runs ended with.

    Attributes:
        label: Its name, with marks of provenance.
        by_seed: The numbers by seed.
        expected: How many runs there should be.
        without: How many of them ended without a number.
        setting: Its name without marks.
    """

    label: str
    by_seed: Mapping[Any, float] = field(hash=False)
    expected: int
    without: int
    setting: str

    @property
    def values(self) -> tuple[float, ...]:
        """The numbers, in the order of the seeds."""
        return tuple(self.by_seed.values())

    @property
    def mean(self) -> float:
        return math.fsum(value / len(self.values) for value in self.values)  # the sum may be infinite

    @property
    def is_spoiled(self) -> bool:
        """Whether a run ended without a number: a setting whose bad seed failed looks better than it is."""
        return self.without > 0

    @property
    def is_unfinished(self) -> bool:
        """Whether a run may still get a number, and none ended without."""
        return not self.is_spoiled and len(self.values) < self.expected

    @property
    def repeats(self) -> str:
        """How many runs its value is the mean of: `mean of 3`; `mean of 2 of 3` where it lacks one."""
        lacking = len(self.values) < self.expected
        return f"mean of {len(self.values)}{f' of {self.expected}' if lacking else ''}"

    def equals(self, other: _Ranked) -> bool:
        """Whether both have the same rank: the same mean up to rounding, and runs that ended without a number or none."""
        return self.is_spoiled is other.is_spoiled and are_close(self.mean, other.mean)

    def is_near(self, best: _Ranked, measure: Measure) -> bool:
        """Whether seeds do not tell it apart from the best, which it does not equal: by the test that compares settings."""
        return self._is_rival(best) and is_near(best.by_seed, self.by_seed, is_ratio=measure.is_ratio)

    def doubt(self, best: _Ranked, pairs: Iterable[Contrast]) -> float | None:
        """The corrected p of its difference from the best, where the correction alone takes that away."""
        if not self._is_rival(best):
            return None
        both = {self.setting, best.setting}
        return next(
            (pair.p for pair in pairs if pair.is_lost and {pair.low.label, pair.high.label} == both), None
        )

    def _is_rival(self, best: _Ranked) -> bool:
        return self.is_spoiled is best.is_spoiled and not self.equals(best)


@dataclass(frozen=True)
class _Beside:
    """The settings beside the best: those that seeds do not tell apart from it, and those with the p that correction leaves."""

    near: tuple[_Ranked, ...] = ()
    doubted: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class _Among:
    """How many settings there are, how many of them are unfinished, and whether they are repeated."""

    of: int
    unfinished: int
    repeated: bool

    @property
    def kind(self) -> str:
        return "settings" if self.repeated else "trials"

    def __str__(self) -> str:
        open_ones = f", {self.unfinished} of them unfinished" if self.unfinished else ""
        return f"of {self.of} {self.kind}{open_ones}"


def ranking(results: Sequence[Result], criterion: Criterion, pairs: Sequence[Contrast] = ()) -> Finding:
    """Say which setting is the best by a measure: of finished runs, by the mean over seeds.

    Args:
        results: The trials.
        criterion: The measure.
        pairs: The settings as they are compared, corrected for the page, where they differ in one axis alone.
    """
    measure = measure_of(criterion, results)
    repeated = is_repeated(results)
    finished = [result for result in results if result.state == FINISHED]
    differ = claims(run_differences(finished, criterion.keys))
    settings = _settings(results, measure, has_marks=bool(differ))
    ranked = _ranked(settings, criterion)
    beside = _beside(ranked, measure, pairs)
    among = _Among(len(settings), sum(one.is_unfinished for one in settings), repeated)
    return Finding(
        f"Which {'setting' if repeated else 'trial'} has the {measure.best} {measure.words}?",
        _answer(ranked, beside, measure, among, differ if len(ranked) > 1 else ""),
        _numbers(
            ranked, measure, criterion.column if criterion.is_average else measure.words, repeated=repeated
        ),
        (),
        tuple(_basis(settings, ranked, beside, measure, repeated=repeated)),
        answered=bool(ranked),
        headline=_headline(ranked, beside, measure, among, differ),
        keys=(criterion.metric,),
    )


def _basis(
    settings: Sequence[_Ranked],
    ranked: Sequence[_Ranked],
    beside: _Beside,
    measure: Measure,
    *,
    repeated: bool,
) -> Iterator[str]:
    """By what rule they are ranked, and which runs are missing from it."""
    over = " in the mean over seeds" if repeated else ""
    yield f"Ranked by the {measure.words}{over}, among finished runs."
    if spoiled := [one.label for one in settings if one.is_spoiled]:
        behind = (
            ", and so behind the others" if repeated and not all(one.is_spoiled for one in ranked) else ""
        )
        yield f"Runs ended without a number{behind}: {', '.join(spoiled)}."
    if unfinished := [one.label for one in settings if one.is_unfinished]:
        yield f"Unfinished, so the order may change: {', '.join(unfinished)}."
    if beside.near:
        yield "Not significantly worse: by the test that compares settings, of this one and the first alone, at 5 %."
    if beside.doubted:
        yield (
            "Not certain: significantly worse by that test of this one and the first alone, and no longer after correction for all "
            "comparisons on this page."
        )
    if ranked and not repeated:
        yield ONCE


def first_of_best(results: Sequence[Result], criterion: Criterion) -> Result | None:
    """Return the first finished run of the setting that `ranking` puts first; None where none has finished with a number."""
    measure = measure_of(criterion, results, ranks=True)
    ranked = _ranked(_settings(results, measure, has_marks=False), criterion)
    if not ranked:
        return None
    runs = compared(results)[ranked[0].setting]
    return next(
        run for run in runs if run.state == FINISHED and run.trial.axes.get(SEED_AXIS) in ranked[0].by_seed
    )


def _settings(results: Sequence[Result], measure: Measure, *, has_marks: bool) -> list[_Ranked]:
    """The settings, or without repeats the trials, each with what its finished runs ended with."""
    settings = []
    for label, runs in compared(results).items():
        marks = marks_of(one for one in runs if one.state == FINISHED) if has_marks else ""
        values = list(_values(runs, measure))
        ended = sum(one.run is not None and one.run.has_ended for one in runs)
        settings.append(_Ranked(label + marks, dict(values), len(runs), ended - len(values), label))
    return settings


def _ranked(settings: Sequence[_Ranked], criterion: Criterion) -> list[_Ranked]:
    """The settings that have a number, the best first; behind the others those of which a run gave none."""
    return ranked_by(
        [one for one in settings if one.values],
        lambda one: (one.is_spoiled, -criterion.sign * one.mean),
        _Ranked.equals,
    )


def _values(results: Iterable[Result], measure: Measure) -> Iterable[tuple[Any, float]]:
    """What finished runs ended with, by seed."""
    for result in results:
        value = measure.value(result) if result.state == FINISHED else None
        if value is not None and math.isfinite(value):
            yield result.trial.axes.get(SEED_AXIS), value


def _beside(ranked: Sequence[_Ranked], measure: Measure, pairs: Sequence[Contrast]) -> _Beside:
    near = tuple(one for one in ranked if one.is_near(ranked[0], measure))
    doubts = [(one.label, one.doubt(ranked[0], pairs)) for one in ranked if one not in near]
    return _Beside(near, tuple((label, p) for label, p in doubts if p is not None))


def _answer(ranked: Sequence[_Ranked], beside: _Beside, measure: Measure, among: _Among, differ: str) -> str:
    """The first ones, and what seeds tell of those beside the best; `differ` in what the runs differ."""
    if not ranked:
        return "The data cannot tell: no trial has finished with a number."
    named = [f"{one.label} ({measure.words_for(one.mean)})" for one in ranked]
    first = named[0]
    if len(ranked) > 1 and ranked[1].equals(ranked[0]):
        first = _equal(ranked, measure)
    rest = [name for one, name in list(zip(ranked, named, strict=True))[:_NAMED] if not one.equals(ranked[0])]
    then = f", then {' and '.join(rest)}" if rest else ""
    last = ""
    if len(named) > _NAMED and not ranked[-1].equals(ranked[-2]):
        of = f"{among.of}" if len(ranked) == among.of else f"{len(ranked)} with a number"
        last = f"; the last of {of} is {named[-1]}"
    near, told = beside.near, ""
    if near:
        labels = [one.label for one in near[:_NAMED]]
        labels += [f"{len(near) - _NAMED} more"] if len(near) > _NAMED else []
        told = f"; not significantly worse: {joined(labels)}"
    told += f"; {uncertain(beside.doubted)}" if beside.doubted else ""
    apart = f" The runs {differ}, as their marks say." if differ else ""
    if among.unfinished:
        yet = f" {among.unfinished} of {among.of} {among.kind} {'is' if among.unfinished == 1 else 'are'} unfinished, so the order may change."
        return f"So far {first}{then}{last}{told}.{yet}{apart}"
    return f"{first}{then}{last}{told}.{apart}"


def _headline(
    ranked: Sequence[_Ranked],
    beside: _Beside,
    measure: Measure,
    among: _Among,
    differ: str,
) -> str:
    """The answer in short; `differ` says in what the runs differ that are to be alike."""
    if len(ranked) < 2:  # noqa: PLR2004 - one alone is no best
        return ""
    apart = f"; runs {differ}" if differ else ""
    best = ranked[0]
    words = capital(f"{measure.best} {measure.words}{' so far' if among.unfinished else ''}")
    if ranked[1].equals(best):
        return f"{words}: {_equal(ranked, measure)}, {among}{apart}"
    near = len(beside.near)
    told = (
        f"; {counted(near, 'other')} {'is' if near == 1 else 'are'} not significantly worse" if near else ""
    )
    doubted = f", {uncertain(beside.doubted)}" if beside.doubted else ""
    ends = f"{measure.number(min(best.values))} to {measure.number(max(best.values))}"
    seeds = f", {best.repeats}: {ends}" if len(best.values) > 1 else "; n = 1"
    return f"{words}: {best.label} ({measure.words_for(best.mean)}{seeds}{told}){doubted}, {among}{apart}"


def _equal(ranked: Sequence[_Ranked], measure: Measure) -> str:
    """Those that share the first rank: `a and b are equal (0.9)`."""
    labels = [one.label for one in ranked if one.equals(ranked[0])]
    if len(labels) > _NAMED:
        labels = [*labels[: _NAMED - 1], f"{len(labels) - _NAMED + 1} others"]
    return f"{joined(labels)} are equal ({measure.words_for(ranked[0].mean)})"


def _numbers(ranked: Sequence[_Ranked], measure: Measure, head: str, *, repeated: bool) -> Table:
    columns: tuple[tuple[str, ColumnType], ...] = (
        ("rank", "number"),
        ("setting" if repeated else "trial", "text" if repeated else "name"),
        (head, "number"),
        *((("min", "number"), ("max", "number"), ("n", "number")) if repeated else ()),
    )
    rows = []
    for one in ranked[:MOST_RANKED]:
        place = 1 + next(before for before, other in enumerate(ranked) if one.equals(other))
        spread = (measure.number(min(one.values)), measure.number(max(one.values)), str(len(one.values)))
        texts = (str(place), one.label, measure.words_for(one.mean), *(spread if repeated else ()))
        rows.append(tuple(Cell(text) for text in texts))
    return Table(columns, tuple(rows) or (tuple(Cell(NONE) for _ in columns),))
