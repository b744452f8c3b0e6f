"""Sweeps on real servers that go away in the middle: MLflow's own with its artifact proxy, and PostgreSQL."""

import tempfile
from pathlib import Path

import optuna
import pytest
from mlflow.tracking import MlflowClient

import analysis
from analysis.read.record import Record
from tests.servers import Postgres, TrackingServer
from tests.sweeps.outages import EPOCHS, concluded, gated, go_on, outcomes, reached, whole

pytestmark = [pytest.mark.extra, pytest.mark.timeout(900)]


@pytest.fixture
def server(project, tmp_path_factory, empty_database):
    folder = tmp_path_factory.mktemp("server")
    (folder / "mlflow.db").write_bytes(empty_database.read_bytes())
    server = TrackingServer(folder, f"sqlite:///{folder / 'mlflow.db'}")
    server.start()
    project.uri = server.uri
    project.environment["MLFLOW_TRACKING_URI"] = server.uri
    yield server
    server.kill()


@pytest.fixture(scope="module")
def postgres():
    with tempfile.TemporaryDirectory(prefix="postgres-") as folder:
        Path(folder).chmod(0o755)  # its server runs as another user
        server = Postgres(Path(folder) / "server")
        yield server
        server.stop()


def all_is_there(project, process, numbers):
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0, output
    runs, client = project.runs(), MlflowClient(project.uri)
    assert sorted(runs) == [f"n{number}" for number in numbers]
    assert len([run for run in Record(project.uri, "toy").runs if run.kind == "trial"]) == len(numbers)
    for number in numbers:
        run = runs[f"n{number}"]
        assert (run.outcome, run.status, run.attempt) == ("finished", "FINISHED", 1)
        assert whole(project, run, number)
        assert {file.path for file in client.list_artifacts(run.run_id)} == {"logs", "result.txt"}


def test_a_tracking_server_that_is_killed_and_comes_back_loses_and_doubles_nothing(project, server):
    gated(project, "{grid: {n: [1, 2, 3]}}")
    process = project.start("run", "e.yaml", "--jobs", "2", "--gpus", "")
    reached(project, 1, 2)
    server.kill()
    go_on(project)
    assert outcomes(concluded(project, 2)) == ["finished", "finished"]  # no trial waited for the server
    server.start()
    all_is_there(project, process, (1, 2, 3))


def test_a_run_that_gives_up_waiting_leaves_the_rest_to_the_next(project, server):
    gated(project, "{grid: {n: [1]}}")
    process = project.start("run", "e.yaml", "--gpus", "", "--patience", "1s")
    reached(project, 1)
    server.kill()
    go_on(project)
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 2
    assert "the record cannot be written" in output
    assert "the next run of the file sends it" in output
    server.start()
    all_is_there(project, project.start("run", "e.yaml", "--gpus", ""), (1,))


def test_postgresql_that_is_restarted_loses_and_doubles_nothing_and_reads_as_sqlite_does(project, postgres):
    gated(project, "{grid: {n: [1, 2, 3]}}")
    sqlite, project.uri = project.uri, postgres.uri("mlflow")
    process = project.start("run", "e.yaml", "--jobs", "2", "--gpus", "", MLFLOW_TRACKING_URI=project.uri)
    reached(project, 1, 2)
    postgres.restart()
    go_on(project)
    all_is_there(project, process, (1, 2, 3))
    assert (
        project.sweep("run", "e.yaml", "--gpus", "", MLFLOW_TRACKING_URI=sqlite, SWEEP_HOME=".other")[0] == 0
    )
    one, other = (by_name(uri) for uri in (project.uri, sqlite))
    assert len(one) == 3 * 2 * EPOCHS
    assert one.equals(other)


def by_name(uri):
    """All curves, under the names of their runs."""
    runs = analysis.load_runs(uri, "toy").set_index("run_id")["name"]
    curves = analysis.load_curves(uri, "toy")
    named = curves.assign(name=curves.run_id.map(runs).astype(str))[["name", "key", "step", "value"]]
    return named.sort_values(["name", "key", "step"], ignore_index=True)


def test_a_search_keeps_its_study_in_postgresql(project, postgres):
    storage = f"postgresql://sweep@127.0.0.1:{postgres.port}/optuna"
    search = f"space: {{factor: {{float: [0.1, 0.9]}}}}, objective: {{train/loss: min}}, trials: 4, storage: '{storage}'"
    project.spec(f"sweeps: {{a: {{search: {{{search}}}}}}}")
    assert project.sweep("run", "e.yaml", "--jobs", "2", "--gpus", "")[0] == 0
    runs = project.runs()
    assert {run.outcome for run in runs.values()} == {"finished"}
    url = postgres.uri("optuna")
    (study,) = (optuna.load_study(study_name=name, storage=url) for name in optuna.get_all_study_names(url))
    assert sorted(trial.user_attrs["run_id"] for trial in study.trials) == sorted(
        run.run_id for run in runs.values()
    )
    assert {trial.value for trial in study.trials} == {
        project.curve(run, "train/loss")[-1][1] for run in runs.values()
    }


ODD = """
def train(config, run):
    run.log({"loss": 0.5}, 0)
    if config["n"] == 2:
        raise ValueError("no \\0 and no caf\\udce9")
    if config["n"] == 3:
        run.log({"acc@5": 1.0}, 0)
"""


def test_postgresql_refuses_nothing_that_a_sweep_writes_of_odd_trials(project, postgres):
    (project.path / "toy.py").write_text(ODD)
    project.spec(f"sweeps: {{odd: {{grid: {{n: [1, 2, 3]}}, set: {{prompt: '{'word ' * 1500}'}}}}}}")
    project.uri = postgres.uri("mlflow")
    code, output = project.sweep(
        "run", "e.yaml", "--gpus", "", "--set", f"more={'x' * 300}", MLFLOW_TRACKING_URI=project.uri
    )
    assert code == 1, output
    runs = {name: run for name, run in project.runs().items() if run.sweep == "odd"}
    assert {name: run.outcome for name, run in runs.items()} == {
        "n1": "finished",
        "n2": "failed",
        "n3": "failed",
    }
    assert runs["n2"].reason == r"exception: ValueError: no \x00 and no caf\udce9"
    assert "for example 'acc_5'" in runs["n3"].reason
    client = MlflowClient(project.uri)
    for run in runs.values():
        assert run.status in {"FINISHED", "FAILED"}
        assert len(client.get_run(run.run_id).data.params["prompt"]) == 6000
