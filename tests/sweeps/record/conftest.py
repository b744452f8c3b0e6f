import shutil

import pytest
from mlflow.tracking import MlflowClient

from sweeps.record.ledger import Ledger
from sweeps.record.refusals import Refusals
from sweeps.rundir.paths import StateDir


class Recorded:
    """A run in a store of its own, and its files."""

    def __init__(self, folder, database):
        shutil.copy(database, folder / "mlflow.db")
        uri = f"sqlite:///{folder / 'mlflow.db'}"
        self.state = StateDir(folder / "state")
        self.ledger = Ledger.open(uri, "toy", refusals=Refusals(self.state))
        self.client = MlflowClient(uri)
        self.parent = self.ledger.sweep_run("s", None, {})
        self.id = self.another("lr0.5")
        self.paths = self.state.run(self.id)
        self.paths.create()

    def another(self, name):
        """A run of another trial; returns its id."""
        return self.ledger.trial_run(sweep="s", trial=name, fingerprint=name, parent=self.parent, tags={})

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
