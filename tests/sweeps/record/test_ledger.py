"""What the ledger writes beside metrics: pictures, data, models; on a real sqlite store."""

import hashlib
import json
import shutil

import numpy as np
import pytest
from mlflow.tracking import MlflowClient
from PIL import Image

from sweeps.record.ledger import Ledger
from sweeps.rundir.journal import JournalWriter
from sweeps.rundir.paths import RunPaths
from sweeps.rundir.trainer_manifest import Data, Model, declared_data, declared_model
from tests.sweeps.rundir.test_step_images import MLFLOW_NAME


class Recorded:
    """A run in a store of its own, and its files."""

    def __init__(self, folder, database):
        shutil.copy(database, folder / "mlflow.db")
        uri = f"sqlite:///{folder / 'mlflow.db'}"
        self.ledger, self.client = Ledger(uri, "toy"), MlflowClient(uri)
        parent = self.ledger.sweep_run("s", None, {})
        self.id = self.ledger.trial_run(sweep="s", trial="lr0.5", fingerprint="f", parent=parent, tags={})
        self.paths = RunPaths(folder / "run")
        self.paths.create()

    def deliver(self):
        self.ledger.deliver(self.id, self.paths)

    def artifacts(self, folder=None):
        return sorted(file.path for file in self.client.list_artifacts(self.id, folder))

    def models(self):
        experiment = self.client.get_experiment_by_name("toy").experiment_id
        return self.client.search_logged_models([experiment])


