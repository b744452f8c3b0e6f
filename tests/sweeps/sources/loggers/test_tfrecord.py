import random
import struct
from functools import partial

import pytest

from sweeps.sources.loggers import tfrecord
from sweeps.sources.loggers.crc32c import masked_crc32c
from tests.sweeps.sources.loggers import framing

SEEDS = range(8)
read_all = partial(framing.read_all, tfrecord.read)


def framed(payload):
    length = struct.pack("<Q", len(payload))
    header = length + struct.pack("<I", masked_crc32c(length))
    return header + payload + struct.pack("<I", masked_crc32c(payload))


def payloads_of(seed, count=120):
    random_ = random.Random(seed)
    return [random_.randbytes(random_.choice([0, 1, 30, 60, 60, 300, 3000])) for _ in range(count)]


@pytest.mark.parametrize("seed", SEEDS)
def test_pieces_of_any_size_of_a_file_that_grows_anyhow_give_each_record_once(tmp_path, seed):
    random_ = random.Random(seed)
    written = payloads_of(seed)
    data = b"".join(map(framed, written))
    path, position, found, at = tmp_path / "log", {}, [], 0
    path.touch()
    while at < len(data):
        at += random_.choice([1, 5, 11, 12, 13, 60, 700, 5000])
        path.write_bytes(data[:at])
        piece = tfrecord.read(path, position, limit=random_.choice([1, 20, 100, 2000]))
        assert not piece.notes
        found += piece.payloads
        position = piece.position
    rest, position, _ = read_all(path, position)
    assert found + rest == written
    assert position["offset"] == len(data)
    assert tfrecord.read(path, position).payloads == []


def test_no_byte_of_a_record_is_read_twice(tmp_path, monkeypatch):
    path, asked = tmp_path / "log", []
    path.write_bytes(b"".join(map(framed, payloads_of(1))))
    real = tfrecord.bytes_at
    monkeypatch.setattr(
        tfrecord, "bytes_at", lambda *args: (part := real(*args), asked.append((args[1], len(part))))[0]
    )
    _, position, _ = read_all(path, limit=1)  # each record in a piece of its own
    spans = [span for span in sorted(set(asked)) if span[1]]
    assert sum(length for _, length in spans) == position["offset"]
    assert [start for start, _ in spans[1:]] == [start + length for start, length in spans[:-1]]
    assert len(asked) - len(spans) <= 2  # the end of the file, when it is looked for


def test_of_a_long_record_that_is_half_there_only_the_header_is_read(tmp_path, monkeypatch):
    path, asked = tmp_path / "log", []
    path.write_bytes(framed(bytes(100_000))[:-1])
    real = tfrecord.bytes_at
    monkeypatch.setattr(tfrecord, "bytes_at", lambda *args: (asked.append(args[2]), real(*args))[1])
    assert tfrecord.read(path, {}).position == {}
    assert asked == [12]


def damaged(records, number, byte):
    data = bytearray(b"".join(map(framed, records)))
    data[sum(len(framed(record)) for record in records[:number]) + byte] ^= 0xFF
    return bytes(data)


def test_a_damaged_record_is_left_out_and_said_once(tmp_path):
    path = tmp_path / "log"
    path.write_bytes(damaged([b"one", b"two", b"three"], 1, 13))
    payloads, position, notes = read_all(path, limit=1)
    assert payloads == [b"one", b"three"]
    assert notes == [f"{path}: the record at byte 19 is damaged and left out"]
    assert read_all(path, position) == ([], position, [])


def test_a_damaged_record_at_the_end_may_be_half_written_and_waits(tmp_path):
    path, whole = tmp_path / "log", framed(b"one") + framed(b"two")
    path.write_bytes(damaged([b"one", b"two"], 1, 13))
    payloads, position, notes = read_all(path)
    assert (payloads, notes) == ([b"one"], [])
    path.write_bytes(whole)
    assert read_all(path, position)[0] == [b"two"]


def test_where_a_length_is_damaged_reading_ends_with_one_note_and_goes_on_once_it_is_mended(tmp_path):
    path, records = tmp_path / "log", [b"one", b"two", b"three"]
    path.write_bytes(damaged(records, 1, 0))
    payloads, position, notes = read_all(path)
    assert payloads == [b"one"]
    assert notes == [f"{path}: damaged at byte 19; nothing from there on can be read"]
    assert read_all(path, position) == ([], position, [])
    path.write_bytes(b"".join(map(framed, records)))
    payloads, position, notes = read_all(path, position)
    assert (payloads, notes) == ([b"two", b"three"], [])
    assert "said" not in position


def test_a_file_that_is_none_of_records_is_said_once(tmp_path):
    path = tmp_path / "log"
    path.write_bytes(b"step,loss\n1,0.5\n2,0.25\n")
    payloads, position, notes = read_all(path)
    assert (payloads, len(notes)) == ([], 1)
    assert read_all(path, position) == ([], position, [])


def test_records_of_a_file_that_became_shorter_are_read_anew_and_told_apart_from_new_ones(tmp_path):
    path, records = tmp_path / "log", [b"one", b"two", b"three"]
    path.write_bytes(b"".join(map(framed, records)))
    _, position, _ = read_all(path)
    path.write_bytes(framed(b"one"))
    piece = tfrecord.read(path, position)
    assert (piece.payloads, piece.again) == ([b"one"], 1)
    path.write_bytes(b"".join(map(framed, [*records, b"four"])))
    piece = tfrecord.read(path, piece.position)
    assert (piece.payloads, piece.again) == ([b"two", b"three", b"four"], 2)
    assert "again" not in piece.position
