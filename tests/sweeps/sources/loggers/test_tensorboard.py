import importlib.util
import io
import math
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from sweeps.errors import SweepError
from sweeps.sources.loggers import tensorboard
from sweeps.sources.reader import Row

pytest.importorskip("tensorboard", reason="the extra `tensorboard` is not installed")

from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.plugins.image import metadata as image_metadata
from tensorboard.plugins.scalar import metadata as scalar_metadata
from tensorboard.plugins.text import metadata as text_metadata
from tensorboard.summary.writer.record_writer import RecordWriter
from tensorboard.util import tensor_util

WALL_TIME_S = 1_795_822_941.5


def written(path, *events, mode="wb"):
    """An event file of the package's own writer."""
    with path.open(mode) as file:
        writer = RecordWriter(file)
        for event in events:
            writer.write(event.SerializeToString())
        writer.flush()
    return path


def event(*values, step=1, wall_time=WALL_TIME_S):
    return event_pb2.Event(step=step, wall_time=wall_time, summary=summary_pb2.Summary(value=values))


def scalar(tag, number):
    return summary_pb2.Summary.Value(tag=tag, simple_value=number)


def tensor(tag, data, metadata=None):
    return summary_pb2.Summary.Value(tag=tag, tensor=tensor_util.make_tensor_proto(data), metadata=metadata)


def png(shade, kind="PNG", mode="L"):
    data = io.BytesIO()
    Image.new(mode, (3, 2), shade).save(data, kind)
    return data.getvalue()


def rows_of(path, position=None):
    """All rows, with no note."""
    rows, position = [], position or {}
    while True:
        read = tensorboard.read(path, position)
        assert not read.notes
        rows += read.rows
        if read.position == position:
            return rows
        position = read.position


def rows_of_folder(folder):
    return {
        str(path.parent.relative_to(folder)): rows_of(path)
        for path in sorted(folder.rglob("*"))
        if tensorboard.is_mine(path)
    }


@pytest.fixture
def summary_writer():
    torchs = pytest.importorskip("torch.utils.tensorboard", reason="`make versions` installs no torch")
    return torchs.SummaryWriter


def test_what_torchs_writer_logs_as_in_its_tutorials(tmp_path, summary_writer):
    with summary_writer(tmp_path) as writer:
        for step in range(3):
            writer.add_scalar("Loss/train", 1 / (step + 1), step)
            writer.add_scalar("Accuracy", step / 4, step, walltime=WALL_TIME_S, new_style=True)
        writer.add_text("notes", "lr = 0.1", 0)
        writer.add_histogram("weights", np.arange(10), 0)
        writer.add_scalars("run", {"a": 1.0, "b": 2.0}, 5)
        writer.add_hparams({"lr": 0.1, "bsize": 4}, {"hparam/loss": 0.5}, run_name="search")
        writer.add_image("input", np.zeros((3, 2, 2), np.uint8), 7)
        writer.add_audio("sound", np.zeros((1, 100)), 0)
        writer.add_pr_curve("curve", np.array([0, 1]), np.array([0.2, 0.8]), 0)
    rows = rows_of_folder(tmp_path)
    main = rows.pop(".")
    assert [(row.step, dict(row.values)) for row in main if row.values] == [
        (0, {"Loss/train": 1.0}),
        (0, {"Accuracy": 0.0}),
        (1, {"Loss/train": 0.5}),
        (1, {"Accuracy": 0.25}),
        (2, {"Loss/train": float(np.float32(1 / 3))}),
        (2, {"Accuracy": 0.5}),
    ]
    assert main[1].time_ms == int(WALL_TIME_S * 1000)
    (picture,) = [row for row in main if row.images]
    assert (picture.step, list(picture.images)) == (7, ["input"])
    assert Image.open(io.BytesIO(picture.images["input"])).size == (2, 2)
    assert {folder: [(row.step, dict(row.values)) for row in found] for folder, found in rows.items()} == {
        "run_a": [(5, {"run": 1.0})],
        "run_b": [(5, {"run": 2.0})],
        "search": [(0, {"hparam/loss": 0.5})],
    }


def test_scalars_as_tf2_writes_them(tmp_path):
    metadata = scalar_metadata.create_summary_metadata("loss", "")
    only_class = summary_pb2.SummaryMetadata(data_class=summary_pb2.DATA_CLASS_SCALAR)
    only_plugin = summary_pb2.SummaryMetadata()
    only_plugin.plugin_data.plugin_name = "scalars"
    path = written(
        tmp_path / "events",
        event(tensor("loss", np.float32(0.5), metadata)),
        event(tensor("double", np.float64(0.1), only_class), tensor("whole", np.int64(3), only_plugin)),
        event(tensor("half", np.float16(0.25), metadata), tensor("one", np.float32([2.0]), metadata)),
    )
    assert [dict(row.values) for row in rows_of(path)] == [
        {"loss": 0.5},
        {"double": 0.1, "whole": 3.0},
        {"half": 0.25, "one": 2.0},
    ]


