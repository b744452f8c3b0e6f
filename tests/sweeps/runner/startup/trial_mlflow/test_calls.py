"""What becomes of calls about the trial's run, whoever makes them, on a real store."""

import sys

import mlflow
import numpy as np
import pytest
import sqlalchemy.event
import sqlalchemy.orm
from mlflow.entities import DatasetInput, Metric, RunTag
from mlflow.tracking import MlflowClient
from mlflow.utils.autologging_utils import BatchMetricsLogger, MlflowAutologgingQueueingClient

from sweeps.runner.startup import trial_mlflow


def stored(trial):
    """The store's points of the trial's run, by name."""
    store = trial.client._tracking_client.store
    keys = store.get_run(trial.id).data.metrics
    return {
        key: [(point.step, point.value) for point in store.get_metric_history(trial.id, key)] for key in keys
    }


def test_every_way_to_log_metrics_leads_to_the_file_and_none_to_the_store(trial):
    client = MlflowClient()
    with mlflow.start_run():
        mlflow.log_metric("one", 0.5, step=3)
        mlflow.log_metric("one", value=0.25, step=4, synchronous=False).wait()
        mlflow.log_metrics({"a": 1, "b": np.float32(2)}, step=5)
        mlflow.log_metrics({"a": 3.0}, step=6, synchronous=False).wait()
    client.log_metric(trial.id, "c", float("inf"), step=7)
    client.log_metric(run_id=trial.id, key="c", value=True, step=8)
    client.log_batch(
        trial.id, metrics=[Metric("d", 1.0, 5, 0), Metric("e", 2.0, 5, 0), Metric("d", 3.0, 5, 1)]
    )
    client.log_batch(
        trial.id, metrics=[Metric("f", 1.0, 5, 2)], tags=[RunTag("who", "me")], synchronous=False
    ).wait()
    queue = MlflowAutologgingQueueingClient()
    queue.log_metrics(trial.id, {"g": 1.0}, step=9)
    queue.flush()
    logger = BatchMetricsLogger(trial.id)
    logger.record_metrics({"h": 1.0}, step=10)
    logger.flush()
    inf = float("inf")
    assert trial.lines == [
        *(
            (3, {"one": 0.5}),
            (4, {"one": 0.25}),
            (5, {"a": 1.0, "b": 2.0}),
            (6, {"a": 3.0}),
            (7, {"c": inf}),
            (8, {"c": 1.0}),
        ),
        *((0, {"d": 1.0, "e": 2.0}), (1, {"d": 3.0}), (2, {"f": 1.0}), (9, {"g": 1.0}), (10, {"h": 1.0})),
    ]
    assert stored(trial) == {}
    assert trial.client.get_run(trial.id).data.tags["who"] == "me"


def test_a_tensor_leads_there_as_its_number(trial):
    torch = pytest.importorskip("torch", reason="`make versions` installs no torch")
    with mlflow.start_run():
        mlflow.log_metric("a", torch.tensor(2.0), step=5)
        mlflow.log_metrics({"a": torch.tensor(3.0)}, step=6, synchronous=False).wait()
    assert trial.lines == [(5, {"a": 2.0}), (6, {"a": 3.0})]


def test_values_without_a_step_make_a_curve(trial):
    with mlflow.start_run():
        for loss in (3.0, 2.0, 1.0):
            mlflow.log_metric("loss", loss)
            mlflow.log_metrics({"accuracy": 1 / loss, "extra": 0.0})
        mlflow.log_metric("loss", 0.5, 7)
        mlflow.log_metric("loss", 0.25, step=None)
        MlflowClient().log_metric(trial.id, "loss", 0.125)
        mlflow.log_metric("loss", 9.0, step=0)
    losses = [(step, metrics["loss"]) for step, metrics in trial.lines if "loss" in metrics]
    assert losses == [(0, 3.0), (1, 2.0), (2, 1.0), (7, 0.5), (8, 0.25), (9, 0.125), (0, 9.0)]
    assert [step for step, metrics in trial.lines if "accuracy" in metrics] == [0, 1, 2]


