"""The one rule for ties: what is equal up to rounding stays in the order of the file, whatever else its last digits say. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

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
    order = {id(item): place for place, item in enumerate(items)}
    left, found = sorted(items, key=badness), []
    while left:
        first = left[0]
        count = next((at for at, one in enumerate(left) if not are_equal(first, one)), len(left))
        found += sorted(left[:count], key=lambda one: order[id(one)])
        left = left[count:]
    return found
