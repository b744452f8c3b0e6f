"""Read-only mappings that store once what many of them have in common: the configs of a large grid's trials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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


class MappingPool(Generic[V]):
    """Makes mappings that share their keys and equal values.

    Args:
        alike: Whether two values may stand for one another.
        text: Makes a text of a value; values of equal text are stored once. None: each is stored as it comes.
    """

    def __init__(self, alike: Callable[[V, V], bool], text: Callable[[V], str] | None = None) -> None:
        self._alike = alike
        self._text = text
        self._values: dict[str, V] = {}
        self._bases: dict[tuple[str, ...], dict[str, V]] = {}
        self._commons: dict[tuple[tuple[str, ...], tuple[str, ...]], _Common[V]] = {}

    def share(self, mapping: Mapping[str, V]) -> SharedMapping[V]:
        """An equal, read-only mapping that shares with those made before it."""
        keys = tuple(mapping)
        base = self._bases.get(keys)
        if base is None:
            base = self._bases[keys] = dict(mapping)
        own = tuple(
            key
            for key, value in mapping.items()
            if value is not base[key] and not self._alike(value, base[key])
        )
        common = self._commons.get((keys, own))
        if common is None:
            common = _Common(base, {key: position for position, key in enumerate(own)})
            self._commons[keys, own] = common
        return SharedMapping(common, tuple(self._stored(mapping[key]) for key in own))

    def _stored(self, value: V) -> V:
        return value if self._text is None else self._values.setdefault(self._text(value), value)
