"""A trial's run and environment; MLflow's functions and its client's methods are put back afterwards."""

import json
import shutil
import sys

import mlflow
import pytest
from mlflow.tracking import MlflowClient, fluent
from mlflow.tracking._tracking_service import client as service

from sweeps.runner.startup import trial_mlflow
from sweeps.runner.startup.trial_mlflow.trial import RANKS

CONFIG = {"lr": 1, "amp": True, "seed": None, "sizes": [1, 2], "name": "x"}


class TrialRun:
    """The trial's run, seen from outside."""

    def __init__(self, run_id, client, folder):
        self.id, self.client, self.folder = run_id, client, folder

    @property
    def rows(self):
        """The lines of the file of its metrics."""
        path = self.folder / "program-metrics.jsonl"
        return [json.loads(line) for line in (path.read_text().splitlines() if path.is_file() else ())]

    @property
    def lines(self):
        """What was logged, a (step, metrics) each."""
        return [(row["step"], row["metrics"]) for row in self.rows]

    @property
    def params(self):
        return run_data(self).params


def run_data(trial):
    """What the store has, past everything that is fitted."""
    return trial.client._tracking_client.store.get_run(trial.id).data


@pytest.fixture
def unfitted(tmp_path, empty_database, monkeypatch):
    """The same before MLflow is fitted."""
    shutil.copy(empty_database, tmp_path / "mlflow.db")
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    client = MlflowClient(uri)
    run = client.create_run(client.create_experiment("sweep"))
    folder = tmp_path / "runs" / run.info.run_id
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(CONFIG))
    for key, value in CONFIG.items():
        client.log_param(run.info.run_id, key, str(value))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    monkeypatch.setenv("MLFLOW_RUN_ID", run.info.run_id)
    monkeypatch.setenv("SWEEP_CONFIG", str(folder / "config.json"))
    for name in ("MLFLOW_EXPERIMENT_ID", *RANKS):
        monkeypatch.delenv(name, raising=False)
    for name in ("start_run", "log_metric", "log_metrics"):
        monkeypatch.setattr(fluent, name, getattr(fluent, name))
        monkeypatch.setattr(mlflow, name, getattr(mlflow, name))
    for name, value in vars(service.TrackingServiceClient).items():
        if callable(value) and not name.startswith("__"):
            monkeypatch.setattr(service.TrackingServiceClient, name, value)
    monkeypatch.setattr(fluent, "_active_experiment_id", None)
    monkeypatch.setattr(sys, "meta_path", sys.meta_path[:])
    yield TrialRun(run.info.run_id, client, folder)
    while mlflow.active_run():
        mlflow.end_run()
    mlflow.clear_active_model()
    mlflow.set_tracking_uri(None)


@pytest.fixture
def trial(unfitted):
    trial_mlflow.install()
    return unfitted
