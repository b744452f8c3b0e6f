import pytest

from sweeps.cli.group import open_session
from sweeps.commands.request import Request
from tests.sweeps.recorded import RecordedFile

TEXT = """
defaults: {epochs: 3}
sweeps: {a: {grid: {lr: [0.1, 0.01]}}}
"""


class Adopting(RecordedFile):
    """A file with the trials lr0.1 and lr0.01 of three epochs, its store, and folders and runs made by hand."""

    def session(self, **asked):
        return open_session(Request(self.path / "e.yaml", **asked), self.uri)

    def folder(self, name, config='{"lr": 0.1}', rows=3):
        folder = self.path / "runs" / name
        folder.mkdir(parents=True)
        if config is not None:
            (folder / "config.json").write_text(config)
        lines = "".join(f"{epoch},{1 / (epoch + 1)}\n" for epoch in range(rows))
        (folder / "m.csv").write_text(f"epoch,loss\n{lines}")
        return folder

    def by_hand(self, name, params, points=((0, 1.0), (1, 0.5), (1, 0.4)), status="FINISHED", **tags):
        """A run of the experiment `hand`, as MLflow's own calls make it; `points` are (step, loss)."""
        found = self.client.get_experiment_by_name("hand")
        experiment_id = found.experiment_id if found else self.client.create_experiment("hand")
        run_id = self.client.create_run(experiment_id, 1000, tags, name).info.run_id
        for key, value in params.items():
            self.client.log_param(run_id, key, value)
        for at, (step, loss) in enumerate(points):
            self.client.log_metric(run_id, "loss", loss, timestamp=2000 + at, step=step)
        self.client.set_terminated(run_id, status, end_time=9000)
        return run_id


@pytest.fixture
def adopting(tmp_path, empty_database, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SWEEP_HOME", raising=False)
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    return Adopting(tmp_path, empty_database, TEXT)
