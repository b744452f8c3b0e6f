"""The statements that write MLflow's tables as its own store of SQL databases does. Each is done in a transaction of the caller.

The tables are those of the revision that `known.py` names; a test does everything both ways and compares all rows.
"""

from __future__ import annotations

import math
import posixpath
import time
import uuid
from typing import TYPE_CHECKING, Any

from analysis.read.tags import RUN_NAME, USER
from sweeps.record.store.base import Experiment, Run
from sweeps.record.store.local_artifacts import UnusualError
from sweeps.rundir.store_limits import MAX_PARAM, MAX_TAG, of_name, of_step

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence

    from sweeps.record.store.base import Metric, Param, Tag

MOST_ITEMS, MOST_TEXTS = 1000, 100
"""How many items a batch holds, and how many params, and tags, among them."""
STATUSES = frozenset({"RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"})
MOST_EXPERIMENT_NAME = 500
_GREATEST = 1.7976931348623157e308
"""Stands for an infinity, which SQL does not have."""

_EXPERIMENT = "SELECT experiment_id, lifecycle_stage FROM experiments WHERE {} = ?"
_NEW_EXPERIMENT = """
INSERT INTO experiments (experiment_id, name, artifact_location, lifecycle_stage, creation_time, last_update_time, workspace)
VALUES (?, ?, ?, 'active', ?, ?, 'default')
"""
_NEW_RUN = """
INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time, end_time,
                  source_version, lifecycle_stage, artifact_uri, experiment_id, deleted_time)
VALUES (?, ?, 'UNKNOWN', '', '', ?, 'RUNNING', ?, NULL, '', 'active', ?, ?, NULL)
"""
_SET_TAG = """
INSERT INTO tags (key, value, run_uuid) VALUES (?, ?, ?)
ON CONFLICT (key, run_uuid) DO UPDATE SET value = excluded.value
"""
_NEW_METRIC = """
INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (key, timestamp, step, run_uuid, value, is_nan) DO NOTHING
"""
_LATEST_METRIC = """
INSERT INTO latest_metrics (key, value, timestamp, run_uuid, step, is_nan) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (key, run_uuid) DO UPDATE
SET value = excluded.value, timestamp = excluded.timestamp, step = excluded.step, is_nan = excluded.is_nan
WHERE (excluded.step, excluded.timestamp, excluded.value)
    > (latest_metrics.step, latest_metrics.timestamp, latest_metrics.value)
"""
_Row = tuple[Any, ...]


def require_schema(connection: sqlite3.Connection, schema: str) -> None:
    """Make sure that the tables are those of a revision, and that they are used as MLflow's client uses them by default.

    Raises:
        UnusualError: They are not.
        sqlite3.Error: There are no such tables.
    """
    found = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    others = connection.execute("SELECT 1 FROM experiments WHERE workspace != 'default' LIMIT 1").fetchall()
    if found != [(schema,)] or others:
        raise UnusualError


def create_default_experiment(connection: sqlite3.Connection, root: str) -> None:
    """Make the experiment 0, unless another process was faster."""
    if experiment(connection, "experiment_id", 0) is None:
        _insert_experiment(connection, 0, "Default", posixpath.join(root, "0"))


def experiment(connection: sqlite3.Connection, column: str, value: str | int) -> Experiment | None:
    """The experiment that has a value in a column, `name` or `experiment_id`."""
    found = connection.execute(_EXPERIMENT.format(column), (value,)).fetchone()
    return None if found is None else Experiment(str(found[0]), found[1])


def create_experiment(connection: sqlite3.Connection, root: str, name: str, tags: Mapping[str, str]) -> str:
    """Create an experiment whose artifacts are below `root`; returns its id."""
    if not 0 < len(name) <= MOST_EXPERIMENT_NAME:
        raise UnusualError
    (last,) = connection.execute("SELECT MAX(experiment_id) FROM experiments").fetchone()
    number = last + 1
    _insert_experiment(connection, number, name, posixpath.join(root, str(number)))
    connection.executemany(
        "INSERT INTO experiment_tags (key, value, experiment_id) VALUES (?, ?, ?)",
        [(key, value, number) for key, value in tags.items()],
    )
    return str(number)


def create_run(
    connection: sqlite3.Connection, experiment_id: int, start_ms: int, tags: Mapping[str, str], name: str
) -> Run:
    """Create a run of an experiment that is not deleted and keeps its artifacts on this machine."""
    found = connection.execute(
        "SELECT artifact_location FROM experiments WHERE experiment_id = ? AND lifecycle_stage = 'active'",
        (experiment_id,),
    ).fetchone()
    if found is None or not str(found[0]).startswith("/") or not name or not start_ms or RUN_NAME in tags:
        raise UnusualError
    run_id = uuid.uuid4().hex
    place = posixpath.join(found[0], run_id, "artifacts")
    user = tags.get(USER, "unknown")
    connection.execute(_NEW_RUN, (run_id, name, user, start_ms, place, experiment_id))
    every = {**tags, RUN_NAME: name}
    connection.executemany(
        "INSERT INTO tags (key, value, run_uuid) VALUES (?, ?, ?)",
        [(key, value, run_id) for key, value in every.items()],
    )
    return Run(run_id, "active", place, every)


