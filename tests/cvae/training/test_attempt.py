"""What an attempt takes up, trains on, keeps and hands over, seen through `train`."""

import dataclasses
import json

import pytest
import torch
from PIL import Image

from cvae.checkpoint import load_lab_checkpoint, read_archive
from cvae.config import parse_config
from cvae.errors import CheckpointError, NonFiniteLossError
from cvae.train import train
from cvae.training.attempt import Attempt
from tests.cvae.runs import SETTINGS, RecordingRun, assert_equal_tensors


def test_the_end_records_every_frame_and_hands_over_the_files(finished):
    psnr = [finished.record["frame/psnr", frame] for frame in (1, 2, 3)]
    assert ("frame/psnr", 0) not in finished.record
    assert ("frame/psnr", 4) not in finished.record
    assert sum(psnr) / 3 == pytest.approx(finished.record["val/psnr", 3])
    assert set(finished.artifacts) == {
        "psnr_per_frame.csv",
        "generated.gif",
        "comparison.gif",
        "best.pt",
        "last.pt",
        "provenance.json",
    }
    lines = finished.artifacts["psnr_per_frame.csv"].decode().split()
    assert lines[0] == "frame,psnr,psnr_copy_first"
    assert [float(line.split(",")[1]) for line in lines[1:]] == pytest.approx(psnr)


def test_pictures_of_some_epochs_are_handed_over_as_steps_of_a_series(finished):
    assert list(finished.pictures) == [f"generated+step+{epoch}.png" for epoch in range(4)]
    with Image.open(finished.dir / "pictures" / "generated+step+3.png") as image:
        assert image.size == (3 * 12, 3 * 8)  # 3 predicted frames; label, truth and prediction


def test_best_is_the_epoch_with_the_highest_validation_psnr(finished):
    best = read_archive(finished.dir / "best.pt")
    psnr = [finished.record["val/psnr", epoch] for epoch in range(4)]
    assert best["epoch"] == psnr.index(max(psnr))
    assert best["psnr_db"] == max(psnr)
    assert_equal_tensors(load_lab_checkpoint(finished.dir / "best.pt").state_dict(), best["state_dict"])


def test_a_worse_epoch_leaves_the_best_one(tmp_path):
    run = RecordingRun(tmp_path)
    train(SETTINGS | {"lr": 1e-6}, run)  # what moves the score is the noise
    psnr = [run.record["val/psnr", epoch] for epoch in range(4)]
    best = read_archive(tmp_path / "best.pt")
    assert best["epoch"] == psnr.index(max(psnr)) < 3
    last = read_archive(tmp_path / "last.pt")
    assert_equal_tensors(last["best"]["state_dict"], best["state_dict"])
    assert not torch.equal(last["state_dict"]["Generator.7.bias"], best["state_dict"]["Generator.7.bias"])


def test_the_optimizer_follows_the_learning_rate(tmp_path):
    train(SETTINGS | {"lr_milestones": [1], "lr_gamma": 1e-9, "num_epoch": 2}, RecordingRun(tmp_path))
    one, two = (read_archive(tmp_path / name)["state_dict"] for name in ("last.prev.pt", "last.pt"))
    for name, value in one.items():
        torch.testing.assert_close(value, two[name], rtol=1e-6, atol=1e-9)


def test_provenance_names_data_device_and_threads(finished):
    provenance = json.loads((finished.dir / "provenance.json").read_text())
    assert provenance["data"].startswith("synthetic-")
    assert provenance["device"] == "cpu"
    assert provenance["dataset"] == {"name": "synthetic", "source": ""}
    psnr = [finished.record["val/psnr", epoch] for epoch in range(4)]
    assert provenance["model"] == {"file": "best.pt", "step": psnr.index(max(psnr))}
    assert provenance["threads"] == torch.get_num_threads()


def test_a_damaged_last_checkpoint_costs_one_epoch_not_the_result(finished, tmp_path, caplog):
    record = {}
    train(SETTINGS, RecordingRun(tmp_path, stop_at=22, record=record))
    (tmp_path / "last.pt").write_bytes(b"damaged")
    resumed = RecordingRun(tmp_path, record=record)
    train(SETTINGS, resumed)
    assert "resuming from last.prev.pt" in caplog.text
    assert resumed.curves() == finished.curves()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tfr": 1.0}, "tfr is 0.5 there, 1.0 here"),
        ({"num_epoch": 5}, "num_epoch is 4 there, 5 here"),
        ({"data": {"train_frames": 12, "val_frames": 4, "seed": 1}}, "data is 'synthetic-"),
    ],
)
def test_checkpoints_of_other_settings_or_data_are_refused(tmp_path, change, message):
    train(SETTINGS, RecordingRun(tmp_path, stop_at=9))
    with pytest.raises(CheckpointError, match=message):
        train(SETTINGS | change, RecordingRun(tmp_path))


