"""Tells a file that `sweep init` wrote and nobody edited since, by a digest of its text in a comment."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_LINE = "# While this is its digest, nobody edited it, and `sweep init` may write it anew: {digest}\n"
_SIGNED = re.compile(re.escape(_LINE).replace(r"\{digest\}", "([0-9a-f]{16})"))
_MOST_BYTES = 1 << 20


def signed(text: str) -> str:
    """The text with its digest, in a line below the comments that it begins with."""
    lines = text.splitlines(keepends=True)
    at = next((at for at, line in enumerate(lines) if not line.startswith("#")), len(lines))
    return "".join([*lines[:at], _LINE.format(digest=_digest(text)), *lines[at:]])


def is_unedited(path: Path) -> bool:
    """Whether a file is to the letter what `signed` made; a file that cannot be read is not."""
    try:
        if not path.is_file() or path.stat().st_size > _MOST_BYTES:
            return False
        with path.open(encoding="utf-8", newline="") as file:
            text = file.read()
    except (OSError, UnicodeDecodeError):
        return False
    found = _SIGNED.search(text)
    return found is not None and signed(text[: found.start()] + text[found.end() :]) == text


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
