import json
import logging
import math

import pytest
import torch
from PIL import Image

from cvae.checkpoint import load_lab_checkpoint, read_archive
from cvae.config import parse_config
from cvae.errors import CheckpointError, ConfigError, DataError, NonFiniteLossError
from cvae.train import train
from cvae.training.epoch_plan import EpochPlan

SETTINGS = {
    "frame_H": 8, "frame_W": 12, "F_dim": 8, "L_dim": 4, "N_dim": 4, "D_out_dim": 8,
    "num_epoch": 4, "train_vi_len": 3, "val_vi_len": 4, "lr": 1e-3, "lr_milestones": [2],
    "tfr": 0.5, "tfr_sde": 2, "tfr_d_step": 0.25, "kl_anneal_type": "Cyclical", "kl_anneal_cycle": 2,
    "kl_anneal_ratio": 1.0, "device": "cpu", "data": {"train_frames": 12, "val_frames": 4},
}  # fmt: skip
TIMES = {"time/epoch_s", "time/frames_per_s"}
EPOCH_METRICS = {
    "train/loss", "train/mse", "train/kl", "val/loss", "val/mse", "val/kl", "val/psnr", "val/psnr_foreground",
    "val/psnr_copy_first", "val/skill", "beta", "tfr", "teacher_forcing", "lr",
} | TIMES  # fmt: skip


class RecordingRun:
    """A run that keeps what it is given, and asks for a stop at its `stop_at`-th poll."""

    def __init__(self, directory, *, stop_at=None, record=None):
        self.id, self.device, self.dir = "run", "auto", directory
        self.record = {} if record is None else record
        self.calls = []
        self.artifacts, self.pictures = {}, {}
        self.polls = 0
        self.stop_at = stop_at

    def log(self, metrics, step):
        self.calls.append((step, dict(metrics)))
        for key, value in metrics.items():
            self.record.setdefault((key, step), value)

    def artifact(self, path):
        kept = self.pictures if path.suffix == ".png" else self.artifacts
        kept[path.name] = path.read_bytes()

    def should_stop(self):
        self.polls += 1
        return self.polls == self.stop_at

    def curves(self):
        return {key: value for key, value in self.record.items() if key[0] not in TIMES}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """An uninterrupted run."""
    run = RecordingRun(tmp_path_factory.mktemp("finished"))
    train(SETTINGS, run)
    return run


def assert_equal_tensors(here, there):
    if isinstance(here, torch.Tensor):
        assert torch.equal(here, there)
    elif isinstance(here, dict):
        assert here.keys() == there.keys()
        for key in here:
            assert_equal_tensors(here[key], there[key])
    elif isinstance(here, list):
        assert len(here) == len(there)
        for one, other in zip(here, there, strict=True):
            assert_equal_tensors(one, other)


def test_each_epoch_is_logged_once_with_every_metric(finished):
    epochs = [(step, row) for step, row in finished.calls if "beta" in row]
    assert [step for step, _ in epochs] == [0, 1, 2, 3]
    for _, row in epochs:
        assert row.keys() == EPOCH_METRICS
        assert all(type(value) is float and math.isfinite(value) for value in row.values())
        assert row["train/loss"] == pytest.approx(row["train/mse"] + row["beta"] * row["train/kl"], rel=1e-5)
        assert row["val/loss"] == pytest.approx(row["val/mse"] + row["beta"] * row["val/kl"])
        assert row["val/skill"] == pytest.approx(row["val/psnr"] - row["val/psnr_copy_first"])


def test_schedules_move_as_logged(finished):
    values = {key: [finished.record[key, epoch] for epoch in range(4)] for key in ("beta", "tfr", "lr")}
    assert values["beta"] == pytest.approx([1e-6, 0.5, 1e-6, 0.5])
    assert values["tfr"] == [0.5, 0.5, 0.25, 0.0]
    assert values["lr"] == pytest.approx([1e-3, 1e-3, 1e-4, 1e-4])


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


def test_latent_noise_is_another_in_each_epoch(tmp_path):
    run = RecordingRun(tmp_path)
    train(SETTINGS | {"lr": 1e-12, "tfr": 1.0, "tfr_sde": 99, "num_epoch": 2}, run)
    for key in ("train/mse", "val/mse"):
        assert run.record[key, 0] != pytest.approx(run.record[key, 1], rel=1e-5)
    assert run.record["val/kl", 0] == pytest.approx(run.record["val/kl", 1], rel=1e-5)


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


def test_equal_settings_give_equal_runs(finished, tmp_path):
    torch.manual_seed(99)
    run = RecordingRun(tmp_path)
    train(SETTINGS, run)
    assert run.curves() == finished.curves()


def test_another_seed_gives_another_run(finished, tmp_path):
    run = RecordingRun(tmp_path)
    train(SETTINGS | {"seed": 1, "num_epoch": 1, "kl_anneal_cycle": 1}, run)
    assert run.record["train/mse", 0] != finished.record["train/mse", 0]


