"""Datasets and models of runs, as MLflow's UI shows them: what a run is trained on, and the checkpoint it leaves."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from typing import TYPE_CHECKING

from analysis.read import tags
from sweeps.errors import RefusedError, RunGoneError
from sweeps.record.batching import MAX_BATCH, batches, param_text, points_of, tags_of
from sweeps.record.outage import first_line
from sweeps.record.refusals import Refused
from sweeps.rundir.journal import Metrics, read_entries
from sweeps.rundir.store_limits import storable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflow.entities import LoggedModel, LoggedModelOutput

    from sweeps.record.mlflow_client import PatientClient
    from sweeps.rundir.paths import RunPaths
    from sweeps.rundir.trainer_manifest import Data, Model
    from sweeps.spec.yaml_reader import Value

MAX_DIGEST = 36
"""Characters that MLflow takes in the digest of a dataset."""
MAX_DATASET_NAME = 500
"""Characters that MLflow takes in the name of a dataset."""
_NOT_IN_MODEL_NAMES = re.compile(r"""[/:.%"']""")


def log_dataset(client: PatientClient, run_id: str, data: Data) -> None:
    """Record what a run is trained on: its identity as a tag, and as the run's dataset for MLflow's UI.

    Raises:
        RecordError: The record cannot be written.
    """
    from mlflow.entities import Dataset, DatasetInput, InputTag

    client.send(run_id, batches([], [], tags_of({tags.DATA: data.identity})))
    digest = storable(data.identity, sys.maxsize)
    if len(digest) > MAX_DIGEST:
        digest = hashlib.sha256(digest.encode()).hexdigest()[:MAX_DIGEST]
    source = {"uri": data.source} if data.source else {"tags": ""}
    kind = "local" if data.source else "code"
    dataset = Dataset(storable(data.name, MAX_DATASET_NAME), digest, kind, json.dumps(source))
    inputs = [DatasetInput(dataset, [InputTag("mlflow.data.context", "training")])]
    client.offer(run_id, "dataset", data.name, lambda: client.mlflow.log_inputs(run_id, inputs))


class ModelLog:
    """Records checkpoints as MLflow's logged models, one a run.

    Args:
        client: The store's client.
        experiment_id: The experiment that the models belong to.
    """

    def __init__(self, client: PatientClient, experiment_id: str) -> None:
        self._client = client
        self._experiment_id = experiment_id

    def log(
        self, run_id: str, name: str, config: Mapping[str, Value], paths: RunPaths, declared: Model
    ) -> None:
        """Record a checkpoint as the run's model, with the values that the journal has of its step.

        A file that is not there, or a server that knows no models, leaves the run without one; so does one that
        refuses it, which is told.

        Raises:
            RecordError: The record cannot be written.
        """
        file = paths.files / declared.file
        if not file.is_file():
            return
        try:
            model = self._client.of_run(run_id, lambda: self._pending(run_id, name, config))
            if model is not None:
                self._client.call(lambda: self._client.mlflow.log_model_artifact(model.model_id, str(file)))
                self._describe(run_id, model.model_id, paths, declared.step)
        except RunGoneError:
            raise
        except RefusedError as error:
            if getattr(error.__cause__, "error_code", None) != "ENDPOINT_NOT_FOUND":
                why = first_line(error.__cause__ or error)
                self._client.refusals.note(run_id, [Refused("model", declared.file, why)])

    def _pending(self, run_id: str, name: str, config: Mapping[str, Value]) -> LoggedModel | None:
        """The run's model, to be filled; None where it has one that is complete."""
        models = self._client.mlflow.search_logged_models(
            [self._experiment_id], filter_string=f"source_run_id = '{run_id}'"
        )
        for model in models:
            return None if model.status == "READY" else model
        return self._client.mlflow.create_logged_model(
            self._experiment_id,
            name=_NOT_IN_MODEL_NAMES.sub("_", name),
            source_run_id=run_id,
            params={key: param_text(value) for key, value in config.items()},
            tags={tags.TRIAL: name},
            model_type="checkpoint",
        )

    def _describe(self, run_id: str, model_id: str, paths: RunPaths, step: int | None) -> None:
        from mlflow.entities import LoggedModelOutput

        # The very points that the run has: MLflow keeps them once there, and once with the model.
        entries = [
            entry
            for entry in read_entries(paths.journal, 0)[0]
            if isinstance(entry, Metrics) and entry.counts_epochs and entry.step == step
        ]
        points = points_of(entries, model_id)[:MAX_BATCH]
        if points:
            self._client.call(lambda: self._client.store.log_batch(run_id, points, (), ()))
        self._client.call(lambda: self._link(run_id, LoggedModelOutput(model_id, step or 0)))
        self._client.call(lambda: self._client.mlflow.finalize_logged_model(model_id, "READY"))

    def _link(self, run_id: str, output: LoggedModelOutput) -> None:
        """Make a model its run's output, once: a store refuses it a second time, as after an answer that was lost."""
        outputs = self._client.mlflow.get_run(run_id).outputs
        if all(known.model_id != output.model_id for known in (outputs.model_outputs if outputs else ())):
            self._client.mlflow.log_outputs(run_id, [output])
