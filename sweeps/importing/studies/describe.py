"""Finds the smallest description of configs: what they have in common, products, conditions, several sweeps, single trials.

A set of configs is one product (`product`), or is split by a key and its parts are described one by one, or is listed.
What costs least to read is taken. Pure; `Description.configs` is the way back.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from sweeps.importing.studies.product import cost, fitted
from sweeps.importing.studies.study import Description, Study
from sweeps.importing.studies.table import Table, in_order
from sweeps.spec.fields import is_whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sweeps.importing.studies.study import Config

_CLEAN = 4.0
"""A product that costs no more is not looked at again."""
_BUDGET = 100_000
"""So many values are looked at for better splits."""
_EACH = 100
"""What a look at a few rows costs at least, in values."""
_DEPTH = 3
_MOST_PARTS = 12
_SEED = "seed"


class _Part(NamedTuple):
    rows: tuple[int, ...]
    study: Study
    cost: float


def describe(configs: Sequence[Config]) -> Description:
    """The smallest description that gives exactly these configs, no two of which are the same (1 is the same as 1.0)."""
    return _Describer(configs).description()


class _Describer:
    """Describes one set of configs."""

    def __init__(self, configs: Sequence[Config]) -> None:
        self._table = table = Table(configs)
        common = [key for key in table.keys if table.size > 1 and table.is_common(key)]
        self._defaults = {key: table.value(key, 0) for key in common}
        self._common = frozenset(common)
        self._budget = _BUDGET
        self._known: dict[tuple[tuple[int, ...], int], list[_Part]] = {}

    def description(self) -> Description:
        """The description."""
        if not self._table.size:
            return Description({}, ())
        rows = tuple(range(self._table.size))
        found = [self._best(rows, depth) for depth in range(_DEPTH + 1) if depth == 0 or self._budget > 0]
        parts = min(found, key=lambda parts: sum(part.cost for part in parts))
        parts = sorted(self._joined(parts), key=lambda part: part.rows[0])
        return Description(self._defaults, tuple(_with_seeds(part.study) for part in parts))

    def _best(self, rows: tuple[int, ...], depth: int) -> list[_Part]:
        """The cheapest parts that together are these rows."""
        known = self._known.get((rows, depth))
        if known is None:
            known = self._known[rows, depth] = self._searched(rows, depth)
        return known

    def _searched(self, rows: tuple[int, ...], depth: int) -> list[_Part]:
        self._budget -= len(rows) * len(self._table.keys) + _EACH
        fit = fitted(self._table, rows, self._common)
        best = [_Part(rows, *fit)] if fit is not None else [self._listed(rows)]
        price = best[0].cost
        if depth == 0 or (fit is not None and price <= _CLEAN):
            return best
        for split in self._splits(rows):
            if self._budget < 0:
                break
            if len(split) * 1.5 >= price:
                continue
            found: list[_Part] = []
            for part in split:
                found += self._best(part, depth - 1)
                if sum(one.cost for one in found) >= price:
                    break
            else:
                best, price = found, sum(one.cost for one in found)
        return best

    def _splits(self, rows: tuple[int, ...]) -> Iterator[list[tuple[int, ...]]]:
        """Ways to take the rows apart by the values of one key; values with the same rest stay together."""
        columns = {key: self._table.codes(key, rows) for key in self._table.keys if key not in self._common}
        keys = [key for key, codes in columns.items() if len(set(codes)) > 1]
        one_by_one = []
        for key in keys:
            values = in_order(columns[key])
            if len(values) > max(_MOST_PARTS, len(rows) // 2):
                continue
            by_value: dict[int, list[int]] = {value: [] for value in values}
            for row, code in zip(rows, columns[key], strict=True):
                by_value[code].append(row)
            others = [other for other in keys if other != key]
            alike: dict[frozenset[tuple[int, ...]], list[int]] = {}
            self._budget -= len(rows) * len(others) // 4
            for part in by_value.values():
                rest = frozenset(self._table.row(others, row) for row in part)
                alike.setdefault(rest, []).extend(part)
            if 1 < len(alike) <= _MOST_PARTS:
                yield [tuple(sorted(part)) for part in alike.values()]
            if 2 < len(values) <= _MOST_PARTS:  # noqa: PLR2004 - of two values, one against the rest is the same
                one_by_one.append(by_value)
        for by_value in one_by_one:
            for part in sorted(by_value.values(), key=len):
                inside = set(part)
                yield [tuple(part), tuple(row for row in rows if row not in inside)]

    def _listed(self, rows: tuple[int, ...]) -> _Part:
        """The rows one by one."""
        configs = [self._table.config(row) for row in rows]
        columns = {key: set(self._table.codes(key, rows)) for key in configs[0] if key not in self._common}
        same = [key for key, codes in columns.items() if len(codes) == 1]
        settings = {key: configs[0][key] for key in same}
        left_out = self._common.union(same)
        layers = tuple({k: v for k, v in config.items() if k not in left_out} for config in configs)
        study = Study(settings=settings, include=layers)
        return _Part(rows, study, cost(study))

    def _joined(self, parts: list[_Part]) -> list[_Part]:
        """The parts, those of few trials as `include` of another where that is cheaper."""
        hosts = sorted(parts, key=lambda part: -len(part.rows))
        kept: list[_Part] = []
        for part in hosts:
            for at, host in enumerate(kept):
                if not (host.study.grid or host.study.zipped or host.study.include):
                    continue
                layers = [self._layer(host.study, row) for row in part.rows]
                extra = sum(1 + 0.4 * len(layer) for layer in layers if layer is not None)
                if None in layers or extra >= part.cost:
                    continue
                include = (*host.study.include, *(layer for layer in layers if layer is not None))
                study = replace(host.study, include=include)
                kept[at] = _Part((*host.rows, *part.rows), study, host.cost + extra)
                break
            else:
                kept.append(part)
        return kept

    def _layer(self, study: Study, row: int) -> Config | None:
        """What an entry of `include` sets so that the study has a row; None where it cannot."""
        config = self._table.config(row)
        base = {**self._defaults, **study.settings}
        missing = object()
        layer = {key: value for key, value in config.items() if not _is_same(base.get(key, missing), value)}
        (found,) = replace(study, grid={}, zipped={}, include=(layer,)).configs(self._defaults)
        is_it = found.keys() == config.keys() and all(_is_same(found[key], config[key]) for key in config)
        return layer if layer and is_it else None


def _is_same(one: object, other: object) -> bool:
    return type(one) is type(other) and one == other


def _with_seeds(study: Study) -> Study:
    """The study with its seeds under `seeds`, which repeats every trial, those of `include` too."""
    values = study.grid.get(_SEED, ())
    if not values or not all(map(is_whole, values)) or study.include:
        return study
    grid = {key: found for key, found in study.grid.items() if key != _SEED}
    return replace(study, grid=grid, seeds=tuple(values))  # type: ignore[arg-type]
