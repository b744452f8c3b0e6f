"""Reads settings: layers of dotted keys and conditions in the file, and `--set key=value` on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sweeps.errors import Place, Problem, SpecError
from sweeps.spec.settings import KeySet, Setting, is_key, overlay
from sweeps.spec.yaml_reader import describe, parse_scalar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sweeps.spec.fields import FieldReader
    from sweeps.spec.settings import Condition, Layer
    from sweeps.spec.yaml_reader import Node


def read_layer(node: Node | None, reader: FieldReader) -> Layer:
    """Read settings; `data: {name: folder}` and `data.name: folder` are the same."""
    entries = reader.mapping(node)
    return flat_layer(node, entries, reader) if node and entries else {}


def flat_layer(node: Node, entries: Mapping[str, Node], reader: FieldReader) -> Layer:
    """The flat settings of these entries of a mapping; each key may be set once."""
    layer: Layer = {}
    keys = KeySet(groups=reader.groups)
    for name, value, place in _flat(node, node, entries, "", reader):
        setting = Setting(value.plain(), node.path, value.place, place)
        twin = keys.twin(name, [setting.value])
        if twin is not None:
            first = f"as {twin} at line {layer[twin].place.line}"
            remedy = f"delete one{beside_words(name, twin, reader)}"
            reader.problem(node, f"{name} is set twice ({first}); {remedy}", at=place)
            continue
        keys.add(name, [setting.value])
        layer[name] = setting
    return layer


def beside_words(key: str, twin: str, reader: FieldReader) -> str:
    """What else would do where two keys exclude each other of which one holds the other; empty where nothing would."""
    if not reader.groups or key == twin:
        return ""
    return f", or give {min(key, twin, key=len)} words alone, which choose of a group"


def read_condition(node: Node, reader: FieldReader) -> Condition:
    """Read `{tfr: 0.5, kl_anneal_type: [None, Cyclical]}`: for each key the values that match."""
    layer = read_layer(node, reader)
    if not layer and node.mapping is not None:
        reader.problem(node, "is empty, so it would match every trial; name a key and a value")
    return {
        key: tuple(setting.value) if isinstance(setting.value, list) else (setting.value,)
        for key, setting in layer.items()
    }


def read_overrides(assignments: Iterable[str], *, groups: bool = False) -> Layer:
    """The layer of `--set key=value` flags; values are read as YAML scalars or lists.

    Args:
        assignments: The flags.
        groups: Whether a word may choose of a group, with keys of the group beside it.

    Raises:
        SpecError: A flag is not `key=value`, or its value is not YAML.
    """
    layer: Layer = {}
    problems: list[Problem] = []
    for assignment in assignments:
        key, equals, text = assignment.partition("=")
        place = Place(f"--set {assignment}")
        if not equals or not is_key(key):
            problems.append(Problem(place, "is not key=value; write for example --set lr=1e-3"))
            continue
        try:
            value = parse_scalar(text)
        except SpecError as error:
            problems.extend(Problem(place, problem.message) for problem in error.problems)
            continue
        if isinstance(value, dict):
            message = f"is a mapping; set its keys, such as --set {key}.name=VALUE"
            problems.append(Problem(place, message))
            continue
        overlay(layer, {key: Setting(value, "--set", place)}, groups=groups)
    if problems:
        raise SpecError(problems)
    return layer


def is_valid_key(key: str, place: Place, owner: Node, reader: FieldReader) -> bool:
    """Whether a key can be the key of a setting; if not, that is a problem of `owner`."""
    if is_key(key):
        return True
    message = f"the key {describe(key)} must consist of letters, digits, _ and -, in parts joined by dots"
    reader.problem(owner, message, at=place)
    return False


def _flat(
    owner: Node, parent: Node, entries: Mapping[str, Node], prefix: str, reader: FieldReader
) -> Iterator[tuple[str, Node, Place]]:
    """The dotted key, value and place of each setting of `parent`, which stands in `owner` under the keys of `prefix`."""
    for key, node in entries.items():
        place = parent.key_place(key)
        if not is_valid_key(key, place, owner, reader):
            continue
        if node.mapping:
            yield from _flat(owner, node, node.mapping, f"{prefix}{key}.", reader)
        else:
            yield f"{prefix}{key}", node, place
