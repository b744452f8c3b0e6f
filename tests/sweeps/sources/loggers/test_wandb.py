import json
import math
import struct
import subprocess
import sys
import zlib

import pytest

from sweeps.sources.loggers import wandb
from sweeps.sources.loggers.wandb_blocks import BLOCK_BYTES, FILE_HEADER


def field(number, content):
    """One field of a protobuf message: a number, a text or a message."""
    if isinstance(content, int):
        return varint(number << 3) + varint(content % 2**64)
    data = content.encode() if isinstance(content, str) else content
    return varint(number << 3 | 2) + varint(len(data)) + data


def varint(number):
    data = bytearray()
    while number > 127:
        data.append(number & 127 | 128)
        number >>= 7
    return bytes([*data, number])


def item(names, value):
    """As wandb-core spells an item; where `names` is one text, as wandb did before."""
    keys = [field(1, names)] if isinstance(names, str) else [field(2, name) for name in names]
    return field(1, b"".join(keys) + field(16, json.dumps(value)))


def history(step, *items):
    """A record: its number, the history with its step, and whatever else wandb adds."""
    return field(1, 7) + field(2, b"".join(items) + field(2, field(1, step))) + field(200, b"")


def run_file(path, *records):
    data = bytearray(FILE_HEADER)
    for record in records:
        checked = b"\x01" + record
        assert len(data) + 6 + len(checked) < BLOCK_BYTES
        data += struct.pack("<IH", zlib.crc32(checked), len(record)) + checked
    path.write_bytes(data)
    return path


def rows_of(path, position=None):
    """All rows, with no note."""
    rows, position = [], position or {}
    while True:
        read = wandb.read(path, position)
        assert not read.notes
        rows += read.rows
        if read.position == position:
            return rows
        position = read.position


def test_the_numbers_of_a_step_are_a_row_with_its_step_and_time(tmp_path):
    items = [
        item(["loss"], 0.5),
        item(["nested", "a"], 2),
        item(["nested", "b", "c"], -1e-30),
        item(["_step"], 4),
        item(["_timestamp"], 1_795_822_941.25),
        item(["_runtime"], 1.5),
    ]
    (row,) = rows_of(run_file(tmp_path / "log", history(4, *items)))
    assert dict(row.values) == {"loss": 0.5, "nested.a": 2.0, "nested.b.c": -1e-30}
    assert (row.step, row.time_ms) == (4, 1_795_822_941_250)


def test_nested_values_as_older_versions_of_wandb_write_them(tmp_path):
    image = {"_type": "image-file", "width": 3, "height": 2, "path": "media/images/a.png"}
    items = [item("loss", 0.5), item("nested", {"a": 2, "b": {"c": 3}, "image": image}), item("a.b", 1)]
    (row,) = rows_of(run_file(tmp_path / "log", history(0, *items)))
    assert dict(row.values) == {"loss": 0.5, "nested.a": 2.0, "nested.b.c": 3.0, "a.b": 1.0}


def test_what_is_no_number_is_no_metric(tmp_path):
    odd = [True, False, None, "0.5", [1, 2], {"_type": "histogram", "values": [1], "bins": [0, 1]}]
    items = [item([f"odd{number}"], value) for number, value in enumerate(odd)]
    only_odd = history(0, *items, item(["_step"], 0))
    not_json = history(1, field(1, field(1, "a") + field(16, "<html>")), item(["b"], 1))
    assert [dict(row.values) for row in rows_of(run_file(tmp_path / "log", only_odd, not_json))] == [
        {"b": 1.0}
    ]


def test_numbers_of_any_size_and_none_at_all(tmp_path):
    values = [math.nan, math.inf, -math.inf, 10**400, -(10**20)]
    items = [item([f"n{number}"], value) for number, value in enumerate(values)]
    (row,) = rows_of(run_file(tmp_path / "log", history(0, *items)))
    assert [str(value) for value in row.values.values()] == ["nan", "inf", "-inf", "inf", "-1e+20"]


def test_a_history_without_the_keys_of_step_and_time_has_the_records_step(tmp_path):
    (row,) = rows_of(run_file(tmp_path / "log", history(12, item(["loss"], 1))))
    assert (row.step, row.time_ms) == (12, None)


