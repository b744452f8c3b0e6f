"""The journal: a run's log file of metrics and artifacts, written before MLflow has them.

The trainer appends to it and never waits for the tracking server; the supervisor reads it and sends it on. Where
either of them dies, nothing that was logged is lost: the next supervisor reads on where the last delivery ended. What an
attempt logged for a key and a step, no later attempt changes; of one attempt's own values for it the last stands.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from analysis.results.machine import OF_MACHINE
from sweeps.rundir.artifacts.file_copy import copy_file
from sweeps.rundir.artifacts.step_images import Picture
from sweeps.rundir.delivered import Delivered
from sweeps.rundir.paths import sync_file
from sweeps.rundir.retraining import Retraining
from sweeps.rundir.store_limits import as_number, as_step, storable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from sweeps.rundir.paths import RunPaths


NO_EPOCHS = ("frame/", OF_MACHINE)
"""Metrics of these names count frames of a video, and samples of the machine."""


@dataclass(frozen=True, slots=True)
class Metrics:
    """Values logged at one step; `time_ms` since the epoch.

    Attributes:
        epochs: How many epochs are done by what a metric source shows; None: a function logged it, by epoch.
        times: The times of values that have another than `time_ms`.
    """

    time_ms: int
    step: int
    values: Mapping[str, float]
    epochs: int | None = None
    times: Mapping[str, int] = field(default_factory=dict)

    def time_of(self, key: str) -> int:
        """When a value was logged, milliseconds since the epoch."""
        return self.times.get(key, self.time_ms)

    @property
    def counts_epochs(self) -> bool:
        """Whether its step is an epoch; that of `frame/*` is a frame, that of MLflow's `system/*` a sample."""
        return not all(key.startswith(NO_EPOCHS) for key in self.values)

    @property
    def is_of_machine(self) -> bool:
        """Whether it says what the machine did, and nothing of what the trainer logged."""
        return bool(self.values) and all(key.startswith(OF_MACHINE) for key in self.values)

    def epoch_after(self, before: int | None) -> int | None:
        """The last epoch, from 0, once this is logged; None where nothing says which it is."""
        if self.epochs is not None:
            return self.epochs - 1 if self.epochs else None
        return max(self.step, -1 if before is None else before) if self.counts_epochs else before


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file in the outbox and the name that it is to have."""

    time_ms: int
    file: str
    name: str


@dataclass(frozen=True, slots=True)
class End:
    """How the trainer's own code says that it ended, which its exit status outranks; `anew` as `tags.ANEW` says it."""

    time_ms: int
    attempt: int
    outcome: str
    reason: str
    anew: str = ""


Entry: TypeAlias = Metrics | Artifact | End

_END_BYTES = 1 << 16
"""So much of a long journal is its end."""
MAX_FILE_NAME = 255
"""Bytes of a file's name."""
BEFORE, OWN = 0, 1
"""Who logged a point: an earlier attempt, or this one's trainer."""


