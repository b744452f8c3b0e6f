"""How far a trial is, and how its epochs come: what its time left is told from."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from analysis.results.criterion import LAST
from sweeps.pace.judged_values import JudgedValues

if TYPE_CHECKING:
    from collections.abc import Iterable

    from analysis.results.criterion import Criterion
    from sweeps.rundir.journal import Metrics

BURST_S = 0.1
"""Epochs that come within this time may be read at once from one file: the time between them tells nothing."""


@dataclass
class Progress:
    """How far a trial is. It outlives the attempts; the display reads it.

    Attributes:
        metrics: The latest value of each metric, from `settle` on that of its highest step; written by the run recorder, as the next.
        epoch: The last epoch logged, or None.
        first_epoch: The epoch that the last attempt began with; written by the supervisor, as the next two.
        started_s: When it began, on the clock of `time.monotonic`; 0: none has begun.
        ended_s: When it ended; 0: it has not.
        has_metrics: Whether any attempt logged one.
        rose_s: When the last attempt's epochs rose last, on the same clock; 0: not yet.
        first_rose_s: When they rose first.
        first_rose_epochs: How many were done then, by all attempts; of a burst all.
        judged: What judges it where that is not its last value; begun by the run recorder.
        pause_s: The longest time between two such moments, or from its start to the first.
    """

    metrics: dict[str, float] = field(default_factory=dict)
    epoch: int | None = None
    first_epoch: int = 0
    started_s: float = 0.0
    ended_s: float = 0.0
    has_metrics: bool = False
    rose_s: float = 0.0
    first_rose_s: float = 0.0
    first_rose_epochs: int = 0
    pause_s: float = 0.0
    judged: JudgedValues = field(default_factory=JudgedValues)
    _last: dict[str, tuple[int, float]] = field(default_factory=dict)

    @property
    def epochs_done(self) -> int:
        """Epochs logged by all attempts."""
        return 0 if self.epoch is None else self.epoch + 1

    @property
    def has_unknown_epochs(self) -> bool:
        """Whether metrics are logged, and nothing says of which epoch."""
        return self.epoch is None and bool(self.metrics)

    @property
    def elapsed_s(self) -> float:
        """Seconds that the last attempt has taken so far, or took; 0 where none has begun."""
        return (self.ended_s or time.monotonic()) - self.started_s if self.started_s else 0.0

    def begin(self, epoch: int | None) -> None:
        """Start the clock of an attempt that continues after an epoch."""
        self.epoch = epoch
        self.has_metrics = self.has_metrics or epoch is not None
        self.first_epoch = self.epochs_done
        self.started_s, self.ended_s = time.monotonic(), 0.0
        self.rose_s = self.pause_s = 0.0

    def note(self, row: Metrics) -> None:
        """Note what the trial logged."""
        self.metrics.update(row.values)
        self.judged.note(row)
        for key, value in row.values.items():
            if row.step >= self._last.get(key, (row.step, value))[0]:
                self._last[key] = (row.step, value)
        self.has_metrics = self.has_metrics or bool(row.values)
        before = self.epochs_done
        self.epoch = row.epoch_after(self.epoch)
        if self.epochs_done > before:
            now_s = time.monotonic()
            self.pause_s = max(self.pause_s, now_s - (self.rose_s or self.started_s))
            if not self.rose_s:
                self.first_rose_s = now_s
            if now_s - self.first_rose_s < BURST_S:
                self.first_rose_epochs = self.epochs_done
            self.rose_s = now_s

    def score(self, criterion: Criterion) -> float | None:
        """By what it is judged so far; None where it has logged nothing of it."""
        if criterion.needs_curve:
            return self.judged.of(criterion.metric, criterion.of_curve)
        return self.metrics.get(criterion.metric)

    def to_beat(self, criterion: Criterion) -> float | None:
        """What that has to beat; None where there is no baseline, or it has logged nothing of it."""
        if not isinstance(criterion.baseline, str):
            return criterion.baseline
        if criterion.needs_curve and criterion.of_baseline != LAST:
            return self.judged.of(criterion.baseline, criterion.of_baseline)
        return self.metrics.get(criterion.baseline)

    def settle(self) -> None:
        """Take of each metric the value at its highest step, as everything does that reads the record: an attempt has ended."""
        self.metrics.update({key: value for key, (_, value) in self._last.items()})

    def keep(self, keys: Iterable[str]) -> None:
        """Forget the metrics but these: the trial has ended."""
        self.metrics = {key: self.metrics[key] for key in keys}
        self._last.clear()

    @property
    def fresh_epochs(self) -> int:
        """Epochs logged by the last attempt."""
        return max(0, self.epochs_done - self.first_epoch)

    def unseen_s(self, now_s: float) -> float:
        """Seconds of work that has yet to show: epochs come in bursts, as files are flushed, and until the next is due nothing is late."""
        return min(max(0.0, now_s - self.rose_s), self.pause_s) if self.rose_s else 0.0
