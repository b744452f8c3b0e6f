"""Reads SQL stores in a handful of queries: no import of MLflow (seconds), no truncation, no writing.

The tables below name the columns that are read, and nothing else. A test holds them against MLflow's own
models, whose import alone takes longer than reading 10,000 runs.
"""

from __future__ import annotations

import math
import sqlite3
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import sqlalchemy as sa

from analysis.read.errors import DeletedExperimentError, UnknownExperimentError, UnreachableStoreError
from analysis.read.store import Point, PointColumns, RunPlace, RunRecord
from analysis.read.tags import KIND, PARENT

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

BUSY_TIMEOUT_S = 30.0
"""How long to wait for a writer of an sqlite file."""


def _table(name: str, columns: str) -> sa.TableClause:
    return sa.table(name, *(sa.column(column) for column in columns.split()))


_POINT_COLUMNS = "run_uuid key step timestamp value is_nan"
EXPERIMENTS = _table("experiments", "experiment_id name lifecycle_stage")
RUNS = _table("runs", "run_uuid experiment_id name status start_time end_time lifecycle_stage artifact_uri")
TAGS = _table("tags", "run_uuid key value")
PARAMS = _table("params", "run_uuid key value")
METRICS = _table("metrics", _POINT_COLUMNS)
LATEST_METRICS = _table("latest_metrics", _POINT_COLUMNS)
TABLES = (EXPERIMENTS, RUNS, TAGS, PARAMS, METRICS, LATEST_METRICS)

# Above this many, ids go into the query as "all runs of the experiment" and are picked out here: databases
# limit the number of bound values.
_MAX_BOUND_IDS = 500
_ROWS_AT_ONCE = 50_000


