"""Makes the words of a trial's command: the config's keys as the program's own parser takes them."""

from __future__ import annotations

import os
import re
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

from sweeps.program.notation import LISTS, TEXTS, NotationError, number
from sweeps.program.template import NEWEST, OWN, fill, fill_value
from sweeps.spec.settings import in_order
from sweeps.spec.trainer.arguments import ARGS, ARGS_KEY

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from sweeps.program.template import TrialValues
    from sweeps.spec.trainer.arguments import Arguments, Spelling
    from sweeps.spec.yaml_reader import Value

RESERVED = frozenset({*OWN, NEWEST, ARGS_KEY})
"""What a placeholder names for itself: a key that is made up is called otherwise."""
_PADDED = re.compile(r"\s|.*\s\Z", re.DOTALL)
_IN_QUOTES = re.compile(r'"|.*[,\r\n]|\Z', re.DOTALL)
_T = TypeVar("_T")


class SpellingError(ValueError):
    """A value that the style has no words for; the message says why, and what would do."""


def command_words(
    command: Sequence[str], arguments: Arguments, values: TrialValues, named: Collection[str]
) -> list[str]:
    """The words of a trial's command.

    Args:
        command: The words as the file has them.
        arguments: How `{args}` is spelled.
        values: What the placeholders stand for.
        named: The keys that `{args}` leaves out, as the program is given them otherwise.

    Raises:
        KeyError: A placeholder names a key that the config does not hold.
        NoFileError: There is no file of a `{newest:GLOB}`.
        SpellingError: A value has no words.
    """
    words: list[str] = []
    for word in command:
        if word == ARGS and ARGS_KEY not in values.config:
            for key in in_order(values.config):  # some programs take a group's keys only behind its word
                if key not in named:
                    words += spelled(arguments, key, fill_value(values.config[key], values))
        else:
            words.append(fill(word, values))
    return words


def spelled(arguments: Arguments, key: str, value: Value) -> list[str]:
    """The words that give a key to the program; none where it is left out.

    Raises:
        SpellingError: The style has no words for the value.
    """
    spelling = arguments.of(key)
    if spelling is None:
        return []
    try:
        words = list(_words(spelling, key, value))
    except NotationError as error:
        remedy = "; choose another `list` for this key, under `args: {keys: ...}`"
        raise SpellingError(f"{error}{remedy if isinstance(value, list | dict) else ''}") from None
    if any(not _is_passed(word) for word in words):
        raise SpellingError("holds a character that no argument of a program can hold; give it in a file")
    return words


def spelled_else(arguments: Arguments, key: str, value: Value, otherwise: _T) -> list[str] | _T:
    """The same; something else where the style has no words for the value, which is a problem of its own."""
    try:
        return spelled(arguments, key, value)
    except SpellingError:
        return otherwise


def _words(spelling: Spelling, key: str, value: Value) -> Iterator[str]:
    option = _option(spelling, key)
    if value is None:
        if spelling.null is not None:
            yield from _joined(spelling, option, spelling.null)
    elif isinstance(value, bool):
        yield from _boolean(spelling, option, value=value)
    elif not isinstance(value, list | dict):
        yield from _joined(spelling, option, _scalar(spelling, value))
    elif spelling.lists in LISTS:
        yield from _joined(spelling, option, LISTS[spelling.lists](value))
    elif isinstance(value, dict):
        raise NotationError("a mapping has no words")
    elif spelling.lists == "comma":
        yield from _joined(spelling, option, ",".join(_cell(_item(spelling, item)) for item in value))
    elif spelling.lists == "repeat":
        for item in value:
            yield from _joined(spelling, option, _item(spelling, item))
    else:
        yield option
        yield from (_list_word(spelling, item) for item in value)


def _option(spelling: Spelling, key: str) -> str:
    """`--optim.lr`; another name that begins with a dash stands as it is."""
    if spelling.name is not None:
        return spelling.name if spelling.name.startswith("-") else f"{spelling.prefix}{spelling.name}"
    return f"{spelling.prefix}{key.replace('_', '-') if spelling.dashes else key}"


def _joined(spelling: Spelling, option: str, text: str) -> Iterator[str]:
    """The option with its value; a value that begins with a dash would be taken for an option if it stood alone."""
    if text == "--":
        raise NotationError("parsers take it for the end of the options; give it in a file")
    if spelling.join == "equals" or (text.startswith("-") and option.startswith("-")):
        yield f"{option}={text}"
    else:
        yield from (option, text)


def _boolean(spelling: Spelling, option: str, *, value: bool) -> Iterator[str]:
    if isinstance(spelling.booleans, tuple):
        yield from _joined(spelling, option, spelling.booleans[0 if value else 1])
    elif value:
        yield option
    elif spelling.booleans != "flag":
        no = "no-" if spelling.booleans == "no-flag" else "no"
        bare = option.lstrip("-")
        outer, dot, inner = bare.rpartition(".") if spelling.inner_no else ("", "", bare)
        yield f"{option[: len(option) - len(bare)]}{outer}{dot}{no}{inner}"


def _scalar(spelling: Spelling, value: str | float) -> str:
    return TEXTS[spelling.texts](value) if isinstance(value, str) else number(value)


def _item(spelling: Spelling, item: Value) -> str:
    """An element of a list as a text."""
    if isinstance(item, list | dict):
        raise NotationError("a list or mapping in a list has no words")
    if item is None:
        if spelling.null is None:
            raise NotationError("null in a list has no word")
        return spelling.null
    if isinstance(item, bool):
        words = spelling.booleans if isinstance(spelling.booleans, tuple) else ("True", "False")
        return words[0 if item else 1]
    return _scalar(spelling, item)


def _list_word(spelling: Spelling, item: Value) -> str:
    """An element of a list as a word of its own, which must not look like an option."""
    text = _item(spelling, item)
    if not text.startswith("-"):
        return text
    if isinstance(item, str):
        raise NotationError(f"{item!r} in a list looks like an option")
    if "e" not in text:
        return text
    plain = format(Decimal(text), "f")  # argparse takes -1e-05 for an option
    return plain if "." in plain else f"{plain}.0"


def _cell(text: str) -> str:
    """A cell of a line of CSV."""
    if _PADDED.match(text):
        raise NotationError(f"{text!r} in a list begins or ends with a space, which a reader of commas drops")
    if not _IN_QUOTES.match(text):
        return text
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def _is_passed(word: str) -> bool:
    """Whether a process can be started with it."""
    try:
        return b"\0" not in os.fsencode(word)
    except UnicodeEncodeError:
        return False