class JournalWriter:
    """The trial's side: appends whole lines, each in one write.

    Args:
        paths: The run's files; the journal of earlier attempts is continued.
    """

    def __init__(self, paths: RunPaths) -> None:
        self._paths = paths
        paths.create()
        self._logged: dict[str, dict[int, int]] = {}
        """For each key the steps that it has, and who logged them."""
        self._told: set[str] = set()
        self._time_ms = 0
        self._artifacts = 0
        self._pictures: dict[Picture, bool] = {}
        self._retraining = Retraining()
        self._has_begun = False
        _drop_torn_line(paths.journal)
        with contextlib.suppress(FileNotFoundError), paths.journal.open("rb") as file:
            for line, entry in _parse(file):
                self._note(line, entry)
        self._fd = os.open(paths.journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)

    def _note(self, line: Mapping[str, Any], entry: Entry | None) -> None:
        """Take note of a line that is there already, and of the entry that it holds."""
        self._retraining.said(str(line.get("anew", "")))
        if isinstance(entry, Metrics):
            self._stands(line, entry.values, entry.step)
            for key in entry.values:
                self._logged.setdefault(key, {})[entry.step] = BEFORE
        elif isinstance(entry, Artifact):
            self._artifacts += 1
            if picture := Picture.named(entry.name):
                self._pictures[picture] = False

    def begin(self, attempt: int, *, resumed: bool = False) -> None:
        """An attempt begins, which is compared with what is recorded by now, unless it was told to resume."""
        self._begun(attempt, resumed=resumed)
        self._has_begun = True

    def _begun(self, attempt: int, *, resumed: bool) -> None:
        """Take note of an attempt that begins, or of which a line that is there already says so."""
        del attempt
        self._retraining.begin(resumed=resumed)

    def metrics(self, values: Mapping[str, float], step: int) -> int | None:
        """Append the values of a step, leaving out what an earlier attempt logged for the same key and step.

        Returns:
            Their time, milliseconds since the epoch; None where nothing was left.

        Raises:
            TypeError: A value is not a number, or the step not a whole one.
        """
        step = as_step(step)
        numbers = {key: as_number(key, value) for key, value in values.items()}
        self._compare(numbers, step)
        owners = {key: self._logged.setdefault(key, {}).get(step) for key in numbers}
        fresh = {key: value for key, value in numbers.items() if owners[key] != BEFORE}
        if not fresh:
            return None
        is_again = False
        for key in fresh:
            if owners[key] == OWN:
                is_again = True
                self._tell_again(key, step)
            self._logged[key][step] = OWN
        self._append({"metrics": fresh, "step": step}, is_later=is_again)
        return self._time_ms

    def artifact(self, path: Path) -> None:
        """Copy a file as it is now, to be stored under its own name; a picture of a series once a step.

        Raises:
            FileNotFoundError: There is no such file.
            OSError: It is a directory, a pipe or a device, or cannot be read.
        """
        picture = Picture.named(path.name)
        if picture is not None and (is_own := self._pictures.get(picture)) is not None:
            if is_own:
                self._tell(
                    path.name, f"the picture {path.name} is recorded already, and stays; name another step"
                )
            return
        self._artifacts += 1
        self._paths.outbox.mkdir(exist_ok=True)
        kept = f"{self._artifacts:06d}-{path.name}"
        if len(os.fsencode(kept)) > MAX_FILE_NAME:
            kept = f"{self._artifacts:06d}{path.suffix[:20]}"
        copy_file(path, self._paths.outbox / kept)
        sync_file(self._paths.outbox / kept)
        self._append({"artifact": kept, "name": path.name})
        if picture is not None:
            self._pictures[picture] = True

    def end(self, attempt: int, outcome: str, reason: str) -> None:
        """Append how the trainer's code ended, and whether it had begun anew."""
        anew = self._retraining.text(attempt)
        self._append({"end": outcome, "attempt": attempt, "reason": reason, "anew": anew})

    def close(self) -> None:
        """Close the file; every line is on its way to disk already."""
        os.close(self._fd)

    def _stands(self, line: Mapping[str, Any], values: Mapping[str, float], step: int) -> None:
        """Take note of values in a line, but of those by which a program gave a step once more, as each fold gives its epochs."""
        again = line.get("read", {}).get("visits", {})
        self._retraining.recorded({key: value for key, value in values.items() if key not in again}, step)

    def _compare(self, values: Mapping[str, float], step: int) -> None:
        """Compare values of this attempt with those of earlier ones; an attempt that is killed later has kept what that showed."""
        if (anew := self._retraining.gives(values, step)) and self._has_begun:
            self._append({"anew": anew})

    def _tell_again(self, key: str, step: int) -> None:
        remedy = "the last value stands; give each value a step of its own"
        self._tell(key, f"the metric {key} was logged again at step {step}: {remedy}")

    def _tell(self, about: str, text: str) -> None:
        """Say something in the attempt's log, once for each thing that it is about."""
        if about not in self._told:
            self._told.add(about)
            print(f"sweep: {text}", file=sys.stderr, flush=True)  # noqa: T201 - the log

    def _append(self, entry: dict[str, object], *, is_later: bool = False) -> None:
        """Append an entry. Times never fall, and one that `is_later` has a time of its own: the last value is the latest."""
        self._write(json.dumps({"t": self._now_ms(is_later=is_later), **entry}) + "\n")

    def _now_ms(self, *, is_later: bool = False) -> int:
        self._time_ms = max(time.time_ns() // 1_000_000, self._time_ms + is_later)
        return self._time_ms

    def _write(self, lines: str) -> None:
        data = lines.encode()
        while data:
            data = data[os.write(self._fd, data) :]


CHUNK_BYTES = 1 << 20
"""How much of a journal is read at once: after a long outage it holds more than memory should."""


class JournalReader:
    """The supervisor's side: reads on from what has been delivered."""

    def __init__(self, paths: RunPaths) -> None:
        self._paths = paths
        self._claim = Delivered.read(paths)
        if self._claim.size > journal_size(paths):
            self._claim = Delivered()  # the file is another one than what was delivered
        self._offset = self._next = self._claim.size
        self._polled: list[Entry] = []

    def poll(self) -> list[Entry]:
        """The next whole lines since the last `delivered()` or `seen()`, about `CHUNK_BYTES` of them at most."""
        self._polled, self._next = read_entries(self._paths.journal, self._offset, CHUNK_BYTES)
        return self._polled

    def seen(self) -> None:
        """Read on behind what `poll` returned; MLflow need not have it."""
        self._offset = self._next

    def delivered(self) -> None:
        """Note that MLflow has what `poll` returned, so that nobody sends it again."""
        if self._next != self._offset:
            self.seen()
            self._claim = self._claim.plus(set(points_in(self._polled)), self._offset)
            self._claim.write(self._paths)

    def rest(self) -> list[Entry] | None:
        """All that the journal holds, as `poll` returns it; None where that is more than is read at once."""
        return self.poll() if journal_size(self._paths) - self._offset <= CHUNK_BYTES else None

    def batches(self) -> Iterator[list[Entry]]:
        """What `poll` returns, until all is read that the journal holds when this begins; each is `seen` then."""
        size = journal_size(self._paths)
        while self._offset < size:
            entries = self.poll()
            if self._next == self._offset:
                return  # half a line, which the trial has yet to end
            yield entries
            self.seen()


def restore(paths: RunPaths, points: Iterable[Metrics]) -> None:
    """Append to a journal, which no attempt is writing, what the store has of a run and the journal lost."""
    paths.create()
    _drop_torn_line(paths.journal)
    lines = (
        json.dumps({"t": row.time_ms, "metrics": dict(row.values), "step": row.step}) + "\n" for row in points
    )
    with paths.journal.open("a", encoding="utf-8") as file:
        file.writelines(lines)
        file.flush()
        os.fsync(file.fileno())


def journal_size(paths: RunPaths) -> int:
    """The bytes of a run's journal; 0 where there is none."""
    try:
        return paths.journal.stat().st_size
    except FileNotFoundError:
        return 0


def points_in(entries: Iterable[Entry]) -> Iterator[tuple[str, int]]:
    """The metric and the step of each point among the entries of a journal."""
    return ((key, entry.step) for entry in entries if isinstance(entry, Metrics) for key in entry.values)


def last_step(paths: RunPaths) -> int | None:
    """The last step in the journal that is no frame's; None where none is logged."""
    entries, _ = read_entries(paths.journal, 0)
    return max((e.step for e in entries if isinstance(e, Metrics) and e.counts_epochs), default=None)


def last_epoch(paths: RunPaths) -> int | None:
    """The last epoch in the journal, from 0; None where none is logged, or nothing says which it is."""
    last = None
    for entry in read_entries(paths.journal, 0)[0]:
        if isinstance(entry, Metrics):
            last = entry.epoch_after(last)
    return last


def read_entries(path: Path, offset: int, most_bytes: int = -1) -> tuple[list[Entry], int]:
    """The whole lines from byte `offset` on, and the byte after the last of them.

    Args:
        path: The journal.
        offset: Where a line begins.
        most_bytes: Read no further than this, or than the end of the line that goes beyond it; -1: all.
    """
    try:
        with path.open("rb") as file:
            file.seek(offset)
            data = file.read(most_bytes)
            if len(data) == most_bytes:
                data += file.readline()
    except FileNotFoundError:
        return [], offset
    whole = data[: data.rfind(b"\n") + 1]
    entries = (entry for _, entry in _parse(whole.split(b"\n")))
    return list(filter(None, entries)), offset + len(whole)


def _parse(lines: Iterable[bytes]) -> Iterator[tuple[Mapping[str, Any], Entry | None]]:
    """The lines of a journal, each with the entry that it holds."""
    for text in lines:
        with contextlib.suppress(ValueError, KeyError, TypeError):  # a line that a crash or a power cut tore
            line = json.loads(text)
            yield line, _entry(line)


def _entry(line: Mapping[str, Any]) -> Entry | None:
    time_ms = int(line["t"])
    if "metrics" in line:
        values = {str(key): float(value) for key, value in line["metrics"].items()}
        epochs = line.get("epochs")
        times = {str(key): int(value) for key, value in line.get("times", {}).items()}
        return Metrics(time_ms, int(line["step"]), values, None if epochs is None else int(epochs), times)
    if "artifact" in line:
        return Artifact(time_ms, str(line["artifact"]), str(line["name"]))
    if "end" in line:
        said = storable(str(line["reason"])), str(line.get("anew", ""))
        return End(time_ms, int(line["attempt"]), str(line["end"]), *said)
    return None


def _drop_torn_line(path: Path) -> None:
    """Cut what a crash left after the last whole line."""
    with contextlib.suppress(FileNotFoundError), path.open("r+b") as file:
        data = file.read()
        end = data.rfind(b"\n") + 1
        if end != len(data):
            file.truncate(end)
