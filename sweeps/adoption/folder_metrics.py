"""Reads the metrics of a folder that a program left, as a trial's own are read, into a journal of its own."""

from __future__ import annotations

import contextlib
import fnmatch
import glob
import shutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sweeps.adoption.config_files import files_named
from sweeps.program.template import NoFileError, TrialValues
from sweeps.rundir.journal import Metrics, last_epoch, read_entries
from sweeps.rundir.source_journal import SourceJournal
from sweeps.sources.following.follower import Follower
from sweeps.sources.following.kinds import files_of
from sweeps.sources.following.order import ReadOrder
from sweeps.sources.proposals.left_files import left_files
from sweeps.spec.trainer.source_model import LOGGERS, Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from sweeps.planning.trial import Trial
    from sweeps.rundir.paths import RunPaths
    from sweeps.spec.trainer.source_model import Sources
    from sweeps.trainer.loader import Trainer

LOGS = ("*.log", "*.out", "log.txt", "stdout*", "output*.txt")
"""Names of files that hold what a program printed."""


@dataclass(frozen=True, slots=True)
class FolderMetrics:
    """What a folder holds of a run.

    Attributes:
        metrics: How many points each metric has.
        files: The files that were read.
        epochs: How many epochs they show; None: they do not show it.
        began_ms: The time of the first point, milliseconds since the epoch.
        ended_ms: That of the last one; both are when the last file was written, where files do not tell times.
        notes: What could not be read, or was left out.
        problem: Why nothing was read; empty where something was.
    """

    metrics: dict[str, int]
    files: tuple[str, ...]
    epochs: int | None
    began_ms: int
    ended_ms: int
    notes: tuple[str, ...] = ()
    problem: str = ""


def read_folder(
    folder: Path, trial: Trial, trainer: Trainer, log: str | None, paths: RunPaths
) -> FolderMetrics:
    """Read a folder into the journal of `paths`; the folder is only read.

    What the file's metric sources find in it is read; where they find nothing, what looks like files of metrics.

    Args:
        folder: The folder, absolute.
        trial: Its trial.
        trainer: The file's trainer.
        log: Which file below the folder is what the program printed, a pattern; None: the only one that is called like a log.
        paths: Where the journal is written; nothing is there yet.
    """
    paths.create()
    logs = _logs(folder, log)
    order, files = _order(folder, trial, trainer, paths)
    prints = [source for source in order.sources.sources if source.kind == "stdout"]
    if prints and len(logs) == 1:
        shutil.copyfile(logs[0], paths.log(1))
        files = [*files, logs[0]]
    if not files:
        return FolderMetrics({}, (), None, 0, 0, (), _nothing(prints, logs, folder))
    written_ms = max(path.stat().st_mtime_ns for path in files) // 1_000_000
    with contextlib.closing(_DatedJournal(paths, written_ms)) as journal:
        journal.begin(1, resumed=False)
        follower = Follower(order, paths, journal)
        follower.catch_up(finished=True)
    entries = [entry for entry in read_entries(paths.journal, 0)[0] if isinstance(entry, Metrics)]
    counted: dict[str, int] = {}
    for entry in entries:
        for key in entry.values:
            counted[key] = counted.get(key, 0) + 1
    times = [entry.time_ms for entry in entries] or [written_ms]
    done = last_epoch(paths)
    return FolderMetrics(
        counted,
        tuple(path.relative_to(folder).as_posix() for path in files),
        None if done is None else done + 1,
        min(times),
        max(times),
        tuple(follower.notes()),
        "" if counted else f"its files hold no metrics ({', '.join(path.name for path in files[:3])})",
    )


class _DatedJournal(SourceJournal):
    """Gives what has no time of its own the time when the last file was written, not that of now."""

    def __init__(self, paths: RunPaths, written_ms: int) -> None:
        self._written_ms = written_ms
        super().__init__(paths)

    def _now_ms(self, *, is_later: bool = False) -> int:
        self._time_ms = max(self._written_ms, self._time_ms + is_later)
        return self._time_ms


def _order(folder: Path, trial: Trial, trainer: Trainer, paths: RunPaths) -> tuple[ReadOrder, list[Path]]:
    """What is to be read, and the files that this means."""
    values = TrialValues.of(trial.config, run_dir=folder, trial=trial.name, run_id=folder.name)
    epochs = trainer.epochs_of(trial.config)
    try:
        order = trainer.read_order(values, str(folder), epochs, 0)
    except NoFileError:
        order = ReadOrder(
            replace(trainer.spec.sources, sources=()), str(folder), epochs, unit=trainer.spec.unit
        )
    said = [source for source in order.sources.sources if source.kind == "stdout"]
    named = {source: files_of(source, folder, paths) for source in order.sources.sources if source.has_path}
    own = {
        source: files
        for source, files in named.items()
        if files and all(file.is_relative_to(folder) for file in files)
    }
    found = own or dict(_usual(folder, paths))
    sources: Sources = replace(order.sources, sources=(*said, *found))
    return replace(order, sources=sources), [file for files in found.values() for file in files]


def _usual(folder: Path, paths: RunPaths) -> Iterator[tuple[Source, list[Path]]]:
    """Sources for what looks like files of metrics."""
    found: dict[Source, None] = {}
    for left in left_files(folder):
        text = f"{glob.escape(str(folder))}/**" if left.kind in LOGGERS else glob.escape(str(left.path))
        place = f"{{run_dir}}/{'**' if left.kind in LOGGERS else left.path.relative_to(folder).as_posix()}"
        source = Source(left.kind, text, at=left.at, label=left.path.name, written=place)
        found[source.identified()] = None
    for source in found:
        yield source, files_of(source, folder, paths)


def _logs(folder: Path, pattern: str | None) -> list[Path]:
    if pattern is not None:
        return files_named(folder, pattern, "--log")
    return sorted(
        path
        for path in folder.iterdir()
        if path.is_file() and any(fnmatch.fnmatch(path.name, name) for name in LOGS)
    )


def _nothing(prints: Sequence[Source], logs: Sequence[Path], folder: Path) -> str:
    """Why nothing is read."""
    if prints and len(logs) > 1:
        names = ", ".join(path.relative_to(folder).as_posix() for path in logs[:3])
        return f"has {len(logs)} logs ({names}); name the one that `stdout` patterns read with --log"
    if prints and not logs:
        return "has no file of metrics, and no log; name the log with --log"
    if logs:
        return f"has no file of metrics; a `stdout` pattern in the file's `metrics` would read {logs[0].name}"
    return "has no file of metrics"
