import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from mlflow.tracking import MlflowClient


@dataclass(frozen=True)
class Record:
    """A fresh, empty sqlite store and the client that writes to it."""

    path: Path
    uri: str
    client: MlflowClient


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory):
    """MLflow's migrations take seconds: they run once, and every test gets a copy of what they made."""
    path = tmp_path_factory.mktemp("store") / "empty.db"
    MlflowClient(f"sqlite:///{path}").search_experiments()
    return path


@pytest.fixture
def store(empty_database, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # where MLflow puts artifact folders that nobody asked for
    path = tmp_path / "mlflow.db"
    shutil.copy(empty_database, path)
    uri = f"sqlite:///{path}"
    return Record(path, uri, MlflowClient(uri))
