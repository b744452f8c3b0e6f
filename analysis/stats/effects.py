"""Compares the values of one axis by one measure, all other axes held fixed: ranked, and tested where seeds repeat them."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from analysis.results.document import Cell, Finding, Table
from analysis.results.grouping import value_label
from analysis.results.provenance_marks import run_differences
from analysis.results.results import FINISHED, Result, SweepResults
from analysis.stats.comparison import TEST, Contrast, Sample, contrasts
from analysis.stats.measures import NONE, Measure

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from analysis.results.document import ColumnType

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
    sweep: SweepResults, axis: str, measure: Measure, question: str, remarks: tuple[str, ...] = ()
) -> Finding:
    """Compare the values of `axis` by `measure`, among finished runs that share everything else."""
    blocks = _blocks(sweep, axis)
    used, left_out = _usable(sweep.results, measure)
    numbers = _numbers(sweep, axis, blocks, measure, used)
    basis = [f"Compared by the {measure.words}, among finished runs.", measure.remark, *remarks]
    if len(blocks) > MOST_BLOCKS or len(sweep.expected.values(axis)) > MOST_VALUES:
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
    is_answered = any(pair.is_significant for block in judged for pair in block.pairs)
    # One block's ranking is the answer itself; of several, the answer counts and the rankings follow.
    answer, lines = (
        (lines[0], lines[1:]) if is_answered and len(judged) == 1 else (_answer(judged, measure), lines)
    )
    return Finding(
        question,
        answer,
        numbers,
        tuple(lines),
        tuple(filter(None, [*basis, *left_out])),
        answered=is_answered,
    )


def _compared(blocks: Sequence[Block], used: dict[int, float], measure: Measure) -> list[_Compared]:
    compared = []
    for label, settings in blocks:
        samples = tuple(
            Sample(value, tuple(used[id(result)] for result in results if id(result) in used))
            for value, results in settings
            if any(id(result) in used for result in results)
        )
        runs = [result for _, results in settings for result in results if id(result) in used]
        compared.append(_Compared(label, samples, _doubt(samples, runs, measure)))
    tested = contrasts([() if block.doubt else block.samples for block in compared])
    return [replace(block, pairs=pairs) for block, pairs in zip(compared, tested, strict=True)]


def _blocks(sweep: SweepResults, axis: str) -> list[Block]:
    others = [other for other in sweep.expected.settings if other != axis]
    held: defaultdict[tuple[Any, ...], defaultdict[Any, list[Result]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for result in sweep.results:
        held[tuple(result.trial.axes[other] for other in others)][result.trial.axes[axis]].append(result)
    return [
        (
            ", ".join(value_label(other, value) for other, value in zip(others, shared, strict=True)),
            [
                (value_label(axis, value), having[value])
                for value in sweep.expected.values(axis)
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
    """Say which setting is best, and from which it does not differ significantly."""
    best, worst = _best(block, measure), _best(block, measure, last=True)
    value = measure.words_for(best.mean)
    if all(pair.p is None for pair in block.pairs):
        if best.mean == worst.mean:
            return f"the same in all ({value})."
        other = "lowest" if measure.best == "highest" else "highest"
        return f"{measure.best} in {best.label} ({value}), {other} in {worst.label} ({measure.words_for(worst.mean)})."
    others = [sample for sample in block.samples if sample is not best]
    apart = [sample.label for sample in others if _differ(block, best, sample)]
    rivals = [sample.label for sample in others if sample.label not in apart]
    different = [f"significantly different from {_and(apart)}"] if apart else []
    similar = [f"no significant difference from {_and(rivals)}"] if rivals else []
    return f"{measure.best} in {best.label} ({value}), {', '.join([*different, *similar])}."


def _best(block: _Compared, measure: Measure, *, last: bool = False) -> Sample:
    pick = max if (measure.best == "highest") is not last else min
    return pick(block.samples, key=lambda sample: sample.mean)


def _differ(block: _Compared, one: Sample, other: Sample) -> bool:
    return any(
        pair.is_significant
        for pair in block.pairs
        if {pair.low.label, pair.high.label} == {one.label, other.label}
    )


def _answer(judged: Sequence[_Compared], measure: Measure) -> str:
    tested = [pair for block in judged for pair in block.pairs if pair.p is not None]
    apart = sum(pair.is_significant for pair in tested)
    if apart:
        return f"{apart} of {len(tested)} differences are significant."
    if tested:
        return f"The data cannot tell: no difference is significant ({len(tested)} tested)."
    if any(sample.n == 1 for block in judged for sample in block.samples):
        reason = "with one run a setting (n = 1) a difference may be the seed's"
    else:
        reason = "the repeats of a setting are equal, so the seed does not reach them"
    best = [_best(block, measure).label for block in judged]
    often = max(best, key=best.count)
    has_pattern = len(best) > 1 and 2 * best.count(often) > len(best)
    pattern = (
        f"; in these runs {often} is {measure.best} in {best.count(often)} of {len(best)}"
        if has_pattern
        else ""
    )
    return f"The data cannot tell: {reason}{pattern}. As recorded:"


def _pair(pair: Contrast, measure: Measure) -> str:
    low, high = pair.interval or (math.nan, math.nan)
    p = pair.p if pair.p is not None else math.nan
    return (
        f"{pair.high.label} above {pair.low.label} by {measure.words_for(pair.difference)} "
        f"(95 % interval {low:{measure.form}} to {high:{measure.form}}, p {_p(p)}): "
        f"{'' if pair.is_significant else 'not '}significant."
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
    sweep: SweepResults, axis: str, blocks: Sequence[Block], measure: Measure, used: dict[int, float]
) -> Table:
    values = [value_label(axis, value) for value in sweep.expected.values(axis)][:MOST_VALUES]
    others = ", ".join(other for other in sweep.expected.settings if other != axis)
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
    columns: tuple[tuple[str, ColumnType], ...] = ((others, "text"), *((value, "number") for value in values))
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
