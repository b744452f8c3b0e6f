"""A store of any kind, written through MLflow's own client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.read.errors import masked
from analysis.read.store import absolute_uri
from sweeps.errors import RecordError
from sweeps.record.store.base import Experiment, Run
from sweeps.record.store.known import mlflow_version
from sweeps.record.store.loaded import loaded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from mlflow.tracking import MlflowClient

    from sweeps.record.store.base import Ending, Metric, Param, Tag


class MlflowStore:
    """Writes with MLflow's client; see `RunStore`.

    Args:
        uri: The tracking URI.
        mlflow: MLflow's client of that store.
    """

    def __init__(self, uri: str, mlflow: MlflowClient) -> None:
        self.uri = uri
        self.mlflow = mlflow

    @classmethod
    def connect(cls, uri: str) -> MlflowStore:
        """Connect to a store; an empty database gets its tables.

        Raises:
            RecordError: A newer MLflow than this one has made the tables.
        """
        from mlflow.tracking import MlflowClient

        _turn_off_retries()
        try:
            return cls(uri, MlflowClient(absolute_uri(uri)))
        except Exception as error:
            if not isinstance(error, loaded("alembic.util.exc", "CommandError")):
                raise
            raise RecordError(
                f"{masked(uri)}: MLflow {mlflow_version()} does not know these tables; use an MLflow as new as the one that made them"
            ) from error

    def experiment(self, name: str) -> Experiment | None:
        """See `RunStore.experiment`."""
        found = self.mlflow.get_experiment_by_name(name)
        return None if found is None else Experiment(str(found.experiment_id), found.lifecycle_stage)

    def experiment_of_id(self, experiment_id: str) -> Experiment:
        """See `RunStore.experiment_of_id`."""
        found = self.mlflow.get_experiment(experiment_id)
        return Experiment(str(found.experiment_id), found.lifecycle_stage)

    def create_experiment(self, name: str, tags: Mapping[str, str]) -> str:
        """See `RunStore.create_experiment`."""
        return str(self.mlflow.create_experiment(name, tags=dict(tags)))

    def create_run(self, experiment_id: str, start_ms: int, tags: Mapping[str, str], name: str) -> Run:
        """See `RunStore.create_run`."""
        return _run(self.mlflow.create_run(experiment_id, start_ms, dict(tags), name))

    def get_run(self, run_id: str) -> Run:
        """See `RunStore.get_run`."""
        return _run(self.mlflow.get_run(run_id))

    def set_running(self, run_id: str) -> None:
        """See `RunStore.set_running`."""
        self.mlflow.update_run(run_id, status="RUNNING")

    def set_terminated(self, run_id: str, status: str, end_ms: int | None = None) -> None:
        """See `RunStore.set_terminated`."""
        self.mlflow.set_terminated(run_id, status, end_ms)

    def set_tag(self, run_id: str, key: str, value: str) -> None:
        """See `RunStore.set_tag`."""
        self.mlflow.set_tag(run_id, key, value)

    def delete_tag(self, run_id: str, key: str) -> None:
        """See `RunStore.delete_tag`."""
        self.mlflow.delete_tag(run_id, key)

    def log_batch(
        self,
        run_id: str,
        metrics: Sequence[Metric],
        params: Sequence[Param],
        tags: Sequence[Tag],
        ending: Ending | None = None,
    ) -> None:
        """See `RunStore.log_batch`; the end is a second request."""
        from mlflow import entities

        self.mlflow.log_batch(
            run_id,
            metrics=[
                entities.Metric(m.key, m.value, m.timestamp, m.step, model_id=m.model_id) for m in metrics
            ],
            params=[entities.Param(*param) for param in params],
            tags=[entities.RunTag(*tag) for tag in tags],
        )
        if ending is not None:
            self.mlflow.set_terminated(run_id, *ending)

    def log_artifact(
        self, run_id: str, path: Path, folder: str | None = None, location: str | None = None
    ) -> None:
        """See `RunStore.log_artifact`. Where the location is not known, MLflow's client asks the store for it."""
        if location is None:
            self.mlflow.log_artifact(run_id, str(path), folder)
            return
        from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

        files: Any = get_artifact_repository(location, tracking_uri=absolute_uri(self.uri))
        files.log_artifact(str(path), folder)

    def log_text(self, run_id: str, text: str, name: str) -> None:
        """See `RunStore.log_text`."""
        self.mlflow.log_text(run_id, text, name)


def server_version(uri: str, timeout_s: float) -> tuple[str, str | None]:
    """The version of the MLflow of a server and the date that it has, asked with the passwords and certificates of MLflow's client.

    Raises:
        RecordError: It does not answer within so many seconds, or refuses.
    """
    from mlflow.exceptions import MlflowException
    from mlflow.utils.credentials import get_default_host_creds
    from mlflow.utils.rest_utils import http_request

    host: Any = get_default_host_creds(uri)  # type: ignore[no-untyped-call]
    once = {"max_retries": 0, "retry_codes": (), "timeout": timeout_s}
    try:
        answer: Any = http_request(host, "/version", "GET", **once)  # type: ignore[no-untyped-call]
        answer.raise_for_status()
    except (MlflowException, OSError) as error:
        raise RecordError(f"{masked(uri)}: {masked(error)}") from None
    return answer.text[:100].strip(), answer.headers.get("Date")


def _run(found: Any) -> Run:
    """A run of MLflow's; the client's public `data.metrics` has values alone, and no steps."""
    return Run(
        str(found.info.run_id),
        found.info.lifecycle_stage,
        found.info.artifact_uri,
        found.data.tags,
        found.data.params,
        {metric.key: metric.step for metric in found.data._metric_objs},  # noqa: SLF001 - see above
    )


def _turn_off_retries() -> None:
    """Make MLflow's client try once: it would repeat a creation whose answer was lost, and wait for minutes between.

    In this process alone: a variable would be inherited by trials, some of which talk to the server themselves.
    """
    from mlflow.environment_variables import MLFLOW_HTTP_REQUEST_MAX_RETRIES

    MLFLOW_HTTP_REQUEST_MAX_RETRIES.default = 0
