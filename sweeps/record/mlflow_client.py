"""A store as the ledger uses it: nothing is printed, what it refuses is set aside, and while it is away it is waited for."""

from __future__ import annotations

import itertools
import logging
import os
import sqlite3
from json import JSONDecodeError
from typing import TYPE_CHECKING, TypeVar

from analysis.read.errors import AnalysisError, DeletedExperimentError, masked
from sweeps.errors import RecordError, RefusedError, RunGoneError
from sweeps.record.batching import ends_of, is_empty, parts_of, refused_items, sorted_out, without_params
from sweeps.record.outage import first_line, is_away
from sweeps.record.refusals import Refusals, Refused, is_refusal
from sweeps.record.store.loaded import is_mlflow_error, loaded
from sweeps.record.store.mlflow_store import MlflowStore
from sweeps.record.store.sqlite_store import SqliteStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mlflow.tracking import MlflowClient

    from sweeps.record.batching import Batch
    from sweeps.record.outage import Outage
    from sweeps.record.store.base import Ending, Run, RunStore

_T = TypeVar("_T")


def quiet_mlflow() -> None:
    """Keep MLflow from printing and from sending telemetry, here and in the processes that inherit it."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "CRITICAL")  # its errors are raised, and printed once
    os.environ.setdefault(
        "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true"
    )  # of a server, for each run that ends
    logging.getLogger("alembic").setLevel(logging.WARNING)
    # Where MLflow looks after its tables, it sets that level anew.
    logging.getLogger("alembic.runtime.migration").addFilter(_is_warning)


def _is_warning(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING


class PatientClient:
    """One store, with one way to call it.

    Args:
        uri: The tracking URI.
        store: What writes it.
        outage: How long a store that is away is waited for.
        refusals: Keeps what the store refuses of a run.
    """

    def __init__(self, uri: str, store: RunStore, outage: Outage, refusals: Refusals | None = None) -> None:
        self.uri = uri
        self.store = store
        self.outage = outage
        self.refusals = refusals or Refusals()
        self.experiment: tuple[str, str] | None = None
        """The name and the id of the experiment that is written, once it is known."""

    @classmethod
    def connect(cls, uri: str, outage: Outage, refusals: Refusals | None = None) -> PatientClient:
        """A client of the store at `uri`.

        Raises:
            RecordError: The store cannot be opened.
        """
        store = _patiently(uri, outage, lambda: SqliteStore.opened(uri) or MlflowStore.connect(uri))
        return cls(uri, store, outage, refusals)

    @property
    def mlflow(self) -> MlflowClient:
        """MLflow's own client, for what a `RunStore` has no word for."""
        return self.store.mlflow

    def call(self, request: Callable[[], _T]) -> _T:
        """Make a request and return its answer; see `_patiently`.

        Raises:
            RefusedError: The store can never do this.
            RecordError: It can do nothing, or is away for too long.
        """
        return _patiently(self.uri, self.outage, request)

    def of_run(self, run_id: str, request: Callable[[], _T]) -> _T:
        """Make a request about a run; raises as `call`, and `RunGoneError` where the run is deleted."""
        if run_id in self.refusals.lost:
            raise RunGoneError(f"run {run_id} is deleted")
        try:
            return self._ask(request)
        except RefusedError:
            self._living(run_id)
            raise

    def _ask(self, request: Callable[[], _T]) -> _T:
        try:
            return self.call(request)
        except (ValueError, TypeError) as error:  # MLflow's client cannot even put it into words
            raise RefusedError(f"{masked(self.uri)}: it cannot be recorded: {first_line(error)}") from error

    def offer(self, run_id: str, kind: str, name: str, request: Callable[[], object]) -> bool:
        """Make a request about a run that it can do without; False: the store refuses it, and it is set aside.

        Raises:
            RunGoneError: The run is deleted.
            RecordError: As `call`.
        """
        try:
            self.of_run(run_id, request)
        except RunGoneError:
            raise
        except RefusedError as error:
            self.refusals.note(run_id, [Refused(kind, name, _why(error))])
            return False
        return True

    def send(self, run_id: str, batches: Iterable[Batch]) -> None:
        """Send metrics, params and tags of a run, batch by batch; what the store refuses of them is set aside.

        Raises:
            RunGoneError: The run is deleted.
            RecordError: As `call`.
        """
        for batch in batches:
            fitting, refused = sorted_out(batch)
            self.refusals.note(run_id, refused)
            if not is_empty(fitting):
                self._send(run_id, fitting)

    def send_last(self, run_id: str, batches: Iterable[Batch], ending: Ending) -> bool:
        """Send what is left of a run and end it, in one request.

        Returns:
            Whether it has ended. It goes on, and all is to be sent again, where that takes several requests, or where the
            store refuses something of it.

        Raises:
            RunGoneError: The run is deleted.
            RecordError: As `call`.
        """
        found = list(itertools.islice(batches, 2))
        if len(found) != 1 or sorted_out(found[0])[1]:
            return False
        try:
            self.of_run(run_id, lambda: self.store.log_batch(run_id, **found[0], ending=ending))
        except RunGoneError:
            raise
        except RefusedError:
            return False
        return True

    def _send(self, run_id: str, batch: Batch) -> None:
        try:
            self.of_run(run_id, lambda: self.store.log_batch(run_id, **batch))
        except RunGoneError:
            raise
        except RefusedError as error:
            recorded = self._living(run_id).params if batch["params"] else {}
            rest, refused = without_params(batch, recorded)
            self.refusals.note(run_id, refused)
            refusal = self._refusal(run_id, rest) if recorded and not is_empty(rest) else _why(error)
            if refusal is not None and not is_empty(rest):
                self._take_apart(run_id, rest, refusal)

    def _take_apart(self, run_id: str, batch: Batch, why: str) -> None:
        """Send a refused batch in ever smaller parts, and set aside the items that are refused by themselves."""
        parts, ends = parts_of(batch), ends_of(batch)
        # Thousands of points of a metric that the store takes none of: its first and last speak for all.
        if len(parts) == 1 or (ends and all(self._refusal(run_id, end) for end in ends)):
            self.refusals.note(run_id, refused_items(batch, why))
            return
        for part in parts:
            if (refusal := self._refusal(run_id, part)) is not None:
                self._take_apart(run_id, part, refusal)

    def _refusal(self, run_id: str, batch: Batch) -> str | None:
        """Send a part of a batch; returns why it is refused, or None."""
        try:
            self._ask(lambda: self.store.log_batch(run_id, **batch))
        except RefusedError as error:
            return _why(error)
        return None

    def _living(self, run_id: str) -> Run:
        """A run that is not deleted.

        Raises:
            RunGoneError: It is deleted; that is its own loss.
            RecordError: So is its experiment, which is everybody's.
        """
        try:
            run = self.call(lambda: self.store.get_run(run_id))
        except RefusedError:
            run = None
        if run is not None and run.lifecycle_stage == "active":
            return run
        self.require_experiment()
        why = "is not there any more" if run is None else "is deleted"
        self.refusals.note_lost(run_id, why)
        raise RunGoneError(f"run {run_id} {why}")

    def require_experiment(self) -> None:
        """Make sure that the experiment is still there.

        Raises:
            RecordError: It is deleted, or the store is not the one that it was: nothing can be recorded.
        """
        if self.experiment is None:
            return
        name, experiment_id = self.experiment
        try:
            found = self.call(lambda: self.store.experiment_of_id(experiment_id))
        except RefusedError:
            raise RecordError(
                f"{masked(self.uri)}: experiment '{name}' is there no more: the store was emptied, or is another "
                "one; bring the old one back and `sweep run` goes on, or all trials start anew"
            ) from None
        if found.lifecycle_stage != "active":
            raise RecordError(str(DeletedExperimentError(self.uri, name, experiment_id)))


