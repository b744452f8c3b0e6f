"""Where `sweep ui` sends its user."""

import os
import shutil
import subprocess
import sys

from mlflow.tracking import MlflowClient

from analysis.read.store import is_server
from sweeps.commands.ui import addresses


def test_the_addresses_are_pages_of_the_experiment(tmp_path, empty_database):
    shutil.copy(empty_database, tmp_path / "mlflow.db")
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    found = MlflowClient(uri).create_experiment("toy")
    told = addresses(uri, "toy", "http://127.0.0.1:5000/")
    assert list(told) == ["sweeps", "charts of all trials"]
    for address in told.values():
        assert address.startswith(f"http://127.0.0.1:5000/#/experiments/{found}/runs?")
        assert " " not in address


def test_where_nothing_is_recorded_the_first_page_is_told_without_a_password(tmp_path):
    told = addresses(f"sqlite:///{tmp_path / 'none.db'}", "toy", "http://me:secret@host:5000")
    assert told == {"MLflow": "http://***@host:5000"}


def test_a_server_has_its_own_ui_and_a_database_none():
    assert is_server("https://host")
    assert not is_server("sqlite:///mlflow.db")


def test_for_a_tracking_server_the_command_prints_its_address_and_ends(tmp_path):
    (tmp_path / "e.yaml").write_text("trainer: toy:train\nsweeps: {a: {grid: {x: [1]}}}\n")
    command = [sys.executable, "-m", "sweeps", "ui", "e.yaml", "--tracking-uri", "http://127.0.0.1:9"]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env=os.environ | {"MLFLOW_DISABLE_TELEMETRY": "true"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "MLflow: http://127.0.0.1:9\n"
