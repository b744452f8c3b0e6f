"""What a `search:` says: the space, what is to be made large or small, who suggests, who prunes. Pure."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from sweeps.spec.settings import Condition, Setting, holds, same

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sweeps.errors import Place
    from sweeps.spec.settings import Layer
    from sweeps.spec.yaml_reader import Value

TIME = "time"
"""The objective that no trainer logs: the sum of a trial's epoch times, in seconds."""
EPOCH_TIME = "time/epoch_s"
"""The metric that it is summed from."""

SAMPLERS = {
    "tpe": "TPESampler",
    "random": "RandomSampler",
    "qmc": "QMCSampler",
    "grid": "GridSampler",
    "cmaes": "CmaEsSampler",
    "gp": "GPSampler",
    "nsgaii": "NSGAIISampler",
}
"""A sampler's word in the file, and Optuna's class; its options are checked in `sweeps.search.samplers`."""
PRUNERS = {
    "median": "MedianPruner",
    "percentile": "PercentilePruner",
    "successive-halving": "SuccessiveHalvingPruner",
    "hyperband": "HyperbandPruner",
    "wilcoxon": "WilcoxonPruner",
    "none": "NopPruner",
}
"""A pruner's word in the file, and Optuna's class."""


class Kind(Enum):
    """What a dimension's values are."""

    FLOAT = "float"
    INT = "int"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Dimension:
    """One key of the config and where its values come from.

    Attributes:
        key: The config's key.
        kind: What its values are.
        values: The least and the greatest value, or every choice, each with its place.
        place: Where the key stands.
        log: Whether it is drawn on a logarithmic scale.
        step: The distance of two neighbouring values, or None.
        when: The condition under which the key is drawn at all; empty: always.
    """

    key: str
    kind: Kind
    values: tuple[Setting, ...]
    place: Place
    log: bool = False
    step: float | None = None
    when: Condition | None = None

    def contains(self, value: Value) -> bool:
        """Whether a value can be drawn."""
        if self.kind is Kind.CHOICE:
            return any(same(value, choice.value) for choice in self.values)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        low, high = self.bounds
        if not low <= value <= high or (self.kind is Kind.INT and value != int(value)):
            return False
        steps = (value - low) / self.step if self.step else 0.0
        return math.isclose(steps, round(steps), abs_tol=1e-6)

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and the greatest value of a number."""
        low, high = (setting.value for setting in self.values)
        assert isinstance(low, int | float)  # noqa: S101 - the reader saw to it
        assert isinstance(high, int | float)  # noqa: S101
        return low, high

    @property
    def words(self) -> str:
        """`0 to 1 in steps of 0.05`, or the choices."""
        if self.kind is Kind.CHOICE:
            return f"one of {', '.join(choice_text(choice.value) for choice in self.values)}"
        low, high = self.bounds
        return f"{low:g} to {high:g}" + (f" in steps of {self.step:g}" if self.step else "")

    @property
    def grid(self) -> tuple[Value, ...] | None:
        """Every value, from the least on; None where there are infinitely many."""
        if self.kind is Kind.CHOICE:
            return tuple(choice.value for choice in self.values)
        step = self.step or (1 if self.kind is Kind.INT else None)
        if step is None or self.log:
            return None
        low, high = self.bounds
        count = math.floor((high - low) / step + 1e-9) + 1
        values = (low + index * step for index in range(count))
        return tuple(int(value) if self.kind is Kind.INT else value for value in values)


@dataclass(frozen=True, slots=True)
class Objective:
    """A metric that is to be made large or small.

    Attributes:
        metric: Its key, or `time`.
        maximize: Whether large values are good.
        best: Whether a trial is judged by its best epoch, instead of its last.
        by: How many epochs may pass until the trainer has logged it.
        place: Where it stands.
    """

    metric: str
    maximize: bool
    place: Place
    best: bool = False
    by: int = 1

    @property
    def key(self) -> str:
        """The logged metric that it is read from."""
        return EPOCH_TIME if self.metric == TIME else self.metric

    @property
    def direction(self) -> str:
        """`max` or `min`."""
        return "max" if self.maximize else "min"

    def value(self, curve: Mapping[int, float]) -> float | None:
        """A trial's value, from the metric's values by epoch; None where none was logged."""
        if not curve:
            return None
        if self.metric == TIME:
            return sum(curve.values())
        if self.best:
            numbers = [value for value in curve.values() if not math.isnan(value)]
            return (max(numbers) if self.maximize else min(numbers)) if numbers else math.nan
        return curve[max(curve)]


@dataclass(frozen=True, slots=True)
class Chosen:
    """A sampler or pruner by its name, with its options, each with its place."""

    name: str
    options: Mapping[str, Setting]
    place: Place


@dataclass(frozen=True, slots=True)
class SearchSpec:
    """A `search:` as written.

    Attributes:
        dimensions: The space, in the order in which its keys are drawn.
        objectives: What is sought; at least one.
        trials: How many trials there are to be in all, over every `sweep run`.
        sampler: Who suggests.
        pruner: Who stops hopeless trials.
        points: Starting points, tried first: a value for each key that is drawn.
        timeout_s: For how long one `sweep run` begins new trials; None: for as long as it takes.
        seed: What the suggestions are drawn from.
        storage: The URL of Optuna's storage; None: a file beside the record.
        place: Where it stands.
        storage_place: Where the URL stands.
    """

    dimensions: tuple[Dimension, ...]
    objectives: tuple[Objective, ...]
    trials: int
    sampler: Chosen
    pruner: Chosen
    place: Place
    points: tuple[tuple[Layer, Place], ...] = ()
    timeout_s: float | None = None
    seed: int = 0
    storage: str | None = None
    storage_place: Place | None = None

    @property
    def total(self) -> int:
        """How many trials there are to be: as many as are asked for, or all that a small space can hold."""
        grids = [dimension.grid for dimension in self.dimensions]
        sizes = [len(grid) for grid in grids if grid is not None]
        return min(self.trials, math.prod(sizes)) if len(sizes) == len(grids) else self.trials

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that are searched."""
        return tuple(dimension.key for dimension in self.dimensions)

    def assemble(self, pick: Callable[[Dimension], Setting | None], fixed: Callable[[str], Value]) -> Layer:
        """The settings that result where each key that is drawn gets what `pick` says.

        Args:
            pick: The value of a dimension; None leaves the key out.
            fixed: The value of a key that is not searched, which a condition may ask for.
        """
        layer: Layer = {}
        for dimension in self.dimensions:
            if dimension.when is None or holds(
                dimension.when, lambda key: layer[key].value if key in layer else fixed(key)
            ):
                picked = pick(dimension)
                if picked is not None:
                    layer[dimension.key] = picked
        return layer

    def identity(self) -> list[object]:
        """What makes two searches the same problem, as JSON: space and objectives."""
        return [
            [
                [d.key, d.kind.value, [s.value for s in d.values], d.log, d.step, _plain(d.when)]
                for d in self.dimensions
            ],
            [[o.metric, o.maximize, o.best] for o in self.objectives],
        ]


def choice_text(value: Value) -> str:
    """A choice as a word: itself, or as JSON."""
    return value if isinstance(value, str) else json.dumps(value)


def to_optuna(value: Value) -> str | int | float | bool | None:
    """A choice as Optuna takes it: a scalar as it is, a list as JSON."""
    return choice_text(value) if isinstance(value, list | dict) else value


def _plain(condition: Condition | None) -> dict[str, Sequence[Value]] | None:
    return {key: list(values) for key, values in condition.items()} if condition else None
