"""Says how many epochs are done, from what the sources of a program show."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sweeps.spec.trainer.expression import Expression
from sweeps.spec.trainer.source_model import MLFLOW

if TYPE_CHECKING:
    from collections.abc import Mapping

EPOCH = "epoch"
"""The group, column or metric that is the epoch where the file does not say which."""


class EpochCount:
    """Counts the epochs of a trial.

    An epoch that is shown counts as done: of a program that counts from 0 the first is epoch 0, of any other epoch 1. Where
    nothing shows epochs, steps are taken for them as long as there are no more than the config has epochs.

    Args:
        progress: The expression that says which epoch it is; empty: a group, column or metric `epoch`, or else the step.
        total: How many epochs the config says; None: it does not say.
        done: How many are done.
        from_zero: Whether the program was seen to count them from 0.

    Attributes:
        done: How many are done; 0: nothing says so.
        from_zero: As above.
    """

    def __init__(self, progress: str, total: int | None, done: int = 0, *, from_zero: bool = False) -> None:
        self._progress = Expression.parse(progress or EPOCH)
        self._is_said = bool(progress)
        self._total = total
        self.done = done
        self.from_zero = from_zero
        self._is_shown = False
        self._are_steps = self._are_batches = False
        self._is_amount = False

    def note(self, values: Mapping[str, float], step: int | None, kind: str) -> None:
        """Take note of a row.

        Args:
            values: All that it holds, by the names of the source and of the record.
            step: The step that it tells, or None.
            kind: The kind of its source.
        """
        value = self._progress.value(values)
        if value is not None and math.isfinite(value) and value >= 0:
            if self._are_steps:
                self._are_steps, self.done = False, 0
            self._is_shown = True
            epoch = math.floor(value)
            if value != epoch:
                self._is_amount = True  # half an epoch is done, so that it is no number of one
                self.from_zero = False
            self._count(epoch, is_zero=value == 0 and not self._is_amount)
        elif step is not None and step >= 0 and not (self._is_said or self._is_shown or self._are_batches):
            if self._total is None and kind != MLFLOW:
                return
            if self._total is not None and step + self.from_zero > self._total:
                self._are_batches, self.done = True, 0
                return
            self._are_steps = True
            self._count(step, is_zero=step == 0)

    def _count(self, epoch: int, *, is_zero: bool) -> None:
        if is_zero and not self.from_zero:
            self.from_zero = True
            self.done += bool(self.done)
        self.done = max(self.done, epoch + self.from_zero)
        if self._total is not None:
            self.done = min(self.done, self._total)
