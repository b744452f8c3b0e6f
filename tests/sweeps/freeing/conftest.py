import json

import pytest

from analysis.read.record import Record
from sweeps.cli.group import open_session
from sweeps.commands.request import Request
from sweeps.rundir.journal import Artifact, JournalReader, JournalWriter, read_entries
from sweeps.rundir.paths import StateDir
from tests.sweeps.recorded import RecordedFile

TEXT = "sweeps: {a: {grid: {lr: [1, 2, 3]}}}\n"


class Disk(RecordedFile):
    """A file with the trials lr1, lr2 and lr3, its store, and directories of runs as `sweep run` leaves them."""

    def __init__(self, path, database):
        super().__init__(path, database, TEXT)
        self.state = StateDir(path / ".sweep")

    def keep(self, word, values=(1, 2, 3)):
        """Write the file anew."""
        self.write(f"sweeps: {{a: {{keep: {word}, grid: {{lr: {list(values)}}}}}}}\n")

    def write(self, text):
        (self.path / "e.yaml").write_text(f"experiment: toy\ntrainer: {{command: [python]}}\n{text}")

    def session(self, **asked):
        return open_session(Request(self.path / "e.yaml", **asked), self.uri)

    def ran(self, trial, outcome="finished", files=(), *, stored=(), sent=True, **more):
        """A run with a directory: `files` are contents by name, those `stored` were handed over; returns its paths."""
        run_id = self.add(trial, outcome, [("loss", 0, 0.5)], **{"profile": "", "wish": "e.yaml", **more})
        paths = self.state.run(run_id)
        paths.create()
        for name, content in dict(files).items():
            path = paths.files / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        journal = JournalWriter(paths)
        journal.metrics({"loss": 0.5}, 0)
        for name in stored:
            journal.artifact(paths.files / name)
        journal.close()
        paths.log(1).write_text("a line\n")
        if sent:
            reader = JournalReader(paths)
            reader.poll()
            reader.delivered()
            for entry in read_entries(paths.journal, 0)[0]:
                if isinstance(entry, Artifact):
                    self.client.log_artifact(run_id, str(paths.files / entry.name))
                    (paths.outbox / entry.file).unlink()
        return paths

    def in_store(self, paths, name):
        """Where the artifact store has a file of a run."""
        (place,) = (p for p in Record(self.uri, "toy").places() if p.run_id == paths.run_id)
        return self.path / place.artifacts.removeprefix("file://") / name

    def snapshot(self, digest):
        """A copy of code."""
        folder = self.state.root / "snapshots" / digest
        folder.mkdir(parents=True)
        (folder / "train.py").write_text("print()\n")
        return folder

    def code(self, digest):
        return json.dumps({"snapshot": digest, "commit": "c0ffee", "dirty": False})

    def used(self):
        """The bytes of all files here but the database, each counted once however many names it has."""
        kept = [
            path for path in self.path.rglob("*") if path.is_file() and not path.name.startswith("mlflow.db")
        ]
        found = {path.lstat().st_ino: path.lstat().st_size for path in kept if not path.is_symlink()}
        return sum(found.values())


@pytest.fixture
def disk(tmp_path, empty_database, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SWEEP_HOME", raising=False)
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    return Disk(tmp_path, empty_database)
