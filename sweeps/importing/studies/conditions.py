"""Says in the fewest conditions where a key has a value, and which combinations of a product are missing."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

Codes = dict[str, tuple[int, ...]]
"""A condition on codes: for each key those that match."""


def covering(tuples: Collection[tuple[int, ...]], keys: Sequence[str]) -> Iterator[Codes]:
    """Conditions on `keys` that match these tuples and no others; no two match the same."""
    if len(keys) == 1:
        yield {keys[0]: tuple(code for (code,) in sorted(tuples))}
        return
    rests: dict[int, list[tuple[int, ...]]] = {}
    for one in sorted(tuples):
        rests.setdefault(one[0], []).append(one[1:])
    alike: dict[tuple[tuple[int, ...], ...], list[int]] = {}
    for first, found in rests.items():
        alike.setdefault(tuple(found), []).append(first)
    for rest, firsts in alike.items():
        for condition in covering(rest, keys[1:]):
            yield {keys[0]: tuple(firsts), **condition}


def without_all(condition: Codes, known: Mapping[str, Collection[int]]) -> Codes:
    """The condition without the keys of which it names every value."""
    return {key: codes for key, codes in condition.items() if len(codes) < len(known[key])}


def missing(
    present: Collection[tuple[int, ...]], values: Sequence[Sequence[int]], keys: Sequence[str]
) -> Iterator[Codes]:
    """Conditions that match the combinations of a product that are not present, on as few keys as that takes."""
    there = set(present)
    holes = [combination for combination in itertools.product(*values) if combination not in there]
    positions = [*itertools.combinations(range(len(keys)), 2), tuple(range(len(keys)))]
    for chosen in positions:
        if not holes:
            return
        seen = {tuple([combination[at] for at in chosen]) for combination in there}
        empty = {tuple([hole[at] for at in chosen]) for hole in holes} - seen
        if empty:
            yield from covering(empty, [keys[at] for at in chosen])
            holes = [hole for hole in holes if tuple([hole[at] for at in chosen]) not in empty]
