"""Event files of TensorBoard (`events.out.tfevents...`): scalars and images, as TF1 and TF2 write them.

Events are parsed by the tensorboard package's own protobufs, tensors by its `tensor_util`. Of its compatibility layers,
`data_compat` and `dataclass_compat`, only the rules are kept here, for three reasons. They make two new messages of each
old scalar, ten times the cost of reading it. `dataclass_compat` remembers the first metadata of each tag, which TF1's
writer leaves out later: the journal would hold all tags in each position. And all plugins are imported with them. In
their place a value without metadata is taken for what it looks like: one number is a scalar, and a list of width, height
and PNGs is images.

What is not read: text, histograms, audio, graphs, meshes, hparams, and `session_log`. The last is how a writer with
`purge_step` says that what earlier files have from that step on is void. Here the record's own rule holds: what an
earlier attempt logged for a key and a step stands, and within one attempt the later value does.
"""

from __future__ import annotations

import importlib.util
import io
import math
from typing import TYPE_CHECKING

from sweeps.errors import SweepError
from sweeps.sources.loggers import tfrecord
from sweeps.sources.reader import Read, Row, time_ms_of

if TYPE_CHECKING:
    from pathlib import Path

    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary

    from sweeps.sources.reader import Position

_PNG = b"\x89PNG\r\n\x1a\n"
_SCALAR_CLASS = 1  # summary_pb2.DATA_CLASS_SCALAR


def is_mine(path: Path) -> bool:
    """Whether a file's name is that of an event file, as TensorBoard knows them; a hidden one is a half copy."""
    return "tfevents" in path.name and not path.name.startswith(".")


def missing() -> str:
    """What to install first, as a sentence; empty where nothing is missing. Imports nothing."""
    found = importlib.util.find_spec("tensorboard")
    if found is not None and found.origin is not None:  # a folder `tensorboard` of log files has no origin
        return ""
    return (
        "event files are read by the package tensorboard, which is not installed; "
        "pip install 'sweep-experiments[tensorboard]'"
    )


def read(path: Path, position: Position) -> Read:
    """Read about a MiB of an event file from a position on.

    A row is one event: its values by tag, its step, its wall time. Of a tag that has several images at once, the first
    has the tag's name, the others TAG/1, TAG/2 and so on. Numbers are as the file has them: mostly 32 bits wide, so 0.1
    is 0.10000000149. A file that has become shorter, or begins otherwise than before, is read anew.

    Args:
        path: The file.
        position: Where to read on. Its `prefix`, if it has one, stands before all tags and in all positions after it;
            see `event_folders.prefixes`.

    Raises:
        SweepError: tensorboard is not installed.
        OSError: The file cannot be read.
    """
    if absent := missing():
        raise SweepError(f"{path}: {absent}")
    from tensorboard.compat.proto.event_pb2 import Event

    prefix = str(position.get("prefix", ""))
    framed = tfrecord.read(path, {key: value for key, value in position.items() if key != "prefix"})
    rows: list[Row] = []
    notes = list(framed.notes)
    for event, is_again in framed.messages(Event.FromString, path, "no event", notes):
        if event.HasField("summary") and (row := _row(event, prefix, is_again=is_again)):
            rows.append(row)
    return Read(rows, {**framed.position, **({"prefix": prefix} if prefix else {})}, notes=notes)


def _row(event: Event, prefix: str, *, is_again: bool) -> Row | None:
    """The scalars and images of an event; None where it has neither."""
    values: dict[str, float] = {}
    images: dict[str, bytes] = {}
    for value in event.summary.value:
        name, kind = f"{prefix}{value.tag}", value.WhichOneof("value")
        if kind == "simple_value":
            values[name] = value.simple_value
        elif kind == "image":
            images.update(_pictures(name, [value.image.encoded_image_string]))
        elif kind == "tensor":
            number = _number(value)
            if number is not None:
                values[name] = number
            else:
                images.update(_pictures(name, _encoded_images(value)))
    if not values and not images:
        return None
    return Row(values, event.step, time_ms_of(event.wall_time), images, is_again)


def _number(value: Summary.Value) -> float | None:
    """The number of a tensor that is a scalar; None: it is none."""
    plugin, data_class = value.metadata.plugin_data.plugin_name, value.metadata.data_class
    if plugin != "scalars" and data_class != _SCALAR_CLASS and (plugin or data_class):
        return None
    if value.tensor.string_val or math.prod(dim.size for dim in value.tensor.tensor_shape.dim) != 1:
        return None
    from tensorboard.util import tensor_util

    try:
        return float(tensor_util.make_ndarray(value.tensor).item())
    except (TypeError, ValueError):  # of a type that is no number
        return None


def _encoded_images(value: Summary.Value) -> list[bytes]:
    """The images of a tensor that holds width, height, and then images; empty where it is another."""
    plugin = value.metadata.plugin_data.plugin_name
    strings = list(value.tensor.string_val)
    if plugin not in {"images", ""} or len(strings) <= 2 or not all(text.isdigit() for text in strings[:2]):  # noqa: PLR2004
        return []
    return strings[2:]


def _pictures(name: str, encoded: list[bytes]) -> dict[str, bytes]:
    """The PNGs by name; what cannot be decoded is left out."""
    named = {f"{name}/{number}" if number else name: _png(data) for number, data in enumerate(encoded)}
    return {key: data for key, data in named.items() if data is not None}


def _png(data: bytes) -> bytes | None:
    """An image as PNG, the first one of a GIF (`add_video` writes them); None where it is no image."""
    if data.startswith(_PNG):
        return data
    written = io.BytesIO()
    try:
        from PIL import Image

        with Image.open(io.BytesIO(data)) as image:
            image.convert("RGBA" if "transparency" in image.info else "RGB").save(written, "PNG")
    except Exception:  # noqa: BLE001 - Pillow raises what its decoders do
        return None
    return written.getvalue()
