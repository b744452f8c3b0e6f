"""Writes the lines of a drafted file: values, patterns in quotes, and comments in one column."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sweeps.spec import yaml_writer
from sweeps.spec.yaml_writer import DOUBLE, comment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sweeps.spec.yaml_reader import Value


def scalar(value: Value | Sequence[Value]) -> str:
    """A value in one line, texts in double quotes."""
    return yaml_writer.scalar(value, DOUBLE)


def single_quoted(text: str) -> str:
    """A text in single quotes, as patterns read best; one that cannot be shown in double ones."""
    return yaml_writer.single_quoted(text) if text.isprintable() else json.dumps(text)


def aligned(lines: Iterable[tuple[str, str]], widest: int = 44) -> list[str]:
    """Lines with their comments in one column.

    Args:
        lines: Each line with its comment; an empty one has none.
        widest: Lines that are longer have their comment right behind them.
    """
    lines = list(lines)
    column = max((len(line) for line, said in lines if said and len(line) <= widest), default=0)
    return [f"{line.ljust(column)}  # {comment(said)}" if said else line for line, said in lines]


def word_text(text: str) -> str:
    """A word of a list: placeholders in double quotes."""
    written = scalar(text)
    return f'"{written}"' if written == text and "{" in text else written
