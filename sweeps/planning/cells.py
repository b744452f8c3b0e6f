"""Lists the cells of a sweep: the settings of each of its trials, before the trainer's config checks them.

`grid` is the product of its lists, the first key varying slowest; the lists of `zip` run together, inside the grid;
`seeds` repeats every cell, innermost. `exclude` drops cells of the grid, `include` adds cells that `exclude` does not
touch. The values are read in `sweeps.spec.sweep_parser`.
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from sweeps.errors import SelectionError
from sweeps.spec.fields import is_whole
from sweeps.spec.settings import Axis, ConditionIndex, Setting, overlaps, overlay
from sweeps.spec.sweep_parser import SEED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sweeps.errors import Place
    from sweeps.planning.layers import Layers
    from sweeps.spec.model import SweepSpec
    from sweeps.spec.search_space import Dimension, SearchSpec
    from sweeps.spec.settings import Layer
    from sweeps.spec.yaml_reader import Value


class Cell(NamedTuple):
    """One combination of values.

    Attributes:
        settings: Its settings, those of `when` included.
        place: Where it comes from.
        whens: The positions of the `when` entries that hold in it.
        excluded_by: The position of the `exclude` entry that drops it; None: it is kept.
    """

    settings: Layer
    place: Place
    whens: tuple[int, ...] = ()
    excluded_by: int | None = None


def axes_of(sweep: SweepSpec) -> tuple[str, ...]:
    """The keys that a sweep varies, in the order of its trials' names."""
    keys = [axis.key for axis in (*sweep.grid, *sweep.zipped)]
    keys += [key for layer, _ in sweep.include for key in layer]
    keys += [sweep.seeds.key] if sweep.seeds else []
    keys += sweep.search.keys if sweep.search else []
    return tuple(dict.fromkeys(keys))


def repeated(sweep: SweepSpec, layers: Layers, count: int) -> SweepSpec:
    """A sweep of which each trial is repeated with so many seeds; a search stays as it is.

    Those of the file come first: its `seeds`, else the seed that the trials have without repeats. What was trained with
    it is the first repeat. The others are the whole numbers that follow.

    Raises:
        SelectionError: The sweep varies its seed in another way.
    """
    if sweep.search is not None:
        return sweep
    if SEED in axes_of(replace(sweep, seeds=None)):
        raise SelectionError(
            f"--seeds {count}: the sweep {sweep.name} varies {SEED} itself; leave one of them out"
        )
    own = layers.fixed(SEED)
    values = (
        [setting.value for setting in sweep.seeds.values] if sweep.seeds else [own] if is_whole(own) else []
    )
    following = itertools.count(max((v for v in values if isinstance(v, int)), default=-1) + 1)
    chosen = itertools.islice(itertools.chain(values, following), count)
    place = sweep.seeds.place if sweep.seeds else sweep.place
    return replace(
        sweep, seeds=Axis(SEED, tuple(Setting(value, "--seeds", place) for value in chosen), place)
    )


def cells(sweep: SweepSpec, layers: Layers) -> Iterator[Cell]:
    """The cells of a sweep; of a search, settings that show every bound, every choice and every starting point."""
    if sweep.search is not None:
        for layer, place in probes(sweep.search, layers.fixed):
            settings, held = layers.with_whens(layers.with_layer(layer))
            yield Cell(settings, place, held)
        return
    seeds: list[_Pick] = _column(sweep.seeds) if sweep.seeds else [()]
    yield from _grid_cells(sweep, layers, seeds)
    for layer, place in sweep.include:
        for seed in seeds:
            settings, held = layers.with_whens(layers.with_layer(layer, dict(seed)))
            yield Cell(settings, place, held)


def _grid_cells(sweep: SweepSpec, layers: Layers, seeds: list[_Pick]) -> Iterator[Cell]:
    columns = [_column(axis) for axis in sweep.grid]
    if sweep.zipped:
        rows = zip(*(_column(axis) for axis in sweep.zipped), strict=True)
        columns.append([tuple(itertools.chain.from_iterable(row)) for row in rows])
    if not columns and sweep.include:
        return
    conditions = ConditionIndex(condition for condition, _ in sweep.exclude) if sweep.exclude else None
    varied = {key for column in (*columns, seeds) for key, _ in column[0]}
    below = layers.groups and any(overlaps(k, axis) for k in layers.base for axis in varied if k != axis)
    is_replaced = varied.__contains__ if below else lambda key: any(overlaps(key, axis) for axis in varied)
    base = {key: setting for key, setting in layers.base.items() if not is_replaced(key)}
    for picks in itertools.product(*columns, seeds):
        picked = dict(itertools.chain.from_iterable(picks))
        settings = {**base, **picked}
        if below:  # which of a group's keys stay depends on what the cell chooses of it
            settings = dict(base)
            overlay(settings, picked, groups=True)
        excluded_by = layers.first_held(conditions, settings) if conditions else None
        if excluded_by is not None:
            yield Cell(settings, sweep.place, excluded_by=excluded_by)
        else:
            settings, held = layers.with_whens(settings)
            yield Cell(settings, sweep.place, held)


_Pick = tuple[tuple[str, Setting], ...]
"""One entry of a column: keys that take their values together."""


def _column(axis: Axis) -> list[_Pick]:
    return [((axis.key, value),) for value in axis.values]


def probes(search: SearchSpec, fixed: Callable[[str], Value]) -> Iterator[tuple[Layer, Place]]:
    """Settings that show every bound and every choice of a search at least once, and its starting points.

    The first has the first value of every key; each further one changes one key, and what it takes for that key
    to be drawn at all.

    Args:
        search: The search.
        fixed: The value of a key that is not searched.
    """
    yield search.assemble(lambda dimension: dimension.values[0], fixed), search.place
    for changed in search.dimensions:
        needed = {key: values[0] for key, values in (changed.when or {}).items()}
        for value in changed.values[0 if needed else 1 :]:

            def pick(dimension: Dimension, changed: Dimension = changed, value: Setting = value) -> Setting:
                if dimension is changed:
                    return value
                if dimension.key in needed:  # noqa: B023 - asked before the loop goes on
                    return Setting(needed[dimension.key], value.layer, dimension.place)  # noqa: B023
                return dimension.values[0]

            yield search.assemble(pick, fixed), search.place
    for layer, place in search.points:

        def picked(dimension: Dimension, layer: Layer = layer) -> Setting:
            return layer.get(dimension.key, dimension.values[0])

        yield search.assemble(picked, fixed), place
