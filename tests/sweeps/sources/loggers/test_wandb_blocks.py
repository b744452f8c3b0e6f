import random
import struct
import zlib
from functools import partial

import pytest

from sweeps.sources.loggers import wandb_blocks
from sweeps.sources.loggers.wandb_blocks import BLOCK_BYTES, FILE_HEADER
from tests.sweeps.sources.loggers import framing

SEEDS = range(8)
read_all = partial(framing.read_all, wandb_blocks.read)


def log_of(records):
    """What wandb's writer makes of them."""
    data = bytearray(FILE_HEADER)
    for record in records:
        rest, is_first = record, True
        while True:
            left = BLOCK_BYTES - len(data) % BLOCK_BYTES
            if left < 7:
                data += bytes(left)
                left = BLOCK_BYTES
            part, rest = rest[: left - 7], rest[left - 7 :]
            kind = {(True, True): 1, (True, False): 2, (False, False): 3, (False, True): 4}[
                is_first, not rest
            ]
            checked = bytes([kind]) + part
            data += struct.pack("<IH", zlib.crc32(checked), len(part)) + checked
            is_first = False
            if not rest:
                break
    return bytes(data)


def records_of(seed, count=150):
    random_ = random.Random(seed)
    return [random_.randbytes(random_.choice([0, 1, 50, 300, 1000, 1000, 40_000])) for _ in range(count)]


@pytest.mark.parametrize("seed", SEEDS)
def test_pieces_of_any_size_of_a_file_that_grows_anyhow_give_each_record_once(tmp_path, seed):
    random_ = random.Random(seed)
    written = records_of(seed)
    data = log_of(written)
    path, position, found, at = tmp_path / "log", {}, [], 0
    while at < len(data):
        at += random_.choice([1, 6, 7, 500, BLOCK_BYTES - at % BLOCK_BYTES, 40_000])
        path.write_bytes(data[:at])
        piece = wandb_blocks.read(path, position, limit=random_.choice([1, 100, 5000, 200_000]))
        assert not piece.notes
        found += piece.payloads
        position = piece.position
    rest, position, _ = read_all(path, position)
    assert found + rest == written
    assert wandb_blocks.read(path, position).payloads == []


@pytest.mark.parametrize("left", range(10))
def test_the_end_of_a_block_may_leave_room_for_a_header_or_for_none(tmp_path, left):
    path = tmp_path / "log"
    written = [bytes(BLOCK_BYTES - len(FILE_HEADER) - 7 - left), b"two", b"three"]
    path.write_bytes(log_of(written))
    assert read_all(path)[0] == written
    assert read_all(path, limit=1)[0] == written


def test_what_is_damaged_is_left_out_up_to_the_next_block_and_said_once(tmp_path):
    path = tmp_path / "log"
    written = [b"%05d" % number + bytes(5000) for number in range(20)]
    data = bytearray(log_of(written))
    data[6000] ^= 0xFF  # in the second record; the sixth goes on in the next block
    path.write_bytes(data)
    payloads, position, notes = read_all(path)
    assert payloads == [written[0], *written[7:]]
    assert notes == [f"{path}: damaged at byte 5019; left out up to byte {BLOCK_BYTES}"]
    assert read_all(path, position) == ([], position, [])


def test_damage_in_the_last_block_may_be_half_written_and_waits(tmp_path):
    path = tmp_path / "log"
    data = bytearray(log_of([b"one", b"two", b"three"]))
    data[7 + 10 + 8] ^= 0xFF
    path.write_bytes(data)
    payloads, position, notes = read_all(path)
    assert (payloads, notes) == ([b"one"], [])
    path.write_bytes(log_of([b"one", b"two", b"three"]))
    assert read_all(path, position)[0] == [b"two", b"three"]


@pytest.mark.parametrize("beginning", [b"SQLite format 3\0", FILE_HEADER[:6] + b"\x01"])
def test_a_file_of_another_kind_or_version_is_said_once(tmp_path, beginning):
    path = tmp_path / "log"
    path.write_bytes(beginning + bytes(100))
    payloads, position, notes = read_all(path)
    assert (payloads, len(notes)) == ([], 1)
    assert read_all(path, position) == ([], position, [])


@pytest.mark.parametrize("length", range(7))
def test_a_header_that_is_half_written_waits(tmp_path, length):
    path = tmp_path / "log"
    path.write_bytes(FILE_HEADER[:length])
    assert read_all(path) == ([], {}, [])


def test_records_of_a_file_that_became_shorter_are_read_anew_and_told_apart_from_new_ones(tmp_path):
    path = tmp_path / "log"
    path.write_bytes(log_of([b"one", b"two", b"three"]))
    _, position, _ = read_all(path)
    path.write_bytes(log_of([b"one"]))
    piece = wandb_blocks.read(path, position)
    assert (piece.payloads, piece.again) == ([b"one"], 1)
    path.write_bytes(log_of([b"one", b"two", b"three", b"four"]))
    piece = wandb_blocks.read(path, piece.position)
    assert (piece.payloads, piece.again) == ([b"two", b"three", b"four"], 2)