def _patiently(uri: str, outage: Outage, request: Callable[[], _T]) -> _T:
    """Make a request; a store that is away is waited for, anything else that fails is a `RecordError`.

    A request whose answer was lost is made again: it must do no harm twice.
    """
    while True:
        try:
            answer = request()
        except RecordError as error:
            failure = error
        except Exception as error:
            if not _is_of_store(error):
                raise
            failure = _failure(uri, error)
        else:
            outage.over()
            return answer
        if not is_away(failure):
            if isinstance(failure, RefusedError):
                outage.over()  # to refuse is to answer
            raise failure
        outage.wait(failure)


def _is_of_store(error: Exception) -> bool:
    """Whether an error is the store's, or is on the way to it; any other is a bug."""
    if isinstance(error, (AnalysisError, sqlite3.Error, OSError)) or is_mlflow_error(error):
        return True
    # The first two are an answer that is cut off; the other two are a text or number that fits nowhere.
    answers = (*loaded("google.protobuf.json_format", "ParseError"), JSONDecodeError)
    unfit = (UnicodeError, OverflowError)
    return isinstance(error, (*answers, *unfit, *loaded("sqlalchemy.exc", "SQLAlchemyError")))


def _failure(uri: str, error: Exception) -> RecordError:
    if isinstance(error, DeletedExperimentError):
        return RecordError(str(error))
    kind = RefusedError if is_refusal(error) else RecordError
    failure = kind(f"{masked(uri)}: the record cannot be written: {first_line(error)}")
    failure.__cause__ = error
    return failure


def _why(error: RefusedError) -> str:
    """What the store said, without what the message says around it."""
    return first_line(error.__cause__ or error)
