"""Opening a search for one `sweep run`: its study beside the record, and what the record says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sweeps.planning.search_history import Curves, curves_by_run, members, next_number
from sweeps.search.job_source import STATES, SearchSource, Standing, known_trial
from sweeps.search.reconcile import State
from sweeps.search.study import Study

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from analysis.read.record import Record
    from analysis.read.store import RunRecord
    from sweeps.planning.plan import Step
    from sweeps.planning.sweep import Sweep
    from sweeps.record.write_queue import WriteQueue
    from sweeps.rundir.paths import StateDir
    from sweeps.scheduler.job import Job

FILE = "optuna.db"


def storage_url(given: str | None, tracking_uri: str, state: StateDir) -> str:
    """Where a search's study is: where the file says, else beside an sqlite record, else in the state directory."""
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
    """The source of a search's jobs, its study made to say what the record says.

    Args:
        sweep: The sweep of the search.
        queue: Writes the record.
        state: The state directory.
        record: What MLflow has of the experiment; no run of this sweep is RUNNING.
        steps: What the plan takes up again.
        make_job: Makes the job of a step.
        parent: The run of the sweep.
        suggests: Whether new trials are suggested.
        notice: Told what was mended.

    Raises:
        StudyError: The study's storage cannot be reached.
        RecordError: The record cannot be read.
    """
    search = sweep.search
    assert search is not None  # noqa: S101 - called for searches
    objectives = search.spec.objectives
    seen = _Record(queue, record, tuple({objective.key for objective in objectives}))
    mine = members(search, record.runs)
    curves = seen.read([member.run.run_id for member in mine])
    known = [
        known_trial(
            objectives,
            member.trial,
            member.params,
            STATES[member.run.outcome or ""] if member.ended else State.OPEN,
            curves.get(member.run.run_id, {}),
            member.run.run_id,
        )
        for member in mine
    ]
    again = {step.trial.fingerprint: step for step in steps if step.trial.sweep == sweep.name}
    url = storage_url(search.spec.storage, queue.ledger.uri, state)
    return SearchSource(
        sweep=sweep.spec,
        search=search,
        study=Study(search, queue.ledger.experiment, url),
        record=seen,
        standing=Standing(known, again, next_number(sweep.name, record.runs)),
        make_job=make_job,
        parent=parent,
        asks=suggests,
        notice=notice,
    )


class _Record:
    """The record as one search asks it."""

    def __init__(self, queue: WriteQueue, record: Record, keys: Sequence[str]) -> None:
        self._queue = queue
        self._ledger = queue.ledger
        self._record = record
        self._keys = keys

    def run_of(self, fingerprint: str) -> RunRecord | None:
        return self._record.standing.get(fingerprint)

    def curves(self, run_id: str) -> Curves:
        return self.read([run_id]).get(run_id, {})

    def read(self, run_ids: Sequence[str]) -> Mapping[str, Curves]:
        if not run_ids:
            return {}
        return self._ledger.patiently(lambda: curves_by_run(self._record.points(self._keys, run_ids)))

    def tag(self, run_id: str, tags: dict[str, str]) -> None:
        self._queue.do(lambda: self._ledger.tag(run_id, tags))
