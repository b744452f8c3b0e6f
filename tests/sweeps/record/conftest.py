import shutil

import pytest
from mlflow.tracking import MlflowClient

from sweeps.record.ledger import Ledger
from sweeps.rundir.paths import RunPaths


class Recorded:
    """A run in a store of its own, and its files."""

    def __init__(self, folder, database):
        shutil.copy(database, folder / "mlflow.db")
        uri = f"sqlite:///{folder / 'mlflow.db'}"
        self.ledger, self.client = Ledger.open(uri, "toy"), MlflowClient(uri)
        parent = self.ledger.sweep_run("s", None, {})
        self.id = self.ledger.trial_run(sweep="s", trial="lr0.5", fingerprint="f", parent=parent, tags={})
        self.paths = RunPaths(folder / "run")
        self.paths.create()

    def deliver(self):
        self.ledger.deliver(self.id, self.paths)

    def artifacts(self, folder=None):
        return sorted(file.path for file in self.client.list_artifacts(self.id, folder))

    def models(self):
        experiment = self.client.get_experiment_by_name("toy").experiment_id
        return self.client.search_logged_models([experiment])


@pytest.fixture
def run(tmp_path, empty_database, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Recorded(tmp_path, empty_database)
