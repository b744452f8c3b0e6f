"""The sweeps and trials that a report expects to find in the record, and how to repeat each trial."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from analysis.results.metric_names import EPOCH

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analysis.results.criterion import Criterion

SEED_AXIS = "seed"
"""The axis whose values are repeats of one setting: drawn as mean and range, never as lines of their own."""


@dataclass(frozen=True)
class ExpectedTrial:
    """One trial that there should be.

    Attributes:
        name: Readable name, as in the record's `sweeps.trial`: `Cyclical-tfr0.5`.
        fingerprint: What the run is found by in the record (`sweeps.fingerprint`).
        config: The resolved config, flat: `{"tfr": 0.5, "data.name": "synthetic", ...}`.
        axes: The keys that vary in the sweep and this trial's values of them.
        command: Repeats this one trial from a shell.
        epochs: How many epochs its config asks for; None: it does not say.
        by_epoch: Whether its metrics stand at epochs, as far as the file tells; None: only its record can tell.
        unit: What its length is counted in: `epoch` or `step`.
        goes_on: Whether a further attempt goes on from where the last one stood, as far as the file tells; None: only its program knows.
        names: What the file calls metrics, settings and steps, by their keys.
        step_name: What its program calls the steps of all its metrics, as far as the file tells; empty: that is not known.
    """

    name: str
    fingerprint: str
    config: Mapping[str, Any]
    axes: Mapping[str, Any]
    command: str
    epochs: int | None = None
    by_epoch: bool | None = True
    unit: str = EPOCH
    goes_on: bool | None = True
    names: Mapping[str, str] = field(default_factory=dict)
    step_name: str = ""


@dataclass(frozen=True)
class ExpectedSweep:
    """One sweep: the trials that there should be, the keys that vary between them, and by what the file judges them.

    Attributes:
        name: Its name.
        axes: The keys that vary.
        trials: Its trials.
        criteria: By what the file judges them.
        recorded_seeds: How many seeds its settings have in the record, where these are more than its trials have; None: no more.
        without_seed: Why its trials cannot have more seeds as they are: `train.py has no option --seed`; empty: they can.
    """

    name: str
    axes: tuple[str, ...]
    trials: tuple[ExpectedTrial, ...]
    criteria: tuple[Criterion, ...] = ()
    recorded_seeds: int | None = None
    without_seed: str = ""

    @property
    def unit(self) -> str:
        """What the lengths of its trials are counted in."""
        return next((trial.unit for trial in self.trials), EPOCH)

    @property
    def names(self) -> Mapping[str, str]:
        """What the file calls metrics, settings and steps, by their keys."""
        return next((trial.names for trial in self.trials), {})

    @property
    def settings(self) -> tuple[str, ...]:
        """The axes without the seed: what the sweep is about."""
        return tuple(axis for axis in self.axes if axis != SEED_AXIS)

    @property
    def is_whole(self) -> bool:
        """Whether every trial has a plain value on every axis, so that trials can be sorted by them."""
        plain = (str, int, float, type(None))
        return all(isinstance(trial.axes.get(axis, ()), plain) for trial in self.trials for axis in self.axes)

    def values(self, axis: str) -> tuple[Any, ...]:
        """Values of one axis, each once, in the order of the trials."""
        return self._values.get(axis, ())

    @cached_property
    def _values(self) -> dict[str, tuple[Any, ...]]:
        # Once: whoever lays out panels asks for each of them.
        found: dict[str, dict[Any, Any]] = {}
        for trial in self.trials:
            for axis, value in trial.axes.items():
                found.setdefault(axis, {}).setdefault(_hashable(value), value)
        return {axis: tuple(values.values()) for axis, values in found.items()}


def _hashable(value: Any) -> Any:
    return repr(value) if isinstance(value, list | dict) else value
