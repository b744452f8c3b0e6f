"""How a command spells the config's keys: `args:`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sweeps.spec.fields import FieldReader
    from sweeps.spec.yaml_reader import Node

ARGUMENT_KEYS: tuple[str, ...] = ()
"""The keys of `trainer:` that are read here."""


@dataclass(frozen=True, slots=True)
class Arguments:
    """How a command spells the config's keys."""


def read_arguments(entries: Mapping[str, Node], reader: FieldReader) -> Arguments:
    """Read them from the entries of `trainer:`."""
    del entries, reader
    return Arguments()
