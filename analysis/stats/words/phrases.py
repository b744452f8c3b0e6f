"""Phrases that several answers have: which setting is the best, its value, how many repeats, p."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.results import grouping
from analysis.stats.seed_tests import FEWEST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.stats.effects import Effect
    from analysis.stats.seed_tests import Sample

MOST_NAMED = 3
"""How many settings a line names."""


def best_with(effect: Effect, best: Sample, samples: Sequence[Sample]) -> str:
    """The best, with those that equal it: `highest with a, equal to b`."""
    equals = effect.equals(best, samples)
    return f"{effect.measure.best} with {best.label}{f', equal to {few(equals)}' if equals else ''}"


def uncertain(doubted: Sequence[tuple[str, float]]) -> str:
    """Name those that a test tells apart, and no longer once it is corrected for the page: each with its corrected p."""
    labels, ps = [label for label, _ in doubted], sorted(p for _, p in doubted)
    least, most = map(p_words, (ps[0], ps[-1]))
    p = least if least == most else f"{least} to {most.removeprefix('= ')}"
    return f"not certain against {few(labels)} (corrected p {p})"


def all_equal(samples: Sequence[Sample]) -> str:
    """Say that settings are equal."""
    labels = [sample.label for sample in samples]
    return f"{joined(labels)} are equal" if len(labels) <= MOST_NAMED else "the same in all"


def few(labels: Sequence[str]) -> str:
    """Name settings, or how many there are."""
    return joined(labels) if len(labels) <= MOST_NAMED else f"{len(labels)} others"


def value_words(effect: Effect, sample: Sample) -> str:
    """A setting's mean, with its unit."""
    kind = "geometric mean " if effect.is_log and sample.n > 1 else ""
    return f"{kind}{effect.measure.words_for(effect.in_its_unit(sample.mean))}"


def n_words(samples: Sequence[Sample]) -> str:
    """How many repeats settings have."""
    return grouping.n_words([sample.n for sample in samples])


def p_words(value: float) -> str:
    """A p as people write it."""
    return "< 0.001" if value < 0.001 else f"= {value:.2g}"  # noqa: PLR2004 - finer is not worth reading


def prefixed(label: str, text: str) -> str:
    """A sentence with what it is of before it."""
    return f"{label}: {text}" if label else capital(text)


def capital(text: str) -> str:
    """A text that begins a sentence; a metric's name such as `test_acc` or `val/loss` stays as it is."""
    is_name = any(mark in text.partition(" ")[0] for mark in "_/.")
    return text if is_name else f"{text[:1].upper()}{text[1:]}"


def joined(words: Sequence[str]) -> str:
    """Words with commas and an *and*."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def seen(effect: Effect, best: Sample, worst: Sample) -> str:
    """The best and the worst, each with its value, without a word on what is known of them."""
    if effect.are_equal(best, worst):
        return f"the same in all ({value_words(effect, best)})"
    opposite = "lowest" if effect.measure.best == "highest" else "highest"
    return (
        f"{best_with(effect, best, effect.shown)} ({value_words(effect, best)}), {opposite} with {worst.label} "
        f"({value_words(effect, worst)})"
    )


def skipped(effect: Effect) -> list[str]:
    """What is not compared or not tested, and which seeds are missing."""
    lines = [prefixed(block.label, f"not compared: {block.doubt}.") for block in effect.blocks if block.doubt]
    if effect.too_many or effect.ran_once:
        return lines
    few = [
        prefixed(block.label, sample.label)
        for block in effect.judged
        for sample in block.samples
        if sample.n < FEWEST
    ]
    if few:
        lines.append(f"Not tested, for one seed has no spread: {'; '.join(few)}.")
    missing = [
        f"{prefixed(block.label, label)} has {having} of {of} seeds"
        for block in effect.judged
        for label, having, of in block.missing
    ]
    if missing:
        biased = (
            "If whether a run ends depends on its value, the mean of the rest is off."
            if effect.measure.is_neutral
            else "If seeds are missing because they went badly, the rest looks better than it is."
        )
        lines.append(f"Possible bias: {'; '.join(missing)}. {biased}")
    return lines
