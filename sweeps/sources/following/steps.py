"""Says at which step a row of a source stands, and which of its values are metrics."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sweeps.rundir.store_limits import of_step
from sweeps.spec.trainer.expression import Expression
from sweeps.spec.trainer.source_model import ALL, CARRIED, COUNT, FILES, FINAL, STEP_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sweeps.sources.reader import Row
    from sweeps.spec.trainer.source_model import Source

_NO_METRICS = frozenset(STEP_NAMES)
_PLAIN = re.compile(r"\w+|`[^`]+`")
_NEAR = 1e-6
"""How near a computed step must be to a whole number to be that."""


@dataclass(frozen=True, slots=True)
class Stepped:
    """A row whose step is looked for.

    Attributes:
        values: Its metrics, without what makes up the step.
        step: Its step; None: it tells none, so that it is carried, counted or final.
        by: What makes up the step.
        is_refused: Whether it tells one that is no step.
    """

    values: Mapping[str, float]
    step: int | None
    by: tuple[str, ...] = ()
    is_refused: bool = False


class StepRule:
    """Where a source's rows stand.

    Attributes:
        counts: Whether its steps are counted.
        counts_untold: Whether rows that tell no step are counted; otherwise theirs is the last one seen.
        is_final: Whether its values are recorded once, at the end.
        refused: What was told and is no step, and why; empty: nothing was.
        spacing: The least distance from a row to the next one, before steps are made whole numbers; infinity: none was seen.
    """

    def __init__(self, source: Source) -> None:
        self.counts = source.step == COUNT
        self.is_final = source.step == FINAL
        self._derive = [(key, Expression.parse(text)) for key, text in source.derive]
        self._no_metrics = _NO_METRICS.union(*(expression.names for _, expression in self._derive))
        self._is_told = not self.counts and source.step not in (CARRIED, FINAL)
        self._expression = Expression.parse(source.step) if source.step and self._is_told else None
        is_table = source.kind in FILES and source.kind != "json"
        is_untold = self._expression is None and self._is_told and is_table
        self.counts_untold = self.counts or (is_untold and source.several != ALL)
        self.spacing = math.inf
        self._last = math.inf
        self._rounded = ""
        self.refused = ""

    def of(self, row: Row) -> Stepped:
        """The row with the step that it tells."""
        if row.step is not None:
            step = None if self.counts else self._stored(row.step, "the step")
            return Stepped(row.values, step, is_refused=step is None and not self.counts)
        if self._expression is not None:
            used: tuple[str, ...] = self._expression.names
            value = told = self._expression.value({**row.before, **row.values})
            step = None if value is None else self._whole(value, self._expression.text)
        else:
            names = [name for name in STEP_NAMES if name in row.values] if self._is_told else []
            told = row.values[names[0]] if names else None
            found = ((name, self._whole(row.values[name], name)) for name in names)
            used_name, step = next(((n, s) for n, s in found if s is not None), (None, None))
            used = (used_name,) if used_name else ()
        values = {
            name: value
            for name, value in row.values.items()
            if name not in used and name not in self._no_metrics
        }
        for key, expression in self._derive:
            if (made := expression.value(row.values)) is not None:
                values[key] = made
        return Stepped(
            values, step, used, is_refused=step is None and told is not None and math.isfinite(told)
        )

    def finer(self) -> str:
        """What gives each row a step of its own, where steps that are no whole numbers were rounded down; empty: nothing."""
        if not self._rounded or self.spacing >= 1:
            return ""
        text = self._rounded if _PLAIN.fullmatch(self._rounded) else f"({self._rounded})"
        rule = f"`step: round({text} / {self.spacing:.6g})`"
        return f"steps are whole numbers, and {self._rounded} was rounded down; {rule} gives each row its own"

    def _whole(self, value: float, told_by: str) -> int | None:
        near = whole(value)
        step = None if near is None else self._stored(near, told_by)
        if step is not None:
            if abs(value - step) > _NEAR * max(1.0, abs(value)):
                self._rounded = told_by
            if value > self._last:
                self.spacing = min(self.spacing, value - self._last)
            self._last = value
        return step

    def _stored(self, step: int, told_by: str) -> int | None:
        wrong = of_step(step)
        if wrong is not None and not self.refused:
            self.refused = f"{told_by} {step} {wrong}"
        return step if wrong is None else None


def whole(value: float) -> int | None:
    """A step as a whole number: what is not whole belongs to the step that it is in; None where it is no step."""
    if isinstance(value, int):
        return value
    if not math.isfinite(value):
        return None
    near = round(value)
    return near if abs(value - near) <= _NEAR * max(1.0, abs(value)) else math.floor(value)
