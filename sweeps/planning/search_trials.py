"""From suggestions to trials: a search's settings laid into the sweep's layers, and what can be wrong with them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from sweeps.errors import Problem, SpecError
from sweeps.search.samplers import search_problems
from sweeps.spec.search_space import Dimension, SearchSpec, ValueType, to_optuna
from sweeps.spec.settings import Setting, same

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sweeps.errors import Place
    from sweeps.planning.expansion import Trial
    from sweeps.spec.model import SweepSpec
    from sweeps.spec.settings import Layer
    from sweeps.spec.yaml_reader import Value

Params = dict[str, "Value"]
"""What a search suggests: a value for each key that is drawn."""


class Layers(Protocol):
    """The layers of one sweep, below and above what is searched."""

    def searched(self, layer: Layer, place: Place) -> Trial:
        """The trial that has these settings; raises SpecError where the trainer's config refuses them."""

    def fixed(self, key: str) -> Value:
        """The value of a key that the sweep does not vary."""


class SearchTrials:
    """Makes the trials of one search.

    Args:
        sweep: The sweep.
        spec: Its search.
        layers: The sweep's other settings.
        example: The fingerprint of one of its trials: it changes with every setting that all of them share.
        epochs_key: The config key that holds the number of epochs.
    """

    def __init__(
        self, sweep: SweepSpec, spec: SearchSpec, layers: Layers, example: str, epochs_key: str
    ) -> None:
        self.sweep = sweep.name
        self.spec = spec
        self._layers = layers
        self._epochs_key = epochs_key
        problem = json.dumps([spec.identity(), example], sort_keys=True)
        self.digest = hashlib.sha256(problem.encode()).hexdigest()[:8]
        self.dimensions = {dimension.key: dimension for dimension in spec.dimensions}
        self._made: dict[str, Trial | None] = {}

    @property
    def points(self) -> tuple[Params, ...]:
        """The starting points, each with the keys that are drawn in it."""
        return tuple({key: setting.value for key, setting in layer.items()} for layer, _ in self.spec.points)

    def active(self, pick: Callable[[Dimension], Value]) -> Params:
        """What results where each key that is drawn gets the value that `pick` says, asked in order."""
        layer = self.spec.assemble(
            lambda dimension: self._setting(dimension, pick(dimension)), self._layers.fixed
        )
        return {key: setting.value for key, setting in layer.items()}

    def trial(self, params: Mapping[str, Value], name: str) -> Trial | None:
        """The trial of a suggestion, or None where it is none of the file's: outside the space, or refused."""
        key = json.dumps(
            params, sort_keys=True
        )  # a recorded one is asked for by the plan, the report and the study
        if key not in self._made:
            self._made[key] = self._trial(params)
        made = self._made[key]
        return None if made is None else replace(made, name=name)

    def _trial(self, params: Mapping[str, Value]) -> Trial | None:
        try:
            fitting = self.active(lambda dimension: _required(params, dimension))
        except KeyError:
            return None
        if fitting.keys() != params.keys():
            return None
        layer = {key: self._setting(self.dimensions[key], value) for key, value in fitting.items()}
        try:
            return self._layers.searched(layer, self.spec.place)
        except SpecError:
            return None

    @property
    def epochs(self) -> int | None:
        """The epochs of a trial, where the config says them and they are not searched."""
        key = self._epochs_key
        value = self._layers.fixed(key)
        known = (
            key not in self.dimensions
            and isinstance(value, int)
            and not isinstance(value, bool)
            and value > 0
        )
        return value if known else None  # type: ignore[return-value]

    def problems(self) -> Iterator[Problem]:
        """What is wrong with the sampler, the pruner and the starting points."""
        where = f"sweeps.{self.sweep}.search"
        yield from search_problems(self.spec, where, self.epochs)
        for dimension in self.spec.dimensions:
            for key, values in (dimension.when or {}).items():
                if key not in self.dimensions and self._layers.fixed(key) is None and None not in values:
                    message = f"{key} is neither searched nor set, so {dimension.key} is never drawn"
                    yield Problem(dimension.place, f"{where}.space.{dimension.key}.when: {message}")
        for layer, place in self.spec.points:
            drawn = self._drawn(layer)
            for key in layer.keys() & self.dimensions.keys() - drawn:
                message = f"{key} is not drawn here, as its `when` says; delete it"
                yield Problem(layer[key].key_place or layer[key].place, f"{where}.enqueue: {message}")
            lacking = [key for key in drawn if key not in layer]
            if lacking:
                yield Problem(place, f"{where}.enqueue: a starting point needs {', '.join(lacking)} too")

    def _drawn(self, layer: Layer) -> dict[str, Setting]:
        """What is drawn where a starting point says how, each key that it leaves open at its first value."""
        return self.spec.assemble(lambda d: layer.get(d.key, d.values[0]), self._layers.fixed)

    def _setting(self, dimension: Dimension, value: Value) -> Setting:
        return Setting(value, f"sweeps.{self.sweep}.search", dimension.place)


def probes(search: SearchSpec, fixed: Callable[[str], Value]) -> Iterator[tuple[Layer, Place]]:
    """Settings that show every bound and every choice at least once, and the starting points.

    The first has the first value of every key; each further one changes one key, and what it takes for that key
    to be drawn at all.
    """
    yield search.assemble(lambda dimension: dimension.values[0], fixed), search.place
    for shown in search.dimensions:
        needed = {key: values[0] for key, values in (shown.when or {}).items()}
        for value in shown.values[0 if needed else 1 :]:

            def pick(dimension: Dimension, shown: Dimension = shown, value: Setting = value) -> Setting:
                if dimension is shown:
                    return value
                if dimension.key in needed:  # noqa: B023 - asked before the loop goes on
                    return Setting(needed[dimension.key], value.layer, dimension.place)  # noqa: B023
                return dimension.values[0]

            yield search.assemble(pick, fixed), search.place
    for layer, place in search.points:

        def picked(dimension: Dimension, layer: Layer = layer) -> Setting:
            return layer.get(dimension.key, dimension.values[0])

        yield search.assemble(picked, fixed), place


def as_config(dimension: Dimension, value: object) -> Value:
    """What Optuna drew, as the config takes it: the choice that it stands for, or a number of the right kind."""
    if dimension.value_type is ValueType.CHOICE:
        return next(choice.value for choice in dimension.values if same(to_optuna(choice.value), value))  # type: ignore[arg-type]
    return int(value) if dimension.value_type is ValueType.INT else float(value)  # type: ignore[call-overload,arg-type]


def _required(params: Mapping[str, Value], dimension: Dimension) -> Value:
    value = params[dimension.key]
    if not dimension.contains(value):
        raise KeyError(dimension.key)
    return value
