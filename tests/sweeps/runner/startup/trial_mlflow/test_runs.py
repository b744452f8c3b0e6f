"""Which of the runs that a program starts is the trial's, on a real store."""

import shutil
import sys

import mlflow
import pytest
from mlflow.tracking import MlflowClient, fluent

from sweeps.runner.startup import trial_mlflow
from sweeps.runner.startup.trial_mlflow.late_import import LateFits


@pytest.fixture
def elsewhere(tmp_path, empty_database):
    """The address of another store."""
    return f"sqlite:///{shutil.copy(empty_database, tmp_path / 'other.db')}"


def parent(run):
    return run.data.tags.get("mlflow.parentRunId")


def test_the_usual_calls_reach_the_trials_run(trial):
    mlflow.set_experiment("mine")
    with mlflow.start_run(run_name="resnet", tags={"who": "me"}) as active:
        assert active.info.run_id == trial.id
        mlflow.log_metric("loss", 0.5, step=0)
    with mlflow.start_run(run_id=trial.id):  # once more, by its id
        mlflow.log_metric("loss", 0.25, step=1)
    mlflow.end_run("FAILED")
    run = trial.client.get_run(trial.id)
    assert trial.lines == [(0, {"loss": 0.5}), (1, {"loss": 0.25})]
    assert (run.info.status, run.data.tags["script.run_name"], run.data.tags["who"]) == (
        "RUNNING",
        "resnet",
        "me",
    )
    assert run.info.run_name != "resnet"


@pytest.mark.parametrize("again", [{}, {"run_name": "main"}, {"run_id": None}, {"run_name": None}])
def test_a_second_run_of_the_same_name_or_none_is_the_trials_again(trial, again):
    with mlflow.start_run(run_name="main"):
        mlflow.log_metric("loss", 0.5)
    mlflow.log_metric("test_loss", 0.25)  # starts one by itself
    mlflow.end_run()
    with mlflow.start_run(**again):
        mlflow.log_metric("accuracy", 1.0)
    assert trial.lines == [(0, {"loss": 0.5}), (0, {"test_loss": 0.25}), (0, {"accuracy": 1.0})]


def test_runs_of_the_programs_own_stand_below_the_trials(trial, capfd):
    home = trial.client.get_run(trial.id).info.experiment_id
    nested = mlflow.start_run(), mlflow.start_run(nested=True), mlflow.start_run(nested=True, run_name="deep")
    mlflow.log_metric("loss", 3.0, step=7)
    mlflow.log_param("lr", 5)
    for _ in nested:
        mlflow.end_run()
    _, inner, deep = nested
    with mlflow.start_run(run_name="fold1") as fold:
        mlflow.log_metric("loss", 4.0, step=7)
    mine = mlflow.set_experiment("mine").experiment_id
    with mlflow.start_run(run_name="elsewhere") as elsewhere:
        pass
    found = [trial.client.get_run(run.info.run_id) for run in (inner, deep, fold, elsewhere)]
    assert [parent(run) for run in found] == [trial.id, inner.info.run_id, trial.id, trial.id]
    assert [run.info.experiment_id for run in found] == [home, home, home, mine]
    assert [run.data.metrics for run in found] == [{}, {"loss": 3.0}, {"loss": 4.0}, {}]
    assert (found[1].data.params, found[2].info.status, trial.lines) == ({"lr": "5"}, "FINISHED", [])
    assert capfd.readouterr().err.count("sweep: the program starts a run of its own") == 1


def test_a_run_below_the_trials_can_come_first(trial):
    with mlflow.start_run(parent_run_id=trial.id) as child:
        assert child.info.run_id != trial.id
    with mlflow.start_run() as active:
        assert active.info.run_id == trial.id


def test_a_run_of_somebody_else_is_started_as_ever(trial):
    mlflow.set_experiment("mine")
    other = trial.client.create_run("0", tags={"mlflow.parentRunId": trial.id}).info.run_id
    with pytest.raises(mlflow.MlflowException, match="does not match"):
        mlflow.start_run(run_id=other)
    with mlflow.start_run(), pytest.raises(Exception, match="already active"):
        mlflow.start_run()


def test_another_store_is_left_for_the_trials_run(trial, elsewhere, capfd):
    mlflow.set_tracking_uri(elsewhere)
    mlflow.set_experiment("mine")
    with mlflow.start_run() as active:
        mlflow.log_param("own", 3)
        mlflow.log_metric("loss", 0.5, step=0)
        mlflow.log_text("text", "note.txt")
    assert (active.info.run_id, trial.params["own"], trial.lines) == (trial.id, "3", [(0, {"loss": 0.5})])
    assert [file.path for file in trial.client.list_artifacts(trial.id)] == ["note.txt"]
    assert f"and not to {elsewhere}" in capfd.readouterr().err


def test_an_explicit_client_of_another_store_reaches_the_trials_run_too(trial, elsewhere):
    other = MlflowClient(elsewhere)
    run = other.create_run(other.create_experiment("mine"), tags={"mlflow.user": "me", "team": "a"})
    other.log_metric(run.info.run_id, "loss", 0.5, step=3)
    other.log_param(run.info.run_id, "own", 1)
    other.set_tag(run.info.run_id, "key", "value")
    other.log_text(run.info.run_id, "text", "note.txt")
    other.set_terminated(run.info.run_id, "FAILED")
    kept = trial.client.get_run(trial.id)
    assert (run.info.run_id, trial.lines) == (trial.id, [(3, {"loss": 0.5})])
    assert (kept.data.tags["team"], kept.data.tags["key"], kept.data.params["own"]) == ("a", "value", "1")
    assert kept.info.status == "RUNNING"
    assert [file.path for file in trial.client.list_artifacts(trial.id)] == ["note.txt"]


def test_functions_are_fitted_once(trial):
    fitted = fluent.start_run, fluent.log_metric
    trial_mlflow.install()
    assert (fluent.start_run, fluent.log_metric) == fitted
    assert not any(isinstance(finder, LateFits) for finder in sys.meta_path)


def test_outside_a_trial_nothing_is_fitted(unfitted, monkeypatch):
    monkeypatch.delenv("SWEEP_CONFIG")
    start = fluent.start_run
    trial_mlflow.install()
    assert fluent.start_run is start
