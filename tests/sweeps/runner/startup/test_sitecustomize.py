"""The start of a program's Python, in a process of its own; MLflow is played by modules of its names."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

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
print(getattr(sys.modules.get("sitecustomize"), "MARK", "no own"))
"""


def run(tmp_path, fluent, own="MARK = 'own ran'"):
    for name, text in {
        "lib/mlflow/__init__.py": "",
        "lib/mlflow/tracking/__init__.py": "",
        "lib/mlflow/tracking/fluent.py": fluent,
        "lib/mlflow/tracking/_tracking_service/utils.py": UTILS,
        **({"lib/sitecustomize.py": own} if own else {}),
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
    assert done.stderr == ""


@pytest.mark.parametrize(("own", "told"), [("", False), ("import not_there", True)])
def test_only_what_the_machines_own_module_lacks_is_told(tmp_path, own, told):
    done = run(tmp_path, FLUENT, own)
    assert done.stdout.splitlines() == ["('r7', None, None) other", "no own"], done.stderr
    assert ("No module named 'not_there'" in done.stderr) == bool(done.stderr) == told


@pytest.mark.parametrize(
    ("name", "other"),
    [("def log_metric(key", "def logged(key"), ("start_run(run_id=None", "start_run(number=None")],
)
def test_an_mlflow_of_another_inside_is_left_as_it_is_and_that_is_told(tmp_path, name, other):
    done = run(tmp_path, FLUENT.replace(name, other).replace("return run_id", "return None"))
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("mlflow.tracking.fluent is not as expected") == 1


OLDEST = (3, 8)
"""A program's Python may be as old."""


@pytest.mark.parametrize("path", sorted(Path(startup.__path__[0]).rglob("*.py")), ids=lambda path: path.name)
def test_what_runs_in_a_programs_python_is_written_for_old_ones_too(path):
    tree = ast.parse(path.read_text(), feature_version=OLDEST)
    if len(tree.body) > 1:  # else it is a docstring alone
        assert any(isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in tree.body)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    kinds = [call.args[1] for call in calls if getattr(call.func, "id", "") == "isinstance"]
    assert not any(isinstance(kind, ast.BinOp) for kind in kinds), "isinstance(x, A | B) is of Python 3.10"
    named = {
        alias.name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    assert named <= sys.stdlib_module_names | {"mlflow"}


@pytest.mark.parametrize("version", ["3.8", "3.9", "3.10"])
def test_an_old_python_starts_with_it_without_a_word(tmp_path, version):
    python = shutil.which(f"python{version}")
    if python is None or subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode:
        pytest.skip(f"there is no Python {version} here")
    (tmp_path / "config.json").write_text('{"lr": 1}')
    environment = {"PYTHONPATH": startup.__path__[0], "SWEEP_CONFIG": str(tmp_path / "config.json")}
    done = subprocess.run(
        [python, "-c", "import sitecustomize"], env=environment, capture_output=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
