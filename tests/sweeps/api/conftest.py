import shutil

import pytest

from tests.sweeps.runner.attempts import end_forkserver

TOY = """
def train(config, run):
    if config["n"] == 3 and config.get("fails", True):
        raise ValueError("three is too much")
    for epoch in range(2):
        run.log({"loss": config["n"] / (epoch + 1)}, epoch)
"""


@pytest.fixture
def file(tmp_path, empty_database, monkeypatch):
    """A file of three trials, of which one fails, in a working directory with an empty record and no forkserver."""
    end_forkserver()  # of an earlier test in this process, which `sweeps.run` would refuse to share
    shutil.copy(empty_database, tmp_path / "mlflow.db")
    (tmp_path / "toy_of_api.py").write_text(TOY)
    path = tmp_path / "e.yaml"
    path.write_text("experiment: toy\ntrainer: toy_of_api:train\nsweeps: {a: {grid: {n: [1, 2, 3]}}}\n")
    monkeypatch.chdir(tmp_path)
    for name in ("MLFLOW_TRACKING_URI", "SWEEP_HOME", "SWEEP_SYSTEM_METRICS"):
        monkeypatch.delenv(name, raising=False)
    return path
