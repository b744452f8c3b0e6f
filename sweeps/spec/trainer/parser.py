"""Reads `trainer:` of the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sweeps.spec.schema.shapes import either, mapping, some_of, target, told, without, word
from sweeps.spec.trainer.arguments import (
    ARGUMENT_KEYS,
    COMMAND,
    NEEDS_ARGS,
    command_problems,
    read_arguments,
)
from sweeps.spec.trainer.model import TrainerSpec
from sweeps.spec.trainer.sources import SOURCE_KEYS, read_sources
from sweeps.spec.trainer.surroundings import SNAPSHOT_KEYS, SURROUNDING_KEYS, read_surroundings

if TYPE_CHECKING:
    from sweeps.errors import Place
    from sweeps.spec.fields import FieldReader
    from sweeps.spec.schema.shapes import Keys, Shape
    from sweeps.spec.yaml_reader import Node

FILE_KEYS: Keys = {
    "config_file": word(
        "The program's own config file, YAML, JSON or TOML: each trial gets a copy with its settings, whose path {trial_config} is.",
    ),
}
COMMAND_KEYS: Keys = {**ARGUMENT_KEYS, **FILE_KEYS, **SURROUNDING_KEYS, **SOURCE_KEYS}
"""Keys that say something of a command alone."""
TRAINER_KEYS: Keys = {
    "run": target("The function that trains, as module:function."),
    "command": told(
        "The program that trains and its words; {key} stands for a setting, '{args}' for all that no word names.",
        COMMAND,
    ),
    "config": target("A pydantic model, dataclass or typed dict with the config's keys, as module:Model."),
    "epochs": word("The key of the config that holds the number of epochs. Without: num_epoch."),
    **SNAPSHOT_KEYS,
    **COMMAND_KEYS,
}
TRAINER: Shape = told(
    "What trains: a function as module:function, or a mapping with `run:` or `command:`.",
    {
        **either(target(""), mapping("", TRAINER_KEYS, **some_of(("run", "command")))),
        "dependencies": {
            "run": without(("command", *COMMAND_KEYS)),
            "args": NEEDS_ARGS,
            "link": {
                "anyOf": [
                    {"required": ["cwd"]},
                    {"properties": {"link": {"maxItems": 0, "maxProperties": 0}}},
                ]
            },
        },
    },
)


_PROGRAM = ", or {command: [./program, '{lr}']} for a program"


def read_trainer(node: Node, reader: FieldReader) -> TrainerSpec | None:
    """Read `trainer:`; None where it names no code."""
    if isinstance(node.content, str):
        return TrainerSpec(reader.target(node, _PROGRAM), None, None, "num_epoch", node.place)
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
    epochs = reader.word(entries.get("epochs"))
    return TrainerSpec(
        run=reader.target(entries.get("run")),
        command=tuple(argument for argument, _ in command) or None,
        config=reader.target(entries.get("config")),
        epochs=sources.total or epochs or "num_epoch",
        place=node.place,
        command_places=tuple(place for _, place in command),
        places={key: entry.place for key, entry in entries.items()},
        arguments=arguments,
        surroundings=read_surroundings(entries, reader),
        sources=sources,
        config_file=reader.word(entries.get("config_file")),
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
