"""Reads once more what the program of a trial left, by the file as it is now, and compares it with the trial's journal."""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sweeps.rundir.journal import Metrics, read_entries
from sweeps.rundir.paths import Below, RunPaths
from sweeps.rundir.source_journal import SourceJournal
from sweeps.sources.following.follower import Follower, read_rest
from sweeps.sources.following.readings import (
    EARLIER,
    current,
    keep_readings,
    readings_of,
    recorded_readings,
)
from sweeps.sources.following.visits import same

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sweeps.sources.following.order import ReadOrder


class Other(NamedTuple):
    """How a metric would be recorded otherwise.

    Attributes:
        steps: At how many steps it has another value; 0: it has none of the recorded steps.
        step: The first of them.
        recorded: The recorded value there.
        read: What is read there; None: nothing is.
    """

    steps: int
    step: int
    recorded: float
    read: float | None


@dataclass(frozen=True, slots=True)
class Reread:
    """What was read once more.

    Attributes:
        other: The metrics of which other values are read than the record has.
        points: All that is read, by metric and step.
        readings: How each metric was read.
        notes: What the user should know of what was read.
    """

    other: Mapping[str, Other] = field(default_factory=dict)
    points: Mapping[str, Mapping[int, float]] = field(default_factory=dict)
    readings: Mapping[str, str] = field(default_factory=dict)
    notes: Sequence[str] = ()


def reread(paths: RunPaths, before: ReadOrder | None, order: ReadOrder, *, finished: bool) -> Reread | None:
    """Read what a trial left into a place that is thrown away, and compare it with the journal; nothing is written.

    Args:
        paths: The run's files.
        before: By what its journal was read last; None: by nothing.
        order: What the file says now.
        finished: Whether its last attempt has finished.

    Returns:
        What was read; None where it cannot be other than before: the file reads all metrics as it did.
    """
    then = recorded_readings(paths)
    if before is None or (before.sources == order.sources and _is_current(then, order)):
        return None
    with tempfile.TemporaryDirectory(prefix="sweep-") as folder:
        copy = _Elsewhere(paths.root, Path(folder))
        then = then or _readings_of_journal(paths, copy, before)
        copy.journal.write_text("".join(_attempts(paths.journal)), encoding="utf-8")
        with contextlib.closing(SourceJournal(copy)) as journal:
            follower = Follower(order, copy, journal)
            follower.catch_up(finished=finished)
            notes = follower.notes(finished=finished)
        read, readings = _points(copy), recorded_readings(copy)
    recorded = _points(paths)
    changed = [key for key in recorded if key in read and readings.get(key) != then.get(key)]
    found = {key: other for key in changed if (other := _other(recorded[key], read[key])) is not None}
    return Reread(found, read, readings, notes)


def record_again(paths: RunPaths, before: ReadOrder | None, order: ReadOrder, *, finished: bool) -> Reread:
    """Record what of a trial is not recorded yet, but nothing beside values that are recorded otherwise.

    Returns:
        What was read; of a file that reads as it did what came of it since.
    """
    found = reread(paths, before, order, finished=finished)
    if found is not None and found.other:
        then = recorded_readings(paths)
        keep_readings(paths, {**dict.fromkeys(found.other, EARLIER), **then})
    notes = read_rest(paths, finished=finished, held_back=found.other if found is not None else ()) or []
    if found is None:
        return Reread(notes=notes)
    with contextlib.closing(SourceJournal(paths)) as journal:
        journal.take_over(found.points)
    alike = {key: reading for key, reading in found.readings.items() if key not in found.other}
    keep_readings(paths, {**recorded_readings(paths), **alike})
    return found


def _readings_of_journal(paths: RunPaths, copy: RunPaths, before: ReadOrder) -> dict[str, str]:
    """How the metrics of an earlier version's journal were read: by the sources of the last order that gave them."""
    with contextlib.suppress(FileNotFoundError):
        shutil.copyfile(paths.journal, copy.journal)
    with contextlib.closing(SourceJournal(copy)) as journal:
        return readings_of(journal.read_by, before.sources)


def _is_current(then: Mapping[str, str], order: ReadOrder) -> bool:
    if EARLIER in then.values():
        return False
    now = current([json.dumps(dict(then))], order.sources)
    return all(now.get(key, reading) == reading for key, reading in then.items())


def _attempts(journal: Path) -> Iterable[str]:
    """The lines that say which attempts began to read."""
    for text in (
        journal.read_text(encoding="utf-8", errors="replace").splitlines() if journal.exists() else ()
    ):
        try:
            is_beginning = "attempt" in json.loads(text)["read"]
        except (ValueError, KeyError, TypeError):
            continue
        if is_beginning:
            yield f"{text}\n"


def _points(paths: RunPaths) -> dict[str, dict[int, float]]:
    """The values of a journal, by metric and step; of several at one step the last."""
    found: dict[str, dict[int, float]] = {}
    for entry in read_entries(paths.journal, 0)[0]:
        if isinstance(entry, Metrics):
            for key, value in entry.values.items():
                found.setdefault(key, {})[entry.step] = value
    return found


def _other(recorded: Mapping[int, float], read: Mapping[int, float]) -> Other | None:
    """How two curves differ; None: what both have is the same."""
    shared = recorded.keys() & read.keys()
    if not shared:
        step = min(recorded)
        return Other(0, step, recorded[step], None)
    steps = sorted(step for step in shared if not same(recorded[step], read[step]))
    return Other(len(steps), steps[0], recorded[steps[0]], read[steps[0]]) if steps else None


@dataclass(frozen=True, slots=True)
class _Elsewhere(RunPaths):
    """A run's files, of which those that reading writes are elsewhere."""

    elsewhere: Path

    journal = Below("journal.jsonl", of="elsewhere")
    readings = Below("readings.json", of="elsewhere")
    outbox = Below("outbox", of="elsewhere")

    def create(self) -> None:
        """Nothing: what is read is there."""
