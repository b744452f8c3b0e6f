"""What a search needs of the record: its trials when it is opened, and runs that it finds there while it goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.read.outcomes import Outcome
from analysis.results.searches.prunings import as_seen
from sweeps.planning.search_history import curves_by_run, members, next_number, scores, until
from sweeps.search.objectives import compared
from sweeps.search.reconcile import RecordedTrial, State

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from analysis.read.record import Record
    from analysis.read.store import RunRecord
    from sweeps.planning.search_history import Curves
    from sweeps.planning.search_trials import Params, SearchTrials
    from sweeps.planning.trial import Trial
    from sweeps.scheduler.write_queue import WriteQueue

STATES: Mapping[str, State] = {
    Outcome.FINISHED: State.COMPLETE,
    Outcome.PRUNED: State.PRUNED,
    Outcome.FAILED: State.FAILED,
    Outcome.ABANDONED: State.FAILED,
}


class SearchRecord:
    """The record as one search reads and writes it."""

    def __init__(self, queue: WriteQueue, record: Record, search: SearchTrials) -> None:
        self._queue = queue
        self._ledger = queue.ledger
        self._record = record
        self._search = search
        self._keys = tuple({objective.key for objective in search.spec.objectives})

    def run_of(self, fingerprint: str) -> RunRecord | None:
        """The best run that a config has in the experiment, of whatever sweep, as it counts for this search."""
        run = self._record.standing.get(fingerprint)
        return None if run is None else as_seen(run, self._search.pruning)

    def curves(self, run_id: str) -> Curves:
        """The search's metrics of one run."""
        return self._curves_of([run_id]).get(run_id, {})

    def tag(self, run_id: str, tags: dict[str, str]) -> None:
        """Set tags of a run."""
        self._queue.do(lambda: self._ledger.tag(run_id, tags))

    def next_number(self) -> int:
        """The number in the name of the next new trial."""
        return next_number(self._search.sweep, (*self._record.runs, *self._record.others))

    def trials(self) -> list[RecordedTrial]:
        """The search's trials, in the order in which they began."""
        recorded = members(self._search, self._record.runs)
        curves = self._curves_of([member.run.run_id for member in recorded])
        return [
            self.trial(
                member.trial,
                member.params,
                STATES[member.run.outcome or ""] if member.ended else State.OPEN,
                until(curves.get(member.run.run_id, {}), member.until),
                member.run.run_id,
            )
            for member in recorded
        ]

    def _curves_of(self, run_ids: Sequence[str]) -> Mapping[str, Curves]:
        if not run_ids:
            return {}
        return self._ledger.patiently(lambda: curves_by_run(self._record.points(self._keys, run_ids)))

    def trial(
        self, trial: Trial, params: Params, state: State, curves: Curves, run_id: str | None
    ) -> RecordedTrial:
        """A trial as the study is to have it, from what it logged."""
        search = self._search.spec
        values = scores(search.objectives, curves) if state is State.COMPLETE else None
        if state is State.COMPLETE and values is None:
            state = State.FAILED
        curve = dict(compared(search, curves))
        return RecordedTrial(trial.fingerprint, params, state, values, curve, run_id, trial.name)
