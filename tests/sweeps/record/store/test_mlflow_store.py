"""A store through MLflow's client; `test_sqlite_writes.py` holds it beside the direct way."""

import shutil

from mlflow.environment_variables import MLFLOW_HTTP_REQUEST_MAX_RETRIES

from sweeps.record.store.base import Experiment, Metric
from sweeps.record.store.mlflow_store import MlflowStore


def test_a_run_is_read_with_the_last_step_of_each_metric(tmp_path, empty_database):
    shutil.copy(empty_database, tmp_path / "mlflow.db")
    store = MlflowStore.connect(f"sqlite:///{tmp_path / 'mlflow.db'}")
    number = store.create_experiment("toy", {})
    assert store.experiment("toy") == store.experiment_of_id(number) == Experiment(number, "active")
    assert store.experiment("other") is None
    run = store.create_run(number, 5, {"t": "1"}, "a")
    store.log_batch(run.run_id, [Metric("loss", 0.5, 5, 3), Metric("loss", 0.25, 6, 7)], [], [])
    assert store.get_run(run.run_id).last_steps == {"loss": 7}
    assert store.get_run(run.run_id).artifact_uri == run.artifact_uri


def test_mlflows_client_asks_once():
    MlflowStore.connect("http://127.0.0.1:9")
    assert MLFLOW_HTTP_REQUEST_MAX_RETRIES.get() == 0
