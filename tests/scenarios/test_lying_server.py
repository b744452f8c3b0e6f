"""A tracking server that lies, at every point of a run: nothing is lost, nothing doubled, or it is told."""

import json

import pytest
from mlflow.tracking import MlflowClient

from analysis.read.outcomes import Outcome
from sweeps.errors import RecordError
from sweeps.record.ledger import Ledger
from sweeps.record.outage import Outage
from sweeps.record.outcome_file import KeptOutcome
from sweeps.record.refusals import Refusals, read_refused
from sweeps.rundir.journal import JournalWriter
from sweeps.rundir.paths import StateDir
from tests.lying_server import WAYS, Lie, LyingProxy, MlflowServer, path_of

PATIENCE_S = 300.0
CONFIG = {"lr": 0.5, "amp": True}


def creating(method, path, body):
    return path_of(path) == "runs/create" and b"sweeps.fingerprint" in body


def delivering(method, path, body):
    return path_of(path) == "runs/log-batch" and json.loads(body).get("metrics")


def storing(method, path, body):
    return method == "PUT" and path.endswith("result.txt")


def ending(method, path, body):
    return path_of(path) == "runs/update" and b"FINISHED" in body


POINTS = {
    "creating": (creating, 1),
    "first delivery": (delivering, 1),
    "mid run": (delivering, 2),
    "artifact": (storing, 1),
    "ending": (ending, 1),
}
SAMPLE = {("cut", "creating"), ("half", "first delivery"), ("429", "mid run"), ("500", "ending")}
CASES = [
    pytest.param(way, point, marks=() if (way, point) in SAMPLE else pytest.mark.extra)
    for way in WAYS
    for point in POINTS
]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = MlflowServer(tmp_path_factory.mktemp("server"))
    yield server
    server.close()


@pytest.fixture
def proxy(server):
    proxy = LyingProxy(server.port)
    yield proxy
    proxy.close()


@pytest.fixture
def client(server):
    return MlflowClient(f"http://127.0.0.1:{server.port}")


class Trial:
    """A run from its creation to its end, as a supervisor writes it."""

    def __init__(self, folder, uri, experiment):
        self.state = StateDir(folder / "state")
        self.ledger = Ledger.open(uri, experiment, Outage(PATIENCE_S), Refusals(self.state))
        self.parent = self.ledger.sweep_run("s", None, {})

    def recorded(self):
        tags = {"sweeps.attempt": "1"}
        run_id = self.ledger.trial_run(sweep="s", trial="n1", fingerprint="f", parent=self.parent, tags=tags)
        paths = self.state.run(run_id)
        journal = JournalWriter(paths)
        for step in range(4):
            journal.metrics({"loss": 1 / (step + 1), "psnr": step}, step)
            self.ledger.deliver(run_id, paths, CONFIG if step == 0 else None)
        (paths.files / "result.txt").write_text("seven")
        journal.artifact(paths.files / "result.txt")
        journal.end(1, "finished", "")
        journal.close()
        KeptOutcome(1, Outcome.FINISHED, "", {}).record(self.ledger, run_id, "n1", CONFIG, paths)
        return run_id


@pytest.mark.parametrize(("way", "point"), CASES)
def test_nothing_is_lost_and_nothing_doubled(proxy, client, tmp_path, monkeypatch, way, point):
    experiment = f"{way} {point}"
    trial = Trial(tmp_path, proxy.uri, experiment)
    matches, nth = POINTS[point]
    proxy.lie = Lie(matches, way, nth=nth)
    with monkeypatch.context() as impatient:
        if way == "hang":  # a request that is slow for another reason is made again, too
            impatient.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "3")
        run_id = trial.recorded()
    assert proxy.lie.told  # once where the second try finds what the first had done
    runs = client.search_runs([client.get_experiment_by_name(experiment).experiment_id])
    assert sorted(run.info.run_id for run in runs) == sorted([run_id, trial.parent])
    run = client.get_run(run_id)
    assert (run.info.status, run.data.tags["sweeps.outcome"]) == ("FINISHED", "finished")
    assert run.data.params == {"lr": "0.5", "amp": "True"}
    for key, values in {"loss": [1.0, 1 / 2, 1 / 3, 1 / 4], "psnr": [0.0, 1.0, 2.0, 3.0]}.items():
        points = [(point.step, point.value) for point in client.get_metric_history(run_id, key)]
        assert points == list(enumerate(values))
    assert [file.path for file in client.list_artifacts(run_id)] == ["result.txt"]
    assert not trial.state.run(run_id).refused.exists()


def lose_everything():
    """Do to the server's store what losing its database does; the experiment that MLflow makes by itself is back."""
    from mlflow.server import handlers
    from mlflow.store.db.base_sql_model import Base

    store = handlers._get_tracking_store()
    with store.engine.begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            if table.name != "experiments":
                connection.execute(table.delete())
        experiments = Base.metadata.tables["experiments"]
        connection.execute(experiments.delete().where(experiments.c.experiment_id > 0))


@pytest.mark.parametrize("point", [*POINTS])
def test_a_server_that_comes_back_with_an_empty_database_is_told_and_what_is_not_sent_stays(
    proxy, client, tmp_path, point
):
    trial = Trial(tmp_path, proxy.uri, "emptied")
    matches, nth = POINTS[point]
    if point == "artifact":  # the server takes a file for any run: the loss shows when the run ends
        matches, nth = ending, 1
    seen = []

    def empties(method, path, body):
        if matches(method, path, body):
            seen.append(path)
            if len(seen) == nth:
                lose_everything()
        return False

    proxy.lie = Lie(empties, "none")
    with pytest.raises(RecordError, match="the store was emptied, or is another one"):
        trial.recorded()
    assert client.get_experiment_by_name("emptied") is None
    for folder in (tmp_path / "state" / "runs").glob("*"):
        assert (folder / "journal.jsonl").exists()


def test_a_server_that_refuses_one_metric_by_rules_of_its_own_gets_all_others(proxy, client, tmp_path):
    trial = Trial(tmp_path, proxy.uri, "strict")

    class Strict(LyingProxy):
        def handle(self, request, body):
            if b'"psnr"' in body:
                answer = {"error_code": "INVALID_PARAMETER_VALUE", "message": "no psnr here"}
                return self._answer(request, 400, json.dumps(answer).encode())
            return super().handle(request, body)

    strict = Strict(proxy.upstream_port)
    trial = Trial(tmp_path, strict.uri, "strict")
    run_id = trial.recorded()
    strict.close()
    run = client.get_run(run_id)
    assert (run.info.status, list(run.data.metrics)) == ("FINISHED", ["loss"])
    assert [point.step for point in client.get_metric_history(run_id, "loss")] == [0, 1, 2, 3]
    assert [item.step for item in read_refused(trial.state.run(run_id).refused)] == [0, 1, 2, 3]
    assert (
        "metric 'psnr' (4 values: INVALID_PARAMETER_VALUE: no psnr here)"
        in run.data.tags["mlflow.note.content"]
    )
