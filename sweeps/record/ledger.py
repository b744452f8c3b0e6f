"""The ledger: the one door through which the MLflow record is written.

Only the supervisor writes. Trials append to their journals, and the ledger delivers these; sending an entry
twice is harmless, since MLflow's SQL stores keep one row for the same key, step, time and value.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import logging
import os
import re
import shutil
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from analysis.read import tags as names
from analysis.read.errors import AnalysisError, masked
from sweeps.errors import RecordError
from sweeps.record.batching import MAX_BATCH, batches, param_text, params_of, points_of, tags_of
from sweeps.record.outage import Outage, is_away
from sweeps.record.sqlite_file import create_with_log
from sweeps.rundir.journal import Artifact, JournalReader, Metrics, read_entries
from sweeps.rundir.lease import lease_until
from sweeps.rundir.step_images import FOLDER, LOGGED, Picture

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from mlflow.entities import LoggedModel
    from mlflow.tracking import MlflowClient

    from analysis.read.outcomes import Outcome
    from sweeps.record.batching import Batch
    from sweeps.rundir.paths import RunPaths
    from sweeps.rundir.trainer_manifest import Data, Model
    from sweeps.spec.yaml_reader import Value

MAX_DIGEST = 36
"""Characters that MLflow takes in the digest of a dataset."""
_NOT_IN_MODEL_NAMES = re.compile(r"""[/:.%"']""")
_PORTS = {"http": 80, "https": 443}
_T = TypeVar("_T")

_TRAINING = {"mlflow.experimentKind": "custom_model_development"}
"""Has MLflow's UI open the experiment with its training pages, not those for language models."""


