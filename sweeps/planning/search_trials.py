"""Makes trials of a search's suggestions: lays the suggested values over the sweep's settings and resolves the result."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING

from analysis.results.searches.prunings import PruningSearch
from sweeps.errors import Problem
from sweeps.planning.fingerprint import fingerprint
from sweeps.planning.resolution import Refused
from sweeps.spec.search_space import NO_PRUNER, Dimension, SearchSpec, ValueType, to_optuna
from sweeps.spec.settings import Setting, same
from sweeps.spec.sweep_parser import SEED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sweeps.planning.layers import Layers
    from sweeps.planning.resolution import Resolver
    from sweeps.planning.trial import Trial
    from sweeps.spec.settings import Layer
    from sweeps.spec.trainer.model import TrainerSpec
    from sweeps.spec.yaml_reader import Value

Params = dict[str, "Value"]
"""A search's suggestion: a value for each key that is drawn."""


class SearchTrials:
    """Makes the trials of one search.

    Args:
        sweep: The sweep's name.
        spec: Its search.
        layers: The sweep's other settings.
        resolver: Resolves the settings of a suggestion.
        digest: Names the problem that is searched, as `search_digest` makes it.
        trainer: What the file says of the trainer.
    """

    def __init__(
        self,
        sweep: str,
        spec: SearchSpec,
        layers: Layers,
        resolver: Resolver,
        digest: str,
        trainer: TrainerSpec,
    ) -> None:
        self.sweep = sweep
        self.spec = spec
        self.digest = digest
        self.dimensions = {dimension.key: dimension for dimension in spec.dimensions}
        self._layers = layers
        self._resolver = resolver
        self.by_epoch = trainer.by_epoch
        self._epochs_key = trainer.epochs
        self._made: dict[str, Trial | None] = {}
        self._recorded: dict[str, Params] = {}

    @property
    def pruning(self) -> PruningSearch | None:
        """The search as pruned runs are tagged with it; None where it has no pruner."""
        first = self.spec.objectives[0]
        has_pruner = self.spec.pruner.name != NO_PRUNER
        return PruningSearch(self.sweep, first.metric, first.direction) if has_pruner else None

    @property
    def points(self) -> tuple[Params, ...]:
        """The starting points, each with the keys that are drawn in it."""
        written = ({key: setting.value for key, setting in layer.items()} for layer, _ in self.spec.points)
        return tuple(self.spelled(params) for params in written)

    def note_recorded(self, params: Params) -> None:
        """Note a suggestion that the record has, so that it is spelled as it is there."""
        self._recorded[_text(params)] = params
        self._recorded.setdefault(_text(self._nearest(params)), params)

    def spelled(self, params: Params) -> Params:
        """The one spelling of a suggestion: the record's where it has it, else each number as a person writes it.

        Steps of 0.1 add up to 0.30000000000000004. It is 0.3, unless the record has a trial of that spelling.
        """
        nearest = self._nearest(params)
        return self._recorded.get(_text(params)) or self._recorded.get(_text(nearest)) or nearest

    def _nearest(self, params: Params) -> Params:
        return {
            key: self.dimensions[key].nearest(value) if key in self.dimensions else value
            for key, value in params.items()
        }

    def active(self, pick: Callable[[Dimension], Value]) -> Params:
        """The keys that are drawn, in order, each with the value that `pick` gives."""
        layer = self.spec.assemble(
            lambda dimension: self._setting(dimension, pick(dimension)), self._layers.fixed
        )
        return {key: setting.value for key, setting in layer.items()}

    def fitted(self, params: Mapping[str, Value]) -> Params:
        """A recorded suggestion as the space has it now: a key that is new there with the value that the file sets, none that is set now.

        Whether the run had that config, its fingerprint says.
        """
        return self.active(
            lambda dimension: (
                params[dimension.key] if dimension.key in params else self._layers.fixed(dimension.key)
            )
        )

    def trial(self, params: Mapping[str, Value], name: str) -> Trial | None:
        """The trial of a suggestion, or None where it is none of the file's: outside the space, or refused."""
        # A recorded suggestion is asked for by the plan, the report and the study, and is resolved once.
        key = _text(params)
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
        settings, _ = self._layers.with_whens(self._layers.with_layer(layer))
        made = self._resolver.resolve(settings, self.spec.place)
        return None if isinstance(made, Refused) else made

    @property
    def task(self) -> str:
        """Names what is searched: equal for searches of one space, objective, starting points and fixed settings but for the seed."""
        first = self.trial(self.active(lambda dimension: dimension.values[0].value), "")
        if first is None:
            return self.digest
        shared = {key: value for key, value in first.config.items() if key != SEED}
        return search_digest(self.spec, json.dumps([fingerprint(shared), self.points], sort_keys=True))

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
        """What is wrong with the conditions of the space and with the starting points."""
        where = f"sweeps.{self.sweep}.search"
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


def search_digest(spec: SearchSpec, example: str) -> str:
    """Eight hex digits that name the problem that is searched.

    Args:
        spec: The search.
        example: The fingerprint of one of its trials: it changes with every setting that all of them share.
    """
    problem = json.dumps([spec.identity(), example], sort_keys=True)
    return hashlib.sha256(problem.encode()).hexdigest()[:8]


def as_config(dimension: Dimension, value: object) -> Value:
    """A drawn value as the config takes it: the choice that it stands for, or a number of the right kind, at its step."""
    if dimension.value_type is ValueType.CHOICE:
        return next(choice.value for choice in dimension.values if same(to_optuna(choice.value), value))  # type: ignore[arg-type]
    number = int(value) if dimension.value_type is ValueType.INT else float(value)  # type: ignore[call-overload,arg-type]
    return dimension.nearest(number)


def _text(params: Mapping[str, Value]) -> str:
    return json.dumps(params, sort_keys=True)


def _required(params: Mapping[str, Value], dimension: Dimension) -> Value:
    value = params[dimension.key]
    if not dimension.contains(value):
        raise KeyError(dimension.key)
    return value
