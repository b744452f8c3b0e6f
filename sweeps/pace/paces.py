"""Estimates the pace of a trial from samples of others: the more alike their settings, the more they count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sweeps.spec.yaml_reader import Value

MOST = 64
"""More samples than these, the last, tell no more, and would take their time."""
_APART = 0.25
"""How much less a sample counts for each setting in which it differs."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a trial is.

    Attributes:
        epoch_s: Seconds that an epoch takes.
        start_s: Seconds from its start until the first epoch begins.
    """

    epoch_s: float
    start_s: float = 0.0

    def of(self, epochs: float) -> float:
        """Seconds that a trial of so many epochs takes."""
        return self.start_s + epochs * self.epoch_s


@dataclass(frozen=True, slots=True)
class Sample:
    """What is known of one trial.

    Attributes:
        config: Its config.
        pace: Its pace.
        weight: Over how many epochs it was measured.
    """

    config: Mapping[str, Value]
    pace: Pace
    weight: float


class Paces:
    """Paces of trials, by their configs; of the samples the last `MOST` count."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        self._samples = [sample for sample in samples if sample.weight > 0][-MOST:]
        keys = dict.fromkeys(key for sample in self._samples for key in sample.config)
        texts = {key: {repr(sample.config.get(key)) for sample in self._samples} for key in keys}
        self._varying = tuple(key for key, found in texts.items() if len(found) > 1)
        self._points = [self._point(sample.config) for sample in self._samples]
        self._found: dict[tuple[str, ...], Pace] = {}

    def __bool__(self) -> bool:
        return bool(self._samples)

    def of(self, config: Mapping[str, Value]) -> Pace | None:
        """The pace of a trial; None where nothing is known."""
        if not self._samples:
            return None
        point = self._point(config)
        if point not in self._found:
            self._found[point] = self._weighed(point)
        return self._found[point]

    def _weighed(self, point: tuple[str, ...]) -> Pace:
        total = epoch_s = start_s = 0.0
        for sample, other in zip(self._samples, self._points, strict=True):
            apart = sum(one != two for one, two in zip(point, other, strict=True))
            weight = sample.weight * _APART**apart
            total += weight
            epoch_s += weight * sample.pace.epoch_s
            start_s += weight * sample.pace.start_s
        return Pace(epoch_s / total, start_s / total)

    def _point(self, config: Mapping[str, Value]) -> tuple[str, ...]:
        return tuple(repr(config.get(key)) for key in self._varying)
