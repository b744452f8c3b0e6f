"""A file and a real store with runs in it as `sweep run` leaves them, for tests of what is read from there."""

import json
import shutil
from types import SimpleNamespace

from mlflow.entities import Metric
from mlflow.tracking import MlflowClient

from analysis.read import tags
from analysis.read.outcomes import Outcome
from tests.sweeps.specs import run_sweep

START_MS = 1_700_000_000_000


class RecordedFile:
    """The file `e.yaml` in a directory, and an sqlite store beside it; `sweep` runs in the test's own process."""

    def __init__(self, path, database, text):
        self.path = path
        (path / "e.yaml").write_text(f"experiment: toy\ntrainer: {{command: [python]}}\n{text}")
        shutil.copy(database, path / "mlflow.db")
        self.uri = f"sqlite:///{path / 'mlflow.db'}"
        self.client = MlflowClient(self.uri)
        self.experiment_id = self.client.create_experiment("toy")
        self._planned = {}

    def sweep(self, verb, *arguments):
        return run_sweep(verb, str(self.path / "e.yaml"), *arguments, "--tracking-uri", self.uri)

    def json(self, verb, *arguments):
        done = self.sweep(verb, *arguments, "--json")
        assert done.code == 0, done.err
        return json.loads(done.out)

    def add(self, trial, outcome, metrics=(), **more):
        """Record a run of a trial of the file; `metrics` are (key, step, value), `more` further tags."""
        text = (self.path / "e.yaml").read_text()
        if text not in self._planned:
            self._planned[text] = self.json("plan")["trials"]
        (row,) = (row for row in self._planned[text] if row["trial"] == trial)
        own = SimpleNamespace(sweep=row["sweep"], name=trial, fingerprint=row["fingerprint"])
        return self.record(own, outcome, metrics, **more)

    def record(self, trial, outcome, metrics=(), **more):
        """Record a run of a trial that has a sweep, a name and a fingerprint, such as a search's."""
        known = {
            tags.KIND: tags.KIND_TRIAL,
            tags.SWEEP: trial.sweep,
            tags.TRIAL: trial.name,
            tags.FINGERPRINT: trial.fingerprint,
            tags.ATTEMPT: "1",
            tags.OUTCOME: outcome,
        }
        known |= {f"sweeps.{name}": value for name, value in more.items()}
        run = self.client.create_run(self.experiment_id, start_time=START_MS, tags=known, run_name=trial.name)
        points = [Metric(key, value, START_MS + step, step) for key, step, value in metrics]
        self.client.log_batch(run.info.run_id, points)
        self.client.set_terminated(run.info.run_id, Outcome(outcome).status, end_time=START_MS + 60_000)
        return run.info.run_id
