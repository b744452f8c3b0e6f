"""The start of a program's Python, in a process of its own; MLflow is played by modules of its names."""

import os
import subprocess
import sys

import pytest

from sweeps.runner import startup

FLUENT = """
_active_experiment_id = "other"
def start_run(run_id=None, tags=None): return run_id, tags, _active_experiment_id
def log_metric(key, value, step=None): pass
def log_metrics(metrics, step=None): pass
def active_run(): return None
"""
UTILS = """
def get_tracking_uri(): return "sqlite:////m.db"
"""
PROGRAM = """
import os, sys
assert "mlflow" not in sys.modules
from mlflow.tracking import fluent
print(fluent.start_run(), fluent._active_experiment_id)
print(sys.modules["sitecustomize"].MARK)
"""


def run(tmp_path, fluent):
    for name, text in {
        "lib/mlflow/__init__.py": "",
        "lib/mlflow/tracking/__init__.py": "",
        "lib/mlflow/tracking/fluent.py": fluent,
        "lib/mlflow/tracking/_tracking_service/utils.py": UTILS,
        "lib/sitecustomize.py": "MARK = 'own ran'",
        "runs/r7/config.json": '{"lr": 1}',
        "program.py": PROGRAM,
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([*startup.__path__, str(tmp_path / "lib")]),
        "MLFLOW_TRACKING_URI": "sqlite:////m.db",
        "MLFLOW_RUN_ID": "r7",
        "SWEEP_CONFIG": str(tmp_path / "runs" / "r7" / "config.json"),
    }
    command = [sys.executable, tmp_path / "program.py"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=300)


def test_a_program_finds_mlflow_prepared_and_the_machines_own_module_runs_too(tmp_path):
    done = run(tmp_path, FLUENT)
    assert done.stdout.splitlines() == ["('r7', None, None) other", "own ran"], done.stderr


@pytest.mark.parametrize(
    ("name", "other"),
    [("def log_metric(key", "def logged(key"), ("start_run(run_id=None", "start_run(number=None")],
)
def test_an_mlflow_of_another_inside_is_left_as_it_is_and_that_is_told(tmp_path, name, other):
    done = run(tmp_path, FLUENT.replace(name, other).replace("return run_id", "return None"))
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("mlflow.tracking.fluent is not as expected") == 1
