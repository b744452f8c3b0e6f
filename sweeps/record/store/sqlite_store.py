"""An sqlite store of MLflow's, written directly where its tables are known: each call is one transaction.

Only what a trial writes again and again, and only where it is plain. All else is asked of MLflow's client: what a call
refuses, and what this module would have to know more of MLflow for. So a call here either writes what MLflow's client would
have written, all of it or nothing, or MLflow's client does it and says itself what is wrong.
"""

from __future__ import annotations

import functools
import sqlite3
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from sweeps.record.store import sqlite_writes as writes
from sweeps.record.store.base import Tag
from sweeps.record.store.known import known_schema, sqlite_path
from sweeps.record.store.local_artifacts import UnusualError, copy_file, write_text
from sweeps.record.store.mlflow_store import MlflowStore
from sweeps.record.store.sqlite_file import CommitError, GoneError, SqliteFile, is_busy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mlflow.tracking import MlflowClient

    from sweeps.record.store.base import Ending, Experiment, Metric, Param, Run

ARTIFACTS = "mlruns"
"""Where the artifacts of new experiments are, below the working directory."""
_Given = ParamSpec("_Given")
_T = TypeVar("_T")


def _else_mlflow(
    directly: Callable[Concatenate[SqliteStore, _Given], _T],
) -> Callable[Concatenate[SqliteStore, _Given], _T]:
    """Do it directly; where that is not possible, MLflow's client does it, and says what is wrong.

    A file that somebody else writes is waited for by whoever calls, what may be written already is not done again, and of a file
    that is gone MLflow's client would make an empty one.
    """

    @functools.wraps(directly)
    def call(store: SqliteStore, /, *given: _Given.args, **named: _Given.kwargs) -> _T:
        try:
            return directly(store, *given, **named)
        except (CommitError, GoneError):
            raise
        except (UnusualError, sqlite3.Error, OSError, ValueError, TypeError, OverflowError) as error:
            if is_busy(error):
                raise
        answer: _T = getattr(store.other, directly.__name__)(*given, **named)
        return answer

    return call


class SqliteStore:
    """Writes an sqlite file; see `RunStore`. Threads may share it.

    Args:
        uri: The tracking URI.
        path: The file, which exists.
        schema: The revision that its tables must have.

    Raises:
        UnusualError: They have another one.
        sqlite3.Error: The file cannot be written.
    """

    def __init__(self, uri: str, path: Path, schema: str) -> None:
        self.uri = uri
        # MLflow reads a location as an address: `%20` would be a blank, and the folder another one.
        self._root = str(Path.cwd() / ARTIFACTS).replace("%", "%25")
        self._file = SqliteFile(path, lambda connection: writes.require_schema(connection, schema))
        with self._file.transaction(reads=True) as connection:
            is_new = writes.experiment(connection, "experiment_id", 0) is None
        if is_new:  # MLflow's store makes it when it is opened
            with self._file.transaction() as connection:
                writes.create_default_experiment(connection, self._root)

    @classmethod
    def opened(cls, uri: str) -> SqliteStore | None:
        """The store at `uri` where its tables are known; else None.

        Raises:
            sqlite3.OperationalError: Somebody else keeps it locked.
        """
        path = sqlite_path(uri)
        if path is None or not path.is_file() or (schema := known_schema()) is None:
            return None
        try:
            return cls(uri, path, schema)
        except (UnusualError, sqlite3.Error, OSError) as error:
            if is_busy(error):
                raise
            return None

    @cached_property
    def other(self) -> MlflowStore:
        """The same store through MLflow's client, which is imported with the first use."""
        return MlflowStore.connect(self.uri)

    @property
    def mlflow(self) -> MlflowClient:
        """See `RunStore.mlflow`."""
        return self.other.mlflow

    @_else_mlflow
    def experiment(self, name: str) -> Experiment | None:
        """See `RunStore.experiment`."""
        with self._file.transaction(reads=True) as connection:
            return writes.experiment(connection, "name", name)

    @_else_mlflow
    def experiment_of_id(self, experiment_id: str) -> Experiment:
        """See `RunStore.experiment_of_id`."""
        with self._file.transaction(reads=True) as connection:
            found = writes.experiment(connection, "experiment_id", int(experiment_id))
        if found is None:
            raise UnusualError
        return found

    @_else_mlflow
    def create_experiment(self, name: str, tags: Mapping[str, str]) -> str:
        """See `RunStore.create_experiment`."""
        with self._file.transaction() as connection:
            return writes.create_experiment(connection, self._root, name, tags)

    @_else_mlflow
    def create_run(self, experiment_id: str, start_ms: int, tags: Mapping[str, str], name: str) -> Run:
        """See `RunStore.create_run`."""
        with self._file.transaction() as connection:
            return writes.create_run(connection, int(experiment_id), start_ms, tags, name)

    @_else_mlflow
    def get_run(self, run_id: str) -> Run:
        """See `RunStore.get_run`."""
        with self._file.transaction(reads=True) as connection:
            return writes.run(connection, run_id)

    @_else_mlflow
    def set_running(self, run_id: str) -> None:
        """See `RunStore.set_running`."""
        with self._file.transaction() as connection:
            writes.set_running(connection, run_id)

    @_else_mlflow
    def set_terminated(self, run_id: str, status: str, end_ms: int | None = None) -> None:
        """See `RunStore.set_terminated`."""
        with self._file.transaction() as connection:
            writes.set_terminated(connection, run_id, status, end_ms)

    @_else_mlflow
    def set_tag(self, run_id: str, key: str, value: str) -> None:
        """See `RunStore.set_tag`."""
        with self._file.transaction() as connection:
            writes.write_batch(connection, run_id, (), (), [Tag(key, value)])

    @_else_mlflow
    def delete_tag(self, run_id: str, key: str) -> None:
        """See `RunStore.delete_tag`."""
        with self._file.transaction() as connection:
            writes.delete_tag(connection, run_id, key)

    @_else_mlflow
    def log_batch(
        self,
        run_id: str,
        metrics: Sequence[Metric],
        params: Sequence[Param],
        tags: Sequence[Tag],
        ending: Ending | None = None,
    ) -> None:
        """See `RunStore.log_batch`; the end is in the same transaction, for which the disk is waited for once."""
        with self._file.transaction() as connection:
            writes.write_batch(connection, run_id, metrics, params, tags)
            if ending is not None:
                writes.set_terminated(connection, run_id, *ending)

    @_else_mlflow
    def log_artifact(
        self, run_id: str, path: Path, folder: str | None = None, location: str | None = None
    ) -> None:
        """See `RunStore.log_artifact`."""
        copy_file(location or self._place_of(run_id), path, folder)

    @_else_mlflow
    def log_text(self, run_id: str, text: str, name: str) -> None:
        """See `RunStore.log_text`."""
        write_text(self._place_of(run_id), text, name)

    def _place_of(self, run_id: str) -> str:
        with self._file.transaction(reads=True) as connection:
            return writes.place_of(connection, run_id)
