"""Runs of Weights & Biases as they lie on the disk (`run-ID.wandb`), offline or not.

wandb 0.31 has no reader of them in Python any more, and to import its protobufs is to import wandb: a second of
processor time for each attempt. So the file's records are parsed by protobuf with a schema of the five fields that are
read here; fields keep their numbers for good, and unknown ones are passed over. For that, wandb does not have to be
installed beside this tool, which a program with an interpreter of its own is glad of.

wandb writes a block when it holds 32 KiB, and else every 15 seconds.
"""

from __future__ import annotations

import functools
import json
import re
from typing import TYPE_CHECKING, Any

from sweeps.sources.loggers import wandb_blocks
from sweeps.sources.reader import Read, Row, time_ms_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sweeps.sources.reader import Position

_NAME = re.compile(r"run-.+\.wandb")
_LATEST = "latest-run"
"""A link beside the runs; what is in it is read under the run's own name."""
_STEP, _TIME_S = "_step", "_timestamp"


def is_mine(path: Path) -> bool:
    """Whether a file is the record of a run, by its name and its folder's."""
    return _NAME.fullmatch(path.name) is not None and path.parent.name != _LATEST


def missing() -> str:
    """What to install first; always empty: the files are read without wandb."""
    return ""


def read(path: Path, position: Position) -> Read:
    """Read about a MiB of a run's record from a position on.

    A row is what `run.log` gathered for a step: its numbers, `_step` as step and `_timestamp` as time. Keys of nested
    dicts are joined by dots, as W&B shows them. Keys that begin with `_`, booleans, texts, lists, tables and media are
    no metrics. A file that has become shorter, or begins otherwise than before, is read anew.

    Raises:
        OSError: The file cannot be read.
    """
    framed = wandb_blocks.read(path, position)
    rows: list[Row] = []
    notes = list(framed.notes)
    for record, is_again in framed.messages(_record_type().FromString, path, "none of wandb's", notes):
        if record.HasField("history") and (row := _row(record.history, is_again=is_again)):
            rows.append(row)
    return Read(rows, framed.position, notes=notes)


def _row(history: Any, *, is_again: bool) -> Row | None:
    """The numbers that were logged for one step; None where there are none."""
    numbers: dict[str, float] = {}
    for item in history.item:
        names = list(item.nested_key) or [item.key]
        numbers.update(_numbers(".".join(names), _parsed(item.value_json)))
    values = {name: number for name, number in numbers.items() if not name.startswith("_")}
    if not values:
        return None
    step = numbers.get(_STEP)
    return Row(
        values,
        history.step.num if step is None else int(step),
        time_ms_of(numbers.get(_TIME_S, 0.0)),
        is_again=is_again,
    )


def _parsed(text: str) -> Any:
    """The value of an item; whole numbers, too, are floats, so that none is too long."""
    try:
        return json.loads(text, parse_int=float)
    except ValueError:
        return None


def _numbers(name: str, value: Any) -> Iterator[tuple[str, float]]:
    """The numbers of a value, also of a dict in it, as older versions of wandb write nested ones; none of media."""
    if isinstance(value, float):
        yield name, value
    elif isinstance(value, dict) and "_type" not in value:
        for key, inner in value.items():
            yield from _numbers(f"{name}.{key}", inner)


@functools.cache
def _record_type() -> Any:
    """The class of records, with what is read of them; the numbers are those of wandb's `wandb_internal.proto`."""
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    kinds = descriptor_pb2.FieldDescriptorProto
    once, many = kinds.LABEL_OPTIONAL, kinds.LABEL_REPEATED
    schema = {
        "Record": [("history", 2, once, "HistoryRecord")],
        "HistoryRecord": [("item", 1, many, "HistoryItem"), ("step", 2, once, "HistoryStep")],
        "HistoryStep": [("num", 1, once, kinds.TYPE_INT64)],
        "HistoryItem": [
            ("key", 1, once, kinds.TYPE_STRING),
            ("nested_key", 2, many, kinds.TYPE_STRING),
            ("value_json", 16, once, kinds.TYPE_STRING),
        ],
    }
    file = descriptor_pb2.FileDescriptorProto(
        name="wandb_history.proto", package="wandb_history", syntax="proto3"
    )
    for name, fields in schema.items():
        message = file.message_type.add(name=name)
        for field, number, label, kind in fields:
            if isinstance(kind, str):
                message.field.add(
                    name=field,
                    number=number,
                    label=label,
                    type=kinds.TYPE_MESSAGE,
                    type_name=f".wandb_history.{kind}",
                )
            else:
                message.field.add(name=field, number=number, label=label, type=kind)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("wandb_history.Record"))
