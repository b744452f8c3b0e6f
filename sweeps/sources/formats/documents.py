"""Reads JSON documents that a program writes anew each time: an object, a list of objects in it, or columns."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sweeps.sources.formats.number import Commas, flattened, numbers_of
from sweeps.sources.reader import Read, Row
from sweeps.spec.fields import is_number
from sweeps.spec.trainer.source_model import STEP_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from sweeps.sources.reader import Position

_MISSING = object()
_SETTINGS = frozenset(
    {
        *("args", "arguments", "argv", "cfg", "conf", "config", "configs", "hparams", "hyper_parameters"),
        *("hyperparameters", "options", "opt", "opts", "params", "settings"),
    }
)
"""Objects inside a document that hold what was asked for, and no results."""
_PLURALS = {f"{name}s": name for name in ("step", "global_step", "iteration", "iter", "epoch")}
"""What columns of steps are called."""


@dataclass(frozen=True, slots=True)
class Document:
    """What of a document is read.

    Attributes:
        entries: The rows of its list, or of its columns.
        rest: What stands beside them, as results do: a row of its own.
        lists: The keys of its lists of objects, joined by dots, where it has several, of which none is read.
    """

    entries: Sequence[Mapping[str, Any]] = ()
    rest: Mapping[str, Any] = field(default_factory=dict)
    lists: tuple[str, ...] = ()


def read_document(path: Path, position: Position, at: str = "") -> Read:
    """Read what a document holds and did not hold before; one that is written half is left for the next time.

    An object gives a row, a list of objects a row each, and lists of numbers (as Keras' history) a row an index; what says no step
    has its index for it. What stands beside a list is a row after it. The rows of a list that were read before are not read
    again as long as they are the same.

    Args:
        path: The document.
        position: How many rows of its list were read, their digest, that of what stands beside it, and how often the list was
            another one `again`.
        at: The key of the list or object in it, nested ones joined by dots; empty: the document.

    Raises:
        OSError: The file cannot be read.
    """
    try:
        content: Any = json.loads(path.read_text(encoding="utf-8", errors="replace"))
    except ValueError:
        return Read((), position)
    for key in at.split(".") if at else ():
        content = content.get(key, _MISSING) if isinstance(content, dict) else _MISSING
    document = document_of(content)
    notes = [] if position.get("told") else [*_notes(path, document)]
    commas = Commas()
    every = (document.rest, *document.entries)
    commas.learn(value for part in every for _, value in flattened(part) if isinstance(value, str))
    rows, odd, now = _new_rows(document, position, commas)
    if document.rest and (digest := _digest([document.rest])) != position.get("rest"):
        values, wrong = numbers_of(document.rest, commas)
        odd += wrong.items()
        rows += [Row(values)] if values else []
        now["rest"] = digest
    if notes:
        now["told"] = True
    return Read(rows, now, odd, notes) if now != dict(position) else Read((), position)


def document_of(content: object) -> Document:
    """What of a document is read."""
    if isinstance(content, list):
        return Document([entry for entry in content if isinstance(entry, dict)])
    if not isinstance(content, dict):
        return Document()
    kept = _without_settings(content)
    found, kept = dict(_lists(kept)), _without_lists(kept)
    columns = {
        key: value for key, value in found.items() if all(one is None or is_number(one) for one in value)
    }
    if columns:
        return Document(_transposed(columns), kept)
    of_objects = [key for key, value in found.items() if all(isinstance(entry, dict) for entry in value)]
    if len(of_objects) == 1:
        return Document(found[of_objects[0]], kept)
    return Document((), kept, tuple(key.replace("/", ".") for key in of_objects))


def _new_rows(
    document: Document, position: Position, commas: Commas
) -> tuple[list[Row], list[tuple[str, str]], dict[str, Any]]:
    """The rows of a document's list that were not read before, what of them is no number, and the position behind them."""
    entries, now = document.entries, dict(position)
    if not entries or (digest := _digest(entries)) == position.get("digest"):
        return [], [], now
    known = int(position.get("rows", 0))
    is_longer = 0 < known <= len(entries) and _digest(entries[:known]) == position.get("digest")
    rows: list[Row] = []
    odd: list[tuple[str, str]] = []
    for index, entry in enumerate(entries):
        if is_longer and index < known:
            continue
        values, wrong = numbers_of(entry, commas)
        odd += wrong.items()
        if not any(name in values for name in STEP_NAMES):
            values["step"] = index
        rows.append(Row(values))
    now |= {"rows": len(entries), "digest": digest}
    if known and not is_longer:
        now["again"] = int(position.get("again", 0)) + 1
        rows = [replace(row, is_again=True) for row in rows]
    return rows, odd, now


def _notes(path: Path, document: Document) -> Iterator[str]:
    if document.lists:
        listed = ", ".join(document.lists)
        yield f"{path.name} has several lists of objects ({listed}), and none is read; `at: {document.lists[0]}` reads that one"


def _without_settings(content: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: _without_settings(value) if isinstance(value, dict) else value
        for key, value in content.items()
        if not (isinstance(value, dict) and key.lower() in _SETTINGS)
    }


def _without_lists(content: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: _without_lists(value) if isinstance(value, dict) else value
        for key, value in content.items()
        if not isinstance(value, list)
    }


def _lists(content: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, list[Any]]]:
    """The lists of nested mappings that are not empty, their keys joined by slashes."""
    for key, value in content.items():
        if isinstance(value, dict):
            yield from _lists(value, f"{before}{key}/")
        elif isinstance(value, list) and value:
            yield f"{before}{key}", value


def _transposed(columns: Mapping[str, list[Any]]) -> list[dict[str, Any]]:
    """The rows of columns; a shorter column ends earlier."""
    named = {
        _PLURALS.get(key, key) if _PLURALS.get(key) not in columns else key: value
        for key, value in columns.items()
    }
    longest = max(map(len, named.values()))
    return [
        {key: value[index] for key, value in named.items() if index < len(value)} for index in range(longest)
    ]


def _digest(entries: Sequence[Mapping[str, Any]]) -> str:
    return hashlib.sha256(json.dumps(entries, sort_keys=True).encode()).hexdigest()[:10]
