"""The command finds sweep's own packages whatever a user's folders, or another distribution, are called."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import sweep_experiments
from sweep_experiments import overwritten
from sweeps.cli import entry_point
from tests.project import DEADLINE_S

ROOT = Path(__file__).resolve().parents[1]
TRAINER = "import utils, analysis\ndef train(config, run): run.log({'loss': utils.K + analysis.USER}, 0)\n"
COMMAND = "import sys; sys.path.append(sys.argv.pop(1)); from sweep_experiments import main; main()"


def test_a_folder_full_of_names_that_collide_is_run_and_said_before_anything_starts(project):
    for name in ("analysis", "sweeps", "cvae"):
        (project.path / name).mkdir()
        (project.path / name / "__init__.py").write_text("USER = 4\n")
    (project.path / "analysis/train.py").write_text(TRAINER)
    (project.path / "utils.py").write_text("K = 3\n")
    for name in ("random.py", "queue.py", "click.py", "mlflow.py"):
        (project.path / name).write_text("raise SystemExit('the user module of this name was imported')\n")
    (project.path / "e.yaml").write_text(
        "experiment: toy\ntrainer: analysis.train:train\nsweeps: {a: {grid: {n: [1]}}}\n"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", COMMAND, str(ROOT), "run", "e.yaml", "--gpus", ""],
        cwd=project.path,
        env=project.environment,
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )
    assert done.returncode == 0, done
    lines = done.stdout.splitlines()
    started = next(index for index, line in enumerate(lines) if "a/n1: started" in line)
    told = [index for index, line in enumerate(lines) if "beside the spec: named as" in line]
    assert [lines[index].partition(" beside")[0] for index in told] == [
        "queue.py, random.py",
        "analysis, cvae, sweeps",
    ]
    assert max(told) < started
    assert project.curve(project.runs()["n1"], "loss") == [(0, 7.0)]


def test_a_working_directory_that_was_removed_is_told(tmp_path):
    folder = tmp_path / "gone"
    folder.mkdir()
    code = f"import os, sys; sys.path.insert(0, {str(ROOT)!r}); import sweep_experiments; os.rmdir(os.getcwd()); sweep_experiments.main()"
    done = subprocess.run([sys.executable, "-P", "-c", code], cwd=folder, capture_output=True, text=True, timeout=DEADLINE_S, check=False)  # fmt: skip
    assert (done.returncode, done.stderr) == (
        2,
        "the working directory was removed; `cd` into a folder that is there\n",
    )


def test_windows_is_told_where_sweep_runs_before_anything_is_imported(tmp_path):
    code = "import sys; sys.platform = 'win32'; " + COMMAND
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, str(ROOT), "--version"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPROFILEIMPORTTIME": "1"},
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )
    assert done.returncode == 2
    told = [line for line in done.stderr.splitlines() if not line.startswith("import time:")]
    assert len(told) == 1
    assert "use it in WSL" in told[0]
    assert not [line for line in done.stderr.splitlines() if line.endswith(("| sweeps", "click"))]


def test_a_users_package_called_sweeps_on_the_pythonpath_does_not_hide_the_command(tmp_path):
    for name in ("sweeps", "analysis"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise ValueError('not ours')\n")
    done = subprocess.run(
        [sys.executable, "-P", "-c", COMMAND, str(ROOT), "--version"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("sweep, version ")


def test_a_package_that_was_installed_over_sweeps_own_is_said_with_the_remedy(tmp_path, monkeypatch, capsys):
    assert overwritten(ROOT) == ""
    (tmp_path / "sweeps").mkdir()
    (tmp_path / "sweeps/__init__.py").write_text("from .config import schema\n")
    monkeypatch.setattr(sweep_experiments, "HOME", tmp_path)
    with pytest.raises(SystemExit) as ended:
        sweep_experiments.main()
    assert ended.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"{tmp_path / 'sweeps'}: another distribution")
    assert "pip uninstall sweeps" in line


def test_another_distribution_with_a_package_of_that_name_is_said_at_every_start(tmp_path, monkeypatch):
    assert entry_point.namesake() == ""
    (tmp_path / "sweeps-0.2.0.dist-info").mkdir()
    (tmp_path / "sweeps-0.2.0.dist-info/METADATA").write_text("Name: sweeps\nVersion: 0.2.0\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert entry_point.namesake().startswith("sweeps 0.2.0 is installed beside")


def test_a_ctrl_c_while_the_packages_are_imported_is_said(monkeypatch, capsys):
    class Interrupted:
        @property
        def main(self):
            raise KeyboardInterrupt

    monkeypatch.setitem(sys.modules, "sweeps.cli", Interrupted())
    with pytest.raises(SystemExit) as ended:
        sweep_experiments.main()
    assert (ended.value.code, capsys.readouterr().err) == (130, "stopped before anything was begun\n")