def run(connection: sqlite3.Connection, run_id: str) -> Run:
    """A run with its tags, params and last steps, deleted or not."""
    found = connection.execute(
        "SELECT lifecycle_stage, artifact_uri FROM runs WHERE run_uuid = ?", (run_id,)
    ).fetchone()
    if found is None:
        raise UnusualError
    tags, params, steps = (
        dict(connection.execute(f"SELECT key, {column} FROM {table} WHERE run_uuid = ?", (run_id,)))  # noqa: S608 - the names above
        for table, column in (("tags", "value"), ("params", "value"), ("latest_metrics", "step"))
    )
    return Run(run_id, found[0], found[1], tags, params, steps)


def place_of(connection: sqlite3.Connection, run_id: str) -> str:
    """Where a run's artifacts are."""
    found = connection.execute("SELECT artifact_uri FROM runs WHERE run_uuid = ?", (run_id,)).fetchone()
    if found is None:
        raise UnusualError
    return str(found[0])


def set_running(connection: sqlite3.Connection, run_id: str) -> None:
    """Make a run RUNNING."""
    _require_active(connection, run_id)
    connection.execute("UPDATE runs SET status = 'RUNNING' WHERE run_uuid = ?", (run_id,))


def set_terminated(connection: sqlite3.Connection, run_id: str, status: str, end_ms: int | None) -> None:
    """End a run."""
    _require_active(connection, run_id)
    if status not in STATUSES:
        raise UnusualError
    end_ms = end_ms or int(time.time() * 1000)
    connection.execute(
        "UPDATE runs SET status = ?, end_time = ? WHERE run_uuid = ?", (status, end_ms, run_id)
    )


def delete_tag(connection: sqlite3.Connection, run_id: str, key: str) -> None:
    """Delete a tag that the run has."""
    _require_active(connection, run_id)
    deleted = connection.execute("DELETE FROM tags WHERE run_uuid = ? AND key = ?", (run_id, key))
    if deleted.rowcount != 1:
        raise UnusualError


def write_batch(
    connection: sqlite3.Connection,
    run_id: str,
    metrics: Sequence[Metric],
    params: Sequence[Param],
    tags: Sequence[Tag],
) -> None:
    """Record a batch whose every item is one that MLflow takes as it is."""
    items = len(metrics) + len(params) + len(tags)
    if items > MOST_ITEMS or max(len(params), len(tags)) > MOST_TEXTS:
        raise UnusualError
    _require_active(connection, run_id)
    _write_params(connection, run_id, params)
    if metrics:
        rows = [_metric_row(run_id, metric) for metric in metrics]
        connection.executemany(_NEW_METRIC, rows)
        connection.executemany(_LATEST_METRIC, _latest(rows))
    for key, value in tags:
        if not _is_plain(key, value, MAX_TAG) or (key == RUN_NAME and not value):
            raise UnusualError
    connection.executemany(_SET_TAG, [(key, value, run_id) for key, value in tags])
    names = [(value, run_id) for key, value in tags if key == RUN_NAME]
    connection.executemany("UPDATE runs SET name = ? WHERE run_uuid = ?", names)


def _insert_experiment(connection: sqlite3.Connection, number: int, name: str, place: str) -> None:
    now_ms = int(time.time() * 1000)
    connection.execute(_NEW_EXPERIMENT, (number, name, place, now_ms, now_ms))


def _require_active(connection: sqlite3.Connection, run_id: str) -> None:
    found = connection.execute("SELECT lifecycle_stage FROM runs WHERE run_uuid = ?", (run_id,)).fetchone()
    if found != ("active",):
        raise UnusualError


def _write_params(connection: sqlite3.Connection, run_id: str, params: Sequence[Param]) -> None:
    if not params:
        return
    if len({param.key for param in params}) < len(params):
        raise UnusualError
    recorded = dict(connection.execute("SELECT key, value FROM params WHERE run_uuid = ?", (run_id,)))
    new = []
    for key, value in params:
        if not _is_plain(key, value, MAX_PARAM) or recorded.get(key, value) != value:
            raise UnusualError
        if key not in recorded:
            new.append((key, value, run_id))
    connection.executemany("INSERT INTO params (key, value, run_uuid) VALUES (?, ?, ?)", new)


def _is_plain(key: str, value: object, most: int) -> bool:
    return of_name(key) is None and isinstance(value, str) and len(value) <= most


def _metric_row(run_id: str, metric: Metric) -> _Row:
    """A point as the tables have it: NaN is 0 and marked, an infinity the greatest number."""
    key, value, time_ms, step, model_id = metric
    if of_name(key) or of_step(step) or time_ms < 0 or model_id is not None:
        raise UnusualError
    value = float(value)
    is_nan = math.isnan(value)
    if is_nan:
        value = 0.0
    elif math.isinf(value):
        value = math.copysign(_GREATEST, value)
    return key, value, time_ms, run_id, step, int(is_nan)


def _latest(rows: Iterable[_Row]) -> Iterable[_Row]:
    """The last point of each metric among some: by step, then time, then value; of equal ones the first."""
    latest: dict[str, _Row] = {}
    for row in rows:
        known = latest.get(row[0])
        if known is None or (row[4], row[2], row[1]) > (known[4], known[2], known[1]):
            latest[row[0]] = row
    return latest.values()
