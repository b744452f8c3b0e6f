"""How far a trial is whose end nobody has recorded: as the end of its journal shows, which the record lags behind."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sweeps.rundir.journal import Metrics, journal_size, read_entries

if TYPE_CHECKING:
    from sweeps.rundir.paths import RunPaths

_END_BYTES = 1 << 16


@dataclass
class SoFar:
    """What the end of a journal shows.

    Attributes:
        epochs: How many epochs are over; None where it shows none.
        metrics: The last values in it, each with its step.
    """

    epochs: int | None = None
    metrics: dict[str, tuple[int, float]] = field(default_factory=dict)


def so_far(paths: RunPaths) -> SoFar:
    """Read so much of the end of a journal as tells an epoch; of a trial that did not run here, there is nothing."""
    last, size, window = None, journal_size(paths), _END_BYTES
    while True:
        found = SoFar()
        for entry in read_entries(paths.journal, max(0, size - window))[0]:
            if isinstance(entry, Metrics):
                last = entry.epoch_after(last)
                found.metrics.update({key: (entry.step, value) for key, value in entry.values.items()})
        if last is not None or window >= size:
            found.epochs = None if last is None else last + 1
            return found
        window *= 2  # samples and frames may fill the end