@pytest.mark.parametrize(
    ("key", "value", "step"), [("acc@5", 1.0, 0), ("loss", None, 0), ("loss", "high", 0), ("loss", 1.0, "x")]
)
def test_what_mlflow_refuses_it_refuses_in_its_own_words(trial, key, value, step):
    with mlflow.start_run(), pytest.raises(mlflow.MlflowException):
        mlflow.log_metric(key, value, step=step)
    assert trial.lines == []


def test_a_metric_of_a_model_or_dataset_is_kept_for_it_and_is_one_point(trial):
    with mlflow.start_run():
        first, second = (mlflow.initialize_logged_model(name=name).model_id for name in "ab")
        mlflow.log_metric("loss", 0.5, step=3, model_id=first)
        mlflow.log_metric("loss", 0.25, model_id=second)
        for model in (first, second):
            mlflow.log_metrics({"accuracy": 0.75}, step=1, model_id=model)
        mlflow.set_active_model(model_id=first)
        MlflowClient().log_batch(trial.id, [Metric("late", 1.0, 5, 2)])
    kept = {
        model: {m.key: (m.step, m.value) for m in mlflow.get_logged_model(model).metrics}
        for model in (first, second)
    }
    assert kept == {
        first: {"loss": (3, 0.5), "accuracy": (1, 0.75), "late": (2, 1.0)},
        second: {"loss": (4, 0.25), "accuracy": (1, 0.75)},
    }
    assert [row for row in trial.lines if "accuracy" not in row[1]] == [
        (3, {"loss": 0.5}),
        (4, {"loss": 0.25}),
        (2, {"late": 1.0}),
    ]
    sent = [(row["t"], row["step"]) for row in trial.rows if "loss" in row["metrics"]]
    store = trial.client._tracking_client.store
    assert [(point.timestamp, point.step) for point in store.get_metric_history(trial.id, "loss")] == sent


def test_a_dataset_that_another_trial_logs_at_the_same_moment_is_logged_by_both(trial):
    dataset = mlflow.data.from_numpy(np.zeros(3), name="flowers")
    another = trial.client.create_run(trial.client.get_run(trial.id).info.experiment_id).info.run_id
    waiting = [another]

    @sqlalchemy.event.listens_for(sqlalchemy.orm.Session, "before_flush")
    def log_in_between(session, *_):
        if waiting and any(type(row).__name__ == "SqlDataset" for row in session.new):
            store = trial.client._tracking_client.store
            store.log_inputs(waiting.pop(), [DatasetInput(dataset._to_mlflow_entity())])

    try:
        with mlflow.start_run():
            mlflow.log_input(dataset)
    finally:
        sqlalchemy.event.remove(sqlalchemy.orm.Session, "before_flush", log_in_between)
    logged = [trial.client.get_run(run).inputs.dataset_inputs for run in (trial.id, another)]
    assert [[one.dataset.name for one in inputs] for inputs in logged] == [["flowers"], ["flowers"]]


def test_the_program_reads_what_it_logged(trial):
    with mlflow.start_run():
        mlflow.log_metrics({"loss": 0.5, "other": 1.0}, step=0)
        mlflow.log_metric("loss", 0.25, step=1)
        assert mlflow.get_run(trial.id).data.metrics == {"loss": 0.25, "other": 1.0}
        trial.client._tracking_client.store.log_metric(trial.id, Metric("loss", 0.125, 5, 2))
        assert mlflow.get_run(trial.id).data.metrics["loss"] == 0.125
    history = MlflowClient().get_metric_history(trial.id, "loss")
    assert sorted((metric.step, metric.value) for metric in history) == [(0, 0.5), (1, 0.25), (2, 0.125)]


def test_the_program_ends_neither_the_run_nor_its_name(trial):
    client = MlflowClient()
    with pytest.raises(RuntimeError), mlflow.start_run():
        raise RuntimeError
    client.set_terminated(trial.id, "FAILED")
    client.update_run(trial.id, status="KILLED", name="mine")
    run = client.get_run(trial.id)
    assert (run.info.status, run.info.end_time, run.info.run_name != "mine") == ("RUNNING", None, True)


