"""Reads the record as tidy pandas frames, for notebooks and for the report."""

from __future__ import annotations

import math
import warnings
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.read.errors import instead_of
from analysis.read.params import param_value
from analysis.read.record import Record

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from analysis.read.store import RunRecord

IDENTITY_TYPES = {
    "run_id": "str",
    "name": "str",
    "parent_run_id": "str",
    "kind": "str",
    "sweep": "str",
    "trial": "str",
    "fingerprint": "str",
    "attempt": "int64",
    "outcome": "str",
    "reason": "str",
    "status": "str",
    "start_time": "datetime64[ms, UTC]",
    "end_time": "datetime64[ms, UTC]",
    "seconds": "float64",
    "code": "str",
    "files": "str",
    "data": "str",
    "env": "str",
    "current": "bool",
}
"""The columns that every frame of runs has, in their order."""

_TAG_COLUMNS = ("sweep", "trial", "fingerprint", "outcome", "reason", "code", "files", "data", "env")


def load_runs(
    tracking_uri: str, experiment: str, *, parents: bool = False, superseded: bool = False
) -> pd.DataFrame:
    """Return one row a run, by start time: identity, outcome, config, final metrics.

    Deleted runs are left out. So are, unless asked for, the parent runs that merely hold a sweep together, and superseded runs:
    where a trial was trained again, its new run stands for it, and the report shows that one alone. A mean over
    these rows is then the report's, and no repeat counts twice.
    Columns (missing values are NaN, NaT for times):

    | column | type | what |
    | --- | --- | --- |
    | `run_id`, `name`, `parent_run_id` | str | MLflow's id, readable name, id of the sweep's run |
    | `kind` | str | `trial`, `sweep` (parents) or empty (recorded by another tool) |
    | `sweep`, `trial`, `fingerprint` | str | what the run is a run of |
    | `attempt` | int | number of the last attempt; 0 where none is recorded |
    | `outcome`, `reason` | str | finished, failed, pruned, interrupted or orphaned, and why; missing while it runs |
    | `status` | str | MLflow's RUNNING, SCHEDULED, FINISHED, FAILED, KILLED |
    | `start_time`, `end_time` | datetime, UTC | of the first and the last attempt |
    | `seconds` | float | how long its attempts ran in all; missing in older records |
    | `code`, `files`, `data`, `env` | str | identities of code (JSON), files that arguments name (JSON), data (short id) and environment (JSON) |
    | `current` | bool | whether the run stands for its trial; False for superseded ones alone |
    | `params.<key>` | bool, int, float or str | the resolved config, values as the trainer got them |
    | `metrics.<key>` | float | last value: greatest step, then latest time, then greatest value |

    Names and meaning of `params.` and `metrics.` are those of `mlflow.search_runs`, values typed.

    Args:
        tracking_uri: As MLflow takes it: `sqlite:///mlflow.db`, `postgresql://...`, `http://...`, a folder.
        experiment: The experiment's name.
        parents: Whether the sweeps' own runs are rows too.
        superseded: Whether runs are rows too that another run of the same trial has taken the place of.

    Raises:
        UnknownExperimentError: The store has no such experiment (yet).
        UnreachableStoreError: The store does not answer, or is none of MLflow's.
    """
    record = Record(tracking_uri, experiment)
    record.require()
    old = record.superseded
    rows = {
        run.run_id: {**_identity(run), "current": run.run_id not in old}
        for run in record.runs
        if (parents or not run.is_sweep) and (superseded or run.run_id not in old)
    }
    return _run_frame(record, rows)


def load_curves(
    tracking_uri: str,
    experiment: str,
    keys: str | Collection[str] | None = None,
    *,
    run_ids: str | Collection[str] | None = None,
    superseded: bool = False,
) -> pd.DataFrame:
    """Return every metric over its steps as one tidy frame, however many points there are.

    Sorted by `run_id`, `key`, `step`; one row for each of them. Where a step was logged more than once (an
    attempt that started again from an older checkpoint), the latest value stands; where that leaves a tie, the
    greatest.

    | column | type | what |
    | --- | --- | --- |
    | `run_id` | str | MLflow's id, as in `load_runs` |
    | `key` | str | `train/loss`, `val/psnr`, `frame/psnr`, ... |
    | `step` | int | the epoch; the frame for keys under `frame/` |
    | `value` | float | in the metric's unit; NaN where NaN was logged (an infinity comes back as +-1.8e308) |

    Args:
        tracking_uri: As for `load_runs`.
        experiment: The experiment's name.
        keys: Which metrics, or which one; None means all. A key that no run has adds no rows, and is warned of.
        run_ids: Which runs, or which one, superseded or not; None means those of `load_runs`, and the sweeps' own.
        superseded: Whether superseded runs are meant too, as in `load_runs`.

    Warns:
        UserWarning: No run has recorded a key; says which keys are recorded.

    Raises:
        UnknownExperimentError: The store has no such experiment (yet).
        UnreachableStoreError: The store does not answer, or is none of MLflow's.
        IncompleteReadError: The store gave back less than it holds.
    """
    record = Record(tracking_uri, experiment)
    wanted = [keys] if isinstance(keys, str) else keys
    runs = [run_ids] if isinstance(run_ids, str) else run_ids
    if runs is None and not superseded and (old := record.superseded):
        runs = [run.run_id for run in record.runs if run.run_id not in old]
    frame = curves_of(record, wanted, runs)
    if wanted and (runs is None or runs):
        of = "no run" if run_ids is None else "none of these runs"
        for sentence in _not_recorded(record, set(wanted).difference(frame["key"].unique()), runs, of):
            warnings.warn(sentence, stacklevel=2)
    return frame