class Ledger:
    """Writes one experiment of one tracking store.

    A store that answers here and is away later is waited for, as long as `outage` says.

    Args:
        uri: The tracking URI.
        experiment: The experiment's name; it is created where it does not exist.
        outage: How long a store that is away is waited for; None: a minute.

    Raises:
        RecordError: The store cannot be reached or written.
    """

    def __init__(self, uri: str, experiment: str, outage: Outage | None = None) -> None:
        self.uri = uri
        self.experiment = experiment
        self.outage = outage or Outage(60.0)
        os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
        os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "CRITICAL")  # its errors are raised, and told once
        logging.getLogger("alembic").setLevel(logging.WARNING)
        _check_reachable(uri)
        _leave_retries_to_us()
        self._client: MlflowClient = self.patiently(lambda: _client(uri))
        self._experiment_id: str = self.patiently(self._find_experiment)
        self._locations: dict[str, str] = {}
        """Where the artifacts of runs in progress are."""

    def sweep_run(self, sweep: str, existing: str | None, owner: Mapping[str, Any]) -> str:
        """Open the parent run of a sweep, or open it again, and return its id."""
        tags = {
            names.KIND: names.KIND_SWEEP,
            names.SWEEP: sweep,
            names.OWNER: json.dumps(owner),
            names.LEASE: lease_until(),
        }
        if existing is not None:
            self.patiently(lambda: self._reopen(existing, tags))
            return existing
        return self._create(sweep, tags)

    def trial_run(
        self,
        *,
        sweep: str,
        trial: str,
        fingerprint: str,
        parent: str,
        tags: Mapping[str, str],
    ) -> str:
        """Create the run of a trial, RUNNING, and return its id; its params come with the first delivery."""
        identity = {
            names.KIND: names.KIND_TRIAL,
            names.SWEEP: sweep,
            names.TRIAL: trial,
            names.FINGERPRINT: fingerprint,
            names.PARENT: parent,
        }
        return self._create(trial, {**identity, **tags})

    def reopen(self, run_id: str, tags: Mapping[str, str]) -> None:
        """Make an ended run RUNNING again for its next attempt."""
        self.patiently(lambda: self._reopen(run_id, tags))

    def deliver(
        self,
        run_id: str,
        paths: RunPaths,
        config: Mapping[str, Value] | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """Send what the journal holds and MLflow does not have yet, and in the same call params and tags.

        Args:
            run_id: The run.
            paths: Its files.
            config: Its config, as params; those that it has already are left alone.
            tags: Tags to set.

        Raises:
            RecordError: The store cannot be written; nothing is lost, the next call sends it again.
        """
        reader = JournalReader(paths)
        more = params_of(config or {}), tags_of(tags or {})
        for entries in reader.batches():
            self._send(run_id, batches(points_of(entries), *more))
            more = [], []
            for entry in entries:
                if isinstance(entry, Artifact):
                    self._send_artifact(run_id, paths, entry)
            reader.delivered()
        self._send(run_id, batches([], *more))

    def artifact(self, run_id: str, path: Path, folder: str | None = None) -> None:
        """Store a file as an artifact."""
        from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

        location = self._locations.get(run_id)
        if location is None:
            self.patiently(lambda: self._client.log_artifact(run_id, str(path), folder))
        else:  # the client would ask the store where each run's artifacts are
            files = get_artifact_repository(location, tracking_uri=self.uri)
            self.patiently(lambda: files.log_artifact(str(path), folder))  # type: ignore[no-untyped-call]

    def artifacts(self, run_id: str, root: Path, paths: Iterable[Path], folder: str) -> None:
        """Store files that lie under `root` as artifacts, in the same folders under `folder`."""
        for path in paths:
            inner = path.relative_to(root).parent
            self.artifact(run_id, path, folder if inner == Path() else f"{folder}/{inner.as_posix()}")

    def text(self, run_id: str, text: str, name: str) -> None:
        """Store a text as an artifact."""
        self.patiently(lambda: self._client.log_text(run_id, text, name))

    def tag(self, run_id: str, tags: Mapping[str, str]) -> None:
        """Set tags."""
        self._send(run_id, batches([], [], tags_of(tags)))

    def dataset(self, run_id: str, data: Data) -> None:
        """Record what a run is trained on: its identity as a tag, and as the run's dataset for MLflow's UI."""
        from mlflow.entities import Dataset, DatasetInput, InputTag

        self.tag(run_id, {names.DATA: data.identity})
        digest = data.identity
        if len(digest) > MAX_DIGEST:
            digest = hashlib.sha256(digest.encode()).hexdigest()[:MAX_DIGEST]
        source = {"uri": data.source} if data.source else {"tags": ""}
        kind = "local" if data.source else "code"
        dataset = Dataset(data.name[:500], digest, kind, json.dumps(source))
        given = [DatasetInput(dataset, [InputTag("mlflow.data.context", "training")])]
        self.patiently(lambda: self._client.log_inputs(run_id, given))

    def model(
        self, run_id: str, name: str, config: Mapping[str, Value], paths: RunPaths, declared: Model
    ) -> None:
        """Record a checkpoint as the run's model, with the values that the journal has of its step; once a run.

        A file that is not there, or a server that knows no models, leaves the run without one.
        """
        file = paths.files / declared.file
        if not file.is_file():
            return
        try:
            model = self.patiently(lambda: self._pending_model(run_id, name, config))
        except RecordError as error:
            if getattr(error.__cause__, "error_code", None) == "ENDPOINT_NOT_FOUND":
                return
            raise
        if model is not None:
            self.patiently(lambda: self._client.log_model_artifact(model.model_id, str(file)))
            self._describe_model(run_id, model.model_id, paths, declared.step)

    def end(
        self,
        run_id: str,
        outcome: Outcome,
        reason: str,
        tags: Mapping[str, str] | None = None,
        end_ms: int | None = None,
    ) -> None:
        """End a run with its outcome; it ended now, or at `end_ms`."""
        self.tag(run_id, {**outcome_tags(outcome, reason), **(tags or {})})
        self.close(run_id, outcome, end_ms)

    def close(self, run_id: str, outcome: Outcome, end_ms: int | None = None) -> None:
        """Give a run that has its outcome's tags the status that goes with it."""
        self.patiently(lambda: self._client.set_terminated(run_id, outcome.status, end_ms))
        self._locations.pop(run_id, None)

    def patiently(self, call: Callable[[], _T]) -> _T:
        """Call the store; one that is away is waited for, anything else that fails is a `RecordError`.

        A call whose answer was lost is made again: it must do no harm twice.
        """
        from mlflow.exceptions import MlflowException
        from sqlalchemy.exc import SQLAlchemyError

        while True:
            try:
                answer = call()
            except (MlflowException, SQLAlchemyError, AnalysisError, OSError) as error:
                told = masked((str(error).strip().splitlines() or [type(error).__name__])[0])
                failure = RecordError(f"{masked(self.uri)}: the record cannot be written: {told}")
                failure.__cause__ = error
                self._wait(failure)
            except RecordError as failure:  # of what reads the record in other words
                self._wait(failure)
            else:
                self.outage.over()
                return answer

    def _wait(self, failure: RecordError) -> None:
        if not is_away(failure):
            raise failure
        self.outage.wait(failure)

    def _create(self, name: str, tags: Mapping[str, str]) -> str:
        start_ms = int(time.time() * 1000)
        tries = itertools.count()
        return self.patiently(lambda: self._create_once(name, tags, start_ms, is_first=next(tries) == 0))

    def _create_once(self, name: str, tags: Mapping[str, str], start_ms: int, *, is_first: bool) -> str:
        """Create a run, unless an earlier try whose answer was lost has."""
        if not is_first:
            begun_then = self._client.search_runs(
                [self._experiment_id], f"attributes.start_time = {start_ms}"
            )
            for run in begun_then:
                if tags.items() <= run.data.tags.items():
                    return str(run.info.run_id)
        run = self._client.create_run(self._experiment_id, start_ms, dict(tags), name)
        self._locations[str(run.info.run_id)] = run.info.artifact_uri
        return str(run.info.run_id)

    def _reopen(self, run_id: str, tags: Mapping[str, str]) -> None:
        self._client.update_run(run_id, status="RUNNING")
        stale = self._client.get_run(run_id).data.tags
        for tag in (names.OUTCOME, names.REASON):
            if tag in stale:
                self._client.delete_tag(run_id, tag)
        self.tag(run_id, tags)

    def _send(self, run_id: str, batch: Iterable[Batch]) -> None:
        for part in batch:
            self.patiently(lambda part=part: self._client.log_batch(run_id, **part))  # type: ignore[misc]

    def _find_experiment(self) -> str:
        from mlflow.exceptions import MlflowException

        found = self._client.get_experiment_by_name(self.experiment)
        if found is None:
            try:
                return str(self._client.create_experiment(self.experiment, tags=_TRAINING))
            except MlflowException:  # another process created it just now
                found = self._client.get_experiment_by_name(self.experiment)
        if found is None:
            raise RecordError(f"{masked(self.uri)}: experiment '{self.experiment}' cannot be created")
        if found.lifecycle_stage == "deleted":
            raise RecordError(
                f"{masked(self.uri)}: experiment '{self.experiment}' is deleted; restore it with "
                f"`mlflow experiments restore -x {found.experiment_id}`, or name another one in the file"
            )
        return str(found.experiment_id)

    def _pending_model(self, run_id: str, name: str, config: Mapping[str, Value]) -> LoggedModel | None:
        """The run's model, to be filled; None where it has one that is complete."""
        found = self._client.search_logged_models(
            [self._experiment_id], filter_string=f"source_run_id = '{run_id}'"
        )
        for model in found:
            return None if model.status == "READY" else model
        return self._client.create_logged_model(
            self._experiment_id,
            name=_NOT_IN_MODEL_NAMES.sub("_", name),
            source_run_id=run_id,
            params={key: param_text(value) for key, value in config.items()},
            tags={names.TRIAL: name},
            model_type="checkpoint",
        )

    def _describe_model(self, run_id: str, model_id: str, paths: RunPaths, step: int | None) -> None:
        from mlflow.entities import LoggedModelOutput

        # The very points that the run has: MLflow keeps them once there, and once with the model.
        entries = [
            entry
            for entry in read_entries(paths.journal, 0)[0]
            if isinstance(entry, Metrics) and entry.counts_epochs and entry.step == step
        ]
        points = points_of(entries, model_id)[:MAX_BATCH]
        if points:
            self.patiently(lambda: self._client.log_batch(run_id, metrics=points))
        self.patiently(lambda: self._client.log_outputs(run_id, [LoggedModelOutput(model_id, step or 0)]))
        self.patiently(lambda: self._client.finalize_logged_model(model_id, "READY"))

    def _send_artifact(self, run_id: str, paths: RunPaths, entry: Artifact) -> None:
        kept = paths.outbox / entry.file
        if not kept.exists():
            return  # sent by a supervisor that died before it could note so
        picture = Picture.named(entry.name)
        if picture is not None and self._send_picture(run_id, picture, kept, entry.time_ms):
            return
        named = kept.parent / "sending" / entry.name
        named.parent.mkdir(exist_ok=True)
        named.unlink(missing_ok=True)
        os.link(kept, named)
        self.patiently(lambda: self._client.log_artifact(run_id, str(named)))
        named.unlink()
        kept.unlink()

    def _send_picture(self, run_id: str, picture: Picture, kept: Path, time_ms: int) -> bool:
        """Send a picture of a series; False where the file is none."""
        folder = kept.parent / "pictures"
        shutil.rmtree(folder, ignore_errors=True)  # of a supervisor that died here
        if not picture.write(kept, folder, run_id=run_id, time_ms=time_ms):
            return False
        self.patiently(lambda: self._client.log_artifacts(run_id, str(folder), FOLDER))
        self.tag(run_id, LOGGED)
        shutil.rmtree(folder)
        kept.unlink()
        return True


def outcome_tags(outcome: Outcome, reason: str) -> dict[str, str]:
    """The tags that say how a run ended."""
    return {names.OUTCOME: outcome.value, **({names.REASON: reason} if reason else {})}


def _client(uri: str) -> MlflowClient:
    from mlflow.tracking import MlflowClient

    return MlflowClient(uri)


def _leave_retries_to_us() -> None:
    """Have MLflow's client try once: it repeats a creation whose answer was lost, and waits for minutes in between.

    In this process alone: a variable would be inherited by trials, some of which talk to the server themselves.
    """
    from mlflow.environment_variables import MLFLOW_HTTP_REQUEST_MAX_RETRIES

    MLFLOW_HTTP_REQUEST_MAX_RETRIES.default = 0


def _check_reachable(uri: str) -> None:
    """Tell in seconds what MLflow's own retries would tell in minutes."""
    parts = urlsplit(uri)
    if parts.scheme in {"http", "https"}:
        try:
            socket.create_connection(
                (parts.hostname or "", parts.port or _PORTS[parts.scheme]), timeout=5
            ).close()
        except OSError as error:
            told = f"{masked(uri)}: the tracking server does not answer: {error.strerror or error}; is it running?"
            raise RecordError(told) from None
    elif parts.scheme == "sqlite":
        path = Path(uri.removeprefix("sqlite:///"))
        folder = path.resolve().parent
        if not folder.is_dir():
            raise RecordError(f"{uri}: there is no directory {folder}; make it, or name another tracking URI")
        if not os.access(path if path.exists() else folder, os.W_OK) or not os.access(folder, os.W_OK):
            raise RecordError(
                f"{uri}: {folder} is read-only; work in a directory that you may write, or name another"
            )
        create_with_log(path)
