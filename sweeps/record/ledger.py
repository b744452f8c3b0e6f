"""The ledger: the one door through which the MLflow record is written.

Only the supervisor writes. Trials append to their journals, and the ledger delivers these; sending an entry
twice is harmless, since MLflow's SQL stores keep one row for the same key, step, time and value.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import time
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from analysis.read import tags as names
from analysis.read.outcomes import Outcome
from sweeps.errors import RefusedError, RunGoneError
from sweeps.record.agreement import Agreement
from sweeps.record.artifacts import ArtifactLog
from sweeps.record.batching import batches, params_of, points_of, tags_of
from sweeps.record.claims import Claims
from sweeps.record.logged_models import ModelLog, log_dataset
from sweeps.record.mlflow_client import PatientClient, quiet_mlflow
from sweeps.record.outage import LostAnswerError, Outage
from sweeps.record.store.base import Metric
from sweeps.record.store_uri import check_store, create_store, one_at_a_time, open_experiment
from sweeps.rundir.journal import Artifact, JournalReader
from sweeps.rundir.lease import lease_until
from sweeps.rundir.store_limits import storable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from analysis.read.store import PointColumns
    from sweeps.record.refusals import Refusals
    from sweeps.record.store.base import Ending
    from sweeps.rundir.paths import RunPaths
    from sweeps.rundir.trainer_manifest import Data, Model
    from sweeps.spec.yaml_reader import Value

SHORT_PATIENCE_S = 60.0
"""How long a store that is away is waited for where nobody says otherwise."""
_T = TypeVar("_T")


class Ledger:
    """Writes one experiment of one tracking store.

    Every method that writes raises `RecordError` where the store refuses, or is away for too long.

    Args:
        client: The store's client.
        experiment: The experiment's name.
        experiment_id: Its id.
        began_ms: When the record was read, since the epoch: trials that others end from then on are done.
    """

    def __init__(self, client: PatientClient, experiment: str, experiment_id: str, began_ms: int) -> None:
        self.experiment = experiment
        self._client = client
        self._store = client.store
        self._experiment_id = experiment_id
        self._artifacts = ArtifactLog(client)
        self._models = ModelLog(client, experiment_id)
        self._agreement = Agreement(client, self._artifacts)
        self.claims = Claims(client, experiment, began_ms)

    @classmethod
    def open(
        cls,
        uri: str,
        experiment: str,
        outage: Outage | None = None,
        refusals: Refusals | None = None,
        *,
        began_ms: int | None = None,
    ) -> Ledger:
        """Connect to a store, and make what is missing of it.

        Args:
            uri: The tracking URI.
            experiment: The experiment's name; it is created where it does not exist.
            outage: How long a store that is away is waited for, once it has answered here; None: a minute.
            refusals: Keeps what the store refuses of a run.
            began_ms: When the record was read, since the epoch; None: now.

        Raises:
            RecordError: The store cannot be reached or written.
            DeletedExperimentError: The experiment is deleted.
        """
        began_ms = int(time.time() * 1000) if began_ms is None else began_ms
        quiet_mlflow()
        check_store(uri)
        with one_at_a_time(uri):
            create_store(uri)
            client = PatientClient.connect(uri, outage or Outage(SHORT_PATIENCE_S), refusals)
            experiment_id = client.call(lambda: open_experiment(client.store, uri, experiment))
        client.experiment = (experiment, experiment_id)
        return cls(client, experiment, experiment_id, began_ms)

    @property
    def uri(self) -> str:
        """The tracking URI."""
        return self._client.uri

    @property
    def outage(self) -> Outage:
        """Whether the store is away, and how long it is waited for."""
        return self._client.outage

    @property
    def refusals(self) -> Refusals:
        """What the store refuses of runs."""
        return self._client.refusals

    def patiently(self, request: Callable[[], _T]) -> _T:
        """Ask the store something else, waiting while it is away; see `PatientClient.call`."""
        return self._client.call(request)

    def sweep_run(
        self,
        sweep: str,
        existing: str | None,
        owner: Mapping[str, Any],
        more: Mapping[str, str] | None = None,
    ) -> str:
        """Open the parent run of a sweep with more tags, or open it again, and return its id."""
        tags = {
            **(more or {}),
            names.KIND: names.KIND_SWEEP,
            names.SWEEP: sweep,
            names.OWNER: json.dumps(owner),
            names.LEASE: lease_until(),
        }
        if existing is not None:
            with contextlib.suppress(RunGoneError):  # deleted just now
                self.reopen(existing, tags)
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

    def adopted_run(self, name: str, start_ms: int, tags: Mapping[str, str]) -> str:
        """Create the run of a trial that was run elsewhere, and return its id.

        It has no kind until `adopted`, so that it is no trial's for anybody who reads the record before it is whole.
        """
        return self._create(name, tags, start_ms)

    def adopted(self, run_id: str, end_ms: int | None) -> None:
        """End an adopted run of which all is recorded, and make it its trial's; that comes last and at once."""
        self.close(run_id, Outcome.FINISHED, end_ms)
        self.tag(run_id, {names.KIND: names.KIND_TRIAL})

    def points(self, run_id: str, points: PointColumns) -> None:
        """Record points of another run as they are, with their times, repeated steps included."""
        columns = zip(points.keys, points.values, points.times_ms, points.steps, strict=True)
        self._client.send(run_id, batches([Metric(*column) for column in columns], [], []))

    def params(self, run_id: str, params: Mapping[str, Value]) -> None:
        """Record params; those that it has already are left alone."""
        self._client.send(run_id, batches([], params_of(params), []))

    def delete(self, run_id: str) -> None:
        """Delete a run, as MLflow does: its store can restore it."""
        self._client.call(lambda: self._client.mlflow.delete_run(run_id))

    def reopen(self, run_id: str, tags: Mapping[str, str]) -> Mapping[str, int]:
        """Make an ended run RUNNING again for its next attempt; returns the last step of each of its metrics.

        Raises:
            RunGoneError: It is deleted.
        """
        last_steps = self._client.of_run(run_id, lambda: self._reopen(run_id))
        self.tag(run_id, tags)
        return last_steps

    def agree(
        self,
        run_id: str,
        paths: RunPaths,
        last_steps: Mapping[str, int] | None = None,
        *,
        takes_over: bool = True,
        doubt: bool = False,
    ) -> Sequence[str]:
        """Make a run and its journal agree; see `Agreement.reach`. The store is asked for last steps not given."""
        if last_steps is None:
            last_steps = self._client.call(lambda: self._store.get_run(run_id).last_steps)
        return self._agreement.reach(run_id, paths, last_steps, takes_over=takes_over, doubt=doubt)

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
            self._client.send(run_id, batches(points_of(entries), *more))
            more = [], []
            for entry in entries:
                if isinstance(entry, Artifact):
                    self._artifacts.from_outbox(run_id, paths, entry)
            reader.delivered()
        self._client.send(run_id, batches([], *more))

    def tag(self, run_id: str, tags: Mapping[str, str]) -> None:
        """Set tags."""
        self._client.send(run_id, batches([], [], tags_of(tags)))

    def tag_experiment(self, tags: Mapping[str, str]) -> None:
        """Set tags of the experiment itself."""
        for key, value in tags.items():
            self._client.call(
                partial(self._client.mlflow.set_experiment_tag, self._experiment_id, key, value)
            )

    def artifact(self, run_id: str, path: Path, folder: str | None = None) -> None:
        """Store a file as an artifact."""
        self._artifacts.file(run_id, path, folder)

    def artifacts(self, run_id: str, root: Path, paths: Iterable[Path], folder: str) -> None:
        """Store files that lie under `root` as artifacts, in the same folders under `folder`."""
        self._artifacts.files(run_id, root, paths, folder)

    def text(self, run_id: str, text: str, name: str) -> None:
        """Store a text as an artifact."""
        self._artifacts.text(run_id, text, name)

    def dataset(self, run_id: str, data: Data) -> None:
        """Record what a run is trained on."""
        log_dataset(self._client, run_id, data)

    def model(
        self, run_id: str, name: str, config: Mapping[str, Value], paths: RunPaths, declared: Model
    ) -> None:
        """Record a checkpoint as the run's model; see `ModelLog.log`."""
        self._models.log(run_id, name, config, paths, declared)

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

    def finish(
        self,
        run_id: str,
        paths: RunPaths,
        config: Mapping[str, Value],
        tags: Mapping[str, str],
        ending: Ending,
    ) -> bool:
        """Do as `deliver`, and end the run in the same request.

        Returns:
            Whether it has ended. It has not where the journal holds files, or where one request is not enough: then call
            `deliver` and `close`.

        Raises:
            RecordError: As `deliver`.
        """
        reader = JournalReader(paths)
        entries = reader.rest()
        if entries is None or any(isinstance(entry, Artifact) for entry in entries):
            return False
        last = batches(points_of(entries), params_of(config), tags_of(tags))
        if not self._client.send_last(run_id, last, ending):
            return False
        reader.delivered()
        self._artifacts.forget_location(run_id)
        return True

    def close(self, run_id: str, outcome: Outcome, end_ms: int | None = None) -> None:
        """Give a run that has its outcome's tags the status that goes with it."""
        self._client.of_run(run_id, lambda: self._store.set_terminated(run_id, outcome.status, end_ms))
        self._artifacts.forget_location(run_id)

    def _create(self, name: str, tags: Mapping[str, str], start_ms: int | None = None) -> str:
        start_ms = int(time.time() * 1000) if start_ms is None else start_ms
        tries = itertools.count()
        sent = {key: storable(value) for key, value in tags.items()}
        try:
            return self._client.call(
                lambda: self._create_once(name, sent, start_ms, is_first=next(tries) == 0)
            )
        except RefusedError:
            self._client.require_experiment()
            raise

    def _create_once(self, name: str, tags: Mapping[str, str], start_ms: int, *, is_first: bool) -> str:
        """Create a run, unless an earlier try whose answer was lost has."""
        if not is_first:
            begun_then = self._client.mlflow.search_runs(
                [self._experiment_id], f"attributes.start_time = {start_ms}"
            )
            for run in begun_then:
                if tags.items() <= run.data.tags.items():
                    return str(run.info.run_id)
        made = self._store.create_run(self._experiment_id, start_ms, tags, name)
        if not made.run_id:
            raise LostAnswerError("the answer names no run")
        self._artifacts.note_location(made.run_id, made.artifact_uri)
        return made.run_id

    def _reopen(self, run_id: str) -> Mapping[str, int]:
        self._store.set_running(run_id)
        run = self._store.get_run(run_id)
        for tag in (names.OUTCOME, names.REASON):
            if tag in run.tags:
                self._store.delete_tag(run_id, tag)
        return run.last_steps


def outcome_tags(outcome: Outcome, reason: str) -> dict[str, str]:
    """The tags that say how a run ended."""
    return {names.OUTCOME: outcome.value, **({names.REASON: reason} if reason else {})}
