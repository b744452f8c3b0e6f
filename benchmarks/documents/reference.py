"""The pages of the site that are made of the code: every verb with its options, every key of the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from sweeps.authoring.editor.document import file_schema
from sweeps.cli.verbs import cli

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

VERBS = "reference/commands.md"
KEYS = "reference/keys.md"
_NOTE = "*This page is made of the code.*"
_MOST_DEPTH = 6


def pages() -> dict[str, str]:
    """The pages: where each is in the site, and its text."""
    return {VERBS: "\n".join(_verbs()), KEYS: "\n".join(_keys())}


def _verbs() -> Iterator[str]:
    yield f"# Commands\n\n`sweep VERB --help` prints the same in a terminal. {_NOTE}\n"
    yield from ("| command | what it does |", "| --- | --- |")
    for name, command in sorted(cli.commands.items()):
        yield f"| [`sweep {name}`](#sweep-{name}) | {_cell(command.get_short_help_str(limit=200))} |"
    yield "\nWhat the exit codes mean: [exit codes](experiments.md#exit-codes).\n"
    for name, command in sorted(cli.commands.items()):
        yield from _verb(name, command)


def _verb(name: str, command: click.Command) -> Iterator[str]:
    context = click.Context(command, info_name=f"sweep {name}")
    yield f"\n## sweep {name}\n\n```text\n{' '.join(command.get_usage(context).split()[1:])}\n```\n"
    yield _prose(command.help or "")
    options = [option for option in command.params if isinstance(option, click.Option)]
    rows = [record for option in options if (record := option.get_help_record(context))]
    if rows:
        yield from ("\n| option | what it does |", "| --- | --- |")
        yield from (f"| `{_cell(words)}` | {_cell(text)} |" for words, text in rows)


def _prose(text: str) -> str:
    paragraphs = (" ".join(part.split()) for part in text.replace("\b\n", "").split("\n\n"))
    return "\n\n".join(_escaped(part) for part in paragraphs)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _escaped(text: str) -> str:
    """A text in which no word is markup, but for what stands in backquotes."""
    parts = text.split("`")
    parts[::2] = [part.replace("*", r"\*").replace("<", "&lt;").replace("_", r"\_") for part in parts[::2]]
    return "`".join(parts)


def _keys() -> Iterator[str]:
    schema = file_schema()
    shared = schema.get("definitions", {})
    yield f"# Keys of the file\n\nAll keys that a file may have; `NAME` is a name of yours, `[]` an entry of a list. {_NOTE}"
    yield "[The file](experiments.md) explains them; `sweep schema` prints them for an editor."
    rows: dict[str, list[str]] = {}
    for path, shape in _walk(schema, shared, ""):
        meaning = _cell(_escaped(str(shape.get("description", ""))))
        row = f"| `{path}` | {_cell(_value(shape, shared))} | {meaning} |"
        rows.setdefault(_section(path), []).append(row)
    for section, lines in rows.items():
        yield f"\n## {section}\n\n| key | value | meaning |\n| --- | --- | --- |"
        yield from lines


def _section(path: str) -> str:
    """The heading that a key stands below."""
    if path.startswith("sweeps.NAME.search"):
        return "A search"
    if path.startswith("sweeps.NAME."):
        return "A sweep"
    return {"trainer": "The trainer"}.get(path.partition(".")[0], "The file as a whole")


def _walk(
    shape: dict[str, Any], shared: dict[str, Any], path: str, depth: int = 0
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each key below a shape, with its shape."""
    shape = _resolved(shape, shared)
    if depth > _MOST_DEPTH:
        return
    for key, inner in _properties(shape).items():
        below = f"{path}.{key}" if path else key
        yield below, _resolved(inner, shared)
        yield from _walk(inner, shared, below, depth + 1)
    named = shape.get("additionalProperties")
    if isinstance(named, dict) and (_properties(_resolved(named, shared))):
        yield from _walk(named, shared, f"{path}.NAME", depth + 1)
    if isinstance(shape.get("items"), dict):
        yield from _walk(shape["items"], shared, f"{path}[]", depth + 1)


def _properties(shape: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = shape.get("properties", {})
    return found


def _resolved(shape: dict[str, Any], shared: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in shape:
        rest = {key: value for key, value in shape.items() if key != "$ref"}
        shape = {**shared[shape["$ref"].rpartition("/")[2]], **rest}
    for inner in shape.get("allOf", ()):
        if "$ref" in inner:
            shape = {
                **_resolved(inner, shared),
                **{key: value for key, value in shape.items() if key != "allOf"},
            }
    return shape


def _value(shape: dict[str, Any], shared: dict[str, Any]) -> str:
    """What may stand there, in a few words."""
    if "enum" in shape:
        return ", ".join(f"`{word}`" for word in shape["enum"])
    kinds = shape.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else list(kinds)
    for inner in shape.get("anyOf", ()):
        kind = _resolved(inner, shared).get("type", [])
        kinds += [kind] if isinstance(kind, str) else kind
    words = {
        "object": "mapping",
        "array": "list",
        "string": "text",
        "integer": "whole number",
        "boolean": "true or false",
    }
    return " or ".join(dict.fromkeys(words.get(kind, kind) for kind in kinds)) or "any value"
