"""Parts of a printed line that change with the clock or the trial and are no metrics: times, what tqdm draws, paths from the root."""

from __future__ import annotations

import re

_BAR = r"\d+%\|[^|]*\|"
_PARTS = {
    "<bar>": (re.compile(_BAR), _BAR),
    "<rate>": (re.compile(r"\[(?:\d+:)?\d+:\d\d<[\d:?]+,\s*[?\d.]+\s?\w+/\w+"), r"\[[^,\]]+,[^,\]]+"),
    "<time>": (
        re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?|\b\d{1,2}:\d\d(?::\d\d)?(?:[.,]\d+)?\b"),
        r"[-\dT:.,\s]+",
    ),
    "<path>": (re.compile(r"(?<![\w./~})\]-])/(?:[\w.+@-]+/)+[\w.+@-]*(?<![.-])"), r"/[\w.+@/-]*[\w/]"),
}
"""What stands for a part, what finds it, and what reads it in a pattern."""
_MARK = re.compile("<(?:bar|rate|time|path)>")
_AFTER_BAR = re.compile(rf"{_BAR}\s*$")


def spans(line: str) -> list[tuple[int, int]]:
    """Where such parts stand."""
    return [match.span() for found, _ in _PARTS.values() for match in found.finditer(line)]


def marked(text: str) -> str:
    """A text with a mark for each part."""
    for mark, (found, _) in _PARTS.items():
        text = found.sub(mark, text)
    return text


def without_marks(text: str) -> str:
    """A marked text without its marks."""
    return _MARK.sub("", text)


def as_pattern(text: str) -> str:
    """A marked text as a regular expression, with room for any blanks."""
    pieces: list[str] = []
    at = 0
    for mark in (*_MARK.finditer(text), None):
        plain = text[at : mark.start() if mark is not None else len(text)]
        pieces.append(re.escape(plain).replace(r"\ ", " ").replace(" ", r"\s+"))
        if mark is not None:
            pieces.append(_PARTS[mark[0]][1])
            at = mark.end()
    return "".join(pieces)


def has_bar(pattern: str) -> bool:
    """Whether a pattern reads a bar: such lines show again and again what holds so far."""
    return _BAR in pattern


def is_after_bar(text: str) -> bool:
    """Whether a bar ends a text: what stands behind it counts."""
    return _AFTER_BAR.search(text) is not None
