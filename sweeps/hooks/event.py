"""Defines an event: what a hook is told, as variables for a command and as JSON for an address. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Event:
    """One event.

    Attributes:
        name: `finished`, `failed` or `done`.
        experiment: The experiment.
        file: The spec's path.
        outcome: How the trial ended; of `done`: `failed` where some trial failed, else `finished`.
        sweep: The trial's sweep; empty for `done`.
        trial: The trial's name; empty for `done`.
        reason: Why it failed.
        run_id: Its MLflow run; empty where it has none.
        attempt: The number of its last attempt.
        counts: How many trials of this `sweep run` are in which state now.
    """

    name: str
    experiment: str
    file: str
    outcome: str
    sweep: str = ""
    trial: str = ""
    reason: str = ""
    run_id: str = ""
    attempt: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """What it is about: `SWEEP/TRIAL`, or the experiment."""
        return f"{self.sweep}/{self.trial}" if self.trial else self.experiment

    @property
    def text(self) -> str:
        """It in one line."""
        why = f" ({self.reason})" if self.reason else ""
        counts = ", ".join(f"{count} {state}" for state, count in self.counts.items())
        what = f"{self.label}: {self.outcome}" if self.trial else f"{self.label}: done"
        return f"{what}{why}{f'; {counts}' if counts else ''}"

    def payload(self) -> dict[str, Any]:
        """It as JSON."""
        return {
            "event": self.name,
            "text": self.text,
            "experiment": self.experiment,
            "file": self.file,
            "sweep": self.sweep,
            "trial": self.trial,
            "outcome": self.outcome,
            "reason": self.reason,
            "run_id": self.run_id,
            "attempt": self.attempt,
            "counts": dict(self.counts),
        }

    def environment(self) -> dict[str, str]:
        """It as variables: `SWEEP_TRIAL`, and so on."""
        counts = json.dumps(dict(self.counts))
        told = {**self.payload(), "counts": counts}
        # No variable holds a null byte.
        return {f"SWEEP_{name.upper()}": str(value).replace("\0", "") for name, value in told.items()}
