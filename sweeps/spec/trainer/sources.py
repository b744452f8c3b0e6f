"""Where a program's metrics are read: `metrics:`, `rename:`, `derive:`, `progress:`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sweeps.spec.fields import FieldReader
    from sweeps.spec.yaml_reader import Node

SOURCE_KEYS: tuple[str, ...] = ()
"""The keys of `trainer:` that are read here."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Where a program's metrics are read."""


def read_sources(entries: Mapping[str, Node], reader: FieldReader) -> Sources:
    """Read them from the entries of `trainer:`."""
    del entries, reader
    return Sources()
