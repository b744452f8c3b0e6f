"""Reads `order:`, in which order trials start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sweeps.errors import did_you_mean
from sweeps.spec.schema.shapes import one_of

if TYPE_CHECKING:
    from sweeps.spec.fields import FieldReader
    from sweeps.spec.yaml_reader import Node

LONGEST, FILE = "longest", "file"
ORDERS = (LONGEST, FILE)
ORDER = one_of(ORDERS, "Which trials start first: those that take longest, or as the file has them.", LONGEST)


def read_order(node: Node | None, reader: FieldReader) -> str:
    """Read `order: longest` or `order: file`."""
    order = reader.word(node)
    if node is not None and order is not None and order not in ORDERS:
        reader.problem(node, f"'{order}' is not one of {', '.join(ORDERS)}{did_you_mean(order, ORDERS)}")
    return order if order in ORDERS else LONGEST
