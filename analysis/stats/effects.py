"""What one axis does to one measure, all other axes held fixed: ranked, tested where there are repeats by seed."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from analysis.results.document import Cell, Finding, Table
from analysis.results.grouping import value_label
from analysis.results.provenance_marks import run_differences
from analysis.results.results import FINISHED, Result, StudyResults
from analysis.stats.comparison import TEST, Contrast, Sample, contrasts
from analysis.stats.measures import NONE, Measure

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from analysis.results.document import Kind

MOST_BLOCKS, MOST_VALUES = 12, 12
"""Beyond these a table of settings is no longer read: the results table has every trial."""

Block = tuple[str, list[tuple[str, list[Result]]]]
"""Settings that differ in the axis alone: what they share, and for each value of the axis its label and runs."""


@dataclass(frozen=True)
class _Compared:
    """One block: its samples, what their pairs tell, or why they are not compared."""

    label: str
    samples: tuple[Sample, ...]
    doubt: str
    pairs: tuple[Contrast, ...] = ()


def effect(
    found: StudyResults, axis: str, measure: Measure, question: str, remarks: tuple[str, ...] = ()
) -> Finding:
    """Compare the values of `axis` by `measure`, among finished runs that share everything else."""
    blocks = _blocks(found, axis)
    used, left_out = _usable(found.results, measure)
    numbers = _numbers(found, axis, blocks, measure, used)
    basis = [f"Compared by the {measure.words}, among finished runs.", measure.remark, *remarks]
    if len(blocks) > MOST_BLOCKS or len(found.study.values(axis)) > MOST_VALUES:
        answer = (
            f"The data cannot tell: these are more settings than are compared here ({MOST_VALUES} values under "
            f"{MOST_BLOCKS} others). The results table has every trial."
        )
        return Finding(question, answer, numbers, basis=tuple(filter(None, [*basis, *left_out])))
    compared = _compared(blocks, used, measure)
    judged = [block for block in compared if not block.doubt]
    basis += _test_words(judged)
    basis += [_prefixed(block.label, f"not compared: {block.doubt}.") for block in compared if block.doubt]
    if not judged:
        reasons = _and(list(dict.fromkeys(block.doubt for block in compared)))
        return Finding(
            question,
            f"The data cannot tell: {reasons}.",
            numbers,
            basis=tuple(filter(None, [*basis, *left_out])),
        )
    lines = [_prefixed(block.label, _ranking(block, measure)) for block in judged]
    lines += [
        _prefixed(block.label, _pair(pair, measure))
        for block in judged
        for pair in block.pairs
        if pair.p is not None
    ]
    told = any(pair.told_apart for block in judged for pair in block.pairs)
    # One block's ranking is the answer itself; of several, the answer counts and the rankings follow.
    answer, lines = (lines[0], lines[1:]) if told and len(judged) == 1 else (_answer(judged, measure), lines)
    return Finding(
        question, answer, numbers, tuple(lines), tuple(filter(None, [*basis, *left_out])), told=told
    )


def _compared(blocks: Sequence[Block], used: dict[int, float], measure: Measure) -> list[_Compared]:
    found = []
    for label, settings in blocks:
        samples = tuple(
            Sample(value, tuple(used[id(result)] for result in results if id(result) in used))
            for value, results in settings
            if any(id(result) in used for result in results)
        )
        runs = [result for _, results in settings for result in results if id(result) in used]
        found.append(_Compared(label, samples, _doubt(samples, runs, measure)))
    tested = contrasts([() if block.doubt else block.samples for block in found])
    return [replace(block, pairs=pairs) for block, pairs in zip(found, tested, strict=True)]


def _blocks(found: StudyResults, axis: str) -> list[Block]:
    others = [other for other in found.study.settings if other != axis]
    held: defaultdict[tuple[Any, ...], defaultdict[Any, list[Result]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for result in found.results:
        held[tuple(result.trial.axes[other] for other in others)][result.trial.axes[axis]].append(result)
    return [
        (
            ", ".join(value_label(other, value) for other, value in zip(others, shared, strict=True)),
            [
                (value_label(axis, value), having[value])
                for value in found.study.values(axis)
                if value in having
            ],
        )
        for shared, having in held.items()
    ]


def _usable(results: Iterable[Result], measure: Measure) -> tuple[dict[int, float], list[str]]:
    """Sort out which runs have the measure (by identity of the result), and say why the others have not."""
    used, reasons = {}, defaultdict(list)
    for result in results:
        value = measure.value(result)
        if result.state != FINISHED:
            reasons[result.condition].append(result.trial.name)
        elif value is None:
            reasons["its metric is not recorded"].append(result.trial.name)
        elif not math.isfinite(value):
            reasons["its value is not a finite number"].append(result.trial.name)
        else:
            used[id(result)] = value
    return used, [f"Left out: {', '.join(names)} ({reason})." for reason, names in reasons.items()]


def _doubt(samples: Sequence[Sample], runs: Sequence[Result], measure: Measure) -> str:
    """Why nothing can be said of these runs, or nothing."""
    if len(samples) < 2:  # noqa: PLR2004 - one setting is no comparison
        return "no two settings that differ in this alone have finished with numbers"
    if found := run_differences(runs):
        parts = " and ".join(difference.part for difference in found)
        return f"the runs differ in {parts} too, and a difference may come from there"
    return measure.doubt(runs)


def _ranking(block: _Compared, measure: Measure) -> str:
    """Say which setting is best, and which cannot be told apart from it."""
    best, worst = _best(block, measure), _best(block, measure, last=True)
    told = measure.told(best.mean)
    if all(pair.p is None for pair in block.pairs):
        if best.mean == worst.mean:
            return f"the same in all ({told})."
        other = "lowest" if measure.best == "highest" else "highest"
        return (
            f"{measure.best} in {best.label} ({told}), {other} in {worst.label} ({measure.told(worst.mean)})."
        )
    others = [sample for sample in block.samples if sample is not best]
    apart = [sample.label for sample in others if _told_apart(block, best, sample)]
    rivals = [sample.label for sample in others if sample.label not in apart]
    told_apart = [f"told apart from {_and(apart)}"] if apart else []
    not_told = [f"not told apart from {_and(rivals)}"] if rivals else []
    return f"{measure.best} in {best.label} ({told}), {', '.join([*told_apart, *not_told])}."


def _best(block: _Compared, measure: Measure, *, last: bool = False) -> Sample:
    pick = max if (measure.best == "highest") is not last else min
    return pick(block.samples, key=lambda sample: sample.mean)


def _told_apart(block: _Compared, one: Sample, other: Sample) -> bool:
    return any(
        pair.told_apart
        for pair in block.pairs
        if {pair.low.label, pair.high.label} == {one.label, other.label}
    )


def _answer(judged: Sequence[_Compared], measure: Measure) -> str:
    tested = [pair for block in judged for pair in block.pairs if pair.p is not None]
    apart = sum(pair.told_apart for pair in tested)
    if apart:
        return f"{apart} of {len(tested)} differences are told apart."
    if tested:
        return (
            f"The data cannot tell: no difference is larger than what the seeds make ({len(tested)} tested)."
        )
    if any(sample.n == 1 for block in judged for sample in block.samples):
        reason = "with one run a setting (n = 1) a difference may be the seed's"
    else:
        reason = "the repeats of a setting are equal, so the seed does not reach them"
    best = [_best(block, measure).label for block in judged]
    often = max(best, key=best.count)
    told = len(best) > 1 and 2 * best.count(often) > len(best)
    pattern = (
        f"; in these runs {often} is {measure.best} in {best.count(often)} of {len(best)}" if told else ""
    )
    return f"The data cannot tell: {reason}{pattern}. As recorded:"


def _pair(pair: Contrast, measure: Measure) -> str:
    low, high = pair.interval or (math.nan, math.nan)
    p = pair.p if pair.p is not None else math.nan
    return (
        f"{pair.high.label} above {pair.low.label} by {measure.told(pair.difference)} "
        f"(95 % interval {low:{measure.form}} to {high:{measure.form}}, p {_p(p)}): "
        f"{'told apart' if pair.told_apart else 'not told apart'}."
    )


def _p(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"= {value:.2g}"  # noqa: PLR2004 - finer is not worth reading


def _test_words(judged: Iterable[_Compared]) -> list[str]:
    tested = [pair for block in judged for pair in block.pairs if pair.p is not None]
    if not tested:
        return []
    repeats = sorted({sample.n for pair in tested for sample in (pair.low, pair.high)})
    of = str(repeats[0]) if len(repeats) == 1 else f"{repeats[0]} to {repeats[-1]}"
    return [f"{TEST} for {len(tested)} pair{'' if len(tested) == 1 else 's'}; n = {of} runs a setting."]


def _numbers(
    found: StudyResults, axis: str, blocks: Sequence[Block], measure: Measure, used: dict[int, float]
) -> Table:
    values = [value_label(axis, value) for value in found.study.values(axis)][:MOST_VALUES]
    others = ", ".join(other for other in found.study.settings if other != axis)
    rows = []
    for label, settings in blocks[:MOST_BLOCKS]:
        having = dict(settings)
        cells = [
            _sample_words(
                [used[id(result)] for result in having.get(value, ()) if id(result) in used], measure
            )
            for value in values
        ]
        rows.append((Cell(label or measure.words), *(Cell(text) for text in cells)))
    columns: tuple[tuple[str, Kind], ...] = ((others, "text"), *((value, "number") for value in values))
    return Table(columns, tuple(rows))


def _sample_words(values: Sequence[float], measure: Measure) -> str:
    if not values:
        return NONE
    sample = Sample("", tuple(values))
    if sample.spread is None:
        return f"{sample.mean:{measure.form}}"
    return f"{sample.mean:{measure.form}} \N{PLUS-MINUS SIGN} {sample.spread:{measure.form}} (n = {sample.n})"


def _prefixed(label: str, text: str) -> str:
    return f"{label}: {text}" if label else text[:1].upper() + text[1:]


def _and(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
