"""Reads what a program's config file says: texts, any of which may be the path of a file that it reads, and settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from sweeps.program.config_file import ENDINGS, MOST_BYTES, content_of, flat

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

MOST = 500
"""A file with more values is data, and no config."""


def texts_in(path: Path) -> list[tuple[str, str]]:
    """The texts of a config file, each with its dotted key; none of a file that is no config, or cannot be read."""
    return list(texts_of(content_in(path)))


def content_in(path: Path) -> Mapping[Any, Any]:
    """What a config file says; nothing where it is none, or cannot be read."""
    if path.suffix.lower() not in ENDINGS:
        return {}
    try:
        content = content_of(path) if path.stat().st_size <= MOST_BYTES else None
    except (OSError, ValueError, RecursionError, yaml.YAMLError):
        return {}
    return content if isinstance(content, dict) else {}


def texts_of(content: Mapping[Any, Any]) -> Iterator[tuple[str, str]]:
    """The same of what a file says."""
    values = list(flat(content))
    for key, value in values if len(values) <= MOST else ():
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str):
                yield key, text
