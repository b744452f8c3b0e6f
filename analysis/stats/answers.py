"""Puts into words what the comparisons of a page tell: one line with effect, interval and n, and the pairs below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.results.document import Cell, Finding, Table
from analysis.stats.comparison import comparable
from analysis.stats.effects import MOST_VALUES, Block, Effect
from analysis.stats.seed_tests import FEWEST, LEVEL, Sample

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.stats.comparison import Contrast
    from analysis.stats.effects import Distance

MOST_NAMED = 3
"""How many settings the answer compares with the best; the lines below it have all pairs."""

SEEDS = "`--seeds 3` would decide it"
WOULD_DECIDE = SEEDS.replace("`", "`sweep run ", 1)
UNDECIDED = 1
"""How far what nothing tells apart ranks behind what is told apart, at the head of a report."""


def answer(
    effect: Effect, main: Sequence[Contrast], cells: Sequence[Sequence[Contrast]], findings: int
) -> Finding:
    """Answer one question.

    Args:
        effect: What is asked and measured.
        main: Its tested pairs, corrected for the page; empty where nothing can be tested.
        cells: Those of each of its cells.
        findings: How many findings of the page are tested.
    """
    single = [one for group in cells for one in group]
    claimed = any(one.is_significant for one in (*main, *single))
    details = [_pair(effect, one) for one in main]
    details += [
        _prefixed(block.label, _pair(effect, one, (block,)))
        for block, group in zip(effect.cells, cells, strict=True)
        for one in group
        if one.is_significant
    ]
    if single:
        apart = sum(one.is_significant for one in single)
        details.append(
            f"Each by itself, after the mean effect: {apart} of {len(single)} differences are significant."
        )
    return Finding(
        effect.question,
        _answer(effect, main)
        if main
        else _untested(effect, has_cells=any(one.is_significant for one in single)),
        effect.numbers,
        tuple(details),
        tuple(_basis(effect, [*main, *single], findings)),
        answered=claimed,
        headline=_headline(effect, main, cells),
        rank=(not effect.measure.ranks) + (0 if claimed else UNDECIDED),
        keys=(effect.measure.key,),
        axis=effect.axis,
        repeats=max((one.n for pair in (*main, *single) for one in (pair.low, pair.high)), default=0),
    )


def observed(effects: Sequence[Effect], waiting: str = "") -> Finding:
    """Say in one line what single runs show, and what would decide it; each effect ran once a setting.

    `waiting` says which repeats there are to be yet.
    """
    rows, lines = [], []
    for effect in effects:
        best, worst = effect.extremes(effect.shown)
        value, other = _value(effect, best), _value(effect, worst)
        lines.append(f"the {effect.measure.words} is {_seen(effect, best, worst)}")
        rows.append(
            (
                effect.axis.rpartition(".")[2],
                effect.measure.words,
                _and([best.label, *effect.equals(best, effect.shown)]),
                value,
                worst.label,
                other,
                _often(effect, best),
            )
        )
    # The measure by which runs are ranked; of several axes the one that moves it most.
    first = max(range(len(effects)), key=lambda place: _weight(effects[place]))
    keys = dict.fromkeys(effects[place].measure.key for place in (first, *range(len(effects))))
    columns = ("varied", "measure", "best", "its value", "worst", "its value", "best in")
    return Finding(
        "What do single runs show?",
        f"Seen once (n = 1), so chance is not ruled out: {lines[first]}; {waiting or WOULD_DECIDE}.",
        Table(
            tuple((head, "number" if head == "its value" else "text") for head in columns),
            tuple(tuple(Cell(text) for text in row) for row in rows),
        ),
        (),
        tuple(
            dict.fromkeys(
                line for effect in effects for line in (*effect.remarks, *_skipped(effect), *effect.left_out)
            )
        ),
        headline=f"Seen once: {_seen_apart(effects[first])} (n = 1); {waiting or SEEDS}",
        keys=tuple(keys),
    )


def _weight(effect: Effect) -> tuple[bool, float]:
    means = [sample.mean for sample in effect.shown]
    return effect.measure.ranks, max(means) - min(means)


def _seen(effect: Effect, best: Sample, worst: Sample) -> str:
    if effect.are_equal(best, worst):
        return f"the same in all ({_value(effect, best)})"
    opposite = "lowest" if effect.measure.best == "highest" else "highest"
    return (
        f"{_best_with(effect, best, effect.shown)} ({_value(effect, best)}), {opposite} with {worst.label} "
        f"({_value(effect, worst)})"
    )


def _seen_apart(effect: Effect) -> str:
    """The same in fewer words: the best, and how far the worst lies from it."""
    best, worst = effect.extremes(effect.shown)
    words = effect.measure.words
    if effect.are_equal(best, worst):
        return f"{words} is the same in all, {_value(effect, best)}"
    far = effect.distance(abs(worst.mean - best.mean), up=worst.mean > best.mean)
    head = _best_with(effect, best, effect.shown)
    return f"{words} is {head} ({_value(effect, best)}), {worst.label} {far.where}"


def _often(effect: Effect, best: Sample) -> str:
    tops = [(effect.extremes(block.samples)[0], block.samples) for block in effect.judged]
    firsts = [best.label in (top.label, *effect.equals(top, samples)) for top, samples in tops]
    return f"{sum(firsts)} of {len(firsts)}"


def _answer(effect: Effect, main: Sequence[Contrast]) -> str:
    samples = _tested(effect, main)
    best, worst = _best_of(effect, main), effect.extremes(samples)[1]
    head = f"{_best_with(effect, best, samples)} ({_value(effect, best)}, {_n(samples)})"
    against = {_other(pair, best).label: pair for pair in main if best in (pair.low, pair.high)}
    apart = [pair for pair in against.values() if pair.is_significant]
    if lost := [pair for pair in apart if _better_of(effect, pair).label != best.label]:
        clearest = min(lost, key=lambda pair: pair.p)
        return f"{_pair(effect, clearest)} The data cannot tell which is best: {head}, but not on the seeds that both have."
    if apart:
        shown = "; ".join(_from(effect, best, pair) for pair in apart[:MOST_NAMED])
        more = f"; and {len(apart) - MOST_NAMED} more" if len(apart) > MOST_NAMED else ""
        rivals = _rivals(effect, best, main)
        return f"{head[0].upper()}{head[1:]}: {shown}{more}{f'; not told apart from {_and(rivals)}' if rivals else ''}."
    if elsewhere := [pair for pair in main if pair.is_significant]:
        clearest = min(elsewhere, key=lambda pair: pair.p)
        return f"{_pair(effect, clearest)} The data cannot tell which is best: {head} is not told apart from any."
    if effect.are_equal(best, worst):
        return f"The data cannot tell: {_all_equal(samples)} ({_value(effect, best)}, {_n(samples)})."
    return f"The data cannot tell: {head}, but {_from(effect, best, against[worst.label])}."


def _headline(effect: Effect, main: Sequence[Contrast], cells: Sequence[Sequence[Contrast]]) -> str:
    """The answer in one line: the greatest difference from the best, else the clearest there is."""
    words = f"{effect.measure.words[:1].upper()}{effect.measure.words[1:]}"
    single = [(block.label, pair) for block, group in zip(effect.cells, cells, strict=True) for pair in group]
    apart = [("", pair) for pair in main if pair.is_significant]
    apart = apart or [(label, pair) for label, pair in single if pair.is_significant]
    if not apart:
        if not main:
            return ""
        pair, samples = max(main, key=lambda one: one.difference), _tested(effect, main)
        if effect.are_equal(*effect.extremes(samples)):
            return f"{words}: {_all_equal(samples)}, {_value(effect, pair.high)} ({_n_of(pair)})"
        return (
            f"{words}: no significant difference; {pair.high.label} {_far(effect, pair).lies_from(pair.low.label)} "
            f"({_known(effect, pair)})"
        )
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
    head = _best_with(effect, best, _tested(effect, main))
    rivals = _rivals(effect, best, main)
    beside = f", not told apart from {_few(rivals)}" if rivals else ""
    return f"{words}: {head}{beside}; {other.label} {lies} ({known})"


def _far(effect: Effect, pair: Contrast, *, up: bool = True) -> Distance:
    return effect.distance(pair.difference, pair.interval, up=up)


def _known(effect: Effect, pair: Contrast, *, up: bool = True) -> str:
    return f"95 % CI {_far(effect, pair, up=up).span}, {_n_of(pair)}{_lost(pair)}"


def _lost(pair: Contrast) -> str:
    """What an interval without 0 leaves open: beside all else that is compared, the difference may be chance."""
    alone, beside = _p(pair.alone), _p(pair.p)
    return f"; p {alone} by itself, {beside} beside all that is compared" if _is_lost(pair) else ""


def _is_lost(pair: Contrast) -> bool:
    """Whether it is the correction alone that takes a difference away."""
    return pair.alone < LEVEL and not pair.is_significant


def _from(effect: Effect, best: Sample, pair: Contrast) -> str:
    """How far another setting lies from the best, with its interval."""
    other = _other(pair, best)
    far = _far(effect, pair, up=other is pair.high)
    return (
        f"{other.label} {far.lies} "
        f"(95 % interval {far.span}, worse in {_often_better(effect.judged, effect, best, other)}{_lost(pair)})"
    )


def _better_of(effect: Effect, pair: Contrast) -> Sample:
    return pair.low if effect.measure.best == "lowest" else pair.high


def _pair(effect: Effect, pair: Contrast, blocks: Sequence[Block] | None = None) -> str:
    """A pair in words; `blocks` are those that it was compared in, None for all."""
    best = _better_of(effect, pair)
    often = _often_better(blocks or effect.judged, effect, best, _other(pair, best))
    alone = f"p {_p(pair.alone)} by itself, " if _is_lost(pair) else ""
    far = _far(effect, pair)
    if pair.difference <= effect.rounding(pair.low, pair.high) and not pair.is_significant:
        names = _and([sample.label for sample in _tested(effect, [pair])])
        return f"{names} do not differ in the mean (95 % interval {far.span}, corrected p {_p(pair.p)}, {_n_of(pair)})."
    return (
        f"{pair.high.label} {far.by_from(pair.low.label)} "
        f"(95 % interval {far.span}, {alone}corrected p {_p(pair.p)}, {_n_of(pair)}; "
        f"{best.label} is better in {often}): {'' if pair.is_significant else 'not '}significant."
    )


def _often_better(blocks: Sequence[Block], effect: Effect, one: Sample, other: Sample) -> str:
    """The probability of improvement: how often a run of one setting beats a run of the other, in the same block."""
    wins, pairs = 0.0, 0
    for block in blocks:
        values = {sample.label: sample.values for sample in block.samples}
        for mine in values.get(one.label, ()):
            for theirs in values.get(other.label, ()):
                pairs += 1
                wins += 0.5 if mine == theirs else (mine > theirs) is (effect.measure.best == "highest")
    return f"{100 * wins / pairs:.0f} % of pairs of {effect.repeats}"


def _untested(effect: Effect, *, has_cells: bool) -> str:
    if effect.too_many:
        return f"The data cannot tell: these are more values than are compared here ({MOST_VALUES}). The results table has every trial."
    if not effect.judged:
        reasons = dict.fromkeys(block.doubt for block in effect.blocks)
        return f"The data cannot tell: {_and(list(reasons))}."
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
    return f"The data cannot tell: {reason}. As recorded: {_seen(effect, best, worst)}."


def _basis(effect: Effect, pairs: Sequence[Contrast], findings: int) -> list[str]:
    among = ", among finished runs" if effect.repeats == "runs" else ""
    lines = [f"Compared by the {effect.measure.words}{among}.", *effect.remarks]
    if pairs:
        how = (
            " on a log scale, so that means are geometric and differences in percent, unlike the arithmetic means of the table"
            if effect.is_log
            else ""
        )
        over = (
            f", by the mean over the {len(effect.judged)} settings of the other axes"
            if len(effect.judged) > 1 and effect.main
            else ""
        )
        lines.append(
            f"Compared seed by seed{over}{how}. Significant: p < {LEVEL}, corrected for all that this page compares "
            f"({findings} finding{'' if findings == 1 else 's'}), so a page with other sweeps has another p. Intervals are not corrected."
        )
    return [*lines, *_skipped(effect), *effect.left_out]


def _skipped(effect: Effect) -> list[str]:
    """What is not compared or not tested, and which seeds are missing."""
    lines = [
        _prefixed(block.label, f"not compared: {block.doubt}.") for block in effect.blocks if block.doubt
    ]
    if effect.too_many or effect.ran_once:
        return lines
    few = [
        _prefixed(block.label, sample.label)
        for block in effect.judged
        for sample in block.samples
        if sample.n < FEWEST
    ]
    if few:
        lines.append(f"Not tested, for one seed has no spread: {'; '.join(few)}.")
    missing = [
        f"{_prefixed(block.label, label)} has {having} of {of} seeds"
        for block in effect.judged
        for label, having, of in block.missing
    ]
    if missing:
        lines.append(
            f"Possible bias: {'; '.join(missing)}. If seeds are missing because they went badly, the rest looks better than it is."
        )
    return lines


def _tested(effect: Effect, main: Sequence[Contrast]) -> list[Sample]:
    """The settings of tested pairs, in the order of the file."""
    labels = {one.label for pair in main for one in (pair.low, pair.high)}
    return [sample for sample in effect.main if sample.label in labels]


def _best_of(effect: Effect, main: Sequence[Contrast]) -> Sample:
    """The best of tested settings; of equals the one that most others are told apart from."""
    samples = _tested(effect, main)
    top, _ = effect.extremes(samples)
    apart = [one.label for pair in main if pair.is_significant for one in (pair.low, pair.high)]
    return max((one for one in samples if effect.are_equal(top, one)), key=lambda one: apart.count(one.label))


def _rivals(effect: Effect, best: Sample, main: Sequence[Contrast]) -> list[str]:
    """The others that the best is not told apart from, but for those that equal it."""
    against = [
        _other(pair, best).label for pair in main if best in (pair.low, pair.high) and not pair.is_significant
    ]
    return [label for label in against if label not in effect.equals(best, effect.main)]


def _best_with(effect: Effect, best: Sample, samples: Sequence[Sample]) -> str:
    """The best, with those that equal it: `highest with a, equal to b`."""
    equals = effect.equals(best, samples)
    return f"{effect.measure.best} with {best.label}{f', equal to {_few(equals)}' if equals else ''}"


def _all_equal(samples: Sequence[Sample]) -> str:
    labels = [sample.label for sample in samples]
    return f"{_and(labels)} are equal" if len(labels) <= MOST_NAMED else "the same in all"


def _few(labels: Sequence[str]) -> str:
    return _and(labels) if len(labels) <= MOST_NAMED else f"{len(labels)} others"


def _other(pair: Contrast, one: Sample) -> Sample:
    return pair.high if pair.low is one or pair.low.label == one.label else pair.low


def _value(effect: Effect, sample: Sample) -> str:
    kind = "geometric mean " if effect.is_log and sample.n > 1 else ""
    return f"{kind}{effect.measure.words_for(effect.in_its_unit(sample.mean))}"


def _n(samples: Sequence[Sample]) -> str:
    counts = sorted({sample.n for sample in samples})
    return f"n = {counts[0]}" if len(counts) == 1 else f"n = {counts[0]} to {counts[-1]}"


def _n_of(pair: Contrast) -> str:
    shared = len(pair.low.by_seed.keys() & pair.high.by_seed.keys())
    n = _n((pair.low, pair.high))
    return n if shared == pair.low.n == pair.high.n else f"{n}, {shared} in both"


def _p(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"= {value:.2g}"  # noqa: PLR2004 - finer is not worth reading


def _prefixed(label: str, text: str) -> str:
    return f"{label}: {text}" if label else text[:1].upper() + text[1:]


def _and(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
