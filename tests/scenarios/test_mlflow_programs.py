"""Programs that log with MLflow themselves: their metrics go through the run's journal, and so are in the record once."""

import sqlite3

import pytest
from mlflow.entities import Metric
from mlflow.tracking import MlflowClient

from analysis.read.record import Record

PROGRAM = """
import argparse, mlflow
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float)
args = parser.parse_args()
mlflow.set_experiment("mine")
with mlflow.start_run(run_name="resnet", log_system_metrics=False):
    mlflow.log_params({**vars(args), "momentum": 0.9})
    for epoch in range(4):
        mlflow.log_metric("loss", args.lr / (epoch + 1))
        mlflow.log_metrics({"accuracy": epoch / 4}, step=epoch, synchronous=False).wait()
        with mlflow.start_run(nested=True):
            mlflow.log_metric("inner", 1.0)
with mlflow.start_run():
    mlflow.log_metric("test_loss", args.lr)
"""
SEARCH = """
experiment: toy
trainer: {command: [python, train.py, --lr, "{lr}"]}
sweeps:
  a:
    search:
      space: {lr: {float: [1.0, 2.0]}}
      trials: 1
      objective: {loss: min}
      sampler: random
"""
FUNCTION = """
import mlflow

def train(config, run):
    with mlflow.start_run():
        mlflow.log_params({"lr": 2, "own": 3})
        for epoch in range(3):
            mlflow.log_metric("loss", 0.5**epoch)
            run.log({"accuracy": epoch}, epoch)
"""
TORCHRUN = """
import argparse, mlflow, torch, torch.distributed as dist
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float)
args = parser.parse_args()
dist.init_process_group("gloo")
with mlflow.start_run():
    mlflow.log_params({**vars(args), "rank": dist.get_rank()})
    for step in range(5):
        mlflow.log_metrics({"loss": args.lr + 100 * dist.get_rank()}, step=step)
        mlflow.log_metric("counted", dist.get_rank())
dist.barrier()
dist.destroy_process_group()
"""


def rows(project, run):
    """How many points the store has of each metric, repeated ones included."""
    with sqlite3.connect(project.path / "mlflow.db") as database:
        query = "select key, count(*) from metrics where run_uuid = ? group by key"
        return dict(database.execute(query, [run.run_id]).fetchall())


def test_what_a_program_logs_is_in_its_trials_record_once_and_its_last_value_in_the_status(project):
    (project.path / "train.py").write_text(PROGRAM)
    (project.path / "e.yaml").write_text(
        'experiment: toy\ntrainer: {command: [python, train.py, --lr, "{lr}"]}\nsweeps: {a: {grid: {lr: [1, 2]}}}\n'
    )
    code, output = project.sweep("run", "e.yaml", "--gpus", "", MLFLOW_TRACKING_URI="sqlite:///mlflow.db")
    assert code == 0, output
    for name, lr in (("lr1", 1.0), ("lr2", 2.0)):
        run = project.runs()[name]
        assert (run.outcome, run.status) == ("finished", "FINISHED")
        assert project.curve(run, "loss") == [(epoch, lr / (epoch + 1)) for epoch in range(4)]
        assert rows(project, run) == {"loss": 4, "accuracy": 4, "test_loss": 1}
    params = {(run, key): value for run, key, value in Record(project.uri, "toy").params()}
    assert {key: params[run.run_id, key] for key in ("lr", "momentum")} == {"lr": "2", "momentum": "0.9"}
    assert [(row["trial"], row["loss"], row["test_loss"]) for row in project.json("status")] == [
        ("lr1", 0.25, 1.0),
        ("lr2", 0.5, 2.0),
    ]


def test_a_search_finds_its_objective_in_what_a_program_logs(project):
    (project.path / "train.py").write_text(PROGRAM)
    (project.path / "e.yaml").write_text(SEARCH)
    code, output = project.sweep("run", "e.yaml", "--gpus", "", MLFLOW_TRACKING_URI="sqlite:///mlflow.db")
    assert code == 0, output  # one whose objective nobody logs ends with an error after its first trial
    (run,) = project.runs().values()
    assert (run.outcome, rows(project, run)["loss"]) == ("finished", 4)


def test_a_function_may_log_both_ways(project):
    (project.path / "toy.py").write_text(FUNCTION)
    project.spec("sweeps: {a: {grid: {lr: [1]}}}")
    code, output = project.ran("--gpus", "")
    assert code == 0, output
    (run,) = project.runs().values()
    assert project.curve(run, "loss") == [(0, 1.0), (1, 0.5), (2, 0.25)]
    assert rows(project, run) == {"loss": 3, "accuracy": 3}
    params = {key: value for _, key, value in Record(project.uri, "toy").params()}
    assert params == {"lr": "1", "script.lr": "2", "own": "3"}


def test_points_that_an_earlier_version_let_a_program_write_to_the_store_are_not_doubled(project):
    (project.path / "train.py").write_text("raise SystemExit(143)")  # ended from outside
    (project.path / "e.yaml").write_text(
        'experiment: toy\ntrainer: {command: [python, train.py, --lr, "{lr}"]}\nsweeps: {a: {grid: {lr: [1]}}}\n'
    )
    where = {"MLFLOW_TRACKING_URI": "sqlite:///mlflow.db"}
    project.sweep("run", "e.yaml", "--gpus", "", **where)
    (run,) = project.runs().values()
    points = [Metric("loss", 9.0, 1000 + epoch, epoch) for epoch in range(2)]
    MlflowClient(project.uri).log_batch(run.run_id, points)
    (project.path / "train.py").write_text(PROGRAM)
    code, output = project.sweep("run", "e.yaml", "--gpus", "", **where)
    assert code == 0, output
    assert project.curve(run, "loss") == [(0, 9.0), (1, 9.0), (2, 1 / 3), (3, 1 / 4)]
    assert rows(project, run)["loss"] == 4


@pytest.mark.extra
def test_of_the_processes_of_torchrun_one_is_recorded(project):
    (project.path / "train.py").write_text(TORCHRUN)
    command = '[torchrun, --standalone, --nproc_per_node, "2", train.py, --lr, "{lr}"]'
    (project.path / "e.yaml").write_text(
        f"experiment: toy\ntrainer: {{command: {command}}}\nsweeps: {{a: {{grid: {{lr: [1]}}}}}}\n"
    )
    code, output = project.sweep("run", "e.yaml", "--gpus", "", MLFLOW_TRACKING_URI="sqlite:///mlflow.db")
    told = project.sweep("logs", "e.yaml", "lr1")[1]
    assert code == 0, (output, told)
    (run,) = project.runs().values()
    assert project.curve(run, "loss") == [(step, 1.0) for step in range(5)]
    assert project.curve(run, "counted") == [(step, 0.0) for step in range(5)]
    assert rows(project, run) == {"loss": 5, "counted": 5}
    assert told.count("those of others, as rank 1, are left out") == 1
    params = {key: value for _, key, value in Record(project.uri, "toy").params()}
    assert params["rank"] == "0"
