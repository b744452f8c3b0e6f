"""The content of a `search:`: the space, the objectives, the sampler, the pruner and the starting points."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from enum import Enum
from fractions import Fraction
from typing import TYPE_CHECKING

from analysis.results.criterion import BEST, HIGHER, LAST, LOWER, MEAN, Criterion
from analysis.results.curves import Curve
from sweeps.spec.fields import is_number
from sweeps.spec.settings import Condition, Setting, holds, same

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sweeps.errors import Place
    from sweeps.spec.settings import Layer
    from sweeps.spec.trainer.source_model import Sources
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
NO_PRUNER = "none"
PRUNERS = {
    "median": "MedianPruner",
    "percentile": "PercentilePruner",
    "successive-halving": "SuccessiveHalvingPruner",
    "hyperband": "HyperbandPruner",
    "wilcoxon": "WilcoxonPruner",
    NO_PRUNER: "NopPruner",
}
"""A pruner's word in the file, and Optuna's class."""
_BY_STEP = "wilcoxon"
"""The pruner that compares two trials step by step, as fold by fold."""
_KINDS: Mapping[str, object] = {LAST: False, BEST: True}
"""How the identity of a search has which value counts, where it is as old as the first of these words."""


class ValueType(Enum):
    """The type of a dimension's values; the values of this enum are the words of the file."""

    FLOAT = "float"
    INT = "int"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Dimension:
    """One searched key of the config, and the values that it may have.

    Attributes:
        key: The config's key.
        value_type: The type of its values.
        values: The lowest and the highest value, or every choice, each with its place.
        place: Where the key stands.
        log: Whether it is drawn on a logarithmic scale.
        step: The distance between neighbouring values, or None.
        when: The condition under which the key is drawn; None: always.
    """

    key: str
    value_type: ValueType
    values: tuple[Setting, ...]
    place: Place
    log: bool = False
    step: float | None = None
    when: Condition | None = None

    def contains(self, value: Value) -> bool:
        """Whether a value can be drawn."""
        if self.value_type is ValueType.CHOICE:
            return any(same(value, choice.value) for choice in self.values)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        low, high = self.bounds
        if not low <= value <= high or (self.value_type is ValueType.INT and value != int(value)):
            return False
        steps = (value - low) / self.step if self.step else 0.0
        return math.isclose(steps, round(steps), abs_tol=1e-6)

    @property
    def bounds(self) -> tuple[float, float]:
        """The lowest and the highest value of a number."""
        low, high = (setting.value for setting in self.values)
        assert isinstance(low, int | float)  # noqa: S101 - space_parser checks it
        assert isinstance(high, int | float)  # noqa: S101
        return low, high

    @property
    def words(self) -> str:
        """`0 to 1 in steps of 0.05`, or the choices."""
        if self.value_type is ValueType.CHOICE:
            return f"one of {', '.join(choice_text(choice.value) for choice in self.values)}"
        low, high = self.bounds
        return f"{low:g} to {high:g}" + (f" in steps of {self.step:g}" if self.step else "")

    @property
    def size(self) -> int | None:
        """How many values there are, counted without listing them; None if there are infinitely many."""
        if self.value_type is ValueType.CHOICE:
            return len(self.values)
        step = self._step
        if step is None or self.log:
            return None
        low, high = self.bounds
        return (_exact(high) - _exact(low)) // _exact(step) + 1

    def grid(self) -> tuple[Value, ...]:
        """Every value, from the lowest on, of a dimension that has a `size`: ask for that before you list them."""
        if self.value_type is ValueType.CHOICE:
            return tuple(choice.value for choice in self.values)
        return tuple(self._at(index) for index in range(self.size or 0))

    def nearest(self, value: Value) -> Value:
        """The value as a person writes it, 0.3 where steps add up to 0.30000000000000004; others stay as they are."""
        if self.step is None or not is_number(value) or not math.isfinite(value):
            return value
        low, _ = self.bounds
        return self._at(round((_exact(value) - _exact(low)) / _exact(self.step)))

    @property
    def _step(self) -> float | None:
        return self.step or (1 if self.value_type is ValueType.INT else None)

    def _at(self, index: int) -> int | float:
        value = _exact(self.bounds[0]) + index * _exact(self._step or 0)
        return int(value) if self.value_type is ValueType.INT else float(value)


