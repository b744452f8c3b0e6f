"""The one rule for ties: what is equal up to rounding stays in the order of the file, whatever else its last digits say. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeVar

from analysis.stats.seed_tests import ROUNDING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_Item = TypeVar("_Item")


def ranked(
    items: Sequence[_Item], badness: Callable[[_Item], Any], are_equal: Callable[[_Item, _Item], bool]
) -> list[_Item]:
    """Return items with the best first; those that equal the first of them in the order that they came in.

    Args:
        items: What is ranked, in the order of the file.
        badness: What it is ranked by, the lower the better.
        are_equal: Whether two share a rank.
    """
    return [item for rank in ranks(items, badness, are_equal) for item in rank]


def ranks(
    items: Sequence[_Item], badness: Callable[[_Item], Any], are_equal: Callable[[_Item, _Item], bool]
) -> list[list[_Item]]:
    """Return the same, those that share a rank in one list."""
    order = {id(item): place for place, item in enumerate(items)}
    left, found = sorted(items, key=badness), []
    while left:
        first = left[0]
        count = next((at for at, one in enumerate(left) if not are_equal(first, one)), len(left))
        found.append(sorted(left[:count], key=lambda one: order[id(one)]))
        left = left[count:]
    return found


def ranks_by_each(items: Sequence[_Item], badness: Sequence[Callable[[_Item], float]]) -> list[list[_Item]]:
    """Return items in ranks, the best first: of those that are equal up to rounding by one badness, the next tells."""
    if not badness or len(items) <= 1:
        return [list(items)] if items else []
    first = badness[0]
    found = ranks(items, first, lambda one, other: are_close(first(one), first(other)))
    return [rank for equals in found for rank in ranks_by_each(equals, badness[1:])]


def are_close(one: float, other: float) -> bool:
    """Whether two numbers are equal up to rounding."""
    return math.isclose(one, other, rel_tol=ROUNDING)
