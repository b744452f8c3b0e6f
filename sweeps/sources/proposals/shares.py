"""What a share is called that stands as two numbers, such as `Accuracy: 527/540` or `12 of 50 correct`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

SEPARATOR = re.compile(r"\s*(?:/|(?:out )?of)\s*")
"""What stands between the two."""
_SCORES = frozenset({"acc", "accuracy", "precision", "recall", "success", "top1", "top5"})
_RIGHT = frozenset({"correct", "ncorrect", "right"})
_WRONG = frozenset({"err", "error", "errors", "wrong", "incorrect", "mistakes"})
_COUNTED = frozenset(
    {"hits", "hit", "solved", "passed", "wins", "won", "successes", "failures", "failed", "misses"}
)
_LINE = re.compile(r"derive: \{(.*)\}")
_PART, _WHOLE = "correct", "n"
"""What the numbers are called where nothing says it."""


@dataclass(frozen=True, slots=True)
class Share:
    """A share.

    Attributes:
        name: What it is called: a metric.
        part: What is called so that is counted.
        whole: What is called so of how many.
    """

    name: str
    part: str = _PART
    whole: str = _WHOLE

    @property
    def derived(self) -> tuple[str, str]:
        """The metric, and the expression of the two that makes it."""
        return self.name, f"{self.part} / {self.whole}"


def derive_line(derived: Sequence[tuple[str, str]]) -> str:
    """The line of the file that makes metrics of numbers."""
    return f"derive: {{{', '.join(f'{name}: {expression}' for name, expression in derived)}}}"


def read_derived(line: str) -> list[tuple[str, str]]:
    """The metrics of such a line; none where it is another one."""
    match = _LINE.fullmatch(line.strip())
    parts = match[1].split(", ") if match is not None else []
    return [(name, expression) for name, _, expression in (part.partition(": ") for part in parts)]


def share_named(said: str, part: str = "", whole: str = "") -> Share | None:
    """The share that two numbers make up by their names; None: these do not say that it is one.

    Args:
        said: What the text calls it, such as `test_accuracy` or `correct`; empty: nothing.
        part: What the first number is called otherwise.
        whole: What the second one is.
    """
    name = _named(said) or _named(part)
    if not name:
        return None
    own = said if _word_of(said, _RIGHT | _WRONG | _COUNTED) else part
    default = "wrong" if _word_of(name, _WRONG) else "count" if name.endswith("_rate") else _PART
    part = own if own and own != name else default
    return Share(name, part, whole if whole not in {"", part, name} else _WHOLE)


def is_correct(name: str) -> bool:
    """Whether a name is that of a number of correct answers."""
    return bool(_word_of(name.lower(), _RIGHT))


def is_score(name: str) -> bool:
    """Whether a name is that of a share itself, such as `test_accuracy`."""
    return bool(_word_of(name, _SCORES))


def _named(text: str) -> str:
    """What a share is called of which a text names the number; empty: the text names none."""
    if _word_of(text, _SCORES):
        return text
    for words, name in ((_RIGHT, "accuracy"), (_WRONG, "error")):
        if word := _word_of(text, words):
            kept = re.sub(r"^(n|num|number_of)_", "", text)
            return re.sub(rf"(^|_){word}(?=_|$)", rf"\g<1>{name}", kept)
    return f"{text}_rate" if _word_of(text, _COUNTED) else ""


def _word_of(text: str, words: frozenset[str]) -> str:
    """The first of these words that a name has; empty: it has none."""
    return next((word for word in text.split("_") if word in words), "")
