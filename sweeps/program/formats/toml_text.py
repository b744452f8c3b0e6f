"""Writes a config as TOML, which Python only reads."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_Moment = dt.date | dt.time


def toml_text(content: Mapping[str, Any]) -> str:
    """The text of a document; what `tomllib` reads of it is equal to the content.

    Args:
        content: Texts, numbers, truths, moments, lists, and mappings of these, by their keys.

    Raises:
        ValueError: It has something that TOML has no word for, such as null.
    """
    return "".join(f"{line}\n" for line in _table(content, "")).lstrip("\n")


def _table(content: Mapping[str, Any], name: str) -> Iterator[str]:
    """The lines of a table: its values before the tables in it, as these end it."""
    inner = {key: value for key, value in content.items() if isinstance(value, dict)}
    values = {key: value for key, value in content.items() if key not in inner}
    if name and (values or not inner):
        yield ""
        yield f"[{name}]"
    for key, value in values.items():
        yield f"{_key(key)} = {_value(value)}"
    for key, value in inner.items():
        yield from _table(value, f"{name}.{_key(key)}" if name else _key(key))


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _text(key)


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, _Moment):
        return value.isoformat()
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_key(key)} = {_value(inner)}' for key, inner in value.items())}}}"
    raise ValueError(f"TOML has no {'null' if value is None else type(value).__name__}")
