"""Writes values as Python, JSON or Hydra's overrides read them: numbers, texts that need quotes, lists and mappings."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sweeps.spec.yaml_reader import Value

_PLAIN_TO_PYTHON = re.compile(r"[A-Za-z_/][\w/.:@+-]*", re.ASCII)
_PLAIN_TO_HYDRA = re.compile(r"[A-Za-z_/][\w/.:-]*", re.ASCII)
_HYDRA_WORDS = frozenset({"true", "false", "null", "nan", "inf"})
_HYDRA_KEY = re.compile(r"[A-Za-z_][\w]*", re.ASCII)
_BEFORE_A_QUOTE = re.compile(r"(\\*)('|\Z)")


class NotationError(ValueError):
    """A value that cannot be written so."""


def number(value: float) -> str:
    """A number as every parser reads it: `1.0` stays one with a point, and `1e-05` gets one, as YAML 1.1 wants it."""
    text = repr(value)
    if "e" not in text or "." in text:
        return text
    mantissa, _, exponent = text.partition("e")
    return f"{mantissa}.0e{exponent}"


def python_text(text: str) -> str:
    """A text as a reader of Python literals takes it, in quotes where it would be something else without."""
    is_plain = _PLAIN_TO_PYTHON.fullmatch(text) and text not in {"True", "False", "None"}
    return text if is_plain or not text else _python_quoted(text)


def hydra_text(text: str) -> str:
    """A text as Hydra takes it; `${name}` stays an interpolation."""
    is_plain = _PLAIN_TO_HYDRA.fullmatch(text) and text.lower() not in _HYDRA_WORDS
    return text if is_plain else _hydra_quoted(text)


def python_value(value: Value) -> str:
    """A value as a Python literal: `[1, 'a', None]`."""
    if isinstance(value, list):
        return f"[{', '.join(map(python_value, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_python_quoted(k)}: {python_value(v)}' for k, v in value.items())}}}"
    if isinstance(value, str):
        return _python_quoted(value)
    return repr(value) if value is None or isinstance(value, bool) else number(value)


def json_value(value: Value) -> str:
    """A value as JSON: `[1, "a", null]`."""
    if isinstance(value, list):
        return f"[{', '.join(map(json_value, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{json_value(k)}: {json_value(v)}' for k, v in value.items())}}}"
    if value is None or isinstance(value, bool | str):
        return json.dumps(value, ensure_ascii=False)
    return number(value)


def hydra_value(value: Value) -> str:
    """A value as Hydra's overrides have it: `[1,'a',null]`.

    Raises:
        NotationError: A mapping's key is no name.
    """
    if isinstance(value, list):
        return f"[{','.join(map(hydra_value, value))}]"
    if isinstance(value, dict):
        for key in value:
            if not _HYDRA_KEY.fullmatch(key) or key.lower() in _HYDRA_WORDS:
                raise NotationError(f"a mapping with the key {key!r} has no words")
        return f"{{{','.join(f'{k}:{hydra_value(v)}' for k, v in value.items())}}}"
    if isinstance(value, str):
        return _hydra_quoted(value)
    return json.dumps(value) if value is None or isinstance(value, bool) else number(value)


def _python_quoted(text: str) -> str:
    """A Python literal without a `=`: some configurators split their arguments at each of them."""
    return repr(text).replace("=", r"\x3d")


def _hydra_quoted(text: str) -> str:
    """In single quotes; backslashes count only before a quote."""
    escaped = _BEFORE_A_QUOTE.sub(lambda match: match[1] * 2 + (r"\'" if match[2] else ""), text)
    return f"'{escaped}'"


TEXTS: Mapping[str, Callable[[str], str]] = {"plain": str, "python": python_text, "hydra": hydra_text}
"""How each style of texts writes one."""
LISTS: Mapping[str, Callable[[Value], str]] = {
    "python": python_value,
    "json": json_value,
    "hydra": hydra_value,
}
"""How each style that writes a list or a mapping as one word does it."""
