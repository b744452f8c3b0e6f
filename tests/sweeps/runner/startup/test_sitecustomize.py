"""The start of a program's Python, in a process of its own; MLflow is played by a module of its name."""

import os
import subprocess
import sys

from sweeps.runner import startup

FLUENT = """
_active_experiment_id = "other"
def start_run(run_id=None): return _active_experiment_id
def log_params(params): return params
def log_param(key, value): return value
"""
PROGRAM = """
import os, sys
assert "mlflow" not in sys.modules
from mlflow.tracking import fluent
print(fluent.start_run(), fluent._active_experiment_id, fluent.log_params({"lr": 1.0, "x": 2.0}))
print(sys.modules["sitecustomize"].MARK)
"""


def test_a_program_finds_mlflow_prepared_and_the_machines_own_module_runs_too(tmp_path):
    for name, text in {
        "lib/mlflow/__init__.py": "",
        "lib/mlflow/tracking/__init__.py": "",
        "lib/mlflow/tracking/fluent.py": FLUENT,
        "lib/sitecustomize.py": "MARK = 'own ran'",
        "runs/r7/config.json": '{"lr": 1}',
        "program.py": PROGRAM,
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([*startup.__path__, str(tmp_path / "lib")]),
        "MLFLOW_RUN_ID": "r7",
        "SWEEP_CONFIG": str(tmp_path / "runs" / "r7" / "config.json"),
    }
    done = subprocess.run(
        [sys.executable, tmp_path / "program.py"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.stdout.splitlines() == ["None other {'lr': 1, 'x': 2.0}", "own ran"], done.stderr
