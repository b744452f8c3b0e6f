"""The trainer's settings as an editor is told of them: from its config model, or from what its script takes. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sweeps.authoring.option import Formula
from sweeps.trainer.config_schema import Part, branches, followed, walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sweeps.authoring.option import Option
    from sweeps.spec.schema.shapes import Shape


@dataclass(frozen=True, slots=True)
class ConfigKeys:
    """What can be set, and to what.

    Attributes:
        values: A shape for each dotted key that has a value.
        groups: The dotted keys that hold others; one of these that may also be no mapping has a value, too.
        open: The dotted keys below which any key may stand; the empty one: everywhere.
        definitions: What the shapes refer to, as `#/$defs/NAME`.
    """

    values: Mapping[str, Shape] = field(default_factory=dict)
    groups: frozenset[str] = frozenset()
    open: frozenset[str] = frozenset({""})
    definitions: Mapping[str, Shape] = field(default_factory=dict)


def of_model(document: Mapping[str, Any]) -> ConfigKeys:
    """The keys of a config model."""
    parts, definitions = list(walk(document)), document.get("$defs", {})
    is_open = frozenset(key for key, part, _ in parts if part is Part.OPEN)
    found: dict[str, list[Shape]] = {}
    groups = set()
    for key, part, shape in parts:
        if part is Part.OPEN:
            continue
        if part is Part.GROUP or key in is_open:
            groups.add(key)
        if _is_plain(shape, definitions) if key in is_open else part is Part.VALUE:
            found.setdefault(key, []).append(dict(shape))
    values = {key: _union(shapes) for key, shapes in found.items()}
    return ConfigKeys(values, frozenset(groups), is_open, definitions)


def of_options(options: Iterable[Option]) -> ConfigKeys:
    """What a script takes: any other key may be set too, and any value, as the source may not show all of it."""
    return ConfigKeys({option.key: _suggestion(option) for option in options if option.key})


def _is_plain(shape: Mapping[str, Any], definitions: Mapping[str, Any]) -> bool:
    """Whether a shape lets anything through that is no mapping."""
    shape = followed(shape, definitions)
    parts = branches(shape)
    return any(_is_plain(part, definitions) for part in parts) if parts else shape.get("type") != "object"


def _union(shapes: list[Shape]) -> Shape:
    return shapes[0] if len(shapes) == 1 else {"anyOf": shapes}


def _suggestion(option: Option) -> Shape:
    """What an editor offers for an option, without refusing anything else."""
    shape: Shape = {}
    said = "; ".join(part for part in (option.kind, option.help) if part)
    if said:
        shape["description"] = said
    if option.choices:
        shape["anyOf"] = [{"enum": list(option.choices)}, {}]
    if option.default is not None and not isinstance(option.default, Formula):
        shape["default"] = option.default
    return shape