class SqlStore:
    """The record in a database that MLflow made, through plain SELECTs."""

    def __init__(self, tracking_uri: str) -> None:
        """Remember where the database is; nothing is opened yet."""
        self.tracking_uri = tracking_uri

    def runs(self, experiment: str) -> list[RunRecord]:
        """See `Store.runs`."""
        with self._connect() as connection:
            # Runs before tags: a run is created together with its tags, so that none is seen without them.
            rows = connection.execute(
                _of_active_runs(experiment, RUNS, "run_uuid name status start_time end_time")
            ).all()
            if not rows:
                self._check_experiment(connection, experiment)
            tags: dict[str, dict[str, str]] = {row[0]: {} for row in rows}
            for run_id, key, value in connection.execute(
                _of_active_runs(experiment, TAGS, "run_uuid key value")
            ):
                if run_id in tags:
                    tags[run_id][key] = value
        return _records(rows, tags)

    def runs_tagged(self, experiment: str, tag: str, value: str) -> list[RunRecord]:
        """See `Store.runs_tagged`. It is asked for each trial: the engine stays, and with it the compiled query."""
        wanted = {"experiment": experiment, "tag": tag, "value": value}
        with self._connect(self._kept_engine) as connection:
            found = connection.execute(_RUNS_TAGGED, wanted).all()
        rows: dict[str, tuple[Any, ...]] = {}
        tags: dict[str, dict[str, str]] = {}
        for run_id, name, status, start_ms, end_ms, key, text in found:
            rows[run_id] = (run_id, name, status, start_ms, end_ms)
            tags.setdefault(run_id, {})[key] = text
        return _records(rows.values(), tags)

    def places(self, experiment: str) -> list[RunPlace]:
        """See `Store.places`."""
        of_all = (
            sa.select(RUNS.c.run_uuid, RUNS.c.lifecycle_stage, RUNS.c.artifact_uri)
            .select_from(RUNS.join(EXPERIMENTS, EXPERIMENTS.c.experiment_id == RUNS.c.experiment_id))
            .where(EXPERIMENTS.c.name == experiment, EXPERIMENTS.c.lifecycle_stage == "active")
            .order_by(RUNS.c.run_uuid)
        )
        with self._connect() as connection:
            rows = connection.execute(of_all).all()
            if not rows:
                self._check_experiment(connection, experiment)
        return [RunPlace(run_id, stage != "active", uri or "") for run_id, stage, uri in rows]

    def experiment_id(self, experiment: str) -> str:
        """See `Store.experiment_id`."""
        with self._connect() as connection:
            self._check_experiment(connection, experiment)
            named = sa.select(EXPERIMENTS.c.experiment_id).where(
                EXPERIMENTS.c.name == experiment, EXPERIMENTS.c.lifecycle_stage == "active"
            )
            return str(connection.scalars(named).one())

    def params(self, experiment: str) -> Iterator[tuple[str, str, str]]:
        """See `Store.params`."""
        with self._connect() as connection:
            for row in connection.execute(_of_active_runs(experiment, PARAMS, "run_uuid key value")):
                yield row[0], row[1], row[2]

    def finals(self, experiment: str, keys: Collection[str] | None = None) -> Iterator[Point]:
        """See `Store.finals`."""
        query = _of_active_runs(experiment, LATEST_METRICS, _POINT_COLUMNS)
        yield from self._points(
            query if keys is None else query.where(LATEST_METRICS.c.key.in_(sorted(keys)))
        )

    def counts(self, experiment: str, run_ids: Collection[str]) -> Mapping[tuple[str, str], int]:
        """See `Store.counts`."""
        query = (
            _of_active_runs(experiment, METRICS, "run_uuid key")
            .add_columns(sa.func.count())
            .group_by(METRICS.c.run_uuid, METRICS.c.key)
        )
        ids = sorted(run_ids)
        counts: dict[tuple[str, str], int] = {}
        with self._connect() as connection:
            for first in range(0, len(ids), _MAX_BOUND_IDS):
                some = METRICS.c.run_uuid.in_(ids[first : first + _MAX_BOUND_IDS])
                for run_id, key, count in connection.execute(query.where(some)):
                    counts[run_id, key] = count
        return counts

    def points(
        self, experiment: str, keys: Collection[str] | None, run_ids: Collection[str] | None
    ) -> Iterator[PointColumns]:
        """See `Store.points`."""
        query = _of_active_runs(experiment, METRICS, _POINT_COLUMNS)
        if keys is not None:
            query = query.where(METRICS.c.key.in_(sorted(keys)))
        if run_ids is not None and len(run_ids) <= _MAX_BOUND_IDS:
            query = query.where(METRICS.c.run_uuid.in_(sorted(run_ids)))
        wanted = None if run_ids is None else frozenset(run_ids)
        with self._connect() as connection:
            # Straight from the driver: SQLAlchemy's rows double the time, and no column here needs its types.
            cursor: Any = connection.execute(query).cursor
            while rows := cursor.fetchmany(_ROWS_AT_ONCE):
                if wanted is not None:
                    rows = [row for row in rows if row[0] in wanted]
                if rows:
                    run_uuids, names, steps, times_ms, values, nans = zip(*rows, strict=True)
                    if any(nans):
                        values = tuple(
                            math.nan if nan else value for value, nan in zip(values, nans, strict=True)
                        )
                    yield PointColumns(run_uuids, names, steps, times_ms, values)

    def _points(self, query: sa.Select[Any]) -> Iterator[Point]:
        with self._connect() as connection:
            for run_id, key, step, time_ms, value, is_nan in connection.execute(query):
                yield Point(run_id, key, step, time_ms, math.nan if is_nan else value)

    def _check_experiment(self, connection: sa.Connection, experiment: str) -> None:
        found = sa.select(EXPERIMENTS.c.experiment_id, EXPERIMENTS.c.lifecycle_stage)
        named = connection.execute(found.where(EXPERIMENTS.c.name == experiment)).all()
        if not named:
            names = sa.select(EXPERIMENTS.c.name).where(EXPERIMENTS.c.lifecycle_stage == "active")
            raise UnknownExperimentError.among(self.tracking_uri, experiment, connection.scalars(names))
        if all(stage != "active" for _, stage in named):
            raise DeletedExperimentError(self.tracking_uri, experiment, str(named[0][0]))

    @cached_property
    def _kept_engine(self) -> sa.Engine:
        return self._engine()

    def _engine(self) -> sa.Engine:
        try:
            url = sa.make_url(self.tracking_uri)
            return _sqlite_engine(url) if url.get_backend_name() == "sqlite" else sa.create_engine(url)
        except ValueError as error:  # its message may be a piece of the password
            raise UnreachableStoreError(
                f"{self.tracking_uri}: this tracking URI cannot be opened: its port is not a number; "
                "a password with /, @ or : in it must be percent-encoded"
            ) from error
        except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ImportError) as error:
            raise UnreachableStoreError(
                f"{self.tracking_uri}: this tracking URI cannot be opened: {error}"
            ) from error

    @contextmanager
    def _connect(self, kept: sa.Engine | None = None) -> Iterator[sa.Connection]:
        """Connect, with an engine that stays or with one of its own."""
        engine = kept or self._engine()
        try:
            with engine.connect() as connection:
                yield connection
        except sa.exc.SQLAlchemyError as error:
            raise self._explained(engine, error) from error
        finally:
            if kept is None:
                engine.dispose()

    def _explained(self, engine: sa.Engine, error: sa.exc.SQLAlchemyError) -> Exception:
        """Tell apart what a failed query may mean: a store that is new, foreign, too old, or away."""
        cause = str(getattr(error, "orig", None) or error).strip()
        try:
            found = set(sa.inspect(engine).get_table_names())
        except sa.exc.SQLAlchemyError:
            return UnreachableStoreError(
                f"{self.tracking_uri}: the tracking store cannot be read: {cause}; "
                "check that the address is right and the database is up"
            )
        if not found:
            return UnknownExperimentError(
                f"{self.tracking_uri}: the database is empty: nothing is recorded yet"
            )
        missing = sorted({table.name for table in TABLES} - found)
        if missing:
            return UnreachableStoreError(
                f"{self.tracking_uri}: not a database of MLflow's: it has no table {', '.join(missing)}"
            )
        return UnreachableStoreError(
            f"{self.tracking_uri}: the tracking store cannot be read: {cause}; "
            "if another version of MLflow made it, run `mlflow db upgrade` on it"
        )


