"""TFRecord files: each record has 12 bytes before it (its length, and that number's checksum) and 4 after it (its own).

The tensorboard package has a reader of them (`tensorboard.compat.tensorflow_stub.pywrap_tensorflow.PyRecordReader_New`),
which raises for a start anywhere but at the beginning ("start offset not supported by compat reader"), and keeps a half
record in memory: an attempt that takes up another's position would read all of the file again. The one of its Rust
server and that of TensorFlow are no Python modules of that package. So the frames are read here, as they are documented.

Source: https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from sweeps.sources.loggers.crc32c import masked_crc32c
from sweeps.sources.loggers.growing_file import Framed, Mark, bytes_at, size_of
from sweeps.sources.reader import CHUNK_BYTES

if TYPE_CHECKING:
    from io import FileIO
    from pathlib import Path

    from sweeps.sources.reader import Position

_HEADER = struct.Struct("<QI")  # bytes of the record, masked crc32c of these eight bytes
_FOOTER = struct.Struct("<I")  # masked crc32c of the record
_FRAME = _HEADER.size + _FOOTER.size


def read(path: Path, position: Position, limit: int = CHUNK_BYTES) -> Framed:
    """The records of a piece of a file of about `limit` bytes; a longer record is read alone.

    - A record that is written half waits until it is whole.
    - A record whose checksum is wrong waits while nothing stands behind it, and is left out, with a note, as soon as
      something does.
    - Where a length has a wrong checksum nobody knows where the next record begins: reading ends there, with one note,
      as TensorBoard's does. The position stays, so that a hole that a network's file system fills later is read then.

    Raises:
        OSError: The file cannot be read.
    """
    with path.open("rb", buffering=0) as file:
        mark = Mark.of(position, file)
        data = _piece(file, mark.offset, limit)
        payloads: list[bytes] = []
        notes: list[str] = []
        at, again, lost = 0, 0, False
        while at + _HEADER.size <= len(data):
            length, header_crc = _HEADER.unpack_from(data, at)
            if masked_crc32c(data[at : at + 8]) != header_crc:
                lost = True
                break
            end = at + _FRAME + length
            if end > len(data):
                break
            payload = data[at + _HEADER.size : end - _FOOTER.size]
            if masked_crc32c(payload) == _FOOTER.unpack_from(data, end - _FOOTER.size)[0]:
                payloads.append(payload)
                again += mark.offset + at < mark.again
            elif mark.offset + end < size_of(file):
                notes.append(f"{path}: the record at byte {mark.offset + at} is damaged and left out")
            else:
                break
            at = end
        offset = mark.offset + at
        if lost and not (mark.said and at == 0):
            notes.append(f"{path}: damaged at byte {offset}; nothing from there on can be read")
        return Framed(payloads, mark.moved(file, offset, said=lost), notes, again)


def _piece(file: FileIO, offset: int, limit: int) -> bytes:
    """What to cut into records: at least one where one is whole; of one that is not only its header is read."""
    header = bytes_at(file, offset, _HEADER.size)
    if len(header) < _HEADER.size:
        return header
    length, crc = _HEADER.unpack(header)
    whole = _FRAME + length
    if masked_crc32c(header[:8]) != crc or offset + whole > size_of(file):
        return header
    return header + bytes_at(file, offset + _HEADER.size, max(whole, limit) - _HEADER.size)
