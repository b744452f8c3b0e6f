"""Who is in the record: runs and their tags, read without pandas and, from SQL stores, without MLflow.

`sweep plan` and `sweep status` stand on this module, so what it imports is what they wait for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

SQL_SCHEMES = frozenset({"sqlite", "postgresql", "mysql", "mssql"})

KIND_TAG = "sweeps.kind"
PARENT_TAG = "mlflow.parentRunId"
SWEEP, TRIAL = "sweep", "trial"
"""Values of `sweeps.kind`: the parent run of a sweep, and the run of one trial."""


@dataclass(frozen=True)
class RunRecord:
    """One run that is not deleted, as it stands in the record.

    Attributes:
        run_id: MLflow's id, 32 hexadecimal digits.
        name: Its readable name.
        parent_run_id: The run of the sweep it belongs to, or None.
        kind: The tag `sweeps.kind` (`sweep` or `trial`); empty for a run that another tool recorded.
        status: MLflow's RUNNING, SCHEDULED, FINISHED, FAILED or KILLED.
        start_ms: Start, milliseconds since 1970 UTC.
        end_ms: End, milliseconds since 1970 UTC, or None.
        tags: All tags.
    """

    run_id: str
    name: str
    parent_run_id: str | None
    kind: str
    status: str
    start_ms: int
    end_ms: int | None
    tags: Mapping[str, str]

    @property
    def fingerprint(self) -> str | None:
        """What identifies the trial, or None where the run is not a trial's."""
        return self.tags.get("sweeps.fingerprint")

    @property
    def outcome(self) -> str | None:
        """How the last attempt ended (finished, failed, pruned, interrupted, orphaned); None while it runs."""
        return self.tags.get("sweeps.outcome")

    @property
    def attempt(self) -> int:
        """Number of the last attempt, from 1; 0 where none is recorded."""
        value = self.tags.get("sweeps.attempt", "")
        return int(value) if value.isdigit() else 0


class Point(NamedTuple):
    """One value of one metric. `time_ms` is when it was logged, milliseconds since 1970 UTC."""

    run_id: str
    key: str
    step: int
    time_ms: int
    value: float


class Batch(NamedTuple):
    """Many points as columns of one length: a million objects would take longer than the database does."""

    run_ids: Sequence[str]
    keys: Sequence[str]
    steps: Sequence[int]
    times_ms: Sequence[int]
    values: Sequence[float]


class Store(Protocol):
    """A tracking store, read only: what every kind of store must answer, and in the same way."""

    def runs(self, experiment: str) -> list[RunRecord]:
        """Return the runs that are not deleted, by start, then id.

        Raises:
            UnknownExperimentError: There is no experiment of that name (any more).
            UnreachableStoreError: The store cannot be read.
        """

    def experiment_id(self, experiment: str) -> str:
        """Return MLflow's id of an experiment.

        Raises:
            UnknownExperimentError: As `runs`.
            UnreachableStoreError: As `runs`.
        """

    def params(self, experiment: str) -> Iterator[tuple[str, str, str]]:
        """Yield (run_id, key, value) of every param."""

    def finals(self, experiment: str, keys: Collection[str] | None = None) -> Iterator[Point]:
        """Yield the last point of every metric, or of some: greatest step, then latest time, then greatest value."""

    def points(
        self, experiment: str, keys: Collection[str] | None, run_ids: Collection[str] | None
    ) -> Iterator[Batch]:
        """Yield every point as it was logged, in no particular order, repeated steps included.

        Args:
            experiment: The experiment's name.
            keys: Which metrics; None means all.
            run_ids: Which runs; None means all.

        Raises:
            IncompleteReadError: The store gave back less than it holds.
        """


def is_server(tracking_uri: str) -> bool:
    """Whether the store is a tracking server, which has a UI of its own."""
    return urlsplit(tracking_uri).scheme in {"http", "https"}


def open_store(tracking_uri: str) -> Store:
    """Return the reader that fits `tracking_uri`; nothing is opened, and never is anything created."""
    scheme = tracking_uri.partition(":")[0].partition("+")[0].lower()
    if scheme in SQL_SCHEMES:
        from analysis.read.sql_store import SqlStore

        return SqlStore(tracking_uri)
    from analysis.read.client_store import ClientStore

    return ClientStore(tracking_uri)


def read_runs(tracking_uri: str, experiment: str) -> list[RunRecord]:
    """Return every run of `experiment` that is not deleted, sweeps and trials alike, by start, then id.

    Args:
        tracking_uri: As MLflow takes it: `sqlite:///mlflow.db`, `postgresql://...`, `http://...`, a folder.
        experiment: The experiment's name.

    Raises:
        UnknownExperimentError: The store has no such experiment; an sqlite file that does not exist yet has
            none, and is not created.
        UnreachableStoreError: The store does not answer, or is none of MLflow's.
    """
    return open_store(tracking_uri).runs(experiment)
