"""The values that params stand for, in both spellings that a record may have: Python's, as MLflow writes it, and JSON."""

from __future__ import annotations

import ast
import json
from typing import Any

_WORDS = {"True": True, "False": False}
_BRACKETS = ("[", "{")


def param_value(text: str) -> Any:
    """Return what a param's text stands for: the value that JSON or Python spells so, else the text itself.

    `None` stays a word: a config may say so, and its null is written alike.
    """
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        pass
    if text in _WORDS:
        return _WORDS[text]
    if text.startswith(_BRACKETS):
        try:
            return ast.literal_eval(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return text
    return text


def same_param(one: str, other: str) -> bool:
    """Whether two texts of a param stand for the same value."""
    if one == other or {one, other} == {"None", "null"}:
        return True
    here, there = param_value(one), param_value(other)
    return bool(here == there) and isinstance(here, bool) == isinstance(there, bool)


def _refuse(constant: str) -> Any:
    # NaN and Infinity are Python's, not JSON's: a config that says so means the word.
    raise ValueError(constant)
