"""Where runs that a file compares differ in code, data or environment."""

from __future__ import annotations

import json
from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING

from sweeps.trainer.provenance import HOST

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from analysis.read.store import RunRecord

KINDS = {"code": "sweeps.code", "data": "sweeps.data", "environment": "sweeps.env"}


def differences(records: Iterable[RunRecord], now: Mapping[str, str]) -> list[str]:
    """One line for each kind of identity in which the runs differ among themselves, or from what would run now.

    Args:
        records: The runs that the file's trials have.
        now: Tags that a trial started now would get; kinds that it lacks are compared among the runs alone.
    """
    records = list(records)
    lines = []
    for kind, tag in KINDS.items():
        found: dict[str, list[str]] = defaultdict(list)
        for record in records:
            if value := record.tags.get(tag):
                found[_told(kind, value)].append(record.tags.get("sweeps.trial", record.name))
        current = _told(kind, now[tag]) if tag in now else None
        if len(found) > 1 or (found and current is not None and current not in found):
            parts = [f"{value} ({_names(names)})" for value, names in found.items()]
            if current is not None and current not in found:
                parts.append(f"{current} (now)")
            lines.append(f"{kind} differs: " + "; ".join(parts))
    return lines


@lru_cache(maxsize=1024)  # thousands of runs share a few identities
def _told(kind: str, value: str) -> str:
    """An identity in words: what stands in a tag, without braces."""
    try:
        identity = json.loads(value)
    except ValueError:
        return value
    if not isinstance(identity, dict):
        return value
    if kind == "code":
        return f"digest {identity.get('digest')}"
    return ", ".join(f"{key} {item}" for key, item in identity.items() if key != HOST)


def _names(names: list[str]) -> str:
    shown = ", ".join(names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"  # noqa: PLR2004 - what one line holds
