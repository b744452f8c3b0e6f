"""An attempt's outcome on disk, for the supervisor that sends it if this one cannot."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from analysis.read.outcomes import Outcome
from sweeps.record.ledger import outcome_tags
from sweeps.rundir.paths import write_atomically
from sweeps.rundir.trainer_manifest import declared_model

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sweeps.record.ledger import Ledger
    from sweeps.rundir.paths import RunPaths
    from sweeps.spec.yaml_reader import Value


@dataclass(frozen=True, slots=True)
class KeptOutcome:
    """How an attempt ended.

    Attributes:
        attempt: Its number.
        outcome: How.
        reason: Why, or empty.
        tags: What else is to stand on the run.
        end_ms: When, milliseconds since the epoch.
    """

    attempt: int
    outcome: Outcome
    reason: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    end_ms: int = field(default_factory=lambda: int(time.time() * 1000))

    @classmethod
    def kept(cls, paths: RunPaths, attempt: int) -> KeptOutcome | None:
        """What a supervisor kept of an attempt's end, or None."""
        try:
            kept = json.loads(paths.outcome.read_text(encoding="utf-8"))
            found = cls(**{**kept, "outcome": Outcome(kept["outcome"])})
        except (OSError, ValueError, TypeError, KeyError):
            return None
        return found if found.attempt == attempt else None

    def keep(self, paths: RunPaths) -> None:
        """Write it beside the journal."""
        write_atomically(paths.outcome, json.dumps(asdict(self)))

    def record(
        self, ledger: Ledger, run_id: str, name: str, config: Mapping[str, Value], paths: RunPaths
    ) -> None:
        """End the run: what its journal still holds, its params, log and model first.

        Raises:
            RecordError: The record cannot be written.
        """
        for write in self.writes(ledger, run_id, name, config, paths):
            write()

    def writes(
        self, ledger: Ledger, run_id: str, name: str, config: Mapping[str, Value], paths: RunPaths
    ) -> list[Callable[[], None]]:
        """What `record` does, in pieces to be done in this order; the run is RUNNING until the last."""
        found = {**outcome_tags(self.outcome, self.reason), **self.tags}
        return [
            lambda: ledger.deliver(run_id, paths, config, found),
            lambda: self._files(ledger, run_id, name, config, paths),
            lambda: ledger.close(run_id, self.outcome, self.end_ms),
        ]

    def _files(
        self, ledger: Ledger, run_id: str, name: str, config: Mapping[str, Value], paths: RunPaths
    ) -> None:
        log = paths.log(self.attempt)
        if log.exists():
            ledger.artifact(run_id, log, "logs")
        if self.outcome == Outcome.FINISHED and (model := declared_model(paths)):
            ledger.model(run_id, name, config, paths, model)
