"""The record: what one experiment of a tracking store holds, read without pandas and, from SQL stores, without MLflow."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from analysis.read.errors import UnknownExperimentError
from analysis.read.standing import standing_runs

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from analysis.read.store import Point, PointColumns, RunRecord, Store

SQL_SCHEMES = frozenset({"sqlite", "postgresql", "mysql", "mssql"})


class Record:
    """The record of one experiment. Reads only; nothing is created, not even an sqlite file that is missing.

    The runs are listed once, with the first question about them, and again after `refresh`.

    Args:
        tracking_uri: As MLflow takes it: `sqlite:///mlflow.db`, `postgresql://...`, `http://...`, a folder.
        experiment: The experiment's name; it need not exist yet.
    """

    def __init__(self, tracking_uri: str, experiment: str) -> None:
        self.tracking_uri = tracking_uri
        self.experiment = experiment

    @property
    def exists(self) -> bool:
        """Whether the store has the experiment.

        Raises:
            UnreachableStoreError: The store does not answer, or is none of MLflow's.
        """
        return self._listed is not None

    @property
    def runs(self) -> tuple[RunRecord, ...]:
        """Every run that is not deleted, sweeps and trials alike, by start, then id; none before the first.

        Raises:
            UnreachableStoreError: The store does not answer, or is none of MLflow's.
        """
        return self._listed or ()

    @cached_property
    def standing(self) -> Mapping[str, RunRecord]:
        """The run of each trial by fingerprint; see `standing_runs` for which one where there are several."""
        return standing_runs(self.runs)

    def require(self) -> None:
        """Make sure that there is such an experiment.

        Raises:
            UnknownExperimentError: There is none (yet).
            UnreachableStoreError: The store does not answer, or is none of MLflow's.
        """
        if not self.exists:
            self._store.experiment_id(self.experiment)

    def refresh(self) -> None:
        """List the runs anew when they are asked for next."""
        self.__dict__.pop("_listed", None)
        self.__dict__.pop("standing", None)

    def experiment_id(self) -> str:
        """MLflow's id of the experiment; raises as `Store.experiment_id`."""
        return self._store.experiment_id(self.experiment)

    def params(self) -> Iterator[tuple[str, str, str]]:
        """Yield (run id, key, value) of every param; raises as `Store.params`."""
        return self._store.params(self.experiment)

    def finals(self, keys: Collection[str] | None = None) -> Iterator[Point]:
        """Yield the last point of every metric, or of some; raises as `Store.finals`."""
        return self._store.finals(self.experiment, keys)

    def counts(self, run_ids: Collection[str]) -> Mapping[tuple[str, str], int]:
        """How many points runs have of each metric, by (run id, key); raises as `Store.counts`."""
        return self._store.counts(self.experiment, run_ids)

    def points(
        self, keys: Collection[str] | None = None, run_ids: Collection[str] | None = None
    ) -> Iterator[PointColumns]:
        """Yield every point of some metrics (None: all) of some runs (None: all); raises as `Store.points`."""
        return self._store.points(self.experiment, keys, run_ids)

    @cached_property
    def _store(self) -> Store:
        return open_store(self.tracking_uri)

    @cached_property
    def _listed(self) -> tuple[RunRecord, ...] | None:
        try:
            return tuple(self._store.runs(self.experiment))
        except UnknownExperimentError:
            return None


def open_store(tracking_uri: str) -> Store:
    """Return the reader that fits `tracking_uri`; nothing is opened, and never is anything created."""
    scheme = tracking_uri.partition(":")[0].partition("+")[0].lower()
    if scheme in SQL_SCHEMES:
        from analysis.read.sql_store import SqlStore

        return SqlStore(tracking_uri)
    from analysis.read.client_store import ClientStore

    return ClientStore(tracking_uri)
