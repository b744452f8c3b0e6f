"""Says how many epochs are done, from what the sources of a program show."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from analysis.results.metric_names import EPOCH as UNIT
from sweeps.spec.trainer.expression import Expression
from sweeps.spec.trainer.source_model import BATCH_NAMES, MLFLOW, STEP_NAMES

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sweeps.spec.trainer.source_model import Source

EPOCH = "epoch"
"""The group, column or metric that is the epoch where the file does not say which."""
_STEPS = tuple(name for name in STEP_NAMES if name != EPOCH)
"""What `progress` may call the step of a source that has no value of that name."""
_BATCHES = frozenset({*BATCH_NAMES, "global_step"})
"""Groups and columns whose numbers are no epochs."""
_MOST_NAMED = 8
"""How many names a note tells."""


@dataclass(slots=True)
class _Shown:
    """What a source has shown of epochs.

    Attributes:
        epoch: The last one; None: none.
        names: The metrics that it gave in it.
        is_once: Whether it showed an epoch once only, and then the next one: such a line ends its epoch.
        is_often: Whether it showed an epoch more than once, as with each batch: that ends with the next one's first line.
    """

    epoch: int | None = None
    names: set[str] = field(default_factory=set)
    is_once: bool = False
    is_often: bool = False


class EpochCount:
    """Counts the epochs of a trial that have ended.

    A source that shows an epoch once does so at its end. Of one that shows it with each batch, or only leads other lines, an
    epoch has ended when the next one is shown, or the program has finished. Of a program that counts from 0 the first is
    epoch 0, of any other epoch 1. Where nothing shows epochs, steps are taken for them as long as there are no more than
    the config has epochs, and not where their name says that they are none.

    Args:
        progress: The expression that says which epoch it is; empty: a group, column or metric `epoch`, or else the step.
        total: How many epochs the config says; None: it does not say.
        done: How many are done.
        from_zero: Whether the program was seen to count them from 0.
        unit: What `total` counts: `epoch` or `step`.

    Attributes:
        done: How many are done; 0: nothing says so.
        from_zero: As above.
    """

    def __init__(
        self,
        progress: str,
        total: int | None,
        done: int = 0,
        *,
        from_zero: bool = False,
        unit: str = UNIT,
    ) -> None:
        self._progress = Expression.parse(progress or EPOCH)
        self._is_said = bool(progress)
        self._total = total
        self._are_epochs_asked = unit == UNIT
        self.done = done
        self.from_zero = from_zero
        self._is_shown = False
        self._are_steps = self._are_batches = False
        self._is_amount = False
        self._sources: dict[str, _Shown] = {}
        self._names: dict[str, None] = {}

    def note(
        self,
        values: Mapping[str, float],
        step: int | None,
        source: Source,
        names: Collection[str] = (),
        by: Collection[str] = (),
        *,
        begins: bool = False,
    ) -> None:
        """Take note of a row.

        Args:
            values: All that it holds, by the names of the source and of the record.
            step: The step that it tells, or None.
            source: Its source.
            names: Its metrics.
            by: What makes up its step.
            begins: Whether it is printed as its epoch begins, as a line that leads others is.
        """
        value = self._progress.value(self._with_step(values, step))
        if value is not None and math.isfinite(value) and value >= 0:
            if self._are_steps:
                self._are_steps, self.done = False, 0
                self._sources.clear()
            self._is_shown = True
            epoch = math.floor(value)
            if value != epoch:
                self._is_amount = True  # half an epoch is done, so that it is no number of one
                self.from_zero = False
            if self._is_amount:
                self._count(epoch)
                return
            shown = self._of(source)
            progress = set(self._progress.names)
            self._show(shown, epoch, names, is_often=begins or progress < set(by))
            is_step = step is None or progress == set(by) or (not by and step == epoch > 0)
            self._count_shown(epoch, shown, source, is_one_a_step=is_step)
            return
        if self._is_said and not self._is_shown and len(self._names) <= _MOST_NAMED:
            self._names |= dict.fromkeys(values)
        if self._is_said or self._is_shown or self._are_batches or self._are_called_otherwise(source, by):
            return
        if step is not None and step >= 0:
            self._note_step(step, source, names, begins=begins)

    def finish(self) -> None:
        """Note that the program has finished: what it showed last has ended."""
        if not self._is_amount and not self._are_batches:
            for shown in self._sources.values():
                if shown.epoch is not None:
                    self._count(shown.epoch + self.from_zero)

    def missing(self) -> str:
        """A note that what `progress` asks for never came; empty where it did, or nothing was read."""
        if not self._is_said or self._is_shown or not self._names:
            return ""
        lacking = [name for name in self._progress.names if name not in self._names] or [self._progress.text]
        names = list(self._names)[:_MOST_NAMED]
        more = ", ..." if len(self._names) > _MOST_NAMED else ""
        return (
            f"progress: no row had {', '.join(map(repr, lacking))}, so that no epochs are counted and no time is estimated; "
            f"rows have {', '.join(map(repr, names))}{more}, and `step`, the step of the row"
        )

    def _with_step(self, values: Mapping[str, float], step: int | None) -> Mapping[str, float]:
        """The values, and the step by the names that `progress` may have for it."""
        if not self._is_said or step is None:
            return values
        return {**dict.fromkeys(_STEPS, float(step)), **values}

    def _note_step(self, step: int, source: Source, names: Collection[str], *, begins: bool) -> None:
        if self._total is None and source.kind != MLFLOW:
            return
        if self._total is not None and step > self._total:  # the last of 0, 1, ..., total is none too many
            self._are_batches, self.done = True, 0
            return
        self._are_steps = True
        shown = self._of(source)
        self._show(shown, step, names, is_often=begins)
        self._count_shown(step, shown, source, is_one_a_step=True)

    def _are_called_otherwise(self, source: Source, by: Collection[str]) -> bool:
        """Whether the steps of a source are no epochs by their names, where the config asks for epochs.

        What is printed as a step is none unless it stands behind the word epoch; a column `step` may hold anything.
        """
        others = _BATCHES if source.kind == "stdout" else _BATCHES - {"step"}
        return self._are_epochs_asked and any(name in others and not source.is_epoch(name) for name in by)

    def _of(self, source: Source) -> _Shown:
        return self._sources.setdefault(source.identity, _Shown())

    def _show(self, shown: _Shown, epoch: int, names: Collection[str], *, is_often: bool = False) -> None:
        """Note that a source shows an epoch with some metrics."""
        if epoch == shown.epoch:
            shown.is_often = shown.is_often or not shown.names.isdisjoint(names)
            shown.names.update(names)
        else:
            shown.is_once = shown.is_once or (shown.epoch is not None and not shown.is_often)
            shown.epoch, shown.names = epoch, set(names)
        shown.is_often = shown.is_often or is_often

    def _count_shown(self, epoch: int, shown: _Shown, source: Source, *, is_one_a_step: bool) -> None:
        """Count an epoch that a source shows: it has ended unless the source shows it again, as far as that is known."""
        has_ended = shown.is_once or (is_one_a_step and source.kind != "stdout")
        if epoch == 0 and not self.from_zero:
            self.from_zero = True
            self.done += bool(self.done)
        self._count(epoch + self.from_zero - (shown.is_often or not has_ended))

    def _count(self, done: int) -> None:
        self.done = max(self.done, done)
        if self._total is not None:
            self.done = min(self.done, self._total)
