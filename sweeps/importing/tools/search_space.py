"""Ranges and choices of other tools as keys of a `space`, or as lists of a `grid` where all are lists."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sweeps.spec.fields import is_number
from sweeps.spec.settings import is_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sweeps.spec.yaml_reader import Value

_TRIALS = 50


@dataclass(slots=True)
class SearchSpace:
    """What another tool varies.

    Attributes:
        fixed: Settings of all trials.
        lists: Keys of which every value is tried.
        drawn: Keys that are drawn, as a `space` says them.
        notes: What does not carry over, in sentences.
    """

    fixed: dict[str, Value] = field(default_factory=dict)
    lists: dict[str, list[Value]] = field(default_factory=dict)
    drawn: dict[str, dict[str, Value]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def choice(self, key: str, values: Sequence[Value], *, all_of_them: bool = False) -> None:
        """A key with a list of values."""
        different = [value for at, value in enumerate(values) if value not in values[:at] or value is True]
        if not self._is_key(key) or not different:
            return
        if any(isinstance(value, dict) for value in different):
            self.notes.append(f"{key} is left out: a value that is a mapping cannot be varied; vary its keys")
        elif len(different) == 1:
            self.fixed[key] = different[0]
        elif all_of_them:
            self.lists[key] = different
        else:
            self.drawn[key] = {"choice": different}

    def numbers(
        self, key: str, low: Value, high: Value, *, log: bool = False, step: Value = None, whole: bool = False
    ) -> None:
        """A key with a range of numbers."""
        if not self._is_key(key):
            return
        if not is_number(low) or not is_number(high):
            self.notes.append(f"{key} is left out: its bounds are no numbers that stand in the file")
            return
        if low == high:
            self.fixed[key] = low
            return
        bounds: dict[str, Value] = {"int" if whole else "float": [low, high]}
        if log:
            bounds["log"] = True
            if is_number(step) and not (whole and step == 1):
                self.notes.append(
                    f"{key}: steps of {step} are left out, as it is drawn on a logarithmic scale"
                )
        elif is_number(step) and not (whole and step == 1):
            bounds["step"] = step
        self.drawn[key] = bounds

    def constant(self, key: str, value: Value) -> None:
        """A key with one value."""
        if self._is_key(key):
            self.fixed[key] = value

    def left_out(self, key: str, why: str) -> None:
        """A key that does not carry over."""
        self.notes.append(f"{key} is left out: {why}")

    def sweep(
        self,
        *,
        metric: str | None,
        goal: str | None,
        trials: int | None,
        sampler: str | None,
        pruner: dict[str, Value] | None,
    ) -> dict[str, Value]:
        """The sweep: a grid where every key is a list, else a search."""
        if not self.drawn:
            return {"grid": dict(self.lists)} if self.lists else {"set": {}}
        if self.lists:
            self.notes.append(
                f"{', '.join(self.lists)}: not every value is tried with all others; a search draws them"
            )
        space: dict[str, Value] = {key: {"choice": values} for key, values in self.lists.items()}
        if metric is None:
            self.notes.append(
                "the objective is a guess: write the metric and its direction, such as {val/loss: min}"
            )
        if trials is None:
            self.notes.append(f"how many trials is a guess: {_TRIALS}")
        search: dict[str, Value] = {
            "space": {**space, **self.drawn},
            "objective": {metric or "loss": goal or "min"},
            "trials": trials or _TRIALS,
        }
        if sampler is not None:
            search["sampler"] = sampler
        if pruner is not None:
            search["pruner"] = pruner
        return {"search": search}

    def _is_key(self, key: str) -> bool:
        if not is_key(key):
            self.notes.append(
                f"{key!r} is left out: a key has letters, digits, _ and -, in parts joined by dots"
            )
        return is_key(key)
