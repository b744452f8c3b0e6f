"""Names of files and folders: any text as one part of a path, and numbered where it is taken."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from itertools import chain, count
from typing import Any

MOST_BYTES = 120
"""A longer name is cut in paths, as file systems take 255 bytes."""


def slug(name: Any) -> str:
    """Return `name` as one part of a path, whatever characters it has and however many."""
    text = re.sub(r"[^\w.-]+", "-", str(name)).strip(".-") or "unnamed"
    raw = text.encode()
    if len(raw) <= MOST_BYTES:
        return text
    return f"{raw[:MOST_BYTES].decode(errors='ignore')}-{hashlib.sha256(raw).hexdigest()[:8]}"


def free(name: str, taken: set[str]) -> str:
    """Return `name`, numbered where it is taken already, and take it; names that some disks take for the same count as one."""
    there = set(map(folded, taken))
    numbered = (f"{name}-{number}" for number in count(2))
    free = next(one for one in chain((name,), numbered) if folded(one) not in there)
    taken.add(free)
    return free


def folded(name: str) -> str:
    """Return what two names have in common that are one file where a disk knows no case, as on macOS, or no composed letters."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
