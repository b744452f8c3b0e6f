"""MLflow's functions as a trial's program finds them, on a real store."""

import json
import sys

import mlflow
import pytest
from mlflow.tracking import MlflowClient, fluent

from sweeps.runner.startup import trial_mlflow
from sweeps.runner.startup.trial_mlflow import as_recorded, fit

PATCHED = ("start_run", "log_params", "log_param")


@pytest.fixture
def trial(tmp_path, empty_database, monkeypatch):
    """A trial's run and environment; MLflow's functions are put back afterwards."""
    import shutil

    shutil.copy(empty_database, tmp_path / "mlflow.db")
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    client = MlflowClient(uri)
    run = client.create_run(client.create_experiment("sweep"))
    folder = tmp_path / "runs" / run.info.run_id
    folder.mkdir(parents=True)
    config = {"lr": 1, "amp": True, "seed": None, "sizes": [1, 2], "name": "x"}
    (folder / "config.json").write_text(json.dumps(config))
    for key, value in config.items():
        client.log_param(run.info.run_id, key, str(value))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    monkeypatch.setenv("MLFLOW_RUN_ID", run.info.run_id)
    monkeypatch.setenv("SWEEP_CONFIG", str(folder / "config.json"))
    monkeypatch.delenv("MLFLOW_EXPERIMENT_ID", raising=False)
    for name in PATCHED:
        monkeypatch.setattr(fluent, name, getattr(fluent, name))
        monkeypatch.setattr(mlflow, name, getattr(mlflow, name))
    monkeypatch.setattr(fluent, "_active_experiment_id", None)
    trial_mlflow._config.cache_clear()
    trial_mlflow.install()
    yield run.info.run_id, client
    mlflow.end_run()


def test_the_usual_calls_reach_the_trials_run(trial):
    run_id, client = trial
    mlflow.set_experiment("mine")
    with mlflow.start_run() as active:
        assert active.info.run_id == run_id
        mlflow.log_params({"lr": 1.0, "amp": "true", "seed": "null", "sizes": (1, 2), "name": "x", "own": 3})
        mlflow.log_params({"lr": 1.0})
        mlflow.log_param("amp", True)
        mlflow.log_metric("loss", 0.5, step=0)
    with mlflow.start_run(run_id=run_id):  # once more, by its id
        mlflow.log_metric("loss", 0.25, step=1)
    mlflow.end_run("FAILED")
    data = client.get_run(run_id).data
    assert data.params == {
        "lr": "1",
        "amp": "True",
        "seed": "None",
        "sizes": "[1, 2]",
        "name": "x",
        "own": "3",
    }
    assert [point.value for point in client.get_metric_history(run_id, "loss")] == [0.5, 0.25]


def test_runs_of_the_programs_own_go_where_it_says(trial):
    run_id, client = trial
    mine = mlflow.set_experiment("mine").experiment_id
    with mlflow.start_run():
        pass
    with mlflow.start_run(run_name="own") as own:
        assert (own.info.experiment_id, own.info.run_id != run_id) == (mine, True)
    with pytest.raises(mlflow.MlflowException, match="does not match"):
        mlflow.start_run(run_id=client.create_run("0").info.run_id)


def test_another_value_of_a_param_is_still_an_error(trial):
    with mlflow.start_run(), pytest.raises(mlflow.MlflowException, match="Changing param values"):
        mlflow.log_param("lr", 2)


@pytest.mark.parametrize(
    ("given", "configured", "recorded"),
    [
        *((0.0, 0, 0), ("0", 0, 0), (1e-4, 0.0001, 0.0001), ("true", True, True), ("None", None, None)),
        *((1, True, 1), (True, 1, True), ("1e-3x", 0.001, "1e-3x"), ("[1]", [1], [1]), (None, 0, None)),
    ],
)
def test_only_the_spelling_of_a_value_gives_way(given, configured, recorded):
    (value,) = as_recorded({"k": given}, {"k": configured}).values()
    assert (value, type(value)) == (recorded, type(recorded))


def test_functions_are_wrapped_once(trial):
    wrapped = fluent.start_run
    fit(fluent)
    trial_mlflow.install()
    assert fluent.start_run is wrapped
    assert not any(isinstance(finder, trial_mlflow._Finder) for finder in sys.meta_path)
