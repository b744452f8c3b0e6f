"""Read-only mappings that store once what many of them have in common: the configs of a large grid's trials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import compress, count
from operator import is_not
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class _Common(Generic[V]):
    """What several mappings share: their keys in order, and the values in which they do not differ.

    Attributes:
        base: All keys with the values of the first such mapping.
        positions: Where the values of the other keys stand in a mapping's own values.
    """

    base: Mapping[str, V]
    positions: Mapping[str, int]


class SharedMapping(Mapping[str, V]):
    """A mapping that stores only the values in which it differs from those that were made before it.

    Make it with `MappingPool.share`; it iterates in the order of the mapping that it was made from.
    """

    __slots__ = ("_common", "_values")

    def __init__(self, common: _Common[V], values: tuple[V, ...]) -> None:
        self._common = common
        self._values = values

    def __getitem__(self, key: str) -> V:
        position = self._common.positions.get(key)
        return self._common.base[key] if position is None else self._values[position]

    def __iter__(self) -> Iterator[str]:
        return iter(self._common.base)

    def __len__(self) -> int:
        return len(self._common.base)

    def __repr__(self) -> str:
        return repr(dict(self))


class _Family(Generic[V]):
    """The mappings of one pool that have the same keys in the same order."""

    __slots__ = ("base", "by_own", "keys", "values")

    def __init__(self, keys: tuple[str, ...], values: tuple[V, ...]) -> None:
        self.base = dict(zip(keys, values, strict=True))
        self.keys = keys
        self.values = values
        self.by_own: dict[tuple[int, ...], _Common[V]] = {}


class MappingPool(Generic[V]):
    """Makes mappings that share their keys and the values that are alike.

    Args:
        alike: Whether two values may stand for one another.
    """

    def __init__(self, alike: Callable[[V, V], bool]) -> None:
        self._alike = alike
        self._families: dict[tuple[str, ...], _Family[V]] = {}
        self._last: _Family[V] | None = None

    def share(self, mapping: Mapping[str, V]) -> SharedMapping[V]:
        """An equal, read-only mapping that shares with those made before it."""
        keys, values = tuple(mapping), tuple(mapping.values())
        family = self._last
        if family is None or family.keys != keys:
            family = self._families.get(keys)
            if family is None:
                family = self._families[keys] = _Family(keys, values)
            self._last = family
        # Most values are the very objects of the base: only the others are looked at one by one.
        own = [
            at
            for at in compress(count(), map(is_not, values, family.values))
            if not self._alike(values[at], family.values[at])
        ]
        common = family.by_own.get(tuple(own))
        if common is None:
            positions = {keys[at]: position for position, at in enumerate(own)}
            common = family.by_own[tuple(own)] = _Common(family.base, positions)
        return SharedMapping(common, tuple([values[at] for at in own]))
