import logging
import math

import pytest
import torch

from cvae.checkpoint import read_archive
from cvae.errors import ConfigError, DataError, NonFiniteLossError
from cvae.train import train
from tests.cvae.runs import SETTINGS, TIMES, RecordingRun, assert_equal_tensors

EPOCH_METRICS = {
    "train/loss", "train/mse", "train/kl", "val/loss", "val/mse", "val/kl", "val/psnr", "val/psnr_foreground",
    "val/psnr_copy_first", "val/skill", "z/active_units", "z/kl", "z/kl_max_channel", "z/draw_spread", "beta", "tfr", "teacher_forcing", "lr",
} | TIMES  # fmt: skip


def test_each_epoch_is_logged_once_with_every_metric(finished):
    epochs = [(step, row) for step, row in finished.calls if "beta" in row]
    assert [step for step, _ in epochs] == [0, 1, 2, 3]
    for _, row in epochs:
        assert row.keys() == EPOCH_METRICS
        assert all(type(value) is float and math.isfinite(value) for value in row.values())
        assert row["train/loss"] == pytest.approx(row["train/mse"] + row["beta"] * row["train/kl"], rel=1e-5)
        assert row["val/loss"] == pytest.approx(row["val/mse"] + row["beta"] * row["val/kl"])
        assert row["z/kl"] == pytest.approx(
            2 * row["val/kl"], rel=1e-5
        )  # val/kl is divided by the batch size
        assert 0 < row["z/kl_max_channel"] <= row["z/kl"]
        assert 0 < row["z/draw_spread"] < 1
        assert row["val/skill"] == pytest.approx(row["val/psnr"] - row["val/psnr_copy_first"])


def test_schedules_move_as_logged(finished):
    values = {key: [finished.record[key, epoch] for epoch in range(4)] for key in ("beta", "tfr", "lr")}
    assert values["beta"] == pytest.approx([1e-6, 0.5, 1e-6, 0.5])
    assert values["tfr"] == [0.5, 0.5, 0.25, 0.0]
    assert values["lr"] == pytest.approx([1e-3, 1e-3, 1e-4, 1e-4])


def test_the_settings_of_z_change_the_run_and_their_defaults_do_not(finished, tmp_path):
    short = {"num_epoch": 1, "kl_anneal_type": "None"}
    runs = {}
    for name, extra in {"": {}, "ceiling": {"kl_beta_max": 0.5}, "free": {"kl_free_nats": 1e5}}.items():
        runs[name] = RecordingRun(tmp_path / name / "run")
        train(SETTINGS | short | extra, runs[name])
    beta = {name: run.record["beta", 0] for name, run in runs.items()}
    assert beta == {"": 1.0, "ceiling": 0.5, "free": 1.0}
    assert len({run.record["val/kl", 0] for run in runs.values()}) == 3
    for (
        run
    ) in runs.values():  # also where the KL divergence has no gradient, the loss is the one that is compared
        row = run.calls[0][1]
        assert row["train/loss"] == pytest.approx(row["train/mse"] + row["beta"] * row["train/kl"], rel=1e-5)
    set_to_defaults = RecordingRun(tmp_path / "run" / "same", record={})
    train(SETTINGS | {"kl_beta_max": 1.0, "kl_free_nats": 0.0}, set_to_defaults)
    assert set_to_defaults.curves() == finished.curves()


def test_latent_noise_is_another_in_each_epoch(tmp_path):
    run = RecordingRun(tmp_path)
    train(SETTINGS | {"lr": 1e-12, "tfr": 1.0, "tfr_sde": 99, "num_epoch": 2}, run)
    for key in ("train/mse", "val/mse"):
        assert run.record[key, 0] != pytest.approx(run.record[key, 1], rel=1e-5)
    assert run.record["val/kl", 0] == pytest.approx(run.record["val/kl", 1], rel=1e-5)


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
ALSO = [pytest.param(poll, marks=pytest.mark.extra) for poll in (4, 8)]


@pytest.mark.parametrize("stop_at", [1, 6, 16, 28, *ALSO])
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


def test_a_finished_run_that_is_run_again_only_hands_over(finished, tmp_path):
    record = {}
    train(SETTINGS, RecordingRun(tmp_path, record=record))
    again = RecordingRun(tmp_path, stop_at=1, record=record)
    train(SETTINGS, again)
    assert again.polls == 0
    assert again.artifacts.keys() == finished.artifacts.keys()
    assert again.curves() == finished.curves()


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


def test_the_device_and_then_each_epoch_say_a_line(tmp_path, caplog):
    with caplog.at_level(logging.INFO, logger="cvae"):
        train(SETTINGS | {"num_epoch": 2}, RecordingRun(tmp_path))
    assert [record.message.split(":")[0] for record in caplog.records] == [
        f"on cpu with {torch.get_num_threads()} threads, fp32 (asked for",
        "epoch 1/2",
        "epoch 2/2",
    ]
