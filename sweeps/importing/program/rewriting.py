"""Whether a style writes the options of a command line again as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sweeps.authoring.given.option_words import is_option
from sweeps.importing.program.spelling import (
    Misfit,
    arguments_of,
    config_of,
    spelling_of,
    with_no_flags,
    words_again,
)
from sweeps.spec.yaml_writer import typed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from sweeps.authoring.given.option_words import Option


def count_written(lines: Sequence[Sequence[Option]], style: str | None, negated: Collection[str] = ()) -> int:
    """How many lines a style writes again."""
    lines = with_no_flags(lines, style, negated)
    spelled = spelling_of(lines, style)
    several = {spelled.key_of[option.name] for line in lines for option in line if len(option.values) > 1}
    arguments = arguments_of(spelled)
    count = 0
    for line in lines:
        try:
            again = words_again(config_of(line, spelled, several), arguments)
        except Misfit:
            continue
        count += again is not None and are_alike(again, line)
    return count


def words_of(options: Iterable[Option]) -> list[str]:
    """The words of options, as they were written."""
    return [
        word
        for option in options
        for word in (
            [f"{option.name}={option.values[0]}"]
            if option.has_equals
            else [option.no or option.name, *option.values]
        )
    ]


def are_alike(words: Sequence[str], options: Sequence[Option]) -> bool:
    """Whether words say what options say, in whatever order, and however numbers and `=` are written."""
    written = words_of(options)
    return words == written or sorted(_pieces(words)) == sorted(_pieces(written))


def _pieces(words: Sequence[str]) -> list[tuple[str, ...]]:
    found: list[list[str]] = []
    for word in words:
        if is_option(word) or not found:
            name, equals, value = word.partition("=")
            found.append([name, *([repr(typed(value))] if equals else [])])
        elif "=" in word and not found[-1][0].startswith("-"):
            name, _, value = word.partition("=")
            found.append([name, repr(typed(value))])
        else:
            found[-1].append(repr(typed(word)))
    return [tuple(piece) for piece in found]
