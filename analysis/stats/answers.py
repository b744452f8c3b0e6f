"""Puts into words what the comparisons of a page tell: one line with effect, interval and n, and the pairs below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.results.document import Finding
from analysis.results.grouping import short_name
from analysis.results.results import counted
from analysis.stats.comparison import comparable
from analysis.stats.effects import MOST_VALUES, Block, Effect
from analysis.stats.samples.changed_basis import as_sentence
from analysis.stats.seed_tests import FEWEST, LEVEL, Sample
from analysis.stats.words.dependence import dependence_of
from analysis.stats.words.only_with import only_with
from analysis.stats.words.phrases import (
    MOST_NAMED,
    all_equal,
    best_with,
    capital,
    few,
    joined,
    n_words,
    p_words,
    prefixed,
    seen,
    skipped,
    uncertain,
    value_words,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from analysis.stats.comparison import Contrast, Page
    from analysis.stats.samples.distance import Distance
    from analysis.stats.words.dependence import Dependence
    from analysis.stats.words.only_with import OnlyWith

TEST = (
    "Settings are compared by a t-test that weighs how much the runs of one seed go together: near the paired test where they are good or bad "
    "together, near Welch's where they are not (a mean of p over what is not known, as in Tsui and Weerahandi, 1989). With few repeats its "
    "intervals may be narrower than those of both. In simulations a page without any difference claims one in 5 % of cases at most."
)
"""By which test `analysis/stats/seed_tests.py` compares, for who computes it again by one of the two; with n = 2 they are far apart."""
EVEN = 50
"""The share of pairs of runs, %, below which they contradict the mean."""
UNDECIDED = 2
"""How far what nothing tells apart ranks behind what is told apart, at the head of a report."""


def answer(
    effect: Effect, main: Sequence[Contrast], cells: Sequence[Sequence[Contrast]], page: Page
) -> Finding:
    """Answer one question.

    Args:
        effect: What is asked and measured.
        main: Its tested pairs, corrected for the page; empty where nothing can be tested.
        cells: Those of each of its cells.
        page: All that is compared with it.
    """
    single = [one for group in cells for one in group]
    claimed = any(one.is_significant for one in (*main, *single))
    turned = _dependence(effect, main)
    instead = turned or _only_with(effect, main)
    details = [_pair(effect, one, is_turned=turned is not None and one is turned.pair) for one in main]
    details += [
        prefixed(block.label, _pair(effect, one, (block,)))
        for block, group in zip(effect.cells, cells, strict=True)
        for one in group
        if one.is_significant
    ]
    if single:
        apart = sum(one.is_significant for one in single)
        of = f"{apart or 'none'} of the {len(single)} differences {'are' if apart > 1 else 'is'} significant"
        details.append(f"Within single settings of the other axes, {of}.")
    if instead:
        told, line = (
            f"{capital(instead.words(effect))}.",
            f"{effect.measure.heading}: {instead.words(effect)}",
        )
    else:
        has_cells = any(one.is_significant for one in single)
        told = _answer(effect, main) if main else _untested(effect, has_cells=has_cells)
        line = _headline(effect, main, cells)
    return Finding(
        effect.question,
        f"{told}{as_sentence(effect.basis)}",
        effect.numbers,
        tuple(details),
        tuple(_basis(effect, [*main, *single], page, instead)),
        answered=claimed or instead is not None,
        headline=f"{line}; {effect.basis}" if line and effect.basis else line,
        rank=(not effect.measure.ranks) + (0 if claimed or instead else UNDECIDED),
        keys=(effect.measure.key,),
        axis=effect.axis,
        repeats=max((one.n for pair in (*main, *single) for one in (pair.low, pair.high)), default=0),
        above=effect.above,
    )


def _dependence(effect: Effect, main: Sequence[Contrast]) -> Dependence | None:
    """What decides whether the best by the mean, or another, is the better one; None where nothing tells that it changes."""
    if not main:
        return None
    best = _best_of(effect, main).label
    return dependence_of(effect, [pair for pair in main if best in {pair.low.label, pair.high.label}])


def _only_with(effect: Effect, main: Sequence[Contrast]) -> OnlyWith | None:
    """Where the two values of an axis differ, if under one value of the others alone; of more values a mean tells more."""
    is_of_two = len(_tested(effect, main)) == 2  # noqa: PLR2004
    return only_with(effect, main) if is_of_two else None


def _answer(effect: Effect, main: Sequence[Contrast]) -> str:
    samples = _tested(effect, main)
    best, worst = _best_of(effect, main), effect.extremes(samples)[1]
    head = (
        f"{best_with(effect, best, samples)} ({value_words(effect, best)}, {n_words(samples)}{_over(effect)})"
    )
    against = _against(best, main)
    apart = [pair for pair in against.values() if pair.is_significant]
    if lost := [pair for pair in apart if _better_of(effect, pair).label != best.label]:
        clearest = min(lost, key=lambda pair: pair.p)
        return f"{_pair(effect, clearest)} The data cannot tell which is {effect.measure.foremost}: {head}, but not on the seeds that both have."
    if apart:
        shown = "; ".join(_from(effect, best, pair) for pair in apart[:MOST_NAMED])
        more = f"; and {len(apart) - MOST_NAMED} more" if len(apart) > MOST_NAMED else ""
        return "; ".join((f"{capital(head)}: {shown}{more}", *_doubts(effect, best, main, joined))) + "."
    if elsewhere := [pair for pair in main if pair.is_significant]:
        clearest = min(elsewhere, key=lambda pair: pair.p)
        doubts = _doubts(effect, best, main, joined)
        beside = (
            ", ".join(("", *doubts))
            if any(pair.is_lost for pair in main)
            else f" is significantly {effect.measure.better} than none"
        )
        return f"{_pair(effect, clearest)} The data cannot tell which is {effect.measure.foremost}: {head}{beside}."
    if effect.are_equal(best, worst):
        return f"The data cannot tell: {all_equal(samples)} ({value_words(effect, best)}, {n_words(samples)}{_over(effect)})."
    told = f"{head}, and {_from(effect, best, against[worst.label])}"
    if against[worst.label].is_lost:
        return f"Not certain: {told}."
    return f"The data cannot tell: {told}: not significant."


def _headline(effect: Effect, main: Sequence[Contrast], cells: Sequence[Sequence[Contrast]]) -> str:
    """The answer in one line: the greatest difference from the best, else the clearest there is."""
    words = f"{effect.measure.heading}{_over(effect)}"
    single = [(block.label, pair) for block, group in zip(effect.cells, cells, strict=True) for pair in group]
    apart = [("", pair) for pair in main if pair.is_significant]
    apart = apart or [(label, pair) for label, pair in single if pair.is_significant]
    if not apart:
        if not main:
            return ""
        pair, samples = _widest(effect, main), _tested(effect, main)
        if effect.are_equal(*effect.extremes(samples)):
            return f"{words}: {all_equal(samples)}, {value_words(effect, pair.high)} ({_n_of(pair)})"
        lies = _far(effect, pair).lies_from(pair.low.label)
        if pair.is_lost:
            return f"{words}: not certain that {pair.high.label} {lies}: {_lost(pair)[:-1]}, {_n_of(pair)})"
        return f"{words}: no significant difference; {pair.high.label} {lies} ({_known(effect, pair)})"
    best = _best_of(effect, main) if main else None
    ahead = [
        pair for _, pair in apart if best and pair in main and _better_of(effect, pair).label == best.label
    ]
    if not best or not ahead:
        label, pair = min(apart, key=lambda one: one[1].p)
        lies, known = _far(effect, pair).lies_from(pair.low.label), _known(effect, pair)
        return f"{words}{f', {label}' if label else ''}: {pair.high.label} {lies} ({known})"
    pair = max(ahead, key=lambda one: one.difference)
    other = _other(pair, best)
    up = other is pair.high
    lies, known = _far(effect, pair, up=up).lies, _known(effect, pair, up=up)
    head = best_with(effect, best, _tested(effect, main))
    return f"{words}: {', '.join((head, *_doubts(effect, best, main, few)))}; {other.label} {lies} ({known})"


def _far(effect: Effect, pair: Contrast, *, up: bool = True) -> Distance:
    return effect.distance(pair.difference, pair.interval, up=up)


def _known(effect: Effect, pair: Contrast, *, up: bool = True) -> str:
    return f"95 % CI {_far(effect, pair, up=up).span}, {_n_of(pair)}"


def _lost(pair: Contrast) -> str:
    """What is left of a difference that the correction takes away: its own interval leaves out 0, which would read as a finding."""
    return f"significant by itself, but not after correction for all comparisons on this page (corrected p {p_words(pair.p)})"


def _from(effect: Effect, best: Sample, pair: Contrast) -> str:
    """How far another setting lies from the best, with its interval."""
    other = _other(pair, best)
    far = _far(effect, pair, up=other is pair.high)
    often = _often_worse(effect, best, other)
    if pair.is_lost:
        return f"{other.label} {far.lies} ({often}), {_lost(pair)}"
    return f"{other.label} {far.lies} (95 % interval {far.span}, {often})"


def _better_of(effect: Effect, pair: Contrast) -> Sample:
    return pair.low if effect.measure.best == "lowest" else pair.high


def _pair(
    effect: Effect, pair: Contrast, blocks: Sequence[Block] | None = None, *, is_turned: bool = False
) -> str:
    """A pair in words; `blocks` are those that it was compared in, None for all; `is_turned`: its sign changes between them."""
    often = _often_better(blocks or effect.judged, effect, pair)
    verdict = "significant" if pair.is_significant else "not significant"
    if pair.is_lost:
        verdict += f" among all that is compared; by itself it would be (p {p_words(pair.alone)})"
    far = _far(effect, pair)
    if pair.difference <= effect.rounding(pair.low, pair.high) and not pair.is_significant:
        names = joined([sample.label for sample in _tested(effect, [pair])])
        return f"{names} do not differ in the mean (95 % interval {far.span}, corrected p {p_words(pair.p)}, {_n_of(pair)})."
    return (
        f"{'Only in the mean, which hides that the sign changes: ' if is_turned else ''}"
        f"{pair.high.label} {far.by_from(pair.low.label)} "
        f"(95 % interval {far.span}, corrected p {p_words(pair.p)}, {_n_of(pair)}; "
        f"{often}): {verdict}."
    )


def _often_better(blocks: Sequence[Block], effect: Effect, pair: Contrast) -> str:
    """In how many pairs of runs the better one by the mean is better; where that is the lesser part, what contradicts the mean."""
    best = _better_of(effect, pair)
    other = _other(pair, best)
    share = _improvement(blocks, effect, best, other)
    if share < EVEN:
        return f"although {other.label} is {effect.measure.better} in {100 - share:.0f} % of pairs of {effect.repeats}"
    return f"{best.label} is {effect.measure.better} in {share:.0f} % of pairs of {effect.repeats}"


def _often_worse(effect: Effect, best: Sample, other: Sample) -> str:
    """The same of the other one: `worse in 90 % of pairs of runs`."""
    share = _improvement(effect.judged, effect, best, other)
    if share < EVEN:
        return f"although {other.label} is {effect.measure.better} in {100 - share:.0f} % of pairs of {effect.repeats}"
    return f"{effect.measure.worse} in {share:.0f} % of pairs of {effect.repeats}"


def _improvement(blocks: Sequence[Block], effect: Effect, one: Sample, other: Sample) -> float:
    """The probability of improvement, %: how often a run of one setting beats a run of the other, in the same block."""
    wins, pairs = 0.0, 0
    for block in blocks:
        values = {sample.label: sample.values for sample in block.samples}
        for mine in values.get(one.label, ()):
            for theirs in values.get(other.label, ()):
                pairs += 1
                wins += 0.5 if mine == theirs else (mine > theirs) is (effect.measure.best == "highest")
    return round(100 * wins / pairs)


def _untested(effect: Effect, *, has_cells: bool) -> str:
    if effect.too_many:
        return f"The data cannot tell: these are more values than are compared here ({MOST_VALUES}). The results table has every trial."
    if not effect.judged:
        reasons = dict.fromkeys(block.doubt for block in effect.blocks)
        return f"The data cannot tell: {'; '.join(reasons)}."
    if has_cells:
        return "There is no mean effect to compare, but settings differ in single cells:"
    samples = effect.shown
    best, worst = effect.extremes(samples)
    if sum(sample.n >= FEWEST for sample in samples) < 2:  # noqa: PLR2004 - two make a comparison
        reason = "fewer than two settings have two seeds with a result"
    elif comparable(samples):
        reason = "no difference is significant"
    elif effect.seed_is_lost:
        reason = (
            "the repeats of a setting are equal in all that they recorded, so the seed does not reach them"
        )
    else:
        reason = "the repeats of a setting are equal in this measure"
    return f"The data cannot tell: {reason}. As recorded: {seen(effect, best, worst)}."


def _basis(
    effect: Effect, pairs: Sequence[Contrast], page: Page, instead: Dependence | OnlyWith | None
) -> list[str]:
    among = ", among finished runs" if effect.repeats == "runs" else ""
    lines = [f"Compared by the {effect.measure.words}{among}.", *effect.remarks]
    if pairs:
        how = (
            ", on a log scale: means are geometric here and arithmetic in the table, differences are in percent"
            if effect.is_log
            else ""
        )
        over = (
            f", by the mean over {len(effect.judged)} settings of the other axes"
            if len(effect.judged) > 1 and effect.main
            else ""
        )
        lines.append(
            f"Compared seed by seed{over}{how}. Significant means p < {LEVEL} after correction for all comparisons on this page "
            f"(those of {_compared(page)}): on a page with other sweeps p is another. Intervals are not corrected."
        )
    if instead:
        lines.append(instead.method(effect))
    return [*lines, *skipped(effect), *effect.left_out]


def _over(effect: Effect) -> str:
    """Over which other settings values are a mean: a reader would take them for those of one."""
    if len(effect.judged) < 2 or not effect.main:  # noqa: PLR2004 - one is no mean
        return ""
    return f", mean over {joined([short_name(axis, effect.names) for axis in effect.others])}"


def _compared(page: Page) -> str:
    questions = counted(page.questions, "question")
    return f"{questions}, and single settings as one more" if any(page.cells) else questions


def _tested(effect: Effect, main: Sequence[Contrast]) -> list[Sample]:
    """The settings of tested pairs, in the order of the file."""
    labels = {one.label for pair in main for one in (pair.low, pair.high)}
    return [sample for sample in effect.main if sample.label in labels]


def _best_of(effect: Effect, main: Sequence[Contrast]) -> Sample:
    """The best of tested settings; of equals the one that most others are told apart from, else the first of the file."""
    samples = _tested(effect, main)
    top, _ = effect.extremes(samples)
    apart = [one.label for pair in main if pair.is_significant for one in (pair.low, pair.high)]
    return max((one for one in samples if effect.are_equal(top, one)), key=lambda one: apart.count(one.label))


def _widest(effect: Effect, main: Sequence[Contrast]) -> Contrast:
    """The best beside the worst, as the answer has them."""
    best, worst = _best_of(effect, main), effect.extremes(_tested(effect, main))[1]
    return _against(best, main)[worst.label]


def _against(best: Sample, main: Sequence[Contrast]) -> dict[str, Contrast]:
    """The pairs of the best, by the label of the other one."""
    return {_other(pair, best).label: pair for pair in main if best in (pair.low, pair.high)}


def _doubts(
    effect: Effect, best: Sample, main: Sequence[Contrast], named: Callable[[Sequence[str]], str]
) -> list[str]:
    """From which others the best is not told apart, and from which it is before correction only; but for those that equal it."""
    equals = effect.equals(best, effect.main)
    rivals = [
        (label, pair)
        for label, pair in _against(best, main).items()
        if not pair.is_significant and label not in equals
    ]
    near = [label for label, pair in rivals if not pair.is_lost]
    lost = [(label, pair.p) for label, pair in rivals if pair.is_lost]
    return [
        *([f"not significantly {effect.measure.better} than {named(near)}"] if near else []),
        *([uncertain(lost)] if lost else []),
    ]


def _other(pair: Contrast, one: Sample) -> Sample:
    return pair.high if pair.low is one or pair.low.label == one.label else pair.low


def _n_of(pair: Contrast) -> str:
    shared = len(pair.low.by_seed.keys() & pair.high.by_seed.keys())
    n = n_words((pair.low, pair.high))
    return n if shared == pair.low.n == pair.high.n else f"{n}, {shared} in both"
