"""Datasets and models on a real sqlite store."""

import hashlib
from pathlib import Path

import pytest

from sweeps.rundir.journal import JournalWriter
from sweeps.rundir.trainer_manifest import Data, Model


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


def test_a_model_that_was_left_half_is_made_whole_and_a_whole_one_stays_as_it_is(run, monkeypatch):
    file, client = run.paths.files / "best.pt", run.ledger._client.mlflow

    def log(text):
        file.write_text(text)
        run.ledger.model(run.id, "lr0.5", {}, run.paths, Model("best.pt", None))

    def dies(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(type(client), "finalize_logged_model", dies)
        with pytest.raises(KeyboardInterrupt):
            log("one")
    (half,) = run.models()
    assert str(half.status) == "PENDING"
    for text in ("two", "three"):
        log(text)
    (model,) = run.models()
    assert (model.model_id, str(model.status)) == (half.model_id, "READY")
    kept = Path(model.artifact_location.removeprefix("file://"), "best.pt")
    assert kept.read_text() == "two"
    assert [output.step for output in run.client.get_run(run.id).outputs.model_outputs] == [0]
