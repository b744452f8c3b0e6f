"""What a command finds around it: `env:`, `python:`, `cwd:`, `link:`, `snapshot:`, `resume:`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sweeps.spec.fields import FieldReader
    from sweeps.spec.yaml_reader import Node

SURROUNDING_KEYS: tuple[str, ...] = ()
"""The keys of `trainer:` that are read here."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a command finds around it."""


def read_surroundings(entries: Mapping[str, Node], reader: FieldReader) -> Surroundings:
    """Read them from the entries of `trainer:`."""
    del entries, reader
    return Surroundings()
