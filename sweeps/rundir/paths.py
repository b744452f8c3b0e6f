"""Paths of everything that a sweep keeps on disk, under one state directory (`.sweep/` or `$SWEEP_HOME`).

Each run has a directory of its own, `runs/RUN_ID`, which all its attempts share. Who writes and reads which file stands in
docs/architecture.md. A small file that two processes share is replaced by `write_atomically`, so that no reader sees half.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class Below:
    """A path below a directory that the owner of the attribute has.

    Args:
        path: The path below it.
        of: The name of the owner's attribute that is the directory.
    """

    def __init__(self, path: str, of: str = "root") -> None:
        self.path, self._of = path, of

    def __get__(self, owner: object, _: type | None = None) -> Path:
        return Path(getattr(owner, self._of), self.path)


@dataclass(frozen=True, slots=True)
class RunPaths:
    """The files of one run, below its root, kept across its attempts."""

    root: Path

    files = Below("files")
    """The trainer's own directory (`run.dir`): checkpoints and scratch."""
    journal = Below("journal.jsonl")
    """Lines that the trainer logged, whether MLflow has them yet or not."""
    delivered = Below("delivered")
    """What MLflow is said to have of the journal (`sweeps.rundir.delivered`)."""
    outbox = Below("outbox")
    """Copies of artifacts that MLflow does not have yet; the folder is made with the first."""
    process = Below("process.json")
    """The identity of the process that runs the attempt in progress."""
    outcome = Below("outcome.json")
    """The last attempt's outcome as the supervisor found it, until the next one starts."""
    refused = Below("refused.jsonl")
    """Lines that say what MLflow refused of this run for good; there is no such file where it refused nothing."""
    environment = Below("environment.json")
    """The environment of the last attempt (`provenance.environment_identity`), where the record has another one."""
    job = Below("job.json")
    """The id of the engine's job that runs the attempt in progress, where the engine outlives its supervisor."""
    exit = Below("exit.json")
    """The exit code or signal of that job's attempt."""
    stop = Below("stop")
    """The request to stop that job's attempt: ask, terminate or kill."""
    provenance = Below("files/provenance.json")
    """The data and the model that the trainer declares; it may write this file into its own directory."""
    config = Below("config.json")
    """The resolved config as JSON, for `command:` trainers (`$SWEEP_CONFIG`)."""
    sources = Below("sources.json")
    """Where the metrics of the run's program are read (`sweeps.sources.following.order`)."""
    readings = Below("readings.json")
    """By what of the file each metric was read (`sweeps.sources.following.readings`)."""
    source_remarks = Below("source-remarks.json")
    """What is to be known of metrics that were read after the last attempt; its log says what was so until then."""
    program_metrics = Below("program-metrics.jsonl")
    """What the run's program logged with its own calls of MLflow, a JSON object a line."""
    remarks = Below("remarks.txt")
    """What happened to the run's record that its note has to say, a line each."""
    written = Below("written.json")
    """What the last attempt's program wrote elsewhere (`sweeps.program.outputs.written_files`)."""

    @property
    def run_id(self) -> str:
        """The MLflow run whose files these are; directories of runs are named so."""
        return self.root.name

    def own_config(self, name: str) -> Path:
        """The trial's copy of its program's config file, by that one's name."""
        return self.root / "config-file" / name

    @property
    def left_any(self) -> bool:
        """Whether a trainer left a file from which it may go on; what it says of itself is none."""
        own = self.files.iterdir() if self.files.is_dir() else ()
        return any(path.name != self.provenance.name for path in own)

    def last_attempt(self) -> int:
        """The number of the last attempt that left a log here; 0: none."""
        numbers = (path.stem.rpartition("-")[2] for path in self.root.glob("attempt-*.log"))
        return max((int(number) for number in numbers if number.isdecimal()), default=0)

    def remark(self, text: str) -> None:
        """Add a line to the remarks."""
        self.root.mkdir(parents=True, exist_ok=True)
        with self.remarks.open("a", encoding="utf-8") as file:
            file.write(f"{text}\n")

    def log(self, attempt: int) -> Path:
        """The output of attempt number `attempt`."""
        return self.root / f"attempt-{attempt}.log"

    def create(self) -> None:
        """Make the directories that every run has; existing files stay."""
        self.files.mkdir(parents=True, exist_ok=True)


