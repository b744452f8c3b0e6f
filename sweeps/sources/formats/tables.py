"""Reads files that grow by lines: CSV with a header, and a JSON object a line."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, BinaryIO

from sweeps.sources.formats.number import POINT, Commas, numbers, numbers_of
from sweeps.sources.formats.table_form import TableForm
from sweeps.sources.reader import CHUNK_BYTES, Read, Row

if TYPE_CHECKING:
    from pathlib import Path

    from sweeps.sources.reader import Position

_TAIL_BYTES = 64
"""How much before a position tells whether the file is still the one that was read."""


def read_jsonl(path: Path, position: Position, *, half: bool = False) -> Read:
    """Read on in a file of one JSON object a line; what holds none is passed over. With `half`, a last line needs no line break.

    Raises:
        OSError: The file cannot be read.
    """
    data, start = _read_on(path, position, half=half)
    rows: list[Row] = []
    odd: list[tuple[str, str]] = []
    commas = Commas(str(start.get("comma", "")))
    for text in data.splitlines():
        try:
            content = json.loads(text)
        except ValueError:
            continue
        if isinstance(content, dict):
            values, wrong = numbers_of(content, commas)
            odd += wrong.items()
            rows.append(Row(values))
    return _answer({**start, **_told(commas)}, rows, odd)


def read_program_metrics(path: Path, position: Position) -> Read:
    """Read on in what a program's calls of MLflow left: `{"t": ms, "step": n, "metrics": {...}}` a line.

    Raises:
        OSError: The file cannot be read.
    """
    data, start = _read_on(path, position)
    rows: list[Row] = []
    for text in data.splitlines():
        try:
            content = json.loads(text)
            values = {str(key): float(value) for key, value in content["metrics"].items()}
            rows.append(Row(values, int(content["step"]), int(content["t"])))
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
            continue
    return _answer(start, rows, [])


def read_csv(path: Path, position: Position, *, half: bool = False) -> Read:
    """Read on in a table, of the form that `TableForm` finds; `half` as in `read_jsonl`.

    Raises:
        OSError: The file cannot be read.
    """
    data, start = _read_on(path, position, half=half, is_quoted=True)
    if data.count(b'"') % 2:  # one that nothing closes is no quote, and would hold all that follows
        data = b"".join(data.rpartition(b'"')[::2])
    form = TableForm.of(start)
    start.pop("heads", None)
    rows: list[Row] = []
    odd: list[tuple[str, str]] = []
    lines = data.decode("utf-8", "replace").removeprefix("\ufeff").splitlines(keepends=True)
    found = list(form.rows(lines))
    # Semicolons separate columns where the comma is taken.
    commas = Commas(str(start.get("comma", POINT if form.delimiter == ";" else "")))
    commas.learn(cell for cells in found for cell in cells.values())
    for cells in found:
        values, wrong = numbers(cells, commas)
        odd += wrong.items()
        rows.append(Row(values))
    return _answer({**start, **form.state(), **_told(commas)}, rows, odd)


def _told(commas: Commas) -> dict[str, str]:
    """What a position is to hold of commas, once something tells what they mean."""
    return {"comma": commas.mean} if commas.mean else {}


def _read_on(
    path: Path, position: Position, *, half: bool = False, is_quoted: bool = False
) -> tuple[bytes, dict[str, Any]]:
    """The next whole lines, from the file's start where it was rewritten, and the position behind them.

    Of the position, `again` counts how often the file was rewritten. After that all of it may have been read before: no count of rows or bytes tells what was not, as
    it may have got columns and lines, and may be half written yet.
    """
    start = dict(position)
    with path.open("rb") as file:
        if (offset := int(start.get("bytes", 0))) and _tail(file, offset) != start.get("tail"):
            start = {"again": int(start.get("again", 0)) + 1}
            offset = 0
        file.seek(offset)
        data = file.read(CHUNK_BYTES)
        is_cut = len(data) == CHUNK_BYTES
        if is_cut and b"\n" not in data:
            data += file.readline()
        end = last = data.rfind(b"\n") + 1
        # A quoted cell may hold line breaks: its line ends where the quotes are closed.
        while is_quoted and end and data.count(b'"', 0, end) % 2:
            end = data.rfind(b"\n", 0, data.rfind(b'"', 0, end)) + 1
        end = last if is_cut and not end else end  # no cell is so long: this quote is none
        if half and not is_cut:
            end = len(data)
        if end:
            start |= {"bytes": offset + end, "tail": _tail(file, offset + end)}
    return data[:end], start


def _tail(file: BinaryIO, offset: int) -> str:
    """What tells whether the file is still the one of which this much was read."""
    before = max(0, offset - _TAIL_BYTES)
    file.seek(before)
    return hashlib.sha256(file.read(offset - before)).hexdigest()[:8]


def _answer(start: dict[str, Any], rows: list[Row], odd: list[tuple[str, str]]) -> Read:
    """What was read, each row marked that may have been read before the file was rewritten."""
    return Read([replace(row, is_again=True) for row in rows] if start.get("again") else rows, start, odd)