@pytest.fixture
def run(tmp_path, empty_database, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Recorded(tmp_path, empty_database)


def hand_over(run, name, save):
    path = run.paths.files / name
    save(path)
    writer = JournalWriter(run.paths)
    writer.artifact(path)
    writer.close()


def test_a_picture_of_an_epoch_becomes_a_step_of_mlflows_series(run):
    hand_over(run, "generated+step+3.png", Image.new("RGB", (40, 30)).save)
    run.deliver()
    ours = run.artifacts("images")
    run.client.log_image(run.id, np.zeros((30, 40, 3), np.uint8), key="generated", step=3)
    theirs = sorted(set(run.artifacts("images")) - set(ours))
    shapes = [
        {MLFLOW_NAME.fullmatch(path.removeprefix("images/")).group(1, 2, 4) for path in paths}
        for paths in (ours, theirs)
    ]
    assert shapes[0] == shapes[1] == {("generated", "3", ".png"), ("generated", "3", "+compressed.webp")}
    assert run.client.get_run(run.id).data.tags["mlflow.loggedImages"] == "True"
    assert list(run.paths.outbox.iterdir()) == []


def test_a_picture_is_sent_once_whichever_attempt_draws_it_and_whoever_delivers(run):
    for _ in range(2):
        hand_over(run, "generated+step+3.png", Image.new("RGB", (4, 4)).save)
    outbox = run.paths.outbox
    kept = {path.name: path.read_bytes() for path in outbox.iterdir()}
    run.deliver()
    for name, content in kept.items():  # as if the supervisor had died before it noted the delivery
        (outbox / name).write_bytes(content)
    run.paths.delivered.unlink()
    run.deliver()
    assert len(run.artifacts("images")) == 2


def test_a_file_that_only_has_the_name_of_a_picture_is_stored_as_it_is(run):
    hand_over(run, "generated+step+3.png", lambda path: path.write_text("no picture"))
    run.deliver()
    assert run.artifacts() == ["generated+step+3.png"]


@pytest.mark.parametrize(
    ("data", "digest", "kind"),
    [
        (Data("synthetic-4f1c", "synthetic", ""), "synthetic-4f1c", "code"),
        (Data("x" * 50, "dance", "data/dance"), hashlib.sha256(b"x" * 50).hexdigest()[:36], "local"),
    ],
)
def test_the_data_is_a_tag_and_the_runs_dataset_once(run, data, digest, kind):
    for _ in range(2):
        run.ledger.dataset(run.id, data)
    recorded = run.client.get_run(run.id)
    assert recorded.data.tags["sweeps.data"] == data.identity
    (given,) = recorded.inputs.dataset_inputs
    assert (given.dataset.name, given.dataset.digest, given.dataset.source_type) == (data.name, digest, kind)


def test_the_model_has_its_file_its_params_and_the_values_of_its_step_once(run):
    writer = JournalWriter(run.paths)
    for epoch in range(3):
        writer.metrics({"val/psnr": 20.0 + epoch}, epoch)
    writer.metrics({"frame/psnr": 5.0}, 1)
    writer.close()
    run.deliver()
    (run.paths.files / "best.pt").write_text("weights")
    for _ in range(2):
        run.ledger.model(run.id, "lr0.5", {"lr": 0.5}, run.paths, Model("best.pt", 1))
    (model,) = run.models()
    assert (model.name, str(model.status), model.source_run_id) == ("lr0_5", "READY", run.id)
    assert model.params == {"lr": "0.5"}
    assert [(metric.key, metric.value, metric.step) for metric in model.metrics] == [("val/psnr", 21.0, 1)]
    assert [file.path for file in run.client.list_logged_model_artifacts(model.model_id)] == ["best.pt"]
    assert [output.step for output in run.client.get_run(run.id).outputs.model_outputs] == [1]
    assert len(run.client.get_metric_history(run.id, "val/psnr")) == 3


def test_a_model_whose_file_is_gone_is_left_out(run):
    run.ledger.model(run.id, "lr0.5", {}, run.paths, Model("best.pt", 1))
    assert run.models() == []


@pytest.mark.parametrize(
    ("content", "data", "model"),
    [
        ({"data": "d"}, Data("d", "data", ""), None),
        (
            {"data": "d", "dataset": {"name": "n", "source": "s"}, "model": {"file": "m.pt", "step": 4}},
            Data("d", "n", "s"),
            Model("m.pt", 4),
        ),
        ({"model": {"file": "m.pt"}}, None, Model("m.pt", None)),
        ({"data": "", "dataset": 3, "model": "m.pt"}, None, None),
        ([], None, None),
    ],
)
def test_a_trainer_declares_data_and_model_in_a_file(tmp_path, content, data, model):
    paths = RunPaths(tmp_path)
    paths.create()
    paths.provenance.write_text(json.dumps(content))
    assert (declared_data(paths), declared_model(paths)) == (data, model)


def test_no_file_and_half_a_file_declare_nothing(tmp_path):
    paths = RunPaths(tmp_path)
    paths.create()
    assert declared_data(paths) is None
    paths.provenance.write_text('{"data": "d"')
    assert (declared_data(paths), declared_model(paths)) == (None, None)


def test_a_delivery_takes_params_and_tags_along_however_much_there_is(run):
    config = {f"key{number}": number for number in range(250)}
    writer = JournalWriter(run.paths)
    for step in range(300):
        writer.metrics({f"m{number}": step * number for number in range(8)}, step)
    writer.close()
    for _ in range(2):  # again, as a supervisor does that cannot know whether the first arrived
        run.paths.delivered.unlink(missing_ok=True)
        run.ledger.deliver(run.id, run.paths, config, {"sweeps.outcome": "finished"})
    data = run.client.get_run(run.id).data
    assert data.params == {key: str(value) for key, value in config.items()}
    assert data.tags["sweeps.outcome"] == "finished"
    assert len(data.metrics) == 8
    assert [m.value for m in run.client.get_metric_history(run.id, "m2")] == [2.0 * s for s in range(300)]


def test_params_and_tags_arrive_where_nothing_was_logged(run):
    run.ledger.deliver(run.id, run.paths, {"lr": 0.5}, {"sweeps.outcome": "failed"})
    data = run.client.get_run(run.id).data
    assert (data.params, data.tags["sweeps.outcome"]) == ({"lr": "0.5"}, "failed")
