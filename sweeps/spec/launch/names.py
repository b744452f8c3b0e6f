"""Reads `names:`, what the report calls metrics, settings and what curves count along x."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sweeps.spec.schema.shapes import named, word

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sweeps.errors import Place
    from sweeps.spec.fields import FieldReader
    from sweeps.spec.yaml_reader import Node

LONGEST_NAME = 40
NAMES = named(
    "What the report calls a metric, a setting or a step, by its key, such as lr: learning rate.",
    {**word(), "maxLength": LONGEST_NAME},
)


@dataclass(frozen=True, slots=True)
class Names:
    """What the report calls metrics, settings and steps.

    Attributes:
        called: The names, by key.
        places: Where each key stands.
    """

    called: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)


def read_names(node: Node | None, reader: FieldReader) -> Names:
    """Read `{val/acc: Accuracy, optim.lr: learning rate, step: iteration}`."""
    found: dict[str, str] = {}
    entries = reader.mapping(node)
    if node is None or entries is None:
        return Names()
    for key, body in entries.items():
        if body.mapping is not None:
            inner = next(iter(body.mapping), "lr")
            reader.problem(
                body, f"must be a name; a key of a group is written in full: `{key}.{inner}: NAME`"
            )
            continue
        name = " ".join((reader.word(body) or "").split())
        twin = next((other for other, own in found.items() if own == name), None)
        if len(name) > LONGEST_NAME:
            reader.problem(body, f"a name has at most {LONGEST_NAME} characters")
        elif name and twin is not None:
            reader.problem(body, f"'{name}' is what {twin} is called; give each a name of its own")
        elif name:
            found[key] = name
    return Names(found, {key: node.key_place(key) for key in found})
