"""What a sweep of the file says, as plain values, and which configs it gives: what `describe` looks for."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from sweeps.spec.settings import Condition, holds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sweeps.spec.yaml_reader import Value

Config: TypeAlias = "Mapping[str, Value]"
"""The settings of one trial, flat; a key that it does not have is not given to the program."""


@dataclass(frozen=True, slots=True)
class Study:
    """The trials of one sweep, as the keys of the file of the same names describe them.

    Attributes:
        settings: `set`: what all of its trials have.
        grid: The values of each key that is combined with all others, the slowest first.
        zipped: The values of keys that change together.
        seeds: The values of `seed` with which each trial is repeated.
        whens: Conditions, each with the settings of the trials that match.
        exclude: Conditions of the combinations that are left out.
        include: Trials beside the product.
    """

    settings: Config = field(default_factory=dict)
    grid: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    zipped: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    seeds: tuple[int, ...] = ()
    whens: tuple[tuple[Condition, Config], ...] = ()
    exclude: tuple[Condition, ...] = ()
    include: tuple[Config, ...] = ()

    @property
    def varied(self) -> tuple[str, ...]:
        """The keys that vary, in the order of a trial's name."""
        keys = [*self.grid, *self.zipped, *(key for layer in self.include for key in layer)]
        return tuple(dict.fromkeys([*keys, *(["seed"] if self.seeds else [])]))

    def configs(self, defaults: Config) -> Iterator[dict[str, Value]]:
        """The configs of its trials, as `sweeps.planning` expands them."""
        seeds: list[dict[str, Value]] = [{"seed": seed} for seed in self.seeds] or [{}]
        base = {**defaults, **self.settings}
        columns: list[list[dict[str, Value]]] = [
            [{key: value} for value in values] for key, values in self.grid.items()
        ]
        if self.zipped:
            rows = zip(*self.zipped.values(), strict=True)
            columns.append([dict(zip(self.zipped, row, strict=True)) for row in rows])
        if columns or not self.include:
            for picks in itertools.product(*columns, seeds):
                config = dict(base)
                for pick in picks:
                    config.update(pick)
                if not any(holds(condition, config.get) for condition in self.exclude):
                    yield self._with_whens(config)
        for layer in self.include:
            for seed in seeds:
                yield self._with_whens({**base, **layer, **seed})

    def _with_whens(self, config: dict[str, Value]) -> dict[str, Value]:
        for condition, settings in self.whens:
            if holds(condition, config.get):
                config.update(settings)
        return config


@dataclass(frozen=True, slots=True)
class Description:
    """Sweeps that together have given configs.

    Attributes:
        defaults: What all trials have.
        studies: The sweeps.
    """

    defaults: Config
    studies: tuple[Study, ...]

    def configs(self) -> Iterator[dict[str, Value]]:
        """The configs of all trials, sweep by sweep."""
        for study in self.studies:
            yield from study.configs(self.defaults)
