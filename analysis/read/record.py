"""The record: what one experiment of a tracking store holds, read without pandas and, from SQL stores, without MLflow."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.read import tags
from analysis.read.errors import DeletedExperimentError, UnknownExperimentError, UnreachableStoreError
from analysis.read.standing import standing_runs

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from analysis.read.store import Point, PointColumns, RunPlace, RunRecord, Store

SQL_SCHEMES = frozenset({"sqlite", "postgresql", "mysql", "mssql"})
_SPECS = frozenset({".yaml", ".yml"})
_DATABASES = frozenset({".db", ".sqlite", ".sqlite3"})


class Record:
    """The record of one experiment. Reads only; nothing is created, not even an sqlite file that is missing.

    The runs are listed once, with the first question about them, and again after `refresh`.

    Args:
        tracking_uri: As MLflow takes it: `sqlite:///mlflow.db`, `postgresql://...`, `http://...`, a folder.
        experiment: The experiment's name; it need not exist yet.
        trainer: The trainer (`sweeps.trainer`) whose trials are meant; None: those of all.
    """

    def __init__(self, tracking_uri: str, experiment: str, trainer: str | None = None) -> None:
        self.tracking_uri = tracking_uri
        self.experiment = experiment
        self.trainer = trainer

    @property
    def exists(self) -> bool:
        """Whether the store has the experiment.

        Raises:
            DeletedExperimentError: It was deleted there.
            UnreachableStoreError: The store does not answer, or is none of MLflow's.
        """
        return self._listed is not None

    @property
    def runs(self) -> tuple[RunRecord, ...]:
        """Every run that is not deleted, sweeps and trials alike, by start, then id; none before the first.

        Trials of another trainer are not among them: see `others`.

        Raises:
            DeletedExperimentError: The experiment was deleted.
            UnreachableStoreError: The store does not answer, or is none of MLflow's.
        """
        return self._by_trainer[0]

    @property
    def others(self) -> tuple[RunRecord, ...]:
        """The trials that another trainer ran; one that does not say is not among them. Raises as `runs`."""
        return self._by_trainer[1]

    @cached_property
    def standing(self) -> Mapping[str, RunRecord]:
        """The run of each trial by fingerprint; see `standing_runs` for which one where there are several."""
        return standing_runs(self.runs)

    @cached_property
    def superseded(self) -> frozenset[str]:
        """The ids of the trials' runs that stand for their trial no more, as another one does; among those of each trainer by itself."""
        trials = [run for run in self.runs if run.is_trial and run.fingerprint is not None]
        own: set[str | None] = {run.tags.get(tags.TRAINER) for run in trials}
        standing = {
            run.run_id
            for trainer in own - {None} or {None}
            for run in standing_runs(
                run for run in trials if not is_of_another_trainer(run, trainer)
            ).values()
        }
        return frozenset(run.run_id for run in trials) - standing

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
        for name in ("_listed", "_by_trainer", "standing", "superseded"):
            self.__dict__.pop(name, None)

    def experiment_id(self) -> str:
        """MLflow's id of the experiment; raises as `Store.experiment_id`."""
        return self._store.experiment_id(self.experiment)

    def places(self) -> list[RunPlace]:
        """Where all runs keep their artifacts, deleted ones among them; raises as `Store.places`."""
        return self._store.places(self.experiment)

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
    def _by_trainer(self) -> tuple[tuple[RunRecord, ...], tuple[RunRecord, ...]]:
        listed = self._listed or ()
        others = tuple(run for run in listed if is_of_another_trainer(run, self.trainer))
        if not others:
            return listed, ()
        return tuple(run for run in listed if not is_of_another_trainer(run, self.trainer)), others

    @cached_property
    def _store(self) -> Store:
        return open_store(self.tracking_uri)

    @cached_property
    def _listed(self) -> tuple[RunRecord, ...] | None:
        try:
            return tuple(self._store.runs(self.experiment))
        except DeletedExperimentError:
            raise  # nothing can be recorded there: that is another thing than nothing recorded yet
        except UnknownExperimentError:
            return None


def is_of_another_trainer(run: RunRecord, trainer: str | None) -> bool:
    """Whether a run is a trial of another trainer than this one; one that does not say is of any. None: of any too."""
    own = run.tags.get(tags.TRAINER)
    return trainer is not None and run.is_trial and own is not None and own != trainer


def open_store(tracking_uri: str) -> Store:
    """Return the reader that fits `tracking_uri`; nothing is opened, and never is anything created.

    Raises:
        UnreachableStoreError: It is the path of a file, which MLflow would take for a folder.
    """
    scheme = tracking_uri.partition(":")[0].partition("+")[0].lower()
    if scheme in SQL_SCHEMES:
        from analysis.read.stores.sql_store import SqlStore

        return SqlStore(tracking_uri)
    path = Path(tracking_uri)
    if ":" not in tracking_uri and path.suffix in _SPECS:
        raise UnreachableStoreError(
            f"{tracking_uri}: this is no tracking URI; `sweeps.load_runs({tracking_uri!r})` and `sweeps.load_curves` read the record of a file"
        )
    if ":" not in tracking_uri and (path.suffix in _DATABASES or path.is_file()):
        raise UnreachableStoreError(
            f"{tracking_uri}: this is a path, no tracking URI; of an sqlite file it is sqlite:///{tracking_uri}"
        )
    from analysis.read.stores.client_store import ClientStore

    return ClientStore(tracking_uri)
