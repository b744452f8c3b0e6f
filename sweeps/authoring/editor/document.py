"""Puts the JSON schema of the file together: its tables of keys, and the trainer's settings wherever they may stand. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sweeps.authoring.editor.config_keys import ConfigKeys
from sweeps.spec.parser import PROFILE_KEYS, PROFILE_SWEEP_KEYS, REQUIRED, TOP_KEYS
from sweeps.spec.schema.shapes import ANYTHING, KEY, Shape, mapping
from sweeps.spec.space_parser import DIMENSION

if TYPE_CHECKING:
    from collections.abc import Callable

    from sweeps.spec.schema.shapes import Keys

_DIALECT = "http://json-schema.org/draft-07/schema#"
TITLE = "sweep: experiments.yaml"
_PLACEHOLDER: Shape = {"type": "string", "pattern": r"\{"}
"""A value that follows another, such as `{lr}`."""


def file_schema(config: ConfigKeys | None = None, *, follows: bool = True) -> dict[str, Any]:
    """The JSON schema of a file, in draft 7, which editors know best.

    Args:
        config: What its trainer can be set to; None: anything.
        follows: Whether a value may be a text that stands for another, as it may for a command.
    """
    known = config or ConfigKeys()
    value = _value(follows=follows)
    settings = _layer(known, "", value)
    schema = {
        "$schema": _DIALECT,
        "title": TITLE,
        **mapping("", TOP_KEYS, REQUIRED),
        "definitions": {
            "settings": settings,
            "profile": _with(settings, PROFILE_KEYS),
            "profile_sweep": _with(settings, PROFILE_SWEEP_KEYS),
            "axes": {**_flat(known, lambda shape: _axis(value(shape))), "minProperties": 1},
            "condition": {**_layer(known, "", lambda shape: _matched(value(shape))), "minProperties": 1},
            "space": {**_flat(known, _dimension), "minProperties": 1},
        },
    }
    return {**schema, "$defs": known.definitions} if known.definitions else schema


def _with(settings: Shape, keys: Keys) -> Shape:
    """Settings, and these keys beside them."""
    return {**settings, "properties": {**settings["properties"], **keys}}


def _value(*, follows: bool) -> Callable[[Shape], Shape]:
    """What may be written for a value of a shape."""

    def written(shape: Shape) -> Shape:
        if not follows or not shape.keys() - {"description", "default", "title"}:
            return shape
        return {**_words(shape, "description", "default"), "anyOf": [shape, _PLACEHOLDER]}

    return written


def _words(shape: Shape, *names: str) -> Shape:
    """What a shape says under these names, as far as it does."""
    return {name: shape[name] for name in names if name in shape}


def _axis(shape: Shape) -> Shape:
    """The values that a key takes in turn."""
    no_mapping: Shape = {"not": {"type": "object"}}
    each = {"allOf": [shape, no_mapping]} if shape else no_mapping
    return {
        **_words(shape, "description"),
        "type": "array",
        "items": each,
        "minItems": 1,
        "uniqueItems": True,
    }


def _matched(shape: Shape) -> Shape:
    """What a condition compares with: a value, or a list of them."""
    return {"anyOf": [shape, {"type": "array", "items": shape}]} if shape else ANYTHING


def _dimension(shape: Shape) -> Shape:
    """What a search may draw of a key."""
    of_its_values = [{"properties": {"choice": {"items": shape}}}] if shape else []
    return {**_words(shape, "description"), "allOf": [DIMENSION, *of_its_values]}


def _flat(known: ConfigKeys, each: Callable[[Shape], Shape]) -> Shape:
    """A mapping of dotted keys."""
    return {
        "type": "object",
        "properties": {key: each(shape) for key, shape in known.values.items()},
        **_others(known, "", each(ANYTHING)),
    }


def _layer(known: ConfigKeys, prefix: str, each: Callable[[Shape], Shape]) -> Shape:
    """A mapping of settings below a key: dotted keys, and groups of them as mappings."""
    properties: dict[str, Shape] = {}
    for key, shape in known.values.items():
        if key.startswith(prefix):
            properties[key.removeprefix(prefix)] = each(shape)
    for group in sorted(known.groups):
        if group.startswith(prefix):
            name, layer = group.removeprefix(prefix), _layer(known, f"{group}.", each)
            properties[name] = {"anyOf": [layer, properties[name]]} if name in properties else layer
    return {"type": "object", "properties": properties, **_others(known, prefix, ANYTHING)}


def _others(known: ConfigKeys, prefix: str, shape: Shape) -> Shape:
    """What may stand below a key beside the keys that are known there."""
    here = prefix.rstrip(".")
    if here in known.open or any(here.startswith(f"{key}.") for key in known.open) or "" in known.open:
        return {"additionalProperties": shape, "propertyNames": KEY}
    below = [key.removeprefix(prefix) for key in known.open if key.startswith(prefix)]
    patterns = {rf"^{key.replace('.', r'[.]')}[.]": shape for key in below}
    return {"additionalProperties": False, **({"patternProperties": patterns} if patterns else {})}