def _not_recorded(
    record: Record, keys: Collection[str], run_ids: Collection[str] | None, of: str
) -> Iterator[str]:
    """Say of each key that no run has recorded, and what they have."""
    meant = None if run_ids is None else set(run_ids)
    points = record.finals() if keys else ()
    known = sorted({point.key for point in points if meant is None or point.run_id in meant})
    for key in sorted(keys):
        hint, there = instead_of(key, known)
        said = f"{of} of {record.experiment!r} has recorded {key!r}{hint or '.'}"
        yield f"{said} Recorded: {there or 'no metric yet'}"


def curves_of(
    record: Record, keys: Collection[str] | None = None, run_ids: Collection[str] | None = None
) -> pd.DataFrame:
    """Return the frame of `load_curves` for a record that is open already; raises as it does."""
    runs, names = _Codes(), _Codes()
    parts = [
        (
            runs.of(batch.run_ids),
            names.of(batch.keys),
            np.array(batch.steps, np.int64),
            np.array(batch.times_ms, np.int64),
            np.array(batch.values, np.float64),
        )
        for batch in record.points(keys, run_ids)
    ]
    if not parts:
        record.require()  # no points at all: because there is no such experiment?
        none = np.array([], np.int64)
        parts = [(runs.of(()), names.of(()), none, none, none.astype(np.float64))]
    run_codes, name_codes, steps, times_ms, values = (
        np.concatenate(columns) for columns in zip(*parts, strict=True)
    )
    del parts
    run_ranks, name_ranks = runs.ranks()[run_codes], names.ranks()[name_codes]
    # NaN sorts last, and so would win a tie: it is what was logged.
    order = np.lexsort((values, times_ms, steps, name_ranks, run_ranks))
    columns = [column[order] for column in (run_ranks, name_ranks, steps, values)]
    run_ranks, name_ranks, steps = columns[:3]
    kept = np.ones(len(order), bool)
    kept[:-1] = (
        (run_ranks[1:] != run_ranks[:-1]) | (name_ranks[1:] != name_ranks[:-1]) | (steps[1:] != steps[:-1])
    )
    run_ranks, name_ranks, steps, values = (column[kept] for column in columns)
    return pd.DataFrame(
        {
            "run_id": pd.Series(
                pd.Categorical.from_codes(run_ranks, pd.Index(sorted(runs), dtype="str"))
            ).astype("str"),
            "key": pd.Series(
                pd.Categorical.from_codes(name_ranks, pd.Index(sorted(names), dtype="str"))
            ).astype("str"),
            "step": steps,
            "value": values,
        }
    )


class _Codes(dict[str, int]):
    """Numbers for strings, in the order in which they are first met."""

    def __missing__(self, text: str) -> int:
        code = self[text] = len(self)
        return code

    def of(self, texts: Sequence[str]) -> NDArray[np.int32]:
        """The number of each string."""
        return np.fromiter(map(self.__getitem__, texts), np.int32, len(texts))

    def ranks(self) -> NDArray[np.int32]:
        """For each number, the place of its string among the sorted strings."""
        ranks = np.empty(len(self), np.int32)
        ranks[[self[text] for text in sorted(self)]] = np.arange(len(self))
        return ranks


def _run_frame(record: Record, rows: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """The frame of these runs, by id: what identifies each, and the columns of params and metrics."""
    params: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    for run_id, key, value in record.params():
        if run_id in rows:
            params[f"params.{key}"][run_id] = param_value(value)
    metrics: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for point in record.finals():
        if point.run_id in rows:
            metrics[f"metrics.{point.key}"][point.run_id] = point.value
    columns: dict[str, Any] = {
        column: _typed([row[column] for row in rows.values()], dtype)
        for column, dtype in IDENTITY_TYPES.items()
    }
    for column, values in sorted(params.items()):
        columns[column] = pd.Series([values.get(run_id) for run_id in rows], dtype="object").infer_objects()
    for column, finals in sorted(metrics.items()):
        columns[column] = pd.Series([finals.get(run_id, math.nan) for run_id in rows], dtype="float64")
    return pd.DataFrame(columns)


def _typed(values: list[Any], dtype: Any) -> pd.Series[Any]:
    """A column with NaN for None. Before pandas 3, `astype("str")` makes the text "None" of what is missing."""
    column: pd.Series[Any] = pd.Series(
        [math.nan if value is None else value for value in values], dtype=dtype
    )
    return column


def _identity(run: RunRecord) -> dict[str, Any]:
    return {
        "run_id": run.run_id,
        "name": run.name,
        "parent_run_id": run.parent_run_id,
        "kind": run.kind,
        "attempt": run.attempt,
        "status": run.status,
        "start_time": pd.Timestamp(run.start_ms, unit="ms", tz="UTC"),
        "end_time": None if run.end_ms is None else pd.Timestamp(run.end_ms, unit="ms", tz="UTC"),
        "seconds": run.seconds,
        **{column: run.tags.get(f"sweeps.{column}") for column in _TAG_COLUMNS},
    }
