"""The trainer's settings as an editor is told of them: from its config model, or from what its script takes. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sweeps.authoring.option import Formula

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sweeps.authoring.option import Option
    from sweeps.spec.schema.shapes import Shape

_MAX_DEPTH = 10
"""Models that hold themselves are followed so far."""


@dataclass(frozen=True, slots=True)
class ConfigKeys:
    """What can be set, and to what.

    Attributes:
        values: A shape for each dotted key that has a value.
        groups: The dotted keys that hold others.
        open: The dotted keys below which any key may stand; the empty one: everywhere.
        definitions: What the shapes refer to, as `#/$defs/NAME`.
    """

    values: Mapping[str, Shape] = field(default_factory=dict)
    groups: frozenset[str] = frozenset()
    open: frozenset[str] = frozenset({""})
    definitions: Mapping[str, Shape] = field(default_factory=dict)


def of_model(document: Mapping[str, Any]) -> ConfigKeys:
    """The keys of a config model.

    Args:
        document: Its JSON schema, as pydantic gives it.
    """
    definitions = document.get("$defs", {})
    found: dict[str, list[Shape]] = {}
    groups, is_open = set(), set()
    for key, shape in _walk(document, definitions, ""):
        if shape is None:
            groups.add(key)
        elif shape is _ANY:
            is_open.add(key)
        else:
            found.setdefault(key, []).append(shape)
    values = {key: _union(shapes) for key, shapes in found.items()}
    return ConfigKeys(values, frozenset(groups), frozenset(is_open), definitions)


def of_options(options: Iterable[Option]) -> ConfigKeys:
    """What a script takes: any other key may be set too, and any value, as the source may not show all of it."""
    return ConfigKeys({option.key: _suggestion(option) for option in options if option.key})


_ANY: Shape = {"any": True}
"""Stands for keys of any name."""


def _walk(
    node: Mapping[str, Any], definitions: Mapping[str, Any], prefix: str
) -> Iterator[tuple[str, Shape | None]]:
    """Each dotted key below a node with its shape; None: it holds others; `_ANY`: keys of any name stand below it."""
    here = prefix.rstrip(".")
    if prefix.count(".") > _MAX_DEPTH:
        yield here, _ANY
        return
    node = _followed(node, definitions)
    for branch in (*node.get("anyOf", ()), *node.get("oneOf", ()), *node.get("allOf", ())):
        yield from _walk(branch, definitions, prefix)
    if node.get("additionalProperties") not in (None, False):
        yield here, _ANY
    for name, inner in node.get("properties", {}).items():
        below = list(_walk(inner, definitions, f"{prefix}{name}."))
        yield from below
        yield f"{prefix}{name}", None if below else inner


def _followed(node: Mapping[str, Any], definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in node:
        return node
    found: Mapping[str, Any] = definitions.get(node["$ref"].rpartition("/")[2], {})
    return found


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