def test_a_tensor_without_metadata_is_what_it_looks_like(tmp_path):
    path = written(
        tmp_path / "events",
        event(
            tensor("number", np.float32(0.5)), tensor("vector", np.float32([1, 2])), tensor("word", b"three")
        ),
        event(tensor("images", [b"3", b"2", png(0)])),
    )
    first, second = rows_of(path)
    assert (dict(first.values), dict(first.images)) == ({"number": 0.5}, {})
    assert (dict(second.values), list(second.images)) == ({}, ["images"])


def test_what_is_no_scalar_and_no_image_is_passed_over(tmp_path):
    path = written(
        tmp_path / "events",
        event_pb2.Event(file_version="brain.Event:2"),
        event_pb2.Event(graph_def=b"graph"),
        event(tensor("text", b"1", text_metadata.create_summary_metadata("text", ""))),
        event(tensor("vector", np.float32([1, 2]), scalar_metadata.create_summary_metadata("v", ""))),
        event(tensor("word", b"three", scalar_metadata.create_summary_metadata("w", ""))),
        event(summary_pb2.Summary.Value(tag="audio", audio=summary_pb2.Summary.Audio(sample_rate=1))),
        event(),
    )
    assert rows_of(path) == []


def test_the_images_of_one_tag_are_named_by_their_number_but_for_the_first(tmp_path):
    encoded = [png(0), png(100), png(200)]
    metadata = image_metadata.create_summary_metadata("im", "")
    old = summary_pb2.Summary.Image(height=2, width=3, encoded_image_string=encoded[0])
    path = written(
        tmp_path / "events",
        event(tensor("im", [b"3", b"2", *encoded], metadata)),
        event(summary_pb2.Summary.Value(tag="old", image=old)),
    )
    new, earlier = rows_of(path)
    assert dict(new.images) == {"im": encoded[0], "im/1": encoded[1], "im/2": encoded[2]}
    assert dict(earlier.images) == {"old": encoded[0]}


def test_images_of_other_kinds_become_png_and_what_is_none_is_left_out(tmp_path):
    metadata = image_metadata.create_summary_metadata("im", "")
    encoded = [png(0, "GIF"), png("red", "JPEG", "RGB"), b"no image"]
    (row,) = rows_of(written(tmp_path / "events", event(tensor("im", [b"3", b"2", *encoded], metadata))))
    assert {name: Image.open(io.BytesIO(data)).format for name, data in row.images.items()} == {
        "im": "PNG",
        "im/1": "PNG",
    }


def test_several_tags_of_one_event_are_one_row_and_the_last_of_a_tag_stands(tmp_path):
    values = [scalar("a", 1.0), scalar("b", 2.0), scalar("a", 3.0), scalar("µ/% é {x}", 4.0)]
    (row,) = rows_of(written(tmp_path / "events", event(*values)))
    assert dict(row.values) == {"a": 3.0, "b": 2.0, "µ/% é {x}": 4.0}


def test_odd_steps_numbers_and_times_are_handed_on_or_left_out(tmp_path):
    steps = [-(2**63), -1, 2**63 - 1, 5, 5]
    path = written(tmp_path / "events", *(event(scalar("a", math.inf), step=step) for step in steps))
    assert [row.step for row in rows_of(path)] == steps
    (nan,) = rows_of(written(tmp_path / "nan", event(scalar("a", math.nan), wall_time=math.nan)))
    assert math.isnan(nan.values["a"])
    assert nan.time_ms is None
    for wall_time in (0, -5, math.inf, 1e300):
        (row,) = rows_of(written(tmp_path / "times", event(scalar("a", 1), wall_time=wall_time)))
        assert row == Row({"a": 1.0}, 1, None)


def test_a_purge_voids_nothing_that_was_read(tmp_path, summary_writer):
    with summary_writer(tmp_path) as writer:
        writer.add_scalar("loss", 1.0, 4)
    with summary_writer(tmp_path, purge_step=3, filename_suffix=".resumed") as writer:
        writer.add_scalar("loss", 0.5, 3)
    rows = [
        row
        for path in sorted(tmp_path.iterdir(), key=lambda path: path.suffix == ".resumed")
        for row in rows_of(path)
    ]
    assert [(row.step, row.values["loss"]) for row in rows] == [(4, 1.0), (3, 0.5)]


