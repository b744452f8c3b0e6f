"""The outcome of an attempt, kept in `outcome.json` until the record has it: another supervisor may have to send it."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from analysis.read import tags
from analysis.read.outcomes import Outcome
from sweeps.record.ledger import outcome_tags
from sweeps.record.store.base import Ending
from sweeps.rundir.journal import Metrics, read_entries
from sweeps.rundir.paths import sync_file, write_atomically
from sweeps.rundir.trainer_manifest import declared_model

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sweeps.record.ledger import Ledger
    from sweeps.rundir.paths import RunPaths
    from sweeps.spec.yaml_reader import Value


@dataclass(frozen=True, slots=True)
class KeptOutcome:
    """The end of an attempt.

    Attributes:
        attempt: Its number.
        outcome: Its outcome.
        reason: The reason, or empty.
        tags: Further tags for the run.
        end_ms: The time, milliseconds since the epoch.
    """

    attempt: int
    outcome: Outcome
    reason: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    end_ms: int = field(default_factory=lambda: int(time.time() * 1000))

    @classmethod
    def kept(cls, paths: RunPaths, attempt: int) -> KeptOutcome | None:
        """Read what a supervisor kept of an attempt's end; None where there is nothing."""
        outcome = cls.last(paths)
        return outcome if outcome is not None and outcome.attempt == attempt else None

    @classmethod
    def last(cls, paths: RunPaths) -> KeptOutcome | None:
        """The same, of whatever attempt."""
        try:
            kept = json.loads(paths.outcome.read_text(encoding="utf-8"))
            return cls(**{**kept, "outcome": Outcome(kept["outcome"])})
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def keep(self, paths: RunPaths, *, durable: bool = True) -> None:
        """Write it beside the journal.

        Args:
            paths: The run's files.
            durable: Whether it and the journal have to outlast a power cut: nobody else knows of them then.
        """
        if durable:
            sync_file(paths.journal)
        write_atomically(paths.outcome, json.dumps(asdict(self)), durable=durable)

    def record(
        self, ledger: Ledger, run_id: str, name: str, config: Mapping[str, Value], paths: RunPaths
    ) -> None:
        """Send what the journal still holds, the params, the log and the model, then end the run.

        Raises:
            RecordError: The record cannot be written.
        """
        for write in self.writes(ledger, run_id, name, config, paths):
            write()

    def writes(
        self, ledger: Ledger, run_id: str, name: str, config: Mapping[str, Value], paths: RunPaths
    ) -> list[Callable[[], None]]:
        """The writes of `record`, to be done in this order; the run is RUNNING until the last."""
        log = paths.log(self.attempt)
        model = declared_model(paths) if self.outcome == Outcome.FINISHED else None
        all_tags = {**outcome_tags(self.outcome, self.reason), **self.tags}
        first = [partial(ledger.artifact, run_id, log, "logs")] if log.exists() else []
        if model is None:
            return [*first, lambda: self._finish(ledger, run_id, config, paths, all_tags)]
        return [
            *first,
            lambda: ledger.deliver(run_id, paths, config, all_tags),
            lambda: ledger.model(run_id, name, config, paths, model),
            lambda: self._close(ledger, run_id),
        ]

    def _finish(
        self,
        ledger: Ledger,
        run_id: str,
        config: Mapping[str, Value],
        paths: RunPaths,
        all_tags: Mapping[str, str],
    ) -> None:
        """Send what the journal still holds and end the run, in one request where that is possible."""
        note = ledger.refusals.in_note(run_id, self.tags.get(tags.NOTE, ""))
        told = {} if note is None else {tags.NOTE: note}
        ending = Ending(self.outcome.status, self.end_ms)
        if not ledger.finish(run_id, paths, config, {**all_tags, **told}, ending):
            ledger.deliver(run_id, paths, config, all_tags)
            self._close(ledger, run_id)

    def _close(self, ledger: Ledger, run_id: str) -> None:
        """End the run; what the store refused of it stands in its note."""
        note = ledger.refusals.in_note(run_id, self.tags.get(tags.NOTE, ""))
        if note is not None:
            ledger.tag(run_id, {tags.NOTE: note})
        ledger.close(run_id, self.outcome, self.end_ms)


def readings_tag(paths: RunPaths) -> dict[str, str]:
    """The tag that says how a run's metrics were read; none where its directory does not say it."""
    try:
        found = tags.readings_of(paths.readings.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {tags.METRICS: tags.readings_text(found)}


def epochs_tag(paths: RunPaths) -> dict[str, str]:
    """The tag that says how many epochs a run's journal shows to be over, or that it has metrics and nothing says which."""
    last, has_metrics = None, False
    for entry in read_entries(paths.journal, 0)[0]:
        if isinstance(entry, Metrics):
            last = entry.epoch_after(last)
            has_metrics = has_metrics or (bool(entry.values) and not entry.is_of_machine)
    return {tags.EPOCHS: tags.epochs_text(0 if last is None else last + 1, has_metrics=has_metrics)}
