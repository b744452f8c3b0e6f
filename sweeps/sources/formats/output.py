"""Reads what a program prints: cleans its text, takes it line by line, and matches patterns."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from analysis.escapes import without_escapes
from sweeps.sources.formats.number import Commas, numbers
from sweeps.sources.reader import CHUNK_BYTES
from sweeps.spec.trainer.source_model import NAME_GROUPS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

OWN = "sweep: "
"""How lines begin that `sweep` itself writes into an attempt's log."""
LONGEST = 1 << 16
"""Characters of a line that are matched."""
_ODD = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class Line(NamedTuple):
    """A line of a file and the byte where it begins; `is_cut`: it is longer than is matched."""

    start: int
    text: str
    is_cut: bool = False


def read_lines(path: Path, offset: int, *, half: bool = False) -> tuple[list[Line], int]:
    """The next lines of a log as they are meant to be read, about a mebibyte of them, and the byte after the last.

    Each piece of a line that a progress bar writes over itself, ended by a carriage return, is a line of its own.

    Args:
        path: The log.
        offset: Where a line begins.
        half: Whether what stands at the end without a line break is a line, too.

    Raises:
        OSError: The file cannot be read.
    """
    if path.stat().st_size <= offset:
        return [], offset
    with path.open("rb") as file:
        file.seek(offset)
        data = file.read(CHUNK_BYTES)
    end = max(data.rfind(b"\n"), data.rfind(b"\r")) + 1
    is_cut = len(data) == CHUNK_BYTES
    if (half and not is_cut) or (is_cut and not end):
        end = len(data)
    lines, start = [], offset
    for piece in data[:end].splitlines(keepends=True):
        whole = piece.decode("utf-8", "replace")
        text = cleaned(whole)
        if text and not text.startswith(OWN):
            lines.append(Line(start, text, len(whole) > LONGEST))
        start += len(piece)
    return lines, start


def clean_lines(text: str) -> list[str]:
    """The lines of a text that patterns are tried on, as `read_lines` gives those of a log."""
    lines = (cleaned(piece) for piece in text.replace("\r", "\n").split("\n"))
    return [line for line in lines if line and not line.startswith(OWN)]


def cleaned(text: str) -> str:
    """A line as it is printed, without colours, other control characters, and white space at its end."""
    return _ODD.sub("", without_escapes(text[:LONGEST])).rstrip()


@dataclass(frozen=True, slots=True)
class Match:
    """What a pattern found in a line.

    Attributes:
        values: Its groups that are numbers.
        odd: Its groups that are none, as they are written.
        places: Where they stand in the line.
    """

    values: dict[str, float]
    odd: dict[str, str]
    places: Mapping[str, tuple[int, int]] = field(default_factory=dict)


class Pattern:
    """A pattern with named groups, or with the groups `name` and `value`.

    Args:
        text: The regular expression.
        commas: What commas mean in what is printed, which all its patterns learn; None: they separate thousands.
    """

    def __init__(self, text: str, commas: Commas | None = None) -> None:
        self._pattern = re.compile(text)
        self._commas = commas
        self._is_named = NAME_GROUPS.issubset(self._pattern.groupindex)

    def matches(self, text: str) -> Iterator[Match]:
        """What it finds in a line, from left to right."""
        for found in self._pattern.finditer(text):
            groups = found.groupdict()
            places = {name: found.span(name) for name in groups}
            if self._is_named:
                name = (groups.pop("name") or "").strip()
                value = groups.pop("value")
                groups = {**groups, **({name: value} if name else {})}
                places[name] = places["value"]
            yield Match(*numbers(groups, self._commas), places)
