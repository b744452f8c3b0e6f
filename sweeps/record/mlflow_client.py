"""MLflow's client as the ledger uses it: it prints nothing, and it waits while the store is away."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, TypeVar

from analysis.read.errors import AnalysisError, masked
from sweeps.errors import RecordError
from sweeps.record.outage import first_line, is_away

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mlflow.tracking import MlflowClient

    from sweeps.record.batching import Batch
    from sweeps.record.outage import Outage

_T = TypeVar("_T")


def quiet_mlflow() -> None:
    """Keep MLflow from printing and from sending telemetry, here and in the processes that inherit it."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "CRITICAL")  # its errors are raised, and printed once
    logging.getLogger("alembic").setLevel(logging.WARNING)


class PatientClient:
    """MLflow's client of one store, with one way to call it.

    Args:
        uri: The tracking URI.
        mlflow: MLflow's own client of that store.
        outage: How long a store that is away is waited for.
    """

    def __init__(self, uri: str, mlflow: MlflowClient, outage: Outage) -> None:
        self.uri = uri
        self.mlflow = mlflow
        self.outage = outage

    @classmethod
    def connect(cls, uri: str, outage: Outage) -> PatientClient:
        """A client of the store at `uri`.

        Raises:
            RecordError: The store cannot be opened.
        """
        from mlflow.tracking import MlflowClient

        _turn_off_retries()
        return cls(uri, _patiently(uri, outage, lambda: MlflowClient(uri)), outage)

    def call(self, request: Callable[[], _T]) -> _T:
        """Make a request and return its answer; see `_patiently`.

        Raises:
            RecordError: The store refuses, or is away for too long.
        """
        return _patiently(self.uri, self.outage, request)

    def send(self, run_id: str, batches: Iterable[Batch]) -> None:
        """Send metrics, params and tags of a run, batch by batch; raises as `call`."""
        for batch in batches:
            self.call(lambda batch=batch: self.mlflow.log_batch(run_id, **batch))  # type: ignore[misc]


def _patiently(uri: str, outage: Outage, request: Callable[[], _T]) -> _T:
    """Make a request; a store that is away is waited for, anything else that fails is a `RecordError`.

    A request whose answer was lost is made again: it must do no harm twice.
    """
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    while True:
        try:
            answer = request()
        except (MlflowException, SQLAlchemyError, AnalysisError, OSError) as error:
            failure = RecordError(f"{masked(uri)}: the record cannot be written: {first_line(error)}")
            failure.__cause__ = error
        except RecordError as error:
            failure = error
        else:
            outage.over()
            return answer
        if not is_away(failure):
            raise failure
        outage.wait(failure)


def _turn_off_retries() -> None:
    """Make MLflow's client try once: it would repeat a creation whose answer was lost, and wait for minutes between.

    In this process alone: a variable would be inherited by trials, some of which talk to the server themselves.
    """
    from mlflow.environment_variables import MLFLOW_HTTP_REQUEST_MAX_RETRIES

    MLFLOW_HTTP_REQUEST_MAX_RETRIES.default = 0
