"""Reads every other store (an HTTP server, a folder) through MLflow's client: paged, in parallel, counts checked."""

from __future__ import annotations

import warnings
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from analysis.read.errors import (
    DeletedExperimentError,
    IncompleteReadError,
    UnknownExperimentError,
    UnreachableStoreError,
)
from analysis.read.store import Point, PointColumns, RunPlace, RunRecord, absolute_uri, is_server
from analysis.read.stores.history_cache import History, HistoryCache
from analysis.read.tags import KIND, PARENT

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

PAGE_RUNS = 1000
"""Runs asked for at a time."""
PAGE_POINTS = 10_000
"""Points of a history asked for at a time."""
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
        self._cache = HistoryCache(tracking_uri) if is_server(tracking_uri) else None

    def runs(self, experiment: str) -> list[RunRecord]:
        """See `Store.runs`."""
        self._read.pop(experiment, None)  # a caller that asks again wants to know how it stands now
        return _records(self._runs(experiment))

    def runs_tagged(self, experiment: str, tag: str, value: str) -> list[RunRecord]:
        """See `Store.runs_tagged`."""
        return _records(self._fetch_runs(experiment, f"tags.`{tag}` = '{value}'"))

    def places(self, experiment: str) -> list[RunPlace]:
        """See `Store.places`."""
        from mlflow.entities import ViewType

        runs = self._fetch_runs(experiment, view=ViewType.ALL)
        places = (
            RunPlace(run.info.run_id, run.info.lifecycle_stage != "active", run.info.artifact_uri or "")
            for run in runs
        )
        return sorted(places)

    def experiment_id(self, experiment: str) -> str:
        """See `Store.experiment_id`."""
        from mlflow.exceptions import MlflowException

        try:
            found = self._client.get_experiment_by_name(experiment)
        except MlflowException as error:
            raise self._unreadable(error) from error
        if found is None:
            raise UnknownExperimentError.among(self.tracking_uri, experiment, self._experiments())
        if found.lifecycle_stage != "active":
            raise DeletedExperimentError(self.tracking_uri, experiment, found.experiment_id)
        return str(found.experiment_id)

    def _experiments(self) -> list[str]:
        """The names of the experiments, for a message: none where the store does not say."""
        from mlflow.exceptions import MlflowException

        try:
            return [one.name for one in self._client.search_experiments()]
        except MlflowException:
            return []

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

    def counts(self, experiment: str, run_ids: Collection[str]) -> Mapping[tuple[str, str], int]:  # noqa: ARG002 - see `Store`
        """See `Store.counts`: MLflow's client cannot count."""
        return {}

    def points(
        self, experiment: str, keys: Collection[str] | None, run_ids: Collection[str] | None
    ) -> Iterator[PointColumns]:
        """See `Store.points`."""
        runs = [run for run in self._runs(experiment) if run_ids is None or run.info.run_id in run_ids]
        client = self._client  # made here, not by all threads at once
        with ThreadPoolExecutor(THREADS) as pool:
            asked = []
            for run in runs:
                run_id = run.info.run_id
                kept = self._cache.read(run_id) if self._cache else {}
                lasts = [_point(run_id, m) for m in _last_metrics(run) if keys is None or m.key in keys]
                futures = [pool.submit(self._history, client, last, kept.get(last.key)) for last in lasts]
                asked.append((run_id, kept, lasts, futures))
            for run_id, kept, lasts, futures in asked:
                found = {last.key: future.result() for last, future in zip(lasts, futures, strict=True)}
                if self._cache and any(kept.get(key) != history for key, history in found.items()):
                    self._cache.write(run_id, {**kept, **found})
                for key, history in found.items():
                    count = len(history.steps)
                    yield PointColumns([run_id] * count, [key] * count, *history)
        if self._cache:
            self._cache.trim()

    def _history(self, client: Any, last: Point, kept: History | None) -> History:
        """Every point of a metric, of which `kept` are known, in the server's order."""
        if kept is not None:
            tail = self._pages(client, last, len(kept.steps) - 1)
            history = (
                kept.followed_by(tail) if tail.starts_with_end_of(kept) else self._pages(client, last, 0)
            )
        else:
            history = self._pages(client, last, 0)
        ends = (last.step, last.time_ms)
        if not any(point >= ends for point in zip(history.steps, history.times_ms, strict=True)):
            raise IncompleteReadError(
                f"{self.tracking_uri}: run {last.run_id}: {last.key} stands at step {last.step}, but its history has "
                f"{len(history.steps)} points that end before; the server cuts long answers short: read its database"
            )
        return history

    def _pages(self, client: Any, last: Point, offset: int) -> History:
        """The points from place `offset` on, page by page until the server says that there is no more."""
        from mlflow.exceptions import MlflowException
        from mlflow.utils.search_utils import SearchUtils

        # The client's own get_metric_history takes no page; the store behind it does.
        store = client._tracking_client.store  # noqa: SLF001
        history = History([], [], [])
        token: str | None = None
        if offset:
            token = SearchUtils.create_page_token(offset)  # type: ignore[no-untyped-call]
        try:
            while True:
                page = store.get_metric_history(
                    last.run_id, last.key, max_results=PAGE_POINTS, page_token=token
                )
                history.steps.extend(metric.step for metric in page)
                history.times_ms.extend(metric.timestamp for metric in page)
                history.values.extend(metric.value for metric in page)
                token = page.token
                if not token:
                    return history
        except MlflowException as error:
            raise self._unreadable(error) from error

    def _runs(self, experiment: str) -> list[Any]:
        if experiment not in self._read:
            self._read[experiment] = self._fetch_runs(experiment)
        return self._read[experiment]

    def _fetch_runs(self, experiment: str, which: str = "", view: int | None = None) -> list[Any]:
        """The runs that a filter names; of a view of MLflow's (`ViewType`), None: those that are not deleted."""
        from mlflow.entities import ViewType
        from mlflow.exceptions import MlflowException

        found = self.experiment_id(experiment)
        try:
            runs: dict[str, Any] = {}
            token: str | None = None
            while True:
                page = self._client.search_runs(
                    [found],
                    filter_string=which,
                    run_view_type=ViewType.ACTIVE_ONLY if view is None else view,
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
                return MlflowClient(tracking_uri=absolute_uri(self.tracking_uri))
        except MlflowException as error:
            raise self._unreadable(error) from error

    def _probe(self) -> None:
        """Fail soon and plainly where there is nobody, and before a folder is created by looking at it."""
        if is_server(self.tracking_uri):
            import requests

            try:
                requests.get(f"{self.tracking_uri.rstrip('/')}/health", timeout=PROBE_TIMEOUT_S)
            except requests.RequestException as error:
                raise UnreachableStoreError(
                    f"{self.tracking_uri}: the tracking server does not answer ({type(error).__name__}); "
                    "check the address and that it is up"
                ) from error
            return
        parts = urlsplit(self.tracking_uri)
        if parts.scheme in {"", "file"}:
            folder = Path(url2pathname(parts.path))
            if not folder.exists():
                raise UnknownExperimentError(
                    f"{self.tracking_uri}: there is no such folder yet: nothing is recorded"
                )

    def _unreadable(self, error: Exception) -> UnreachableStoreError:
        return UnreachableStoreError(f"{self.tracking_uri}: the tracking store cannot be read: {error}")


def _records(runs: Iterable[Any]) -> list[RunRecord]:
    """The records of MLflow's runs, by start, then id."""
    records = (
        RunRecord(
            run_id=run.info.run_id,
            name=run.info.run_name or "",
            parent_run_id=run.data.tags.get(PARENT),
            kind=run.data.tags.get(KIND, ""),
            status=run.info.status,
            start_ms=run.info.start_time or 0,
            end_ms=run.info.end_time or None,
            tags=dict(run.data.tags),
        )
        for run in runs
    )
    return sorted(records, key=lambda run: (run.start_ms, run.run_id))


def _last_metrics(run: Any) -> list[Any]:
    # The one place where the client tells a metric's last step: `run.data.metrics` has values alone.
    metrics: list[Any] = run.data._metric_objs  # noqa: SLF001
    return metrics


def _point(run_id: str, metric: Any) -> Point:
    return Point(run_id, metric.key, metric.step, metric.timestamp, metric.value)
