"""Whether files that several programs write only grow: then what one wrote stays where another one writes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, TypeAlias

HEAD_BYTES = 64 * 1024
"""So much of a file's beginning is compared."""
TAIL_BYTES = 4 * 1024
"""And so much of where it ended before."""


FileEnd: TypeAlias = tuple[int, str]
"""How large a file was, in bytes, and a digest of its beginning and of its end then."""


def end_of(path: str) -> FileEnd:
    """A file as it is now; costs the same however large it is.

    Raises:
        OSError: It cannot be read.
    """
    with Path(path).open("rb") as file:
        size = file.seek(0, 2)
        return size, _digest(file, size)


@dataclass
class AppendedFiles:
    """Compares files with what they were at the ends of attempts.

    One that became longer, and still begins with all that it held, was appended to. Once it does not, or cannot be read, it
    is not taken for such a file again.
    """

    _longest: dict[str, FileEnd] = field(default_factory=dict)
    _appended: dict[str, bool] = field(default_factory=dict)

    def add(self, path: str, end: FileEnd | None) -> None:
        """Take note of a file at the end of an attempt, and look whether it holds what it held before.

        Args:
            path: The file.
            end: What it was when the attempt ended; None: nobody looked then.
        """
        try:
            now = end_of(path)
            ends = {one for one in (self._longest.get(path), end) if one is not None}
            with Path(path).open("rb") as file:
                holds = all(size <= now[0] and _digest(file, size) == digest for size, digest in ends)
        except OSError:
            self._appended[path] = False
            return
        if not holds:
            self._appended[path] = False
        elif path in self._longest and len({size for size, _ in (*ends, now)}) > 1:
            self._appended.setdefault(path, True)
        self._longest[path] = max(ends, default=now)

    def has(self, path: str) -> bool:
        """Whether a file became longer since the first attempt that is known of, and was appended to each time."""
        return self._appended.get(path, False)


def _digest(file: BinaryIO, size: int) -> str:
    """A digest of the beginning of a file's first bytes, and of their end."""
    file.seek(0)
    head = file.read(min(size, HEAD_BYTES))
    file.seek(max(0, size - TAIL_BYTES))
    return hashlib.sha256(head + file.read(min(size, TAIL_BYTES))).hexdigest()
