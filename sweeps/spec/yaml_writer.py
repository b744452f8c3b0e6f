"""Words as values and values as YAML: what is written here, the file's reader takes for the same values."""

from __future__ import annotations

import json
import math
import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sweeps.spec.yaml_reader import Value

SINGLE, DOUBLE = "'", '"'
_INT = re.compile(r"-?[1-9][0-9]{0,300}|0")
_FLOAT = re.compile(r"(?=.*[.eE])-?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_PLAIN = re.compile(r"[A-Za-z_./][\w./+-]*", re.ASCII)
_WORDS = frozenset({"yes", "no", "on", "off", "true", "false", "null", ".nan", ".inf", "y", "n"})


@lru_cache(maxsize=1 << 16)  # thousands of command lines share their words
def typed(word: str) -> Value:
    """A word as YAML reads it without quotes, where it is a number; else the text."""
    if _INT.fullmatch(word):
        return int(word)
    if _FLOAT.fullmatch(word):
        number = float(word)
        return number if math.isfinite(number) else word
    return word


def scalar(value: Value | Sequence[Value], quote: str = SINGLE) -> str:
    """A value in one line; mappings and lists in braces and brackets.

    Args:
        value: The value.
        quote: What texts that need quotes stand in: `SINGLE` or `DOUBLE`.
    """
    if isinstance(value, str):
        return _text(value, quote)
    if isinstance(value, dict):
        return mapping(value, quote)
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, int | float):
        return _number(value)
    return f"[{', '.join(scalar(item, quote) for item in value)}]"


def mapping(values: Mapping[str, Value], quote: str = SINGLE) -> str:
    """Settings in one line: `{lr: 0.1, seed: 1}`."""
    return f"{{{', '.join(f'{_text(key, quote)}: {scalar(value, quote)}' for key, value in values.items())}}}"


def listed(values: Iterable[Value]) -> str:
    """A list in one line."""
    return scalar(list(values))


def comment(text: str) -> str:
    """A text as the inside of a comment: one line of what can be shown."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _number(value: float) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return {"inf": ".inf", "-inf": "-.inf"}.get(repr(value), ".nan")
    return repr(value)


def _text(text: str, quote: str) -> str:
    is_number = re.match(r"[-+.]?[0-9]|\.$", text) is not None
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS and not is_number:
        return text
    if text.isprintable():
        return single_quoted(text) if quote == SINGLE else json.dumps(text, ensure_ascii=False)
    return json.dumps(text).replace("\x7f", "\\x7f")


def single_quoted(text: str) -> str:
    """A text that can be shown in single quotes, as patterns read best."""
    return "'" + text.replace("'", "''") + "'"
