"""Writes values as YAML that the reader of experiment files takes for the same values."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sweeps.spec.yaml_reader import Value

_PLAIN = re.compile(r"[A-Za-z_./][\w./+-]*(?: [\w./+-]+)*")
_WORDS = frozenset(
    {"y", "n", "yes", "no", "on", "off", "true", "false", "null", "none", "nan", ".nan", ".inf"}
)


def scalar(value: Value | Sequence[float | str]) -> str:
    """A value in one line; mappings and lists in braces and brackets."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(key)}: {scalar(entry)}" for key, entry in value.items()) + "}"
    if not isinstance(value, str):
        return "[" + ", ".join(map(scalar, value)) + "]"
    if (
        _PLAIN.fullmatch(value)
        and value.isascii()
        and value.lower() not in _WORDS
        and not re.match(r"[-+.]?\d|\.$", value)
    ):
        return value
    printable = all(char.isprintable() for char in value)
    return json.dumps(value, ensure_ascii=not printable)


def single_quoted(text: str) -> str:
    """A text in single quotes, as patterns read best."""
    if not text.isprintable():
        return json.dumps(text)
    return "'" + text.replace("'", "''") + "'"


def comment(text: str) -> str:
    """A text as the inside of a comment: one line of what can be shown."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def aligned(lines: Iterable[tuple[str, str]], widest: int = 44) -> list[str]:
    """Lines with their comments in one column.

    Args:
        lines: Each line with its comment; an empty one has none.
        widest: Lines that are longer have their comment right behind them.
    """
    lines = list(lines)
    column = max((len(line) for line, said in lines if said and len(line) <= widest), default=0)
    return [f"{line.ljust(column)}  # {comment(said)}" if said else line for line, said in lines]
