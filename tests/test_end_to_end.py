"""The whole job on the shipped file, made tiny: run, run again, report, look at it in MLflow's UI."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from mlflow.tracking import MlflowClient
from PIL import Image

from cvae.config import DataConfig
from cvae.data import load_videos
from tests.servers import free_port, wait_until_healthy

SPEC = Path(__file__).parent.parent / "experiments.yaml"
TINY = [
    *("num_epoch=3", "frame_H=16", "frame_W=16", "F_dim=8", "L_dim=2", "N_dim=4", "D_out_dim=8"),
    *("kl_anneal_cycle=1", "train_vi_len=4", "data.train_frames=16", "data.val_frames=8"),
]
FIGURES = [
    *(f"diff_tfr/{kind}_loss.png" for kind in ("None", "Cyclical", "Mono")),
    *(f"diff_tfr/{kind}_TFR_Beta_PSNR.png" for kind in ("None", "Cyclical", "Monotonic")),
    *(f"diff_strategy/{name}.png" for name in ("train_loss", "beta", "tfr", "psnr_val")),
    *(f"psnr_per_frame/{kind}.png" for kind in ("Cyclical", "Monotonic", "None")),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A small dataset in the lab's layout: frames and labels as numbered images."""
    root = tmp_path_factory.mktemp("dataset")
    drawn = load_videos(DataConfig(train_frames=16, val_frames=8), height=16, width=16)
    for split, video in (("train", drawn.train), ("val", drawn.val)):
        for kind, images in (("img", video.frames_TCHW), ("label", video.labels_TCHW)):
            target = root / split / f"{split}_{kind}"
            target.mkdir(parents=True)
            for number, image in enumerate(images):
                Image.fromarray(image.transpose(1, 2, 0)).save(target / f"{number}.png")
    return root


@pytest.fixture
def sweep(tmp_path):
    """`sweep VERB` on the shipped file, made tiny, in a directory of its own: the exit code and what it prints."""
    environment = os.environ | {"CVAE_CACHE_DIR": str(tmp_path / "cache"), "CUDA_VISIBLE_DEVICES": ""}
    tiny = [word for assignment in TINY for word in ("--set", assignment)]

    def run(verb, *words):
        command = [sys.executable, "-m", "sweeps", verb, str(SPEC), *tiny, *words]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout + done.stderr

    return run


def test_the_studies_are_trained_recorded_and_drawn(tmp_path, sweep):
    code, output = sweep("run")
    assert code == 0, output
    code, output = sweep("status", "--json")
    rows = json.loads(output)
    assert [row["state"] for row in rows] == ["finished"] * 12
    # With as many epochs in both studies, the three trials at ratio 0 are the same: trained once, in both.
    assert len({row["run_id"] for row in rows}) == 9
    copy_first = rows[0]["val/psnr"] - rows[0]["val/skill"]
    assert all(row["val/psnr"] - row["val/skill"] == pytest.approx(copy_first) for row in rows)

    code, output = sweep("report", "--out", "figures")
    assert code == 0, output
    drawn = sorted(
        path.relative_to(tmp_path / "figures").as_posix() for path in (tmp_path / "figures").rglob("*.png")
    )
    assert drawn == sorted(FIGURES)
    manifest = json.loads((tmp_path / "figures" / "manifest.json").read_text())
    assert sorted(figure["path"] for figure in manifest["figures"]) == sorted(FIGURES)

    code, output = sweep("run")
    assert code == 0
    assert "12 done; starting 0" in output
    assert_ui_shows_it(tmp_path)


def test_a_study_of_a_folder_of_images_is_trained_recorded_and_drawn(tmp_path, sweep, folder):
    study = ["--sweep", "annealing", "--set", "data.name=folder", "--set", f"data.root={folder}"]
    code, output = sweep("run", *study)
    assert code == 0, output
    rows = json.loads(sweep("status", "--json", *study)[1])
    assert [row["state"] for row in rows] == ["finished"] * 3
    client = MlflowClient(f"sqlite:///{tmp_path / 'mlflow.db'}")
    datasets = [client.get_run(row["run_id"]).inputs.dataset_inputs[0].dataset for row in rows]
    assert [dataset.name for dataset in datasets] == ["folder"] * 3
    code, output = sweep("report", "--out", "figures", *study)
    assert code == 0, output
    of_the_study = {path for path in FIGURES if path.startswith(("diff_strategy/", "psnr_per_frame/"))}
    assert of_the_study <= {
        path.relative_to(tmp_path / "figures").as_posix() for path in (tmp_path / "figures").rglob("*.png")
    }


def assert_ui_shows_it(path):
    """`sweep ui` serves the parent and child runs with their names, metrics over epochs, and artifacts."""
    port = free_port()
    command = [sys.executable, "-m", "sweeps", "ui", str(SPEC), "--port", str(port)]
    server = subprocess.Popen(command, cwd=path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        api = f"http://127.0.0.1:{port}/api/2.0/mlflow"
        wait_until_healthy(f"http://127.0.0.1:{port}", server)
        experiment = ask(f"{api}/experiments/get-by-name?experiment_name=cvae-video-prediction")["experiment"]
        body = {"experiment_ids": [experiment["experiment_id"]], "max_results": 100}
        runs = ask(f"{api}/runs/search", body)["runs"]
        names = {run["info"]["run_name"]: run["info"]["run_id"] for run in runs}
        assert {"tfr-by-annealing", "annealing", "Cyclical-tfr0.5"} <= names.keys()
        child = names["Cyclical-tfr0.5"]
        history = ask(f"{api}/metrics/get-history?run_id={child}&metric_key=val/psnr")["metrics"]
        assert [point["step"] for point in history] == [0, 1, 2]
        stored = {file["path"] for file in ask(f"{api}/artifacts/list?run_id={child}")["files"]}
        assert {"generated.gif", "psnr_per_frame.csv", "best.pt", "last.pt", "logs", "images"} <= stored
        run = ask(f"{api}/runs/get?run_id={child}")["run"]
        assert run["inputs"]["dataset_inputs"][0]["dataset"]["name"] == "synthetic"
        assert len(run["outputs"]["model_outputs"]) == 1
        stored = {file["path"] for file in ask(f"{api}/artifacts/list?run_id={names['annealing']}")["files"]}
        assert stored == {"experiments.yaml", "plan.json", "report", "best", "code"}
    finally:
        server.send_signal(signal.SIGINT)
        assert server.wait(timeout=60) in (0, 130, -signal.SIGINT)


def ask(url, body=None):
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(
        urllib.request.Request(url, data, {"Content-Type": "application/json"})
    ) as answer:
        return json.load(answer)
