"""`.wandb` files: a log of LevelDB's form, behind seven bytes of W&B's own.

The file is divided into blocks of 32 KiB. A record lies in one part or in several, each within one block: a header of
seven bytes (checksum, length, kind) and its bytes. Where fewer than seven bytes are left of a block, they are zeros.

wandb once had a reader in Python (`wandb.sdk.internal.datastore.DataStore`, which starts at the beginning only); wandb
0.31 has none, its reader and writer are part of the program `wandb-core`. Both agree on the format.

Source: https://github.com/google/leveldb/blob/main/doc/log_format.md, and in github.com/wandb/wandb `core/pkg/leveldb`,
for the seven bytes and the checksum, which is zlib's crc32.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sweeps.sources.loggers.growing_file import Framed, Mark, bytes_at, size_of
from sweeps.sources.reader import CHUNK_BYTES

if TYPE_CHECKING:
    from pathlib import Path

    from sweeps.sources.reader import Position

BLOCK_BYTES = 1 << 15
FILE_HEADER = b":W&B\xe1\xbe\x00"
"""A word, a number, and the version of the format, 0, which has not changed since 2020."""
_HEADER = struct.Struct("<IHB")  # crc32 of kind and bytes, length, kind
_FULL, _FIRST, _MIDDLE, _LAST = range(1, 5)
_PADDING, _DAMAGED = -1, -2


def read(path: Path, position: Position, limit: int = CHUNK_BYTES) -> Framed:
    """The records of a piece of a file of about `limit` bytes, or as much more as one record takes.

    - A record that is written half, or whose block is, waits until it is whole.
    - What is damaged is left out, with a note, up to the next block, as wandb's own reader does, once there is one.
    - A file that does not begin as a `.wandb` file of this version is not read, with one note.

    Raises:
        OSError: The file cannot be read.
    """
    with path.open("rb", buffering=0) as file:
        mark = Mark.of(position, file)
        offset = mark.offset
        if offset == 0:
            header = bytes_at(file, 0, len(FILE_HEADER))
            if not FILE_HEADER.startswith(header):
                note = f"{path}: no .wandb file of the version that this reader knows; nothing of it is read"
                return Framed([], mark.moved(file, 0, said=True), () if mark.said else (note,))
            if len(header) < len(FILE_HEADER):
                return Framed([], mark.moved(file, 0))
            offset = len(header)
        while True:
            size = size_of(file)
            data = bytes_at(file, offset, limit)
            cut = _Cut(data, offset, size)
            cut.run()
            if cut.done or offset + len(data) >= size:
                break
            limit *= 4  # one record is longer
        notes = [f"{path}: damaged at byte {at}; left out up to byte {end}" for at, end in cut.damaged]
        again = sum(offset + start < mark.again for start in cut.starts)
        return Framed(cut.payloads, mark.moved(file, offset + cut.done), notes, again)


@dataclass(slots=True)
class _Cut:
    """Cuts bytes into records.

    Attributes:
        data: From `offset` on, where a record begins.
        offset: In the file.
        size: Of the file, in bytes.
        payloads: The records.
        starts: Where they begin in the data.
        done: How many bytes are read for good; a record begins there.
        damaged: From where to where bytes of the file are left out.
    """

    data: bytes
    offset: int
    size: int
    payloads: list[bytes] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    done: int = 0
    damaged: list[tuple[int, int]] = field(default_factory=list)

    def run(self) -> None:
        """Go through the parts as far as they are there."""
        at = 0
        parts: list[bytes] = []
        while (part := self._part(at)) is not None:
            kind, payload, end = part
            if kind == _DAMAGED:
                self.damaged.append((self.offset + at, self.offset + end))
                parts, self.done = [], end
            elif kind in {_FULL, _FIRST}:
                parts = [payload]
            elif kind in {_MIDDLE, _LAST} and parts:
                parts.append(payload)
            elif kind != _PADDING:  # the rest of a record whose beginning is damaged
                self.done = end
            if kind in {_FULL, _LAST} and parts:
                self.payloads.append(b"".join(parts))
                self.starts.append(self.done)
                parts, self.done = [], end
            at = end

    def _part(self, at: int) -> tuple[int, bytes, int] | None:
        """Kind, bytes and end of the part at `at`; None where it is not there yet, or what is wrong may still change."""
        left = BLOCK_BYTES - (self.offset + at) % BLOCK_BYTES
        if left < _HEADER.size:
            return _PADDING, b"", at + left
        if at + _HEADER.size > len(self.data):
            return None
        crc, length, kind = _HEADER.unpack_from(self.data, at)
        end = at + _HEADER.size + length
        if end <= at + left:
            if end > len(self.data):
                return None
            checked = self.data[at + _HEADER.size - 1 : end]  # its kind and its bytes
            if zlib.crc32(checked) == crc and _FULL <= kind <= _LAST:
                return kind, checked[1:], end
        block_end = at + left
        return (_DAMAGED, b"", block_end) if self.offset + block_end < self.size else None