def test_the_first_run_that_a_library_creates_is_the_trials(trial):
    client = MlflowClient()
    child = client.create_run("0", tags={"mlflow.parentRunId": "x"})
    ours = client.create_run("0", tags={"sweeps.kind": "trial"})
    first = client.create_run(experiment_id="0", tags={"mlflow.runName": "theirs", "who": "me"})
    second = client.create_run("0", run_name="second")
    assert [run.info.run_id == trial.id for run in (child, ours, first, second)] == [
        False,
        False,
        True,
        False,
    ]
    assert "mlflow.parentRunId" not in ours.data.tags
    assert (first.data.tags["script.run_name"], first.data.tags["who"]) == ("theirs", "me")
    assert second.data.tags["mlflow.parentRunId"] == trial.id
    client.log_metric(second.info.run_id, "loss", 0.5, step=3)
    client.log_metric(first.info.run_id, "loss", 0.25, step=4)
    assert trial.lines == [(4, {"loss": 0.25})]
    assert client.get_run(second.info.run_id).data.metrics == {"loss": 0.5}


def test_other_ranks_leave_nothing_in_the_record(trial, monkeypatch):
    monkeypatch.setenv("RANK", "1")
    with mlflow.start_run():
        model = mlflow.initialize_logged_model(name="a").model_id
        mlflow.log_metrics({"loss": 1.0}, step=0, model_id=model)
        mlflow.log_metric("loss", 1.0, step=1)
        mlflow.log_params({"local_rank": 1})
    assert (trial.lines, stored(trial), "local_rank" in trial.params) == ([], {}, False)


def test_in_the_process_that_writes_the_journal_metrics_go_straight_into_it(unfitted):
    taken = []

    def journal(values, step):
        taken.append((step, values))
        return 5000 + step

    trial_mlflow.install(journal)
    with mlflow.start_run():
        mlflow.log_metric("loss", 0.5)
        mlflow.log_metrics({"loss": 0.25}, model_id=mlflow.initialize_logged_model(name="a").model_id)
        assert mlflow.get_run(unfitted.id).data.metrics == {"loss": 0.25}
    assert (taken, unfitted.lines) == ([(0, {"loss": 0.5}), (1, {"loss": 0.25})], [])
    store = unfitted.client._tracking_client.store
    assert [point.timestamp for point in store.get_metric_history(unfitted.id, "loss")] == [5001]


def test_a_file_that_cannot_be_written_sends_the_metrics_straight_to_the_store_and_says_so(trial, capfd):
    (trial.folder / "program-metrics.jsonl").mkdir()
    with mlflow.start_run():
        mlflow.log_metric("loss", 0.5, step=3)
        mlflow.log_metrics({"loss": 0.25}, step=4)
    assert stored(trial) == {"loss": [(3, 0.5), (4, 0.25)]}
    assert capfd.readouterr().err.count("sweep: metrics go straight to MLflow's store") == 1


def test_scikit_learns_autologging_lands_in_the_trials_run(trial):
    from sklearn.linear_model import Ridge

    mlflow.sklearn.autolog(log_models=False, log_datasets=False, silent=True)
    try:
        for alpha in (1.0, 2.0):
            Ridge(alpha=alpha).fit([[0.0], [1.0], [2.0]], [0.0, 1.0, 2.0])
    finally:
        mlflow.sklearn.autolog(disable=True)
    assert {step for step, _ in trial.lines} == {0}
    assert "training_r2_score" in {key for _, metrics in trial.lines for key in metrics}
    assert sum(len(metrics) for _, metrics in trial.lines) == 5  # each once
    assert trial.params["alpha"] == "1.0"
    home = trial.client.get_run(trial.id).info.experiment_id
    (second,) = trial.client.search_runs([home], f"tags.mlflow.parentRunId = '{trial.id}'")
    assert second.data.params["alpha"] == "2.0"


def test_system_metrics_count_their_samples(trial, monkeypatch):
    from mlflow.system_metrics.system_metrics_monitor import SystemMetricsMonitor

    assert "mlflow.tracking.fluent" in sys.modules
    with mlflow.start_run():
        for _ in range(2):
            monitor = SystemMetricsMonitor(trial.id, resume_logging=True)
            monitor.collect_metrics()
            monitor.publish_metrics(monitor.aggregate_metrics())
            monitor.mlflow_logger.flush()
    assert [step for step, _ in trial.lines] == [0, 1]
    assert all(key.startswith("system/") for _, metrics in trial.lines for key in metrics)
