"""A file that grows at its end while it is read: where to read on, and whether it is still the same file."""

from __future__ import annotations

import os
import zlib
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from io import FileIO
    from pathlib import Path

    from sweeps.sources.reader import Position

HEAD_BYTES = 128
"""So much of a file's beginning tells it from another of its name: a time or an id stands there in all formats read here."""


@dataclass(frozen=True, slots=True)
class Framed:
    """What a piece of a file holds.

    Attributes:
        payloads: The records, whole and with the checksum that they say, in the order of the file.
        position: Where to read on.
        notes: What could not be read, each said once: the position is beyond it, or holds that it was said.
        again: How many of the first records may have been read before the file was rewritten.
    """

    payloads: Sequence[bytes]
    position: Position
    notes: Sequence[str] = ()
    again: int = 0

    def messages(
        self, parse: Callable[[bytes], Any], path: Path, unlike: str, notes: list[str]
    ) -> Iterator[tuple[Any, bool]]:
        """The records as protobuf's messages, each with whether it may have been read before the file was rewritten.

        Args:
            parse: Makes a message of a record.
            path: The file, for the notes.
            unlike: What a record is that is none, in words.
            notes: Gets a sentence for each of these; they are left out.
        """
        from google.protobuf.message import DecodeError

        for number, payload in enumerate(self.payloads):
            try:
                message = parse(payload)
            except DecodeError:
                notes.append(f"{path}: a record of {len(payload)} bytes is {unlike}, and left out")
                continue
            yield message, number < self.again


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a growing file.

    Attributes:
        offset: Bytes from its beginning.
        head_bytes: How many bytes of the beginning `head` is the checksum of.
        head: By it the file is known again.
        again: Up to here it was read before it was rewritten.
        said: Whether it was said that nothing beyond can be read.
    """

    offset: int = 0
    head_bytes: int = 0
    head: int = 0
    again: int = 0
    said: bool = False

    @classmethod
    def of(cls, position: Position, file: FileIO) -> Mark:
        """The place where `position` stands in `file`; its beginning where the file is another, or has become shorter."""
        mark, size = cls(**position), size_of(file)
        if mark.offset == size:
            return mark  # whether it is another will be seen when there is something to read
        if mark.offset < size and zlib.crc32(bytes_at(file, 0, mark.head_bytes)) == mark.head:
            return mark
        return cls(again=max(mark.offset, mark.again))

    def moved(self, file: FileIO, offset: int, *, said: bool = False) -> Position:
        """The position at `offset`; what is as in a new mark is left out."""
        head_bytes, head = self.head_bytes, self.head
        if head_bytes < HEAD_BYTES and offset > self.offset:
            beginning = bytes_at(file, 0, min(offset, HEAD_BYTES))
            head_bytes, head = len(beginning), zlib.crc32(beginning)
        again = self.again if self.again > offset else 0
        return {
            key: value for key, value in asdict(Mark(offset, head_bytes, head, again, said)).items() if value
        }


def size_of(file: FileIO) -> int:
    """How many bytes a file has now."""
    return os.fstat(file.fileno()).st_size


def bytes_at(file: FileIO, offset: int, count: int) -> bytes:
    """At most `count` bytes from `offset`; fewer at the end of the file. The file is open without a buffer."""
    file.seek(offset)
    parts = []
    while count > 0 and (part := file.read(count)):
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
