"""Paths of everything that a sweep keeps on disk, under one state directory (`.sweep/` or `$SWEEP_HOME`).

Each run has a directory of its own, `runs/RUN_ID`, which all its attempts share:

| file                    | written by                      | read by                           | holds                                       |
| ----------------------- | ------------------------------- | --------------------------------- | ------------------------------------------- |
| `config.json`           | supervisor, before each attempt | a `command:` trainer              | the resolved config                         |
| `process.json`          | attempt, when it starts         | supervisor                        | the process to kill if it is left behind, and since when the run runs |
| `environment.json`      | attempt, when it starts         | supervisor                        | its environment, where the record differs   |
| `journal.jsonl`         | attempt, as the trainer logs    | supervisor, and the next attempt  | metrics, artifacts and the end, line by line |
| `outbox/`               | attempt, as the trainer logs    | supervisor, which empties it      | copies of artifacts to send                 |
| `sources.json`          | supervisor, before each attempt | supervisor, after a crash         | where a program's metrics are read          |
| `readings.json`         | attempt, when it ends           | supervisor                        | by what of the file each metric was read    |
| `source-remarks.json`   | `sweep metrics --apply`         | `sweep metrics`                   | what is to be known of the metrics that it read |
| `program-metrics.jsonl` | program, as it calls MLflow     | attempt                           | what it logged to MLflow itself             |
| `attempt-N.log`         | attempt                         | supervisor, `sweep logs`          | what the attempt printed                    |
| `files/`                | trainer                         | trainer, and supervisor (figures) | checkpoints and scratch                     |
| `files/provenance.json` | trainer                         | supervisor                        | the data it uses, the model it leaves       |
| `delivered`             | supervisor                      | supervisor                        | how much of the journal MLflow has          |
| `outcome.json`          | supervisor, after each attempt  | supervisor                        | the outcome, in case it cannot be sent      |
| `written.json`          | attempt, when it ends           | supervisor                        | what its program wrote outside this directory |
| `remarks.txt`           | supervisor                      | supervisor                        | what the run's note has to say of its record |
| `refused.jsonl`         | supervisor                      | supervisor                        | what the store refused for good             |
| `job.json`, `stop`      | Slurm executor                  | Slurm executor and job            | the job's id; how hard it is asked to stop  |
| `exit.json`             | Slurm job, when it ends         | Slurm executor                    | its exit code or signal                     |

Beside `runs/` stand `locks/` (the sweeps that are being run on this machine), `stop/` (trials that `sweep stop`
asks to stop), `abandoned/` (trials that it gives up, until the record says so), `wishes/` (what one `sweep run` asks of
another), `hooks/` (what hooks are yet to be told, and what they printed), `live/` (how each `sweep run` stands, for
`sweep attach`) and `trash/` (what is being removed). A small file that two processes share is replaced by
`write_atomically`, so that no reader sees half.
"""

from __future__ import annotations

import contextlib
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
    def run_id(self) -> str:
        """The MLflow run whose files these are; directories of runs are named so."""
        return self.root.name

    @property
    def files(self) -> Path:
        """The trainer's own directory (`run.dir`): checkpoints and scratch."""
        return self.root / "files"

    @property
    def journal(self) -> Path:
        """Lines that the trainer logged, whether MLflow has them yet or not."""
        return self.root / "journal.jsonl"

    @property
    def delivered(self) -> Path:
        """What MLflow is said to have of the journal (`sweeps.rundir.delivered`)."""
        return self.root / "delivered"

    @property
    def outbox(self) -> Path:
        """Copies of artifacts that MLflow does not have yet; the folder is made with the first."""
        return self.root / "outbox"

    @property
    def process(self) -> Path:
        """The identity of the process that runs the attempt in progress."""
        return self.root / "process.json"

    @property
    def outcome(self) -> Path:
        """The last attempt's outcome as the supervisor found it, until the next one starts."""
        return self.root / "outcome.json"

    @property
    def refused(self) -> Path:
        """Lines that say what MLflow refused of this run for good; there is no such file where it refused nothing."""
        return self.root / "refused.jsonl"

    @property
    def environment(self) -> Path:
        """The environment of the last attempt (`provenance.environment_identity`), where the record has another one."""
        return self.root / "environment.json"

    @property
    def job(self) -> Path:
        """The id of the engine's job that runs the attempt in progress, where the engine outlives its supervisor."""
        return self.root / "job.json"

    @property
    def exit(self) -> Path:
        """The exit code or signal of that job's attempt."""
        return self.root / "exit.json"

    @property
    def stop(self) -> Path:
        """The request to stop that job's attempt: ask, terminate or kill."""
        return self.root / "stop"

    @property
    def provenance(self) -> Path:
        """The data and the model that the trainer declares; it may write this file into its own directory."""
        return self.files / "provenance.json"

    @property
    def config(self) -> Path:
        """The resolved config as JSON, for `command:` trainers (`$SWEEP_CONFIG`)."""
        return self.root / "config.json"

    def own_config(self, name: str) -> Path:
        """The trial's copy of its program's config file, by that one's name."""
        return self.root / "config-file" / name

    @property
    def sources(self) -> Path:
        """Where the metrics of the run's program are read (`sweeps.sources.following.order`)."""
        return self.root / "sources.json"

    @property
    def readings(self) -> Path:
        """By what of the file each metric was read (`sweeps.sources.following.readings`)."""
        return self.root / "readings.json"

    @property
    def source_remarks(self) -> Path:
        """What is to be known of metrics that were read after the last attempt; its log says what was so until then."""
        return self.root / "source-remarks.json"

    @property
    def program_metrics(self) -> Path:
        """What the run's program logged with its own calls of MLflow, a JSON object a line."""
        return self.root / "program-metrics.jsonl"

    @property
    def remarks(self) -> Path:
        """What happened to the run's record that its note has to say, a line each."""
        return self.root / "remarks.txt"

    @property
    def written(self) -> Path:
        """What the last attempt's program wrote elsewhere (`sweeps.program.outputs.written_files`)."""
        return self.root / "written.json"

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

    @property
    def live(self) -> Path:
        """What launches show to other terminals: `PID.json`, and `run-PID.log` of those without a terminal."""
        return self.root / "live"

    @property
    def trash(self) -> Path:
        """What is being removed: nobody reads it, and `sweep gc` removes what a death left there."""
        return self.root / "trash"

    @property
    def wishes(self) -> Path:
        """The notes of `sweep run`s to those that have their sweeps."""
        return self.root / "wishes"

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
    """Replace a small file so that a reader sees the old text or the new, never a part.

    Args:
        path: The file.
        text: Its new content.
        durable: Whether it has to outlast a power cut once this returns.
    """
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text)
        if durable:
            file.flush()
            os.fsync(file.fileno())
    temporary.replace(path)
    if durable:
        sync_file(path.parent)


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
