"""The shipped grid, shortened, on every executor: the same record, value by value."""

import json
import os
import subprocess
import sys
from importlib import util
from pathlib import Path

import pytest

from analysis.read.frames import load_curves
from analysis.read.record import Record

ROOT = Path(__file__).parents[2]
EXPERIMENT = "cvae-video-prediction"
SHORT = [
    *("frame_H=16", "frame_W=16", "F_dim=8", "L_dim=2", "N_dim=4", "D_out_dim=8", "precision=fp32"),
    *("kl_anneal_cycle=1", "train_vi_len=4", "data.train_frames=16", "data.val_frames=8"),
]
STUDIES = {"tfr-by-annealing": 2, "annealing": 3}
"""Epochs of each study: as in the file they differ, so that no trial is shared and all 12 are trained."""
ENGINES = {"local": None, "ray": "ray", "slurm": "submitit"}
TIMES = ("time/", "system/")


@pytest.fixture(scope="module")
def slurm_conf(tmp_path_factory):
    service = ROOT / "tests" / "services" / "slurm"
    folder = tmp_path_factory.mktemp("slurm")
    started = subprocess.run([service, "start", folder], capture_output=True, text=True, check=False)
    if started.returncode != 0:
        pytest.skip(started.stderr.strip())
    yield str(folder / "slurm.conf")
    subprocess.run([service, "stop", folder], check=True)


def record(folder, executor, environment):
    """Train the 12 trials on an executor; what is recorded, without what depends on the clock."""
    folder.mkdir()
    uri = f"sqlite:///{folder / 'mlflow.db'}"
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("SWEEP_", "MLFLOW_"))
    }
    for sweep, epochs in STUDIES.items():
        settings = [word for setting in (*SHORT, f"num_epoch={epochs}") for word in ("--set", setting)]
        command = [
            sys.executable,
            "-m",
            "sweeps",
            "run",
            str(ROOT / "experiments.yaml"),
            "--sweep",
            sweep,
            "--seeds",
            "1",
        ]
        done = subprocess.run(
            [*command, "--executor", executor, "--tracking-uri", uri, *settings],
            cwd=folder,
            env={
                **inherited,
                "CVAE_CACHE_DIR": str(folder / "cache"),
                "CUDA_VISIBLE_DEVICES": "",
                **environment,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    runs = [run for run in Record(uri, EXPERIMENT).runs if run.kind == "trial"]
    assert [run.outcome for run in runs] == ["finished"] * 12
    names = {run.run_id: run.fingerprint for run in runs}
    curves = load_curves(uri, EXPERIMENT)
    curves = curves[~curves["key"].str.startswith(TIMES) & (curves["key"] != "time/frames_per_s")]
    points = zip(curves["run_id"], curves["key"], curves["step"], curves["value"], strict=True)
    told = sorted((names[run_id], key, step, value) for run_id, key, step, value in points)
    return sorted((run.fingerprint, run.name, run.tags["sweeps.epochs"]) for run in runs), json.dumps(told)


@pytest.mark.cluster
@pytest.mark.timeout(900)
def test_local_ray_and_slurm_record_the_same_values(tmp_path, slurm_conf):
    missing = [package for package in ENGINES.values() if package and util.find_spec(package) is None]
    if missing:
        pytest.skip(f"{' and '.join(missing)} not installed: `pip install 'sweep-experiments[ray,slurm]'`")
    local = record(tmp_path / "local", "local", {})
    assert len({fingerprint for fingerprint, _, _ in local[0]}) == 12
    assert record(tmp_path / "ray", "ray", {}) == local
    assert record(tmp_path / "slurm", "slurm", {"SLURM_CONF": slurm_conf}) == local