def test_other_records_are_passed_over_and_what_is_no_record_is_said(tmp_path):
    summary = field(1, 3) + field(3, field(1, field(1, "loss") + field(16, "0.25")))
    path = run_file(tmp_path / "log", summary, b"\xff\xff", history(1, item(["loss"], 1)))
    read = wandb.read(path, {})
    assert [dict(row.values) for row in read.rows] == [{"loss": 1.0}]
    assert read.notes == [f"{path}: a record of 2 bytes is none of wandb's, and left out"]


def test_a_file_that_grows_gives_each_row_once(tmp_path):
    data = run_file(
        tmp_path / "log", *(history(step, item(["loss"], step / 7)) for step in range(300))
    ).read_bytes()
    path, position, steps = tmp_path / "growing", {}, []
    for end in range(0, len(data) + 997, 997):
        path.write_bytes(data[:end])
        read = wandb.read(path, position)
        steps += [row.step for row in read.rows]
        position = read.position
    assert steps == list(range(300))


def test_rows_of_a_file_that_became_shorter_are_marked(tmp_path):
    records = [history(step, item(["loss"], 1)) for step in range(3)]
    path = run_file(tmp_path / "log", *records)
    position = wandb.read(path, {}).position
    run_file(path, records[0])
    read = wandb.read(path, position)
    assert [(row.step, row.is_again) for row in read.rows] == [(0, True)]
    run_file(path, *records, history(3, item(["loss"], 1)))
    rows = wandb.read(path, read.position).rows
    assert [(row.step, row.is_again) for row in rows] == [(1, True), (2, True), (3, False)]


@pytest.mark.parametrize(
    ("name", "is_mine"),
    [
        ("wandb/offline-run-20261127_232949-h4neff6e/run-h4neff6e.wandb", True),
        ("wandb/run-20261127_232949-h4neff6e/run-h4neff6e.wandb", True),
        ("wandb/latest-run/run-h4neff6e.wandb", False),
        ("wandb/run-20261127_232949-h4neff6e/run-h4neff6e.wandb.synced", False),
        ("wandb/run-20261127_232949-h4neff6e/logs/debug.log", False),
    ],
)
def test_the_records_of_runs_are_known_by_their_names(tmp_path, name, is_mine):
    assert wandb.is_mine(tmp_path / name) == is_mine


def test_nothing_has_to_be_installed_and_wandb_is_not_loaded(tmp_path):
    assert wandb.missing() == ""
    path = run_file(tmp_path / "log", history(1, item(["loss"], 1)))
    code = (
        "import sys; from pathlib import Path; from sweeps.sources.loggers import wandb;"
        f"print(len(wandb.read(Path({str(path)!r}), {{}}).rows), 'wandb' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "False"]


SCRIPT = """
import wandb
with wandb.init(mode="offline", project="p", config={"lr": 0.1}) as run:
    for step in range(700):
        run.log({"loss": 1 / (step + 1), "nested": {"a": step, "b": {"c": 2.5}}, "word": "x" * (step % 90), "flag": True})
    run.log({"bins": wandb.Histogram([1, 2, 3]), "nan": float("nan")}, step=1000)
    run.log({"a": 1})
    run.log({"b": 2})
"""


@pytest.mark.extra
def test_a_real_offline_run(tmp_path):
    pytest.importorskip("wandb", reason="`make extra` installs it")
    subprocess.run([sys.executable, "-c", SCRIPT], cwd=tmp_path, check=True, timeout=300)
    (path,) = filter(wandb.is_mine, tmp_path.rglob("*"))
    rows = rows_of(path)
    assert path.stat().st_size > 3 * BLOCK_BYTES
    assert [row.step for row in rows] == [*range(700), 1000, 1001]
    assert [dict(row.values) for row in rows[:700]] == [
        {"loss": 1 / (step + 1), "nested.a": step, "nested.b.c": 2.5} for step in range(700)
    ]
    given, after = (dict(row.values) for row in rows[700:])
    assert math.isnan(given.pop("nan"))
    assert (given, after) == ({"a": 1.0}, {"b": 2.0})  # a step that is given is open until the next call
    assert all(row.time_ms > 1_700_000_000_000 for row in rows)


@pytest.mark.extra
def test_the_fields_have_the_numbers_of_wandbs_own_schema():
    theirs = pytest.importorskip("wandb.proto.wandb_internal_pb2", reason="`make extra` installs it")
    for message in wandb._record_type().DESCRIPTOR.file.message_types_by_name.values():
        real = getattr(theirs, message.name).DESCRIPTOR
        for ours in message.fields:
            other = real.fields_by_name[ours.name]
            assert (ours.number, ours.type, ours.is_repeated) == (other.number, other.type, other.is_repeated)
