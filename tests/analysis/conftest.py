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


@pytest.fixture
def store(empty_database, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # where MLflow puts artifact folders that nobody asked for
    path = tmp_path / "mlflow.db"
    shutil.copy(empty_database, path)
    uri = f"sqlite:///{path}"
    return Record(path, uri, MlflowClient(uri))
