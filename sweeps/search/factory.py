"""Opens a search for one `sweep run`: finds its trials in the record, and opens its study beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sweeps.search.job_source import SearchSource
from sweeps.search.search_record import SearchRecord
from sweeps.search.study import Study

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from analysis.read.record import Record
    from sweeps.planning.plan import Step
    from sweeps.planning.sweep import Sweep
    from sweeps.rundir.paths import StateDir
    from sweeps.scheduler.job import Job
    from sweeps.scheduler.write_queue import WriteQueue

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
    """Make the source of a search's jobs, of which the record has none RUNNING; its study then agrees with the record.

    Raises:
        StudyError: The study's storage cannot be reached.
        RecordError: The record cannot be read.
    """
    search = sweep.search
    assert search is not None  # noqa: S101 - called for searches
    return SearchSource(
        sweep=sweep.spec,
        search=search,
        record=SearchRecord(queue, record, search),
        again={step.trial.fingerprint: step for step in steps if step.trial.sweep == sweep.name},
        study=Study.open(
            search, queue.ledger.experiment, storage_url(search.spec.storage, queue.ledger.uri, state)
        ),
        make_job=make_job,
        parent=parent,
        asks=suggests,
        notice=notice,
    )