# Each epoch polls 4 times while training and 3 times while validating.
@pytest.mark.parametrize("stop_at", [1, 4, 6, 8, 16, 28])
def test_a_stopped_run_goes_on_to_the_same_curve_and_weights(finished, tmp_path, stop_at):
    record = {}
    stopped = RecordingRun(tmp_path, stop_at=stop_at, record=record)
    train(SETTINGS, stopped)
    complete = (stop_at - 1) // 7
    assert [step for step, _ in stopped.calls] == list(range(complete))
    assert stopped.artifacts == {}
    resumed = RecordingRun(tmp_path, record=record)
    train(SETTINGS, resumed)
    assert resumed.curves() == finished.curves()
    assert [step for step, row in resumed.calls if "beta" in row] == [0, 1, 2, 3]
    for name in ("last.pt", "best.pt"):
        here, there = read_archive(tmp_path / name), read_archive(finished.dir / name)
        for part in here.keys() - {"history"}:
            assert_equal_tensors(here[part], there[part])
    assert resumed.artifacts["generated.gif"] == finished.artifacts["generated.gif"]


def test_a_run_killed_between_two_calls_loses_nothing(finished, tmp_path):
    class Killed(BaseException):
        pass

    class DyingRun(RecordingRun):
        def log(self, metrics, step):
            if step == 1:
                raise Killed
            super().log(metrics, step)

    record = {}
    with pytest.raises(Killed):
        train(SETTINGS, DyingRun(tmp_path, record=record))
    assert ("beta", 1) not in record  # checkpointed, not yet logged
    train(SETTINGS, RecordingRun(tmp_path, record=record))
    assert RecordingRun(tmp_path, record=record).curves() == finished.curves()


def test_a_damaged_last_checkpoint_costs_one_epoch_not_the_result(finished, tmp_path, caplog):
    record = {}
    train(SETTINGS, RecordingRun(tmp_path, stop_at=22, record=record))
    (tmp_path / "last.pt").write_bytes(b"damaged")
    resumed = RecordingRun(tmp_path, record=record)
    train(SETTINGS, resumed)
    assert "going on from last.prev.pt" in caplog.text
    assert resumed.curves() == finished.curves()


def test_a_finished_run_that_is_run_again_only_hands_over(finished, tmp_path):
    record = {}
    train(SETTINGS, RecordingRun(tmp_path, record=record))
    again = RecordingRun(tmp_path, stop_at=1, record=record)
    train(SETTINGS, again)
    assert again.polls == 0
    assert again.artifacts.keys() == finished.artifacts.keys()
    assert again.curves() == finished.curves()


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


def test_a_loss_that_overflows_ends_the_run_with_epoch_and_batch(tmp_path):
    run = RecordingRun(tmp_path)
    with pytest.raises(NonFiniteLossError) as caught:
        train(SETTINGS | {"lr": 10.0, "num_epoch": 20, "lr_milestones": []}, run)
    epochs = len(run.calls)
    assert caught.value.reason in (f"nan-loss: epoch {epochs}, batch 0", f"nan-loss: epoch {epochs}, batch 1")
    assert caught.value.reason in str(caught.value)
    assert all(math.isfinite(value) for _, row in run.calls for value in row.values())


def test_wrong_settings_and_short_data_are_refused_before_anything_is_written(tmp_path, folder):
    directory = tmp_path / "run"
    with pytest.raises(ConfigError, match="tfr"):
        train({"tfr": "abc"}, RecordingRun(directory))
    with pytest.raises(DataError, match="val_vi_len is 630"):
        train({"data": {"name": "folder", "root": str(folder)}, "train_vi_len": 4}, RecordingRun(directory))
    assert not directory.exists()


def test_a_folder_trains_too_and_its_root_may_move(tmp_path, folder):
    settings = SETTINGS | {
        "data": {"name": "folder", "root": str(folder)},
        "num_epoch": 2,
        "val_vi_len": "all",
    }
    train(settings, RecordingRun(tmp_path / "run", stop_at=12))
    moved = folder.rename(tmp_path / "moved")
    resumed = RecordingRun(tmp_path / "run")
    train(settings | {"data": {"name": "folder", "root": str(moved)}}, resumed)
    assert [step for step, row in resumed.calls if "beta" in row] == [0, 1]
    assert ("frame/psnr", 5) in resumed.record


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


def test_the_device_and_then_each_epoch_say_a_line(tmp_path, caplog):
    with caplog.at_level(logging.INFO, logger="cvae"):
        train(SETTINGS | {"num_epoch": 2}, RecordingRun(tmp_path))
    assert [record.message.split(":")[0] for record in caplog.records] == [
        f"on cpu with {torch.get_num_threads()} threads, fp32 (asked for",
        "epoch 1/2",
        "epoch 2/2",
    ]


def test_teacher_forcing_is_drawn_once_an_epoch_with_the_ratio_as_its_chance():
    settings = parse_config({"tfr": 0.3, "tfr_sde": 2000, "num_epoch": 1000})
    drawn = [EpochPlan.of(settings, epoch).teacher_forcing for epoch in range(1000)]
    assert drawn == [EpochPlan.of(settings, epoch).teacher_forcing for epoch in range(1000)]
    assert 0.25 < sum(drawn) / 1000 < 0.35
    always = [EpochPlan.of(parse_config({"tfr": 1.0}), epoch).teacher_forcing for epoch in range(10)]
    never = [EpochPlan.of(parse_config({"tfr": 0.0}), epoch).teacher_forcing for epoch in range(10)]
    assert (set(always), set(never)) == ({True}, {False})


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
