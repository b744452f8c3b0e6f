"""Reads JSON documents that a program writes anew each time: an object, a list of objects in it, or columns."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sweeps.sources.formats.number import numbers_of
from sweeps.sources.reader import Read, Row
from sweeps.spec.trainer.source_model import STEP_NAMES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sweeps.sources.reader import Position

_MISSING = object()


def read_document(path: Path, position: Position, at: str = "") -> Read:
    """Read what a document holds and did not hold before; one that is written half is left for the next time.

    An object gives a row, a list of objects a row each, and an object of equally long lists (as Keras' history) a row an
    index; what says no step has its index for it. The rows of a list that were read before are not read again as long as they are the same.

    Args:
        path: The document.
        position: How many rows of it were read, their digest, and how often the list was another one `again`.
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
    entries, is_list = _entries(content)
    if not entries:
        return Read((), position)
    digest = _digest(entries)
    if position and digest == position.get("digest"):
        return Read((), position)
    known = int(position.get("rows", 0))
    is_longer = is_list and 0 < known <= len(entries) and _digest(entries[:known]) == position.get("digest")
    rows: list[Row] = []
    odd: list[tuple[str, str]] = []
    for index, entry in enumerate(entries):
        if is_longer and index < known:
            continue
        values, wrong = numbers_of(entry)
        odd += wrong.items()
        if is_list and not any(name in values for name in STEP_NAMES):
            values["step"] = index
        rows.append(Row(values))
    again = int(position.get("again", 0))
    if is_list and known and not is_longer:
        again += 1
        rows = [replace(row, is_again=True) for row in rows]
    now = {"rows": len(entries), "digest": digest}
    return Read(rows, {**now, "again": again} if again else now, odd)


def _entries(content: object) -> tuple[Sequence[dict[str, Any]], bool]:
    """The objects of a document, and whether they are a list's."""
    if isinstance(content, list):
        return [entry for entry in content if isinstance(entry, dict)], True
    if not isinstance(content, dict):
        return (), False
    lengths = {len(value) for value in content.values() if isinstance(value, list)}
    if content and all(isinstance(value, list) for value in content.values()) and len(lengths) == 1:
        return [dict(zip(content, row, strict=True)) for row in zip(*content.values(), strict=True)], True
    return [content], False


def _digest(entries: Sequence[dict[str, Any]]) -> str:
    return hashlib.sha256(json.dumps(entries, sort_keys=True).encode()).hexdigest()[:10]
