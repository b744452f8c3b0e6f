"""The whole job on the shipped file, made tiny: run, run again, report, look at it in MLflow's UI."""

import json
import os
import signal
import urllib.request
from pathlib import Path

import psutil
import pytest
from mlflow.tracking import MlflowClient
from PIL import Image

from cvae.config import DataConfig
from cvae.data import load_videos
from tests.servers import free_port

SPEC = Path(__file__).parents[2] / "experiments.yaml"
TINY = [
    *("num_epoch=3", "frame_H=16", "frame_W=16", "F_dim=8", "L_dim=2", "N_dim=4", "D_out_dim=8"),
    *("kl_anneal_cycle=1", "train_vi_len=4", "data.train_frames=16", "data.val_frames=8"),
]
FIGURES = [
    *(f"diff_tfr/{kind}_loss.png" for kind in ("None", "Cyclical", "Mono")),
    *(f"diff_tfr/{kind}_TFR_Beta_PSNR.png" for kind in ("None", "Cyclical", "Monotonic")),
    *(f"diff_tfr/{name}.png" for name in ("heatmap", "val-psnr_over_tfr", "frames")),
    *(f"diff_strategy/{name}.png" for name in ("train_loss", "beta", "tfr", "psnr_val", "frames")),
    *(f"psnr_per_frame/{kind}.png" for kind in ("comparison", "Cyclical", "Monotonic", "None")),
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
def sweep(tmp_path, warm_sweep):
    """`sweep VERB` on the shipped file, made tiny, in a directory of its own: the exit code and what it prints."""
    environment = os.environ | {"CVAE_CACHE_DIR": str(tmp_path / "cache"), "CUDA_VISIBLE_DEVICES": ""}
    tiny = [word for assignment in TINY for word in ("--set", assignment)]

    def run(verb, *words):
        process = start(verb, "--seeds", "1", *tiny, *words)
        output, _ = process.communicate()
        return process.returncode, output

    def start(verb, *words):
        return warm_sweep.start(verb, str(SPEC), *words, directory=tmp_path, environment=environment)

    run.start = start
    return run


def test_the_studies_are_trained_recorded_and_drawn(tmp_path, sweep):
    rows = assert_trained_and_drawn(tmp_path, sweep, [], 12, FIGURES)
    # With as many epochs in both studies, the three trials at ratio 0 are the same: trained once, in both.
    assert len({row["run_id"] for row in rows}) == 9
    assert_ui_shows_it(sweep)


@pytest.mark.extra
def test_a_study_of_a_folder_of_images_is_trained_recorded_and_drawn(tmp_path, sweep, folder):
    study = ["--sweep", "annealing", "--set", "data.name=folder", "--set", f"data.root={folder}"]
    figures = [path for path in FIGURES if not path.startswith("diff_tfr/")]
    rows = assert_trained_and_drawn(tmp_path, sweep, study, 3, figures)
    client = MlflowClient(f"sqlite:///{tmp_path / 'mlflow.db'}")
    datasets = [client.get_run(row["run_id"]).inputs.dataset_inputs[0].dataset for row in rows]
    assert [dataset.name for dataset in datasets] == ["folder"] * 3


def assert_trained_and_drawn(path, sweep, words, trials, figures):
    """Run, status, report, and a second run that finds everything done; returns the status of the trials."""
    code, output = sweep("run", *words)
    assert code == 0, output
    code, output = sweep("status", "--json", *words)
    rows = json.loads(output)
    assert [row["state"] for row in rows] == ["finished"] * trials
    copy_first = rows[0]["val/psnr"] - rows[0]["val/skill"]
    assert all(row["val/psnr"] - row["val/skill"] == pytest.approx(copy_first) for row in rows)

    code, output = sweep("report", "--out", "figures", *words)
    assert code == 0, output
    drawn = sorted(file.relative_to(path / "figures").as_posix() for file in path.glob("figures/**/*.png"))
    assert drawn == sorted(figures)
    manifest = json.loads((path / "figures" / "manifest.json").read_text())
    assert sorted(figure["path"] for figure in manifest["figures"]) == sorted(figures)

    code, output = sweep("run", *words)
    assert code == 0
    assert f"nothing to start; {trials} were done before" in output
    return rows


def assert_ui_shows_it(sweep):
    """`sweep ui` serves the parent and child runs with their names, metrics over epochs, and artifacts."""
    port = free_port()
    server = sweep.start("ui", "--port", str(port))
    try:
        assert server.stdout.readline().startswith(f"trials: http://127.0.0.1:{port}/#/experiments/")
        assert psutil.Process(server.pid).children() == []
        api = f"http://127.0.0.1:{port}/api/2.0/mlflow"
        experiment = ask(f"{api}/experiments/get-by-name?experiment_name=cvae-video-prediction")["experiment"]
        body = {"experiment_ids": [experiment["experiment_id"]], "max_results": 100}
        runs = ask(f"{api}/runs/search", body)["runs"]
        names = {run["info"]["run_name"]: run["info"]["run_id"] for run in runs}
        assert {"tfr-by-annealing", "annealing", "Cyclical-tfr0.5-seed42"} <= names.keys()
        child = names["Cyclical-tfr0.5-seed42"]
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
        assert server.wait(timeout=300) == 130
        server.stdout.close()


def ask(url, body=None):
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(
        urllib.request.Request(url, data, {"Content-Type": "application/json"})
    ) as answer:
        return json.load(answer)
