import json

import pytest

from sweeps.disk.removal import Trash
from sweeps.disk.run_files import trim
from sweeps.rundir.paths import RunPaths
from sweeps.spec.resources import Keep


def run_with(tmp_path, *names):
    paths = RunPaths(tmp_path / "run")
    for name in names:
        path = paths.files / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"1")
    return paths


def left(paths):
    return sorted(str(path.relative_to(paths.files)) for path in paths.files.rglob("*") if path.is_file())


def test_what_the_trainer_declares_as_its_model_is_the_best(tmp_path):
    paths = run_with(tmp_path, "epoch_1.pt", "epoch_2.pt", "provenance.json")
    paths.provenance.write_text(json.dumps({"model": {"file": "epoch_1.pt", "step": 1}}))
    trim(paths, {Keep.BEST}, Trash(tmp_path / "trash"))
    assert left(paths) == ["epoch_1.pt", "provenance.json"]


def test_what_transformers_says_is_the_best_is(tmp_path):
    paths = run_with(tmp_path, "checkpoint-1/model.safetensors", "checkpoint-2/model.safetensors")
    state = json.dumps({"best_model_checkpoint": "/elsewhere/out/checkpoint-1"})
    (paths.files / "checkpoint-2" / "trainer_state.json").write_text(state)
    trim(paths, {Keep.BEST}, Trash(tmp_path / "trash"))
    assert left(paths) == ["checkpoint-1/model.safetensors"]
    assert not (paths.files / "checkpoint-2").exists()


def test_links_go_with_the_folder_that_they_lead_to(tmp_path):
    paths = run_with(tmp_path, "checkpoint-1/model.safetensors")
    (paths.files / "latest").symlink_to("checkpoint-1")
    trim(paths, {Keep.NONE}, Trash(tmp_path / "trash"))
    assert list(paths.files.iterdir()) == []


def test_all_stay_unless_something_else_is_said(tmp_path):
    paths = run_with(tmp_path, "epoch_1.pt", "epoch_2.pt")
    trim(paths, {Keep.NONE, Keep.ALL}, Trash(tmp_path / "trash"))
    assert left(paths) == ["epoch_1.pt", "epoch_2.pt"]


@pytest.mark.parametrize("declared", ["./epoch_1.pt", "a/../epoch_1.pt", "{files}/epoch_1.pt"])
def test_a_model_may_be_declared_by_any_of_its_paths(tmp_path, declared):
    paths = run_with(tmp_path, "epoch_1.pt", "epoch_2.pt", "provenance.json")
    paths.provenance.write_text(json.dumps({"model": {"file": declared.format(files=paths.files)}}))
    trim(paths, {Keep.BEST}, Trash(tmp_path / "trash"))
    assert left(paths) == ["epoch_1.pt", "provenance.json"]


def test_what_the_store_refused_may_be_a_model_and_all_stay(tmp_path):
    paths = run_with(tmp_path, "epoch_1.pt", "epoch_2.pt")
    paths.refused.write_text("{}\n")
    trim(paths, {Keep.NONE}, Trash(tmp_path / "trash"))
    assert left(paths) == ["epoch_1.pt", "epoch_2.pt"]


def test_what_cannot_be_looked_at_stays_and_ends_nothing(tmp_path, monkeypatch):
    paths = run_with(tmp_path, "epoch_1.pt")

    def refuse(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("sweeps.disk.run_files.files_below", refuse)
    trim(paths, {Keep.NONE}, Trash(tmp_path / "trash"))
    assert left(paths) == ["epoch_1.pt"]
