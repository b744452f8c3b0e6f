"""Reads the words behind a program as options with their values, and as positional arguments."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_NUMBER = re.compile(r"-(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
_OVERRIDE = re.compile(r"(~|\+{0,2})([A-Za-z_][\w./@-]*)=(.*)", re.DOTALL)
_HYDRA_FLAGS = frozenset({"-m", "--multirun", "--resolve", "--info"})
_HYDRA_VALUES = frozenset(
    {"--config-name", "-cn", "--config-path", "-cp", "--config-dir", "-cd", "--package", "-p"}
)


@dataclass(frozen=True, slots=True)
class Option:
    """An option as a command line has it.

    Attributes:
        name: Its name as it is written, dashes included; of `key=value` what stands before the `=`.
        values: The words that follow it, or what stands behind its `=`; none: it is a flag.
        has_equals: Whether its value stands behind a `=`.
        no: For a flag that says false, as `--no-x` does of `--x`: how it is written; empty for any other.
    """

    name: str
    values: tuple[str, ...]
    has_equals: bool = False
    no: str = ""


@dataclass(slots=True)
class Arguments:
    """The arguments of a command line.

    Attributes:
        before: Positional words before the first option.
        options: The options, in order.
        after: Positional words at the end.
        fixed: Options of Hydra itself, which stay in the command.
    """

    before: list[str] = field(default_factory=list)
    options: list[Option] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    fixed: list[str] = field(default_factory=list)

    @property
    def positional(self) -> list[str]:
        """The words that belong to no option."""
        return [*self.before, *self.after]


def read_arguments(words: Sequence[str]) -> Arguments:
    """The arguments of a command line.

    What follows an option belongs to it; where the last option is followed by a number and then by other words, these
    are positional. Whichever way words are read, they are written again as they were.
    """
    if "--" in words:
        at = list(words).index("--")
        found = read_arguments(words[:at])
        found.after += words[at:]
        return found
    has_overrides = any(_is_override(words, at) for at in range(len(words)))
    found = Arguments()
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        if has_overrides and word in _HYDRA_FLAGS | _HYDRA_VALUES:
            count = 1 if word in _HYDRA_VALUES else 0
            found.fixed += words[at - 1 : at + count]
            at += count
        elif has_overrides and (match := _OVERRIDE.fullmatch(word)) is not None:
            found.options.append(Option(f"{match[1]}{match[2]}", (match[3],), has_equals=True))
        elif not is_option(word):
            (found.after if found.options else found.before).append(word)
        elif "=" in word:
            name, _, value = word.partition("=")
            found.options.append(Option(name, (value,), has_equals=True))
        else:
            end = at
            while (
                end < len(words)
                and not is_option(words[end])
                and not (has_overrides and _OVERRIDE.fullmatch(words[end]))
            ):
                end += 1
            found.options.append(Option(word, tuple(words[at:end])))
            at = end
    _part_last(found)
    return found


@lru_cache(maxsize=1 << 16)  # the lines of a grid share their words
def is_option(word: str) -> bool:
    """Whether a word names an option: it begins with a dash, and is no negative number."""
    return len(word) > 1 and word.startswith("-") and _NUMBER.fullmatch(word) is None


def _is_override(words: Sequence[str], at: int) -> bool:
    """Whether a word is `key=value` and no value of an option before it."""
    if "=" not in words[at] or _OVERRIDE.fullmatch(words[at]) is None:
        return False
    before = words[at - 1] if at else ""
    return not is_option(before) or "=" in before or before in _HYDRA_FLAGS


def _part_last(found: Arguments) -> None:
    """Take words of another kind from the values of the last option: they are positional."""
    if not found.options or found.after:
        return
    last = found.options[-1]
    kinds = [_NUMBER.fullmatch(f"-{value.lstrip('-')}") is not None for value in last.values]
    if kinds and kinds[0] and not all(kinds):
        at = kinds.index(False)
        found.options[-1] = Option(last.name, last.values[:at], last.has_equals)
        found.after += last.values[at:]
