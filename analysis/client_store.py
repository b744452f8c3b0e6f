"""Every other store (an HTTP server, a folder), through MLflow's client: paged, in parallel, counts checked."""

from __future__ import annotations

import warnings
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from analysis.errors import IncompleteReadError, UnknownExperimentError, UnreachableStoreError
from analysis.record import KIND_TAG, PARENT_TAG, Batch, Point, RunRecord

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

PAGE_RUNS = 1000
"""Runs asked for at a time."""
THREADS = 8
"""Metric histories asked for at once: the waiting is the network's."""
PROBE_TIMEOUT_S = 10.0
"""How long a server may take to answer at all; MLflow's own retries go on for minutes."""


class ClientStore:
    """The record behind MLflow's client."""

    def __init__(self, tracking_uri: str) -> None:
        """Remember where the store is; nothing is opened yet."""
        self.tracking_uri = tracking_uri
        self._read: dict[str, list[Any]] = {}

    def runs(self, experiment: str) -> list[RunRecord]:
        """See `Store.runs`."""
        self._read.pop(experiment, None)  # a caller that asks again wants to know how it stands now
        records = (
            RunRecord(
                run_id=run.info.run_id,
                name=run.info.run_name or "",
                parent_run_id=run.data.tags.get(PARENT_TAG),
                kind=run.data.tags.get(KIND_TAG, ""),
                status=run.info.status,
                start_ms=run.info.start_time or 0,
                end_ms=run.info.end_time or None,
                tags=dict(run.data.tags),
            )
            for run in self._runs(experiment)
        )
        return sorted(records, key=lambda run: (run.start_ms, run.run_id))

    def params(self, experiment: str) -> Iterator[tuple[str, str, str]]:
        """See `Store.params`."""
        for run in self._runs(experiment):
            for key, value in run.data.params.items():
                yield run.info.run_id, key, value

    def finals(self, experiment: str, keys: Collection[str] | None = None) -> Iterator[Point]:
        """See `Store.finals`."""
        for run in self._runs(experiment):
            for metric in _last_metrics(run):
                if keys is not None and metric.key not in keys:
                    continue
                yield _point(run.info.run_id, metric)

    def points(
        self, experiment: str, keys: Collection[str] | None, run_ids: Collection[str] | None
    ) -> Iterator[Batch]:
        """See `Store.points`."""
        wanted = [
            _point(run.info.run_id, metric)
            for run in self._runs(experiment)
            if run_ids is None or run.info.run_id in run_ids
            for metric in _last_metrics(run)
            if keys is None or metric.key in keys
        ]
        with ThreadPoolExecutor(THREADS) as pool:
            for history in pool.map(self._history, wanted):
                yield Batch(*zip(*history, strict=True))

    def _history(self, last: Point) -> list[Point]:
        from mlflow.exceptions import MlflowException

        try:
            metrics = self._client.get_metric_history(last.run_id, last.key)
        except MlflowException as error:
            raise self._unreadable(error) from error
        points = [_point(last.run_id, metric) for metric in metrics]
        if not any((point.step, point.time_ms) >= (last.step, last.time_ms) for point in points):
            raise IncompleteReadError(
                f"{self.tracking_uri}: run {last.run_id}: {last.key} stands at step {last.step}, but its history "
                f"has {len(points)} points that end before; the server cuts long answers short: read its database"
            )
        return points

    def _runs(self, experiment: str) -> list[Any]:
        if experiment not in self._read:
            self._read[experiment] = self._fetch_runs(experiment)
        return self._read[experiment]

    def _fetch_runs(self, experiment: str) -> list[Any]:
        from mlflow.exceptions import MlflowException

        try:
            found = self._client.get_experiment_by_name(experiment)
            if found is None or found.lifecycle_stage != "active":
                state = "is not recorded there" if found is None else "was deleted there"
                raise UnknownExperimentError(
                    f"{self.tracking_uri}: experiment {experiment!r} {state}; "
                    "check `experiment:` and the tracking URI, or start the sweep"
                )
            runs: dict[str, Any] = {}
            token: str | None = None
            while True:
                page = self._client.search_runs(
                    [found.experiment_id],
                    max_results=PAGE_RUNS,
                    order_by=["start_time ASC"],
                    page_token=token,
                )
                runs.update((run.info.run_id, run) for run in page)
                token = page.token
                if not token:
                    return list(runs.values())
        except MlflowException as error:
            raise self._unreadable(error) from error

    @cached_property
    def _client(self) -> Any:
        self._probe()
        from mlflow.exceptions import MlflowException
        from mlflow.tracking import MlflowClient

        try:
            with warnings.catch_warnings():
                warnings.filterwarnings(
                    "ignore", category=FutureWarning, module="mlflow"
                )  # "folders are old"
                return MlflowClient(tracking_uri=self.tracking_uri)
        except MlflowException as error:
            raise self._unreadable(error) from error

    def _probe(self) -> None:
        """Fail soon and plainly where there is nobody, and before a folder is created by looking at it."""
        parts = urlsplit(self.tracking_uri)
        if parts.scheme in {"http", "https"}:
            import requests

            try:
                requests.get(f"{self.tracking_uri.rstrip('/')}/health", timeout=PROBE_TIMEOUT_S)
            except requests.RequestException as error:
                raise UnreachableStoreError(
                    f"{self.tracking_uri}: the tracking server does not answer ({type(error).__name__}); "
                    "check the address and that it is up"
                ) from error
        elif parts.scheme in {"", "file"}:
            folder = Path(url2pathname(parts.path))
            if not folder.exists():
                raise UnknownExperimentError(
                    f"{self.tracking_uri}: there is no such folder yet: nothing is recorded"
                )

    def _unreadable(self, error: Exception) -> UnreachableStoreError:
        return UnreachableStoreError(f"{self.tracking_uri}: the tracking store cannot be read: {error}")


def _last_metrics(run: Any) -> list[Any]:
    # The one place where the client tells a metric's last step: `run.data.metrics` has values alone.
    metrics: list[Any] = run.data._metric_objs  # noqa: SLF001
    return metrics


def _point(run_id: str, metric: Any) -> Point:
    return Point(run_id, metric.key, metric.step, metric.timestamp, metric.value)
