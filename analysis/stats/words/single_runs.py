"""Puts into words what is seen of settings that ran once each: no test can tell more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.results.document import Cell, Finding, Table
from analysis.results.grouping import short_name
from analysis.stats.samples.changed_basis import as_sentence
from analysis.stats.words.phrases import best_with, joined, seen, skipped, value_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.stats.effects import Effect
    from analysis.stats.seed_tests import Sample

SEEDS = "`--seeds 3` would test it"
WOULD_DECIDE = SEEDS.replace("`", "`sweep run ", 1)


def observed(effects: Sequence[Effect], waiting: str = "") -> Finding:
    """Say in one line what single runs show, and what would test it; each effect ran once a setting.

    `waiting` says which repeats there are to be yet.
    """
    rows, lines = [], []
    for effect in effects:
        best, worst = effect.extremes(effect.shown)
        value, other = value_words(effect, best), value_words(effect, worst)
        lines.append(f"the {effect.measure.words} is {seen(effect, best, worst)}")
        rows.append(
            (
                short_name(effect.axis, effect.names),
                effect.measure.words,
                joined([best.label, *effect.equals(best, effect.shown)]),
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
        f"Seen once (n = 1), so chance is not ruled out: {lines[first]}; {waiting or WOULD_DECIDE}."
        f"{as_sentence(effects[first].basis)}",
        Table(
            tuple((head, "number" if head == "its value" else "text") for head in columns),
            tuple(tuple(Cell(text) for text in row) for row in rows),
        ),
        (),
        tuple(
            dict.fromkeys(
                line for effect in effects for line in (*effect.remarks, *skipped(effect), *effect.left_out)
            )
        ),
        headline=f"Seen once: {_seen_apart(effects[first])} (n = 1); {waiting or SEEDS}"
        f"{f'; {effects[first].basis}' if effects[first].basis else ''}",
        keys=tuple(keys),
    )


def _weight(effect: Effect) -> tuple[bool, float]:
    means = [sample.mean for sample in effect.shown]
    return effect.measure.ranks, max(means) - min(means)


def _seen_apart(effect: Effect) -> str:
    """The same in fewer words: the best, and how far the worst lies from it."""
    best, worst = effect.extremes(effect.shown)
    words = effect.measure.words
    if effect.are_equal(best, worst):
        return f"{words} is the same in all, {value_words(effect, best)}"
    far = effect.distance(abs(worst.mean - best.mean), up=worst.mean > best.mean)
    head = best_with(effect, best, effect.shown)
    return f"{words} is {head} ({value_words(effect, best)}), {worst.label} {far.where}"


def _often(effect: Effect, best: Sample) -> str:
    tops = [(effect.extremes(block.samples)[0], block.samples) for block in effect.judged]
    firsts = [best.label in (top.label, *effect.equals(top, samples)) for top, samples in tops]
    return f"{sum(firsts)} of {len(firsts)}"
