import csv
import json
import signal
import subprocess
import sys

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from cvae.__main__ import main
from cvae.config import TrainConfig

TINY = {
    "frame_H": 8, "frame_W": 10, "F_dim": 8, "L_dim": 4, "N_dim": 4, "D_out_dim": 8, "num_epoch": 2,
    "train_vi_len": 3, "val_vi_len": 4, "device": "cpu", "data": {"train_frames": 6, "val_frames": 4},
}  # fmt: skip


def invoke(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def tiny(tmp_path):
    path = tmp_path / "tiny.json"
    path.write_text(json.dumps(TINY))
    return path


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_train_writes_metrics_and_artifacts_and_again_adds_nothing(tiny, tmp_path):
    out = tmp_path / "run"
    first = invoke("train", "--config", tiny, "--out", out)
    assert first.exit_code == 0, first.output
    table = rows(out / "metrics.csv")
    assert [row["step"] for row in table if row["key"] == "train/loss"] == ["0", "1"]
    assert {path.name for path in (out / "artifacts").iterdir()} == {
        "psnr_per_frame.csv", "generated.gif", "comparison.gif", "best.pt", "last.pt", "provenance.json",
        "generated+step+0.png", "generated+step+1.png",
    }  # fmt: skip
    assert invoke("train", "--config", tiny, "--out", out).exit_code == 0
    assert rows(out / "metrics.csv") == table


def test_options_have_the_labs_names_and_go_before_the_file(tiny, tmp_path):
    out = tmp_path / "run"
    result = invoke(
        "train", "--config", tiny, "--out", out, "--num_epoch", 1, "--tfr", 0, "--kl_anneal_type", "None",
        "--lr_milestones", "[]", "--data.seed", 3, "--fast_train", "false",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    values = {row["key"]: float(row["value"]) for row in rows(out / "metrics.csv")}
    assert (values["tfr"], values["beta"]) == (0.0, 1.0)


def test_every_setting_is_an_option_of_train():
    text = invoke("train", "--help").output
    keys = [key for key in TrainConfig.model_fields if key != "data"] + ["data.root", "data.train_frames"]
    assert [key for key in keys if f"--{key} " not in text] == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--tfr", "abc"], "tfr: Input should be a valid number, not 'abc'"),
        (["--data.name", "folder"], "root is missing"),
        (["--config", "nowhere.json"], "nowhere.json is not a readable JSON file"),
        (["--no_such", "1"], "No such option"),
    ],
)
def test_a_wrong_command_line_exits_2_and_makes_nothing(tmp_path, arguments, message):
    result = invoke("train", "--out", tmp_path / "run", *arguments)
    assert result.exit_code == 2
    assert message in result.output
    assert not (tmp_path / "run").exists()


def test_a_failure_exits_1_with_one_message_and_no_traceback(tiny, tmp_path):
    out = tmp_path / "run"
    nowhere = tmp_path / "nowhere"
    done = invoke("train", "--config", tiny, "--out", out, "--data.name", "folder", "--data.root", nowhere)
    assert (done.exit_code, type(done.exception)) == (1, SystemExit)
    assert done.stderr == f"Error: data.root: there is no directory {nowhere}\n"


def test_a_signal_stops_after_the_step_and_the_same_command_goes_on(tiny, tmp_path):
    out = tmp_path / "run"
    command = [sys.executable, "-m", "cvae", "train", "--config", tiny, "--out", out, "--num_epoch", "500"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    while "epoch 3/" not in process.stdout.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    rest = process.communicate()[0]
    assert process.returncode == 130
    assert "stopped as asked" in rest
    steps = [int(row["step"]) for row in rows(out / "metrics.csv") if row["key"] == "beta"]
    assert steps == list(range(len(steps)))
    assert 3 <= len(steps) < 500


def test_data_says_what_there_is(folder, cache_dir):
    result = invoke("data", "--data.name", "folder", "--data.root", folder, "--frame_H", 8, "--frame_W", 10)
    assert result.exit_code == 0, result.output
    assert "train frames  12" in result.output
    assert "val frames    6" in result.output
    assert "dB PSNR on val, mean over frames 1 ... 5" in result.output
    assert str(cache_dir) in result.output
    assert "synthetic-" in invoke("data", "--data.train_frames", 8, "--data.val_frames", 8).output


def test_test_writes_the_labs_submission_at_the_checkpoints_size(tiny, tmp_path, folder):
    run, out = tmp_path / "run", tmp_path / "out"
    assert invoke("train", "--config", tiny, "--out", run).exit_code == 0
    arguments = [
        "test",
        "--checkpoint",
        run / "best.pt",
        "--data-root",
        folder,
        "--out",
        out,
        "--device",
        "cpu",
    ]
    result = invoke(*arguments)
    assert result.exit_code == 0, result.output
    table = rows(out / "submission.csv")
    assert list(table[0]) == ["id", *map(str, range(3 * 8 * 10))]
    assert [row["id"] for row in table] == [str(number) for number in range(2 * 4)]
    for sequence in range(2):
        with Image.open(folder / f"test/test_img/{sequence}/0.png") as image:
            given = np.asarray(image).transpose(2, 0, 1).flatten()
        assert [int(table[4 * sequence][str(n)]) for n in range(240)] == given.tolist()
        with Image.open(out / f"sequence_{sequence}.gif") as image:
            assert image.size == (10, 8)
    before = (out / "submission.csv").read_bytes()
    invoke(*arguments)
    assert (out / "submission.csv").read_bytes() == before


def test_test_needs_a_checkpoint(tmp_path, folder):
    result = invoke(
        "test", "--checkpoint", tmp_path / "no.pt", "--data-root", folder, "--out", tmp_path / "out"
    )
    assert result.exit_code == 1
    assert "there is no checkpoint" in result.output
