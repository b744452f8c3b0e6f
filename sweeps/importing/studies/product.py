"""Describes configs as one product of keys, with keys that change together, conditions and holes; where that is possible."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

from sweeps.importing.studies.conditions import covering, missing, without_all
from sweeps.importing.studies.study import Study
from sweeps.importing.studies.table import ABSENT, in_order, most_frequent, shape

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sweeps.importing.studies.conditions import Codes
    from sweeps.importing.studies.table import Table
    from sweeps.spec.yaml_reader import Value

_MOST_HOLES = 0.25
"""A product of which more is missing, beside two combinations, is none."""
_MOST_TRIED = 20
"""So many choices of axes are compared."""
_MOST_TOGETHER = 3
"""So many axes at most decide about the value of another key."""
_MOST_LISTED = 100
"""Of so many values at most, conditions say what follows from each."""


@dataclass(frozen=True, slots=True)
class _Axis:
    """Keys that change together: each value of one belongs to one of the others.

    Attributes:
        keys: The keys.
        codes: The codes of the first one, one a row.
        values: The different ones of them.
    """

    keys: tuple[str, ...]
    codes: tuple[int, ...]
    values: tuple[int, ...]


def fitted(table: Table, rows: Sequence[int], common: frozenset[str]) -> tuple[Study, float] | None:
    """The cheapest product that gives these rows, with its cost; None where there is none.

    Args:
        table: The configs.
        rows: Those to describe; no two are the same.
        common: Keys that all configs of the table share, which are said elsewhere.
    """
    columns = {key: table.codes(key, rows) for key in table.keys if key not in common}
    firsts = {key: codes[0] for key, codes in columns.items()}
    varying = {key: codes for key, codes in columns.items() if any(code != firsts[key] for code in codes)}
    settings = {
        key: table.value(key, code) for key, code in firsts.items() if key not in varying and code != ABSENT
    }
    if not varying:
        study = Study(settings=settings)
        return study, cost(study)
    found: tuple[Study, float] | None = None
    for axes in _choices(_axes(varying), len(rows)):
        product = _Product(table, varying, axes).study(settings)
        if product is None:
            continue
        holes = math.prod(len(axis.values) for axis in axes) - len(rows)
        price = cost(product, holes)
        if found is None or price < found[1]:
            found = product, price
    return found


def cost(study: Study, holes: int = 0) -> float:
    """How much there is to read: about one a line of the file, and one for each combination that is left out."""
    lists = [*study.grid.values(), *study.zipped.values()]
    total = 1.5 + 0.5 * len(study.settings) + sum(1 + 0.05 * len(values) for values in lists)
    for condition, settings in study.whens:
        total += 0.7 + 0.5 * sum(map(len, condition.values())) + 0.3 * len(settings)
    total += len(study.exclude) + holes
    return total + sum(1 + 0.4 * len(layer) for layer in study.include)


def _axes(varying: Mapping[str, list[int]]) -> list[_Axis]:
    """What may be an axis: keys that every row has; those that change together are one."""
    alike: dict[tuple[int, ...], list[str]] = {}
    for key, codes in varying.items():
        if ABSENT not in codes:
            alike.setdefault(shape(codes), []).append(key)
    found = []
    for keys in alike.values():
        column = tuple(varying[keys[0]])
        found.append(_Axis(tuple(keys), column, tuple(in_order(column))))
    return found


def _choices(axes: Sequence[_Axis], size: int) -> Iterator[tuple[_Axis, ...]]:
    """Axes whose product has as many combinations as there are rows, or a few more, and of which no two rows share one."""
    most = size + max(2, int(size * _MOST_HOLES))
    for tried, chosen in enumerate(_with_product(axes, size, most), 1):
        if len(set(zip(*(axis.codes for axis in chosen), strict=True))) == size:
            yield chosen
        if tried >= max(3, min(_MOST_TRIED, 1_000_000 // size)):
            return


def _with_product(axes: Sequence[_Axis], least: int, most: int) -> Iterator[tuple[_Axis, ...]]:
    """Choices of axes with between `least` and `most` combinations; those of many axes first."""
    free = [axis for axis in axes if not _is_decided(axis, axes)]
    yielded = None
    if least <= math.prod(len(axis.values) for axis in free) <= most:
        yielded = tuple(free)
        yield yielded

    def from_(at: int, chosen: tuple[_Axis, ...], product: int) -> Iterator[tuple[_Axis, ...]]:
        if product > most:
            return
        if at == len(axes):
            if product >= least and chosen != yielded:
                yield chosen
            return
        yield from from_(at + 1, (*chosen, axes[at]), product * len(axes[at].values))
        rest = math.prod(len(axis.values) for axis in axes[at + 1 :])
        if product * rest >= least:
            yield from from_(at + 1, chosen, product)

    yield from from_(0, (), 1)


def _is_decided(axis: _Axis, axes: Sequence[_Axis]) -> bool:
    """Whether another axis alone decides about the value of this one."""
    return any(
        len(other.values) > len(axis.values)
        and len(set(zip(other.codes, axis.codes, strict=True))) == len(other.values)
        for other in axes
    )


class _Product:
    """A product of axes, as a `Study` says it."""

    def __init__(self, table: Table, varying: Mapping[str, list[int]], axes: Sequence[_Axis]) -> None:
        self._table = table
        self._varying = varying
        self._axes = sorted(axes, key=lambda axis: _changes(axis.codes))
        self._known = {axis.keys[0]: axis.values for axis in self._axes}

    def study(self, settings: Mapping[str, Value]) -> Study | None:
        """The study; None where the value of some key cannot be said."""
        zipped = max(self._axes, key=lambda axis: (len(axis.keys) - 1) * len(axis.values))
        together = zipped.keys if len(zipped.keys) > 1 else ()
        said = {axis.keys[0] for axis in self._axes} | set(together)
        fixed = dict(settings)
        whens: dict[tuple[tuple[str, tuple[int, ...]], ...], dict[str, Value]] = {}
        for key, codes in self._varying.items():
            if key in said:
                continue
            deciding = self._deciding(codes)
            if deciding is None:
                return None
            usual = ABSENT if ABSENT in codes else most_frequent(codes)
            if usual != ABSENT:
                fixed[key] = self._table.value(key, usual)
            if len(deciding) == 1 and len(deciding[0].values) > _MOST_LISTED:
                return None
            for condition, code in self._conditions(deciding, codes, usual):
                whens.setdefault(tuple(condition.items()), {})[key] = self._table.value(key, code)
        return Study(
            settings=fixed,
            grid={
                axis.keys[0]: self._values(axis.keys[0], axis.codes)
                for axis in self._axes
                if axis.keys[0] not in together
            },
            zipped={key: self._values(key, self._varying[key]) for key in together},
            whens=tuple((self._as_values(dict(condition)), found) for condition, found in whens.items()),
            exclude=tuple(map(self._as_values, self._holes())),
        )

    def _deciding(self, codes: Sequence[int]) -> tuple[_Axis, ...] | None:
        """The fewest axes that decide about the value of a key."""
        for count in range(1, min(_MOST_TOGETHER, len(self._axes)) + 1):
            for chosen in combinations(self._axes, count):
                places = set(zip(*(axis.codes for axis in chosen), strict=True))
                pairs = set(zip(*(axis.codes for axis in chosen), codes, strict=True))
                if len(places) == len(pairs):
                    return chosen
        return None

    def _conditions(
        self, deciding: Sequence[_Axis], codes: Sequence[int], usual: int
    ) -> Iterator[tuple[Codes, int]]:
        """Where a key has another value than the usual one, and which."""
        keys = [axis.keys[0] for axis in deciding]
        places: dict[int, set[tuple[int, ...]]] = {}
        for code, place in zip(codes, zip(*(axis.codes for axis in deciding), strict=True), strict=True):
            if code != usual:
                places.setdefault(code, set()).add(place)
        for code, found in places.items():
            for condition in covering(found, keys):
                yield without_all(condition, self._known), code

    def _holes(self) -> list[Codes]:
        keys = [axis.keys[0] for axis in self._axes]
        present = set(zip(*(axis.codes for axis in self._axes), strict=True))
        if len(present) == math.prod(len(axis.values) for axis in self._axes):
            return []
        return list(missing(present, [axis.values for axis in self._axes], keys))

    def _values(self, key: str, codes: Sequence[int]) -> tuple[Value, ...]:
        return tuple(self._table.value(key, code) for code in in_order(codes))

    def _as_values(self, condition: Codes) -> dict[str, tuple[Value, ...]]:
        return {
            key: tuple(self._table.value(key, code) for code in codes) for key, codes in condition.items()
        }


def _changes(codes: Sequence[int]) -> int:
    """How often a value differs from the one before: the slowest axis changes least."""
    return sum(one != other for one, other in pairwise(codes))
