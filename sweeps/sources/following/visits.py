"""Counts how often a file comes back to a step within an attempt, as where each fold counts its epochs from 1, and what gives way then.

The n-th visit to a step is the same one in a later attempt of a program that begins anew: what an earlier attempt recorded
stands, up to the visits that it made. So a program that was interrupted ends with the values of one that was not.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_SAME = 1e-9
"""Values that differ by less, of the larger, are the same."""


class Turns:
    """Counts how often the step of a file, or of a log, changes: a step that comes again after another one is visited again."""

    __slots__ = ("_step", "count")

    def __init__(self) -> None:
        self._step: int | None = None
        self.count = 0

    def move(self, step: int) -> int:
        """Note the step of a row; returns how often it has changed."""
        if step != self._step:
            self._step = step
            self.count += 1
        return self.count


class Visits:
    """The visits of a file to the steps of its metrics, within an attempt.

    Attributes:
        replaced: How many values of each metric gave way to a later one at their step.
    """

    def __init__(self) -> None:
        self.replaced: Counter[str] = Counter()
        self._values: dict[str, dict[int, float]] = {}
        self._last: dict[str, tuple[int, int]] = {}
        self._times: dict[tuple[str, int], int] = {}
        self._again: Counter[tuple[str, int]] | None = None
        self._compared: dict[str, tuple[int, float]] = {}
        self._other: dict[str, set[int]] = {}
        self._given: Callable[[str, int], int] | None = None
        self._goes_on_at: Mapping[str, int] = {}
        self._is_back: set[str] = set()

    def goes_on(self, at: Mapping[str, int], given: Callable[[str, int], int]) -> None:
        """Note that the attempt goes on where the last one left off.

        Args:
            at: The last step of each metric that was recorded.
            given: How often a metric was given at a step before.
        """
        self._goes_on_at, self._given = at, given

    def restart(self) -> None:
        """Note that the file is written anew: its visits are counted once more."""
        self._compare_all()
        self._again = Counter()
        self._last.clear()

    def note(self, key: str, step: int, value: float, turn: int) -> int:
        """Note a value; returns which visit to its step this is, from 1."""
        is_same = self._last.get(key) == (step, turn)
        if self._given is not None and not is_same and step < self._last.get(key, (step, 0))[0]:
            self._is_back.add(key)
        self._last[key] = (step, turn)
        steps = self._values.setdefault(key, {})
        most = self._times.get((key, step), 1) if step in steps else 0
        if self._again is not None:
            self._again[key, step] += not is_same
            visit = self._again[key, step]
            if visit < most:
                return visit
            if visit == most:
                self._compare(key, step, value, is_same=is_same)
                return visit
        elif is_same and most:
            visit = most
        else:
            visit = most + 1 if most else self._first(key, step)
        if most and not same(steps[step], value):
            self.replaced[key] += 1
        steps[step] = value
        if visit > 1:
            self._times[key, step] = visit
        return visit

    def has(self, key: str, step: int) -> bool:
        """Whether a metric was given at a step."""
        return step in self._values.get(key, ())

    def rewritten(self) -> Mapping[str, int]:
        """At how many steps of each metric a file that was written anew had another value than before."""
        self._compare_all()
        return {key: len(steps) for key, steps in self._other.items()}

    def _first(self, key: str, step: int) -> int:
        """Which visit an attempt's first one is: that of an earlier attempt where it goes on with a round, behind that the next one."""
        if self._given is None:
            return 1
        given = self._given(key, step)
        is_repeated = key not in self._is_back and step <= self._goes_on_at.get(key, -1)
        return max(1, given) if is_repeated else given + 1

    def _compare(self, key: str, step: int, value: float, *, is_same: bool) -> None:
        """Keep a value that was there before to be compared: of several that follow each other at a step the last."""
        if not is_same:
            self._compare_one(key)
        self._compared[key] = (step, value)

    def _compare_one(self, key: str) -> None:
        step, value = self._compared.pop(key, (None, 0.0))
        if step is not None and not same(self._values[key][step], value):
            self._other.setdefault(key, set()).add(step)

    def _compare_all(self) -> None:
        for key in list(self._compared):
            self._compare_one(key)


class Rounds:
    """Looks for the column that counts the rounds of a file whose steps begin again, such as `fold`."""

    def __init__(self) -> None:
        self._longest = self._lowest = 0
        self._step: int | None = None
        self._values: Mapping[str, float] = {}
        self._names: set[str] | None = None

    @property
    def counters(self) -> list[str]:
        """The columns that count rounds."""
        return sorted(self._names or ())

    def note(self, step: int, values: Mapping[str, float]) -> None:
        """Note a row that tells its step."""
        if self._step is None:
            self._lowest = self._longest = step
        elif step < self._step:
            risen = {name for name, value in values.items() if _is_next(self._values.get(name), value)}
            self._names = risen if self._names is None else self._names & risen
        elif self._names:
            self._names = {name for name in self._names if values.get(name) == self._values.get(name)}
        self._lowest, self._longest = min(self._lowest, step), max(self._longest, step)
        self._step, self._values = step, values

    def step(self, by: tuple[str, ...]) -> str:
        """The step that keeps the rounds apart, where one column tells them and another one the step; empty: none does."""
        names = self.counters
        if len(names) != 1 or len(by) != 1:
            return ""
        length = self._longest - self._lowest + 1
        return f"{_quoted(names[0])} * {length} + {_quoted(by[0])}"


def same(one: float, other: float) -> bool:
    """Whether two values are the same, but for how they are written."""
    return math.isclose(one, other, rel_tol=_SAME) or (math.isnan(one) and math.isnan(other))


def _is_next(before: float | None, now: float) -> bool:
    return before is not None and now == before + 1 and float(now).is_integer()


def _quoted(name: str) -> str:
    return name if name.isidentifier() else f"`{name}`"