def _records(rows: Iterable[Any], tags: Mapping[str, Mapping[str, str]]) -> list[RunRecord]:
    """The records of rows (id, name, status, start, end), by start, then id."""
    records = (
        RunRecord(
            run_id=run_id,
            name=name or "",
            parent_run_id=tags[run_id].get(PARENT),
            kind=tags[run_id].get(KIND, ""),
            status=status,
            start_ms=start_ms or 0,
            end_ms=end_ms,
            tags=tags[run_id],
        )
        for run_id, name, status, start_ms, end_ms in rows
    )
    return sorted(records, key=lambda run: (run.start_ms, run.run_id))


def _of_active_runs(experiment: str, table: sa.TableClause, columns: str) -> sa.Select[Any]:
    """SELECT `columns` of `table`, for the runs of `experiment` that are not deleted."""
    source = RUNS.join(EXPERIMENTS, EXPERIMENTS.c.experiment_id == RUNS.c.experiment_id)
    if table is not RUNS:
        source = source.join(table, table.c.run_uuid == RUNS.c.run_uuid)
    return (
        sa.select(*(table.c[column] for column in columns.split()))
        .select_from(source)
        .where(
            EXPERIMENTS.c.name == experiment,
            EXPERIMENTS.c.lifecycle_stage == "active",
            RUNS.c.lifecycle_stage == "active",
        )
    )


def _runs_tagged() -> sa.Select[Any]:
    """SELECT the runs that have a tag of some value, a row for each of their tags."""
    asked = TAGS.alias("asked")
    return (
        sa.select(
            *(RUNS.c[column] for column in ("run_uuid", "name", "status", "start_time", "end_time")),
            TAGS.c.key,
            TAGS.c.value,
        )
        .select_from(
            asked.join(RUNS, RUNS.c.run_uuid == asked.c.run_uuid)
            .join(EXPERIMENTS, EXPERIMENTS.c.experiment_id == RUNS.c.experiment_id)
            .join(TAGS, TAGS.c.run_uuid == RUNS.c.run_uuid)
        )
        .where(
            asked.c.key == sa.bindparam("tag"),
            asked.c.value == sa.bindparam("value"),
            EXPERIMENTS.c.name == sa.bindparam("experiment"),
            EXPERIMENTS.c.lifecycle_stage == "active",
            RUNS.c.lifecycle_stage == "active",
        )
    )


_RUNS_TAGGED = _runs_tagged()


def _sqlite_engine(url: sa.URL) -> sa.Engine:
    path = Path(url.database or "")
    if not path.exists():
        raise UnknownExperimentError(f"{url}: there is no such file yet: nothing is recorded")
    if not path.is_file():
        raise UnreachableStoreError(f"{url}: not a database file")
    # mode=rw, not ro: it does not create the file either, and after a crash it may roll a half-written
    # transaction back, without which nothing could be read.
    name = f"file:{quote(str(path.absolute()))}?mode=rw"
    return sa.create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(name, uri=True, timeout=BUSY_TIMEOUT_S, check_same_thread=False),
        poolclass=sa.NullPool,
    )
