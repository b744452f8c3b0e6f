"""Tells whether an attempt began anew: where its first values are others than those that stand at these steps, it trains once more."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from analysis.read import tags
from analysis.results.metric_names import is_speed

if TYPE_CHECKING:
    from collections.abc import Mapping

_SAME = 1e-3
"""Values of two attempts that differ by less, of the larger, are of the same training: a GPU adds up in another order each time."""


class Retraining:
    """Compares what an attempt gives with what is recorded of earlier ones.

    First `recorded` and `said` take what the journal holds, then `begin` the attempt, then `gives` its own values.

    Attributes:
        mixed: For each metric whose curve is of two trainings, the last step of the earlier one.
    """

    def __init__(self) -> None:
        self.mixed: dict[str, int] = {}
        self._firsts: dict[str, tuple[int, float]] = {}
        """The lowest recorded step of each metric, and its last value there."""
        self._last_steps: dict[str, int] = {}
        self._earlier: dict[str, tuple[int, float, int]] = {}
        """The first step of each metric by earlier attempts, its value, and their last step."""
        self._had_values = False
        """Whether any earlier attempt gave one."""
        self._own: dict[str, tuple[int, float]] = {}
        """The lowest step of each of these in this attempt, and its last value there."""

    def recorded(self, values: Mapping[str, float], step: int) -> None:
        """Take note of values that stand in the record."""
        for key, value in values.items():
            self._last_steps[key] = step
            if key not in self._firsts or step <= self._firsts[key][0]:
                self._firsts[key] = (step, value)

    def said(self, text: str) -> None:
        """Take note of what an earlier attempt said of itself, as `tags.ANEW` has it."""
        self.mixed |= tags.anew_of(text) or {}

    def begin(self, *, resumed: bool = False) -> None:
        """An attempt begins; one that was told to resume is compared with nothing."""
        firsts = {} if resumed else self._firsts
        self._earlier = {key: (*first, self._last_steps[key]) for key, first in firsts.items()}
        self._had_values = bool(self._firsts)
        self._own.clear()

    def gives(self, values: Mapping[str, float], step: int) -> str:
        """Compare values of the attempt that has begun.

        Returns:
            What is to be kept at once, for `said`, as the attempt may be killed: a curve was found to be of two trainings.
        """
        found = False
        for key in self._earlier.keys() & values:
            own = self._own.get(key)
            if own is None or step <= own[0]:
                self._own[key] = (step, values[key])
            elif key not in self.mixed and self._is_other(key):
                self.mixed[key] = self._earlier[key][2]
                found = True
        return tags.anew_text(self.mixed) if found else ""

    def text(self, attempt: int) -> str:
        """Whether this attempt began anew with other values, as `tags.ANEW` says it; empty: nothing tells."""
        mixed = self.mixed | {key: self._earlier[key][2] for key in self._own if self._is_other(key)}
        is_told = attempt > 1 and not self._had_values
        for key, (step, _) in self._own.items():
            first, _, last = self._earlier[key]
            is_told = is_told or step == first or step > (first + last) // 2
        return tags.anew_text(mixed) if mixed or is_told else ""

    def _is_other(self, key: str) -> bool:
        """Whether the attempt gave another value at the metric's first step."""
        (step, value), (first, before, _) = self._own[key], self._earlier[key]
        if step != first or is_speed(key):
            return False
        return not (math.isclose(value, before, rel_tol=_SAME) or (math.isnan(value) and math.isnan(before)))