STATE_FOLDER = ".sweep"
"""The state directory of a working directory, where `$SWEEP_HOME` names no other."""


@dataclass(frozen=True, slots=True)
class StateDir:
    """The state directory of a working directory."""

    root: Path

    live = Below("live")
    """What launches show to other terminals: `PID.json`, and `run-PID.log` of those without a terminal."""
    trash = Below("trash")
    """What is being removed: nobody reads it, and `sweep gc` removes what a death left there."""
    wishes = Below("wishes")
    """The notes of `sweep run`s to those that have their sweeps."""

    @classmethod
    def here(cls) -> StateDir:
        """`$SWEEP_HOME`, else `.sweep` in the working directory."""
        return cls(Path(os.environ.get("SWEEP_HOME") or STATE_FOLDER).resolve())

    def hide_from_git(self) -> None:
        """Have git ignore the directory, as virtual environments do; one of another name may hold more than this."""
        if self.root.name != STATE_FOLDER:
            return
        with contextlib.suppress(FileExistsError), (self.root / ".gitignore").open("x") as file:
            file.write("*\n")

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

    def abandon(self, experiment: str, fingerprint: str) -> None:
        """Note that a trial is given up; the note stays until the record says so."""
        note = self._abandoned(experiment) / fingerprint
        note.parent.mkdir(parents=True, exist_ok=True)
        note.touch()
        sync_file(note.parent)

    def is_abandoned(self, experiment: str, fingerprint: str) -> bool:
        """Whether there is a note that a trial is given up."""
        return (self._abandoned(experiment) / fingerprint).exists()

    def abandoned(self, experiment: str) -> list[str]:
        """The fingerprints of the trials that are given up, and of which the record does not say so yet."""
        try:
            return sorted(note.name for note in self._abandoned(experiment).iterdir())
        except FileNotFoundError:
            return []

    def forget_abandoned(self, experiment: str, fingerprint: str) -> None:
        """Remove the note: the record says so, or the trial has its result."""
        (self._abandoned(experiment) / fingerprint).unlink(missing_ok=True)

    def _abandoned(self, experiment: str) -> Path:
        return self.root / "abandoned" / _file_name(experiment)

    def lock(self, experiment: str, sweep: str) -> Path:
        """The lock that one `sweep run` of a sweep holds."""
        return self.root / "locks" / f"{_file_name(experiment)}--{_file_name(sweep)}.lock"


def write_atomically(path: Path, text: str, *, durable: bool = False) -> None:
    """Replace a small file so that a reader sees the old text or the new, never a part; a `durable` one outlasts a power cut, too."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("w", encoding="utf-8") as file:
            file.write(text)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    if durable:
        sync_file(path.parent)


def read_object(path: Path) -> dict[str, Any]:
    """The JSON object that a small file holds; empty where there is no such file, or it holds something else."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def sync_file(path: Path) -> None:
    """Make a file outlast a power cut, or a folder's new and renamed files; where there is none, or the system cannot, nothing."""
    with contextlib.suppress(OSError):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def command_path(path: str | None = None) -> str:
    """The `PATH` of commands: this Python's folder comes first, so that `python` is the one that runs `sweep`.

    Args:
        path: The folders that follow; None: those of this process.
    """
    rest = os.environ.get("PATH", os.defpath) if path is None else path
    return os.pathsep.join([str(Path(sys.executable).parent), rest])


def _file_name(text: str) -> str:
    return "".join(c if c.isalnum() or c in "._-" else "_" for c in text)
