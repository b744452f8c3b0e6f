"""Where everything of a sweep lies on disk, under one state directory (`.sweep/` or `$SWEEP_HOME`)."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class RunPaths:
    """The files of one run, kept across its attempts.

    Attributes:
        root: The directory of everything below.
    """

    root: Path

    @property
    def files(self) -> Path:
        """The trainer's own directory (`run.dir`): checkpoints and scratch."""
        return self.root / "files"

    @property
    def journal(self) -> Path:
        """What the trainer logged, line by line, before MLflow has it."""
        return self.root / "journal.jsonl"

    @property
    def delivered(self) -> Path:
        """How many bytes of the journal MLflow has."""
        return self.root / "delivered"

    @property
    def outbox(self) -> Path:
        """Copies of artifacts that MLflow does not have yet; made for the first."""
        return self.root / "outbox"

    @property
    def process(self) -> Path:
        """Which process runs the attempt in progress."""
        return self.root / "process.json"

    @property
    def outcome(self) -> Path:
        """How the last attempt ended by the supervisor's word, until the next one starts."""
        return self.root / "outcome.json"

    @property
    def environment(self) -> Path:
        """What the last attempt ran in (`provenance.environment_identity`), where it is not what the record says."""
        return self.root / "environment.json"

    @property
    def job(self) -> Path:
        """Which job of an engine that outlives its supervisor has the attempt in progress."""
        return self.root / "job.json"

    @property
    def exit(self) -> Path:
        """How that job's attempt ended."""
        return self.root / "exit.json"

    @property
    def stop(self) -> Path:
        """How hard that job's attempt is asked to stop."""
        return self.root / "stop"

    @property
    def provenance(self) -> Path:
        """What the trainer says of its data; it may write this file in its own directory."""
        return self.files / "provenance.json"

    @property
    def config(self) -> Path:
        """The resolved config as JSON, for `command:` trainers (`$SWEEP_CONFIG`)."""
        return self.root / "config.json"

    def log(self, attempt: int) -> Path:
        """What attempt number `attempt` printed."""
        return self.root / f"attempt-{attempt}.log"

    def create(self) -> None:
        """Make the directories that every run has; what stands in them stays."""
        self.files.mkdir(parents=True, exist_ok=True)


@dataclass(frozen=True, slots=True)
class StateDir:
    """The state directory of a working directory."""

    root: Path

    @classmethod
    def here(cls) -> StateDir:
        """`$SWEEP_HOME`, else `.sweep` in the working directory."""
        return cls(Path(os.environ.get("SWEEP_HOME") or ".sweep").resolve())

    def run(self, run_id: str) -> RunPaths:
        """The files of one run."""
        return RunPaths(self.root / "runs" / run_id)

    def request_stop(self, fingerprint: str) -> None:
        """Leave a note for the supervisor that is to stop a trial."""
        folder = self.root / "stop"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / fingerprint).touch()

    def take_stop_requests(self) -> list[str]:
        """The fingerprints of the trials that somebody asked to stop since the last call."""
        try:
            notes = list((self.root / "stop").iterdir())
        except FileNotFoundError:
            return []
        for note in notes:
            note.unlink(missing_ok=True)
        return [note.name for note in notes]

    def lock(self, experiment: str, sweep: str) -> Path:
        """The lock that one `sweep run` of a sweep holds."""
        return self.root / "locks" / f"{_file_name(experiment)}--{_file_name(sweep)}.lock"


def write_atomically(path: Path, text: str) -> None:
    """Replace a small file so that a reader sees the old text or the new, never a part."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)


def command_path() -> str:
    """Where a command's programs are looked for: beside this Python first, so that `python` is the one that runs `sweep`."""
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])


def _file_name(text: str) -> str:
    return "".join(c if c.isalnum() or c in "._-" else "_" for c in text)
