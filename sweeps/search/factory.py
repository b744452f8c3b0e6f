"""Opens a search for one `sweep run`: finds its trials in the record, and opens its study beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sweeps.planning.search_history import Curves, curves_by_run, members, next_number
from sweeps.search.job_source import STATES, SearchHistory, SearchSource, recorded_trial
from sweeps.search.reconcile import State
from sweeps.search.study import Study

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from analysis.read.record import Record
    from analysis.read.store import RunRecord
    from sweeps.planning.plan import Step
    from sweeps.planning.search_trials import SearchTrials
    from sweeps.planning.sweep import Sweep
    from sweeps.rundir.paths import StateDir
    from sweeps.scheduler.job import Job
    from sweeps.scheduler.write_queue import WriteQueue
    from sweeps.search.reconcile import RecordedTrial

FILE = "optuna.db"
"""The name of the study's file, where it is sqlite."""


def storage_url(given: str | None, tracking_uri: str, state: StateDir) -> str:
    """The address of a search's study: the file's, else beside an sqlite record, else in the state directory."""
    if given is not None:
        return given
    if tracking_uri.startswith("sqlite:///"):
        folder, _, _ = tracking_uri.removeprefix("sqlite:///").rpartition("/")
        return f"sqlite:///{folder}/{FILE}" if folder else f"sqlite:///{FILE}"
    state.root.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{state.root / FILE}"


def open_search(
    sweep: Sweep,
    *,
    queue: WriteQueue,
    state: StateDir,
    record: Record,
    steps: Sequence[Step],
    make_job: Callable[[Step], Job],
    parent: str,
    suggests: bool,
    notice: Callable[[str], None],
) -> SearchSource:
    """Make the source of a search's jobs; its study then agrees with the record.

    Args:
        sweep: The sweep of the search.
        queue: Writes the record.
        state: The state directory.
        record: The experiment's record; no run of this sweep is RUNNING.
        steps: The steps of the plan to start now.
        make_job: Makes the job of a step.
        parent: The run of the sweep.
        suggests: Whether new trials are suggested.
        notice: Called with what was repaired, in words.

    Raises:
        StudyError: The study's storage cannot be reached.
        RecordError: The record cannot be read.
    """
    search = sweep.search
    assert search is not None  # noqa: S101 - called for searches
    search_record = _SearchRecord(queue, record, search)
    url = storage_url(search.spec.storage, queue.ledger.uri, state)
    return SearchSource(
        sweep=sweep.spec,
        search=search,
        record=search_record,
        history=SearchHistory(
            trials=search_record.trials(),
            again={step.trial.fingerprint: step for step in steps if step.trial.sweep == sweep.name},
            next_number=next_number(sweep.name, (*record.runs, *record.others)),
        ),
        study=Study.open(search, queue.ledger.experiment, url),
        make_job=make_job,
        parent=parent,
        asks=suggests,
        notice=notice,
    )


class _SearchRecord:
    """The record as one search reads and writes it."""

    def __init__(self, queue: WriteQueue, record: Record, search: SearchTrials) -> None:
        self._queue = queue
        self._ledger = queue.ledger
        self._record = record
        self._search = search
        self._keys = tuple({objective.key for objective in search.spec.objectives})

    def run_of(self, fingerprint: str) -> RunRecord | None:
        return self._record.standing.get(fingerprint)

    def curves(self, run_id: str) -> Curves:
        return self._curves_of([run_id]).get(run_id, {})

    def tag(self, run_id: str, tags: dict[str, str]) -> None:
        self._queue.do(lambda: self._ledger.tag(run_id, tags))

    def trials(self) -> list[RecordedTrial]:
        """The search's trials, in the order in which they began."""
        recorded = members(self._search, self._record.runs)
        curves = self._curves_of([member.run.run_id for member in recorded])
        return [
            recorded_trial(
                self._search.spec,
                member.trial,
                member.params,
                STATES[member.run.outcome or ""] if member.ended else State.OPEN,
                curves.get(member.run.run_id, {}),
                member.run.run_id,
            )
            for member in recorded
        ]

    def _curves_of(self, run_ids: Sequence[str]) -> Mapping[str, Curves]:
        if not run_ids:
            return {}
        return self._ledger.patiently(lambda: curves_by_run(self._record.points(self._keys, run_ids)))
