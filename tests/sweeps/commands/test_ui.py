"""`sweep ui`: the addresses that it prints."""

import os
import shutil
import subprocess
import sys

from mlflow.tracking import MlflowClient

from sweeps.commands.ui import OWN_HOSTS, addresses, become_ui


def test_the_addresses_are_pages_of_the_experiment(tmp_path, empty_database):
    shutil.copy(empty_database, tmp_path / "mlflow.db")
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    experiment_id = MlflowClient(uri).create_experiment("toy")
    pages = addresses(uri, "toy", "http://127.0.0.1:5000/")
    assert list(pages) == ["sweeps", "charts of all trials"]
    for address in pages.values():
        assert address.startswith(f"http://127.0.0.1:5000/#/experiments/{experiment_id}/runs?")
        assert " " not in address


def test_where_nothing_is_recorded_the_first_page_is_given_without_a_password(tmp_path):
    pages = addresses(f"sqlite:///{tmp_path / 'none.db'}", "toy", "http://me:secret@host:5000")
    assert pages == {"MLflow": "http://***@host:5000"}


def test_mlflow_gets_the_password_where_no_other_user_sees_it_and_answers_to_this_machines_names(monkeypatch):
    became = []
    monkeypatch.setattr(os, "execve", lambda *asked: became.append(asked))
    uri = "postgresql://me:hunter2@db/mlflow"
    become_ui(uri, 5001)
    monkeypatch.setenv("MLFLOW_SERVER_ALLOWED_HOSTS", "lab.example.org")
    become_ui(uri, 5001)
    for _, words, environment in became:
        assert words[-4:] == ["--host", "127.0.0.1", "--port", "5001"]
        assert "hunter2" not in " ".join(words)
        assert environment["MLFLOW_BACKEND_STORE_URI"] == uri
    hosts = [environment["MLFLOW_SERVER_ALLOWED_HOSTS"] for _, _, environment in became]
    assert hosts == [OWN_HOSTS, "lab.example.org"]


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
