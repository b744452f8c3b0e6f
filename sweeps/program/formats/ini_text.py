"""Reads a config of INI as `configparser` does, and writes it again with other values: comments and order stay."""

from __future__ import annotations

import configparser
import re
from typing import TYPE_CHECKING

from sweeps.program.notation import number
from sweeps.spec.yaml_writer import typed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sweeps.spec.yaml_reader import Value

_TRUTHS = {"true": True, "false": False}
_COMMENTS = ("#", ";")
_SECTION = re.compile(r"\[(.+)\]")
_OPTION = re.compile(r"(.*?)(\s*[=:]\s*|\s*\Z)")


def ini_content(text: str) -> dict[str, dict[str, Value]]:
    """What a document says: a mapping for each section, `[DEFAULT]` one of them; a value that is written as a number is one.

    Raises:
        ValueError: It is no INI, or says a key twice.
    """
    parser = _parser()
    try:
        parser.read_string(text)
    except configparser.Error as error:
        raise ValueError(" ".join(str(error).split())) from None
    return {name: {key: _value(word) for key, word in parser.items(name)} for name in parser.sections()}


def ini_written(text: str, settings: Mapping[tuple[str, str], Value]) -> str:
    """A document with other values, by section and key, each of which it has.

    Raises:
        ValueError: INI has no word for a value.
    """
    words = {place: ini_word(value) for place, value in settings.items()}
    return "".join(f"{line}\n" for line in _lines(text, words))


def ini_word(value: Value) -> str:
    """A value as it stands behind the `=`.

    Raises:
        ValueError: INI has no word for it.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, str) and not set("\r\n") & set(value):
        return value
    what = "null" if value is None else "mapping" if isinstance(value, dict) else "list"
    raise ValueError(f"INI has no {'text of several lines' if isinstance(value, str) else what}")


def _parser() -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(default_section="", allow_no_value=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign] # programs may keep capital letters
    return parser


def _value(word: str | None) -> Value:
    return word if word is None else _TRUTHS.get(word.lower(), typed(word))


def _lines(text: str, words: Mapping[tuple[str, str], str]) -> Iterator[str]:
    """The lines of a document, those of a key that is set as one."""
    section, indent, is_in_option, is_dropped = "", 0, False, False
    for line in text.splitlines():
        bare = line.strip()
        if not bare or bare.startswith(_COMMENTS):
            yield line
            continue
        depth = len(line) - len(line.lstrip())
        if is_in_option and depth > indent:  # its value goes on
            if not is_dropped:
                yield line
            continue
        header = _SECTION.match(bare)
        if header is not None:
            section, is_in_option = header[1], False
            yield line
            continue
        found = _OPTION.match(bare)
        assert found is not None  # noqa: S101 - it matches any text
        word = words.get((section, found[1]))
        indent, is_in_option, is_dropped = depth, True, word is not None
        yield line if word is None else f"{line[:depth]}{found[1]}{found[2] or ' = '}{word}".rstrip()
