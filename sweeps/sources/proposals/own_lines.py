"""Keeps a pattern to the lines that it is meant for: `loss: 0.5` is no part of `test loss: 0.5`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ANY_NUMBER = "\N{ARABIC-INDIC DIGIT THREE}"
"""Stands for a number, or whatever else a run fills in, in a line that was not printed yet: a digit of no program's own text."""
_BAR = re.compile(r"\d%\|")
"""A progress bar: what is printed beside one stands behind it."""
_MOST_WORDS = 3
"""So many words are looked for before a pattern at most."""


@dataclass(frozen=True, slots=True)
class LinePattern:
    """A pattern that reads some lines.

    Attributes:
        text: The regular expression, up to the last number that it reads.
        lines: Lines that it is meant for.
        start: What fits that they begin with it, such as `^`; empty: something else may stand before.
        rest: A regular expression of all that stands behind the last number; None: it does not end the lines.
    """

    text: str
    lines: Sequence[str]
    start: str = ""
    rest: str | None = None


def kept_to_own(pattern: LinePattern, others: Sequence[str]) -> str:
    """The pattern, with as little added as keeps it from the lines that are meant for others, as far as that can be."""
    return min(_candidates(pattern, others), key=lambda text: _taken(text, pattern.lines, others))


def _taken(text: str, own: Sequence[str], others: Sequence[str]) -> tuple[int, int]:
    """How many of its own lines it does not read, and how many others it does; of equals `min` takes the first."""
    compiled = re.compile(text)
    return (
        sum(compiled.search(line) is None for line in own),
        sum(_reads(compiled, line) for line in others),
    )


def _reads(compiled: re.Pattern[str], line: str) -> bool:
    found = compiled.search(line)
    return found is not None and not _BAR.search(line[: found.start()])


def _candidates(pattern: LinePattern, others: Sequence[str]) -> Iterator[str]:
    """The pattern as it is, at a line's beginning, not behind certain words, and each up to the line's end."""
    begun = [pattern.text]
    if pattern.start:
        begun.append(f"{pattern.start}{pattern.text}")
    if words := _words_before(pattern.text, others):
        begun.append("".join(f"(?<!{_plain(word)})" for word in words) + pattern.text)
    yield from begun
    if pattern.rest is not None:
        yield from (f"{text}{pattern.rest}$" for text in begun)


def _words_before(text: str, others: Sequence[str]) -> list[str]:
    """The words that stand right before what a pattern finds in other lines."""
    compiled = re.compile(text)
    found: dict[str, None] = {}
    for line in others:
        for match in compiled.finditer(line):
            word = re.search(rf"[^\s{ANY_NUMBER}]+\s*$", line[: match.start()])
            found |= {word[0]: None} if word is not None else {}
    return list(found)[:_MOST_WORDS]


def _plain(text: str) -> str:
    return re.escape(text).replace(r"\ ", " ")