@dataclass(frozen=True, slots=True)
class Objective:
    """A metric to maximize or minimize.

    Attributes:
        metric: Its key, or `time`.
        maximize: Whether large values are good.
        place: Where it stands.
        of_curve: By what a trial is judged: its `last` epoch, its `best`, its `tail`, the mean of the last tenth, or the `mean` of all.
        by: How many epochs may pass before the trainer must have logged it.
        at_end: Whether it comes when a trial ends, as the file's sources say.
        is_own: Whether a metric of the program is called `time`, and is meant.
    """

    metric: str
    maximize: bool
    place: Place
    of_curve: str = LAST
    by: int = 1
    at_end: bool = False
    is_own: bool = False

    @property
    def is_time(self) -> bool:
        """Whether it is the sum of the epochs' times."""
        return self.metric == TIME and not self.is_own

    @property
    def key(self) -> str:
        """The logged metric that it is read from."""
        return EPOCH_TIME if self.is_time else self.metric

    @property
    def direction(self) -> str:
        """`max` or `min`."""
        return "max" if self.maximize else "min"

    @property
    def criterion(self) -> Criterion:
        """The same as a measure."""
        return Criterion(self.key, HIGHER if self.maximize else LOWER, value=self.of_curve)

    def value(self, curve: Mapping[int, float]) -> float | None:
        """A trial's value, from the metric's values by epoch; None if none was logged."""
        if not curve:
            return None
        if self.is_time:
            return sum(curve.values())
        return Curve.by_step(curve).counted(self.of_curve, is_high=self.maximize)


@dataclass(frozen=True, slots=True)
class Algorithm:
    """A sampler or pruner: its name and its options, each with its place."""

    name: str
    options: Mapping[str, Setting]
    place: Place

    @property
    def words(self) -> str:
        """Its name, with the options that are given: `tpe (n_startup_trials 8)`."""
        given = ", ".join(f"{key} {setting.value}" for key, setting in sorted(self.options.items()))
        return f"{self.name} ({given})" if given else self.name


@dataclass(frozen=True, slots=True)
class SearchSpec:
    """A `search:` as written.

    Attributes:
        dimensions: The space, in the order in which its keys are drawn.
        objectives: The metrics to optimize; at least one.
        trials: The number of trials in total, over every `sweep run`.
        sampler: What suggests trials.
        pruner: What stops trials that are not worth continuing.
        place: Where the search stands.
        points: Starting points, tried first: a value for each key that is drawn.
        timeout_s: For how long one `sweep run` starts new trials; None: no limit.
        seed: The seed of the suggestions.
        storage: The URL of Optuna's storage; None: a file beside the record.
        storage_place: Where the URL stands.
    """

    dimensions: tuple[Dimension, ...]
    objectives: tuple[Objective, ...]
    trials: int
    sampler: Algorithm
    pruner: Algorithm
    place: Place
    points: tuple[tuple[Layer, Place], ...] = ()
    timeout_s: float | None = None
    seed: int = 0
    storage: str | None = None
    storage_place: Place | None = None

    def read_from(self, sources: Sources) -> SearchSpec:
        """With what the sources of the metrics tell of its objectives."""
        objectives = (
            replace(
                one,
                at_end=sources.comes_at_the_end(one.metric),
                is_own=one.metric == TIME and TIME in sources.metrics,
            )
            for one in self.objectives
        )
        return replace(self, objectives=tuple(objectives))

    @property
    def total(self) -> int:
        """The number of trials to run: `trials`, or all configs of a space that holds fewer."""
        size = self.size
        return self.trials if size is None else min(self.trials, size)

    @property
    def prunes_by_mean(self) -> bool:
        """Whether its pruner compares the means so far, and not the values of a step."""
        return self.objectives[0].of_curve == MEAN and self.pruner.name != _BY_STEP

    @property
    def size(self) -> int | None:
        """How many combinations of values there are, as if every key were always drawn; None: infinitely many."""
        sizes = [size for dimension in self.dimensions if (size := dimension.size) is not None]
        return math.prod(sizes) if len(sizes) == len(self.dimensions) else None

    @property
    def measures(self) -> tuple[Criterion, ...]:
        """What it seeks, as measures; none of `time`, which is a sum."""
        return tuple(one.criterion for one in self.objectives if not one.is_time)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that are searched."""
        return tuple(dimension.key for dimension in self.dimensions)

    def assemble(self, pick: Callable[[Dimension], Setting | None], fixed: Callable[[str], Value]) -> Layer:
        """The settings of one point of the space: `pick` chooses the value of each key that is drawn.

        Args:
            pick: The value of a dimension; None leaves the key out.
            fixed: The value of a key that is not searched, as conditions may name such keys.
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
        """The space and the objectives as JSON values; two searches are the same problem if these are equal."""
        return [
            [
                [d.key, d.value_type.value, [s.value for s in d.values], d.log, d.step, _plain(d.when)]
                for d in self.dimensions
            ],
            [[o.metric, o.maximize, _KINDS.get(o.of_curve, o.of_curve)] for o in self.objectives],
        ]


def _exact(number: float) -> Fraction:
    """A number as it is written: 0.1 is a tenth, and not the binary fraction beside it."""
    return Fraction(repr(number))


def choice_text(value: Value) -> str:
    """A choice as text: a text itself, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value)


def to_optuna(value: Value) -> str | int | float | bool | None:
    """A choice as Optuna takes it: a scalar as it is, a list as JSON."""
    return choice_text(value) if isinstance(value, list | dict) else value


def _plain(condition: Condition | None) -> dict[str, Sequence[Value]] | None:
    return {key: list(values) for key, values in condition.items()} if condition else None
