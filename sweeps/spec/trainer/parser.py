"""Reads `trainer:` of the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sweeps.spec.trainer.arguments import ARGUMENT_KEYS, command_problems, read_arguments
from sweeps.spec.trainer.model import TrainerSpec
from sweeps.spec.trainer.sources import SOURCE_KEYS, read_sources
from sweeps.spec.trainer.surroundings import SNAPSHOT_KEY, SURROUNDING_KEYS, read_surroundings

if TYPE_CHECKING:
    from sweeps.errors import Place
    from sweeps.spec.fields import FieldReader
    from sweeps.spec.yaml_reader import Node

COMMAND_KEYS = (*ARGUMENT_KEYS, *SURROUNDING_KEYS, *SOURCE_KEYS)
"""Keys that say something of a command alone."""
TRAINER_KEYS = ("run", "command", "config", "epochs", SNAPSHOT_KEY, *COMMAND_KEYS)


def read_trainer(node: Node, reader: FieldReader) -> TrainerSpec | None:
    """Read `trainer:`; None where it names no code."""
    if isinstance(node.content, str):
        return TrainerSpec(reader.target(node), None, None, "num_epoch", node.place)
    entries = reader.mapping(node, TRAINER_KEYS)
    if entries is None:
        return None
    if ("run" in entries) == ("command" in entries):
        reader.problem(node, "needs exactly one of `run: module:function` and `command: [program, ...]`")
        return None
    command = _read_command(entries["command"], reader) if "command" in entries else []
    for key in () if "command" in entries else (key for key in COMMAND_KEYS if key in entries):
        reader.problem(node, f"`{key}` is for a `command:`; a function needs none", at=node.key_place(key))
    arguments = read_arguments(entries, reader)
    if "command" in entries:
        command_problems(command, entries, arguments, reader)
    sources = read_sources(entries, reader)
    return TrainerSpec(
        run=reader.target(entries.get("run")),
        command=tuple(argument for argument, _ in command) or None,
        config=reader.target(entries.get("config")),
        epochs=sources.total or reader.word(entries.get("epochs")) or "num_epoch",
        place=node.place,
        command_places=tuple(place for _, place in command),
        places={key: entry.place for key, entry in entries.items()},
        arguments=arguments,
        surroundings=read_surroundings(entries, reader),
        sources=sources,
    )


def _read_command(node: Node, reader: FieldReader) -> list[tuple[str, Place]]:
    if not node.items:
        written = "an empty list" if node.items is not None else node.describe()
        example = "[python, train.py, --lr, '{lr}']"
        reader.problem(node, f"must be a list of words, such as {example}, not {written}")
        return []
    command = []
    for argument in node.items:
        value = argument.content
        if isinstance(value, dict | tuple) or value is None:
            message = f"an argument must be a word, not {argument.describe()}; put it in quotes"
            reader.problem(argument, message)
            continue
        command.append((str(value).lower() if isinstance(value, bool) else str(value), argument.place))
    return command
