"""What an attempt is told of its metric sources; it stays in the run's directory for whoever catches up after a crash."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from analysis.results.metric_names import EPOCH, STEP
from sweeps.rundir.paths import read_object, write_atomically
from sweeps.spec.trainer.source_model import Sources

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sweeps.rundir.paths import RunPaths


@dataclass(frozen=True, slots=True)
class ReadOrder:
    """Which sources are to be read of a run.

    Attributes:
        sources: With the placeholders of their paths filled in.
        directory: Where paths begin that are not absolute.
        total: How many epochs the config says; None: it does not say.
        since_ms: When the run's first attempt that reads sources was started: older files are not its own.
        unit: What `total` counts: `epoch` or `step`.
        settings: The trial's settings that are numbers, by the names that columns of them may have.
    """

    sources: Sources
    directory: str
    total: int | None = None
    since_ms: int = 0
    unit: str = EPOCH
    settings: Mapping[str, Sequence[float]] = field(default_factory=dict)

    def write(self, paths: RunPaths) -> ReadOrder:
        """Keep it in the run's directory; returns it with the time of the first that was kept there."""
        before = ReadOrder.read(paths)
        order = self if before is None else replace(self, since_ms=before.since_ms)
        content = {
            "sources": order.sources.to_json(),
            "directory": order.directory,
            "total": order.total,
            "since_ms": order.since_ms,
            "unit": order.unit,
            "settings": order.settings,
        }
        write_atomically(paths.sources, json.dumps(content))
        return order

    @classmethod
    def read(cls, paths: RunPaths) -> ReadOrder | None:
        """What is kept of a run; None where nothing is."""
        # Orders of before said no unit: any step may have been an epoch.
        content = {"unit": STEP, **read_object(paths.sources)}
        try:
            return cls(**{**content, "sources": Sources.from_json(content["sources"])})
        except (ValueError, KeyError, TypeError, AttributeError):
            return None