def test_the_device_may_change_between_attempts(tmp_path):
    train(SETTINGS, RecordingRun(tmp_path, stop_at=9))
    resumed = RecordingRun(tmp_path, stop_at=1)
    train(SETTINGS | {"device": "auto"}, resumed)
    assert [step for step, _ in resumed.calls] == [0]


def test_the_smaller_share_of_fast_training_is_used_at_first(tmp_path, caplog):
    settings = SETTINGS | {"fast_train": True, "fast_train_epoch": 1, "fast_partial": 0.5, "num_epoch": 2}
    run = RecordingRun(tmp_path, stop_at=100)
    train(settings, run)
    assert run.polls == (2 + 3) + (4 + 3)


def test_the_last_incomplete_batch_is_dropped(tmp_path):
    run = RecordingRun(tmp_path)
    train(SETTINGS | {"batch_size": 3, "num_epoch": 1}, run)  # 4 clips
    assert run.polls == 3 + 3


def test_the_kl_divergence_is_divided_by_the_batch_size(tmp_path, finished):
    run = RecordingRun(tmp_path)
    train(SETTINGS | {"batch_size": 4, "num_epoch": 1, "lr": 1e-9}, run)
    half = RecordingRun(tmp_path / "2")
    train(SETTINGS | {"num_epoch": 1, "lr": 1e-9}, half)
    assert run.record["train/kl", 0] == pytest.approx(half.record["train/kl", 0] / 2, rel=1e-3)


def test_precision_auto_is_recorded_as_what_it_came_to_and_resumed_in_no_other(tmp_path):
    run = RecordingRun(tmp_path)
    train({**SETTINGS, "num_epoch": 1, "precision": "auto"}, run)
    found = json.loads(run.artifacts["provenance.json"])["precision"]
    other = {"fp32": "bf16", "bf16": "fp32"}[found]
    train({**SETTINGS, "num_epoch": 1, "precision": found}, RecordingRun(tmp_path))
    with pytest.raises(CheckpointError, match=f"precision is '{found}' there, '{other}' here"):
        train({**SETTINGS, "num_epoch": 1, "precision": other}, RecordingRun(tmp_path))


def test_a_step_for_each_batch_is_another_protocol_on_the_same_clips_and_noise(tmp_path, finished):
    run = RecordingRun(tmp_path)
    train({**SETTINGS, "num_epoch": 1, "update": "per_batch"}, run)
    assert run.record["train/loss", 0] == pytest.approx(finished.record["train/loss", 0], rel=0.1)
    assert run.record["train/loss", 0] != finished.record["train/loss", 0]
    there, here = (read_archive(r.dir / "last.pt")["optimizer"]["state"][0]["step"] for r in (finished, run))
    assert (there, here) == (16, 2)  # 4 epochs of 4 clips, 1 epoch of 2 batches


def test_an_attempt_that_ends_has_waited_for_its_gpu_whatever_that_says(tmp_path, monkeypatch):
    waits = []

    def wait(device):
        waits.append(str(device))
        raise RuntimeError("CUDA error: misaligned address")

    monkeypatch.setattr(torch.cuda, "synchronize", wait)
    on_cpu = Attempt.begin(parse_config(SETTINGS), RecordingRun(tmp_path))
    for device in ("cpu", "cuda:0"):
        dataclasses.replace(on_cpu, device=torch.device(device)).settle()
    assert waits == ["cuda:0"]


@pytest.mark.parametrize(("changed", "stop_at"), [({"lr": 10.0, "lr_milestones": []}, None), ({}, 2)])
def test_an_attempt_that_fails_or_is_stopped_waits_too(changed, stop_at, tmp_path, monkeypatch):
    waits = []
    monkeypatch.setattr(Attempt, "settle", lambda _: waits.append("waited"))
    try:
        train(SETTINGS | changed, RecordingRun(tmp_path, stop_at=stop_at))
    except NonFiniteLossError:
        assert changed
    else:
        assert stop_at
    assert waits == ["waited"]