def test_a_record_that_is_no_event_is_left_out_and_said(tmp_path):
    path = written(tmp_path / "events", event(scalar("a", 1.0)))
    with path.open("ab") as file:
        RecordWriter(file).write(b"\xff\xff\xff")
    written(path, event(scalar("a", 2.0)), mode="ab")
    read = tensorboard.read(path, {})
    assert [row.values["a"] for row in read.rows] == [1.0, 2.0]
    assert read.notes == [f"{path}: a record of 3 bytes is no event, and left out"]


def test_a_file_in_pieces_gives_what_one_reading_gives(tmp_path):
    images = [
        event(
            tensor(
                "im", [b"1", b"1", png(0), bytes(1_200_000)], image_metadata.create_summary_metadata("i", "")
            )
        )
    ]
    scalars = [event(scalar("a", number), step=number) for number in range(3000)]
    path = written(tmp_path / "events", *scalars[:2000], *images, *scalars[2000:])
    whole = rows_of(path)
    assert [row.step for row in whole if row.values] == list(range(3000))
    data, growing, position, found = path.read_bytes(), tmp_path / "growing", {}, []
    for end in range(0, len(data) + 111_111, 111_111):
        growing.write_bytes(data[:end])
        read = tensorboard.read(growing, position)
        found += read.rows
        position = read.position
    assert found + rows_of(growing, position) == whole


def test_a_prefix_in_the_position_stands_before_all_names_and_in_all_positions_after_it(tmp_path):
    path = written(tmp_path / "events", event(scalar("loss", 1), tensor("im", [b"1", b"1", png(0)])))
    first = tensorboard.read(path, {"prefix": "validation/"})
    written(path, event(scalar("loss", 2)), mode="ab")
    second = tensorboard.read(path, first.position)
    assert [list(row.values) for row in (*first.rows, *second.rows)] == [["validation/loss"]] * 2
    assert list(first.rows[0].images) == ["validation/im"]
    assert tensorboard.read(path, second.position).position == second.position


def test_rows_of_a_file_that_became_shorter_are_marked(tmp_path):
    events = [event(scalar("a", number), step=number) for number in range(3)]
    path = written(tmp_path / "events", *events)
    position = tensorboard.read(path, {}).position
    written(path, events[0])
    read = tensorboard.read(path, position)
    assert [(row.step, row.is_again) for row in read.rows] == [(0, True)]
    written(path, *events[1:], event(scalar("a", 9), step=9), mode="ab")
    assert [(row.step, row.is_again) for row in tensorboard.read(path, read.position).rows] == [
        (1, True),
        (2, True),
        (9, False),
    ]


def test_an_empty_file_has_no_rows_and_no_position(tmp_path):
    path = tmp_path / "events"
    path.touch()
    read = tensorboard.read(path, {})
    assert (list(read.rows), read.position) == ([], {})


@pytest.mark.parametrize(
    ("name", "is_mine"),
    [
        ("events.out.tfevents.1795822941.vm.8276.0", True),
        ("events.out.tfevents.1795822941.vm.8276.0.v2", True),
        ("run-1.tfevents", True),
        (".events.out.tfevents.1795822941.vm.k2JxQ9", False),
        ("metrics.csv", False),
    ],
)
def test_event_files_are_known_by_their_names(tmp_path, name, is_mine):
    assert tensorboard.is_mine(tmp_path / name) == is_mine


def test_without_the_package_the_remedy_is_said(tmp_path, monkeypatch):
    assert tensorboard.missing() == ""
    path = written(tmp_path / "events", event(scalar("a", 1)))
    logs = importlib.util.spec_from_loader("tensorboard", None)  # a folder of that name
    for found in (None, logs):
        monkeypatch.setattr(importlib.util, "find_spec", {"tensorboard": found}.get)
        assert "pip install 'sweep-experiments[tensorboard]'" in tensorboard.missing()
        with pytest.raises(SweepError, match="which is not installed"):
            tensorboard.read(path, {})


def test_reading_loads_neither_tensorflow_nor_tensorboards_server(tmp_path):
    path = written(tmp_path / "events", event(scalar("a", 1)), event(tensor("b", np.float32(2))))
    code = (
        "import sys; from pathlib import Path; from sweeps.sources.loggers import tensorboard;"
        f"print(len(tensorboard.read(Path({str(path)!r}), {{}}).rows), *sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    count, *modules = done.stdout.split()
    assert count == "2"
    assert {"tensorflow", "grpc", "werkzeug", "torch"} & {name.partition(".")[0] for name in modules} == set()
    assert not [name for name in modules if name.startswith(("tensorboard.backend", "tensorboard.plugins"))]
