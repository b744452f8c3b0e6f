"""Finds the files of metrics that a program left: event files, tables, lines and documents of JSON, W&B's runs."""

from __future__ import annotations

import itertools
import json
import math
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sweeps.sources.formats.documents import document_of
from sweeps.sources.formats.number import number, numbers, numbers_of
from sweeps.sources.formats.table_form import UNNAMED, TableForm
from sweeps.sources.proposals.time_steps import time_step
from sweeps.spec.fields import is_number

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_FILES = 5_000
"""No more files than this are looked at."""
_MOST_BYTES = 1 << 20
"""So much of a file is read to see what it is; a longer document of JSON is passed over."""
_SKIPPED = frozenset({".git", ".sweep", ".venv", "__pycache__", "node_modules", "mlruns"})
_ROWS = 20
_STEP_ROWS = 2000
"""So many rows are looked at for a counter that begins again, as in each fold."""
_TABLES = (".csv", ".tsv")
_HEAD_LINES = 20
_LEAST_COLUMNS = 2
_RESULTS = re.compile(r"(?i)result|metric|score|eval|test|summary|history|stats|loss|log")
"""What a document of JSON is called whose single numbers, or columns, are metrics."""


@dataclass(frozen=True, slots=True)
class LeftFile:
    """A file that holds metrics.

    Attributes:
        kind: The metric source that reads it: `tensorboard`, `csv`, `jsonl`, `json` or `wandb`.
        path: Where it is.
        metrics: Names of its metrics, as far as they are seen from outside.
        at: Of a document of JSON the keys that lead to its list of rows, joined by dots; empty: it is the list.
        step: What makes the steps, where its rows have no counter but a time; empty: what is usual.
        is_summary: Whether it is a table of one row, as of what a run gave in the end.
    """

    kind: str
    path: Path
    metrics: tuple[str, ...] = ()
    at: str = ""
    step: str = ""
    is_summary: bool = False


def left_files(folder: Path, since_s: float = 0.0, until_s: float = math.inf) -> list[LeftFile]:
    """The files of metrics below a folder, by name.

    Args:
        folder: Where to look; links are not followed.
        since_s: Files that were last changed before are passed over; seconds since the epoch.
        until_s: Those that were last changed later, too.
    """
    found = []
    for path in itertools.islice(_files(folder), _MOST_FILES):
        try:
            if since_s <= path.stat().st_mtime <= until_s and (left := _look(path)) is not None:
                found.append(left)
        except OSError:
            continue
    return sorted(found, key=lambda left: str(left.path))


def _files(folder: Path) -> Iterator[Path]:
    for here, inner, names in os.walk(folder):
        inner[:] = sorted(name for name in inner if name not in _SKIPPED)
        yield from (Path(here) / name for name in sorted(names))


def _look(path: Path) -> LeftFile | None:
    if "tfevents" in path.name:
        return LeftFile("tensorboard", path)
    if path.suffix == ".wandb":
        return LeftFile("wandb", path)
    tables = dict.fromkeys((*_TABLES, ".dat", ".txt", ".out", ".tab"), _table)
    readers = {**tables, ".jsonl": _lines, ".ndjson": _lines, ".json": _document}
    reader = readers.get(path.suffix.lower())
    return None if reader is None else reader(path)


def _table(path: Path) -> LeftFile | None:
    """A table with a column of numbers that has a name; a file of another ending is one where each column has, and holds numbers alone."""
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        form, lines = TableForm(), file.read(_MOST_BYTES).splitlines(keepends=True)
    many = list(itertools.islice(form.rows(lines[: _HEAD_LINES + _STEP_ROWS]), _STEP_ROWS))
    rows = many[:_ROWS]
    names = [name for name in form.header or () if name and number(name) is None]
    if names[:1] == [UNNAMED.format(1)]:
        return None
    found = {name for row in rows for name in numbers(row)[0]}
    metrics = tuple(name for name in names if name in found)
    if path.suffix.lower() not in _TABLES:
        is_whole = all(row.keys() == set(names) and len(numbers(row)[0]) == len(names) for row in rows)
        metrics = metrics if is_whole and len(rows) > 1 and len(names) >= _LEAST_COLUMNS else ()
    return LeftFile("csv", path, metrics, "", time_step(many), len(rows) == 1) if metrics else None


def _lines(path: Path) -> LeftFile | None:
    with path.open(encoding="utf-8", errors="replace") as file:
        rows = [_json(line) for line in itertools.islice(file, _STEP_ROWS)]
    metrics = _metrics_of(rows[:_ROWS])
    whole = [row for row in rows if isinstance(row, dict)]  # the last line may be written half
    return LeftFile("jsonl", path, metrics, step=time_step(whole)) if metrics else None


def _document(path: Path) -> LeftFile | None:
    if path.stat().st_size > _MOST_BYTES:
        return None
    document = _json(path.read_text(encoding="utf-8", errors="replace"))
    for at, rows in _lists(document, ""):
        if metrics := _metrics_of(rows[:_ROWS]):
            return LeftFile("json", path, metrics, at, time_step(rows[:_STEP_ROWS]))
    if not _RESULTS.search(path.stem):
        return None  # it may as well hold settings
    whole = document_of(document)
    metrics = tuple(
        dict.fromkeys(name for row in (*whole.entries[:_ROWS], whole.rest) for name in numbers_of(row)[0])
    )
    return LeftFile("json", path, metrics) if metrics else None


def _lists(document: Any, at: str) -> Iterator[tuple[str, list[Any]]]:
    """Every list of two rows or more in a document, with the keys that lead to it."""
    if isinstance(document, list) and len(document) > 1:
        yield at, document
    elif isinstance(document, dict):
        for key, value in document.items():
            yield from _lists(value, f"{at}.{key}" if at else str(key))


def _metrics_of(rows: list[Any]) -> tuple[str, ...]:
    """The names of numbers in rows that are all objects; none where they are something else."""
    if not rows or not all(isinstance(row, dict) for row in rows):
        return ()
    return tuple(dict.fromkeys(str(name) for row in rows for name, value in row.items() if is_number(value)))


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
