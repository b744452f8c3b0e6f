"""The journal of a program: beside what was read of its metric sources it holds how far they are read.

A line holds both, so that each row of a source is recorded once, whatever dies meanwhile: what a line holds is recorded and
read, and what no line holds is neither.

    {"t": 1, "metrics": {"loss": 0.5}, "step": 3, "epochs": 4, "read": {"source": "0a1b", "file": "files/m.csv", ...}}
    {"t": 2, "read": {"source": "0a1b", "file": "attempt-1.log", "position": {"bytes": 1048576}}}
    {"t": 3, "read": {"attempt": 2, "resumed": true}}
    {"t": 4, "metrics": {}, "open": {"loss": 0.5}, "step": 4, "epochs": 4, "read": {...}}
    {"t": 5, "metrics": {}, "step": 4, "epochs": 5}

The last two: an attempt left a step in the middle, which is recorded unless the next one gives it; and epochs that are done.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sweeps.rundir.artifacts.step_images import Picture
from sweeps.rundir.journal import NO_EPOCHS, OWN, JournalWriter, Metrics
from sweeps.rundir.paths import sync_file

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sweeps.rundir.journal import Entry
    from sweeps.rundir.paths import RunPaths

_ODD = re.compile(r"[^\w.\- ~]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a file is read: `rows` rows beyond a position of its reader."""

    position: Mapping[str, Any] = field(default_factory=dict)
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of a file, and how far that leads.

    Attributes:
        source: The source's identity.
        file: The file, as `SourceJournal` names it.
        mark: How far it is read with this.
        values: The metrics.
        step: Their step.
        held: Values of series of which the last one is recorded when the program has finished, by their own names.
        epochs: How many epochs are done; 0: nothing says so.
        count: The next counted step of the source; None: it counts none.
        counts: The next counted step of each metric whose values are all recorded, as far as it may be another one than before.
        carried: The last step that any source showed.
        times: When values were written, milliseconds since the epoch; the others are written now.
        is_again: Whether it may have been read before: what is recorded stands.
        is_open: Whether more of this step may follow in another attempt, which is recorded then, and this only where it gives none.
        has_several: Whether the source was seen to give several values at a step.
        from_zero: Whether epochs were seen to be counted from 0.
        visits: Which visit of the file to the step gave a metric, in its attempt; the first one where nothing is said.
    """

    source: str
    file: str
    mark: Mark
    values: Mapping[str, float] = field(default_factory=dict)
    step: int = 0
    held: Mapping[str, float] = field(default_factory=dict)
    epochs: int = 0
    count: int | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    carried: int | None = None
    times: Mapping[str, int] = field(default_factory=dict)
    is_again: bool = False
    is_open: bool = False
    has_several: bool = False
    from_zero: bool = False
    visits: Mapping[str, int] = field(default_factory=dict)


class SourceJournal(JournalWriter):
    """Appends what is read of metric sources, and knows how far they were read.

    Attributes:
        marks: How far each file is read, by source and file.
        counts: The next counted step of each source that counts.
        metric_counts: The same of each metric, by source.
        carried: The last step that any source showed; None: none did.
        last: The highest step that is no frame's; None: there is none.
        latest: The last value of each metric with its step.
        held: The values that earlier attempts left to wait for the end, as (name, step, value).
        several: The sources that were seen to give several values at a step.
        from_zero: Whether epochs were seen to be counted from 0.
        epochs: How many epochs are done.
        attempt: The last attempt that began to read; 0: none.
        resumptions: For each of these attempts, whether it went on where the one before had left off.
        open: The values of steps that attempts left in the middle, by metric and step.
        gave: The sources that gave a value.
        read_by: The sources that gave each metric, whether their values are recorded or another one's were there first.
        recorded_by: Those of them whose values were recorded since it was opened.
        held_back: Metrics of which nothing more is recorded.
        clashes: For each metric that two sources give at the same step, the (source, file) that came second.
    """

    def __init__(self, paths: RunPaths) -> None:
        self.marks: dict[tuple[str, str], Mark] = {}
        self.counts: dict[str, int] = {}
        self.metric_counts: dict[str, dict[str, int]] = {}
        self.open: dict[tuple[str, int], float] = {}
        self.carried: int | None = None
        self.carried_at: dict[tuple[str, str], int | None] = {}
        self.last: int | None = None
        self.latest: dict[str, tuple[int, float]] = {}
        self.held: list[tuple[str, int, float]] = []
        self.several: set[str] = set()
        self.from_zero = False
        self.epochs = 0
        self.attempt = 0
        self.resumptions: dict[int, bool] = {}
        self.gave: set[str] = set()
        self.read_by: dict[str, set[str]] = {}
        self.recorded_by: dict[str, set[str]] = {}
        self.held_back: Collection[str] = ()
        self.clashes: dict[str, tuple[str, str]] = {}
        self._visits: dict[tuple[str, int], int] = {}
        self._owners: dict[tuple[str, str], int] = {}
        self._next_owner = self._first_own = OWN + 1
        super().__init__(paths)

    def begin(self, attempt: int, *, resumed: bool = False) -> None:
        """Note that an attempt begins: what is recorded by now stands, and counted steps begin anew unless it resumes."""
        self._append({"read": {"attempt": attempt, "resumed": resumed}})
        super().begin(attempt, resumed=resumed)

    def has(self, key: str, step: int) -> bool:
        """Whether a metric has a value at a step."""
        return step in self._logged.get(key, ())

    def given(self, key: str, step: int) -> int:
        """How often a file came to a step of which a metric is recorded, in the attempt that did so most often; 0: nothing is recorded."""
        return self._visits.get((key, step), 1) if self.has(key, step) else 0

    def record(self, readings: Sequence[Reading], *, positions: bool = False) -> None:
        """Append what was read.

        Of a point that is there already, an earlier attempt's value stands, unless this one came to the step more often since;
        so does another source's or file's. Of the same file the later value does.

        Args:
            readings: What was read, in order.
            positions: Whether to append also how far files are read where nothing is to be recorded of them.
        """
        self.gave.update(reading.source for reading in readings if reading.values or reading.held)
        for reading in readings:
            for key in reading.values:
                self.read_by.setdefault(key, set()).add(reading.source)
        for reading in readings:
            first = {key: value for key, value in reading.values.items() if reading.visits.get(key, 1) == 1}
            self._compare(first, reading.step)
        lines = [line for reading in readings if (line := self._line(reading, positions=positions))]
        if lines:
            self._write("".join(f"{json.dumps(line)}\n" for line in lines))

    def take_over(self, points: Mapping[str, Mapping[int, float]]) -> None:
        """Record metrics of which nothing is recorded, as they were read elsewhere, by metric and step."""
        self._put_points(
            (key, step, value)
            for key in points.keys() - self._logged.keys()
            for step, value in points[key].items()
        )

    def close_open(self) -> bool:
        """Record what attempts left in the middle, and no later one gave, as the trial has ended; returns whether there was any."""
        had_some = self._put_points(
            (key, step, value) for (key, step), value in self.open.items() if not self.has(key, step)
        )
        self.open.clear()
        return had_some

    def _put_points(self, points: Iterable[tuple[str, int, float]]) -> bool:
        """Record points that are read of no source now, as (metric, step, value); returns whether there was any."""
        by_step: dict[int, dict[str, float]] = {}
        for key, step, value in points:
            by_step.setdefault(step, {})[key] = value
            self._logged.setdefault(key, {})[step] = OWN
        for step, values in sorted(by_step.items()):
            self._put({"metrics": values, "step": step, "epochs": self.epochs})
        return bool(by_step)

    def progress(self, epochs: int, *, from_zero: bool) -> None:
        """Note how many epochs are done, where no line of metrics says so."""
        if epochs != self.epochs:
            self._put({"metrics": {}, "step": self.last or 0, "epochs": epochs, "zero": from_zero})

    def picture(self, series: str, step: int, png: bytes) -> None:
        """Hand over a picture of a series, unless it has one at this step."""
        name = _ODD.sub("_", series.replace("/", "~")).strip() or "image"
        picture = Picture.named(f"{name}+step+{step}.png")
        if picture is None or picture in self._pictures:
            return
        self._artifacts += 1
        self._paths.outbox.mkdir(exist_ok=True)
        kept = self._paths.outbox / f"{self._artifacts:06d}-{picture.key}+step+{step}.png"
        kept.write_bytes(png)
        sync_file(kept)
        self._append({"artifact": kept.name, "name": f"{picture.key}+step+{step}.png"})
        self._pictures[picture] = True

    def _line(self, reading: Reading, *, positions: bool) -> dict[str, Any] | None:
        owner = self._owner(reading.source, reading.file)
        fresh, is_later = self._fresh(reading, owner)
        if not fresh and not reading.held and not positions:
            return None
        known = self.metric_counts.get(reading.source, {})
        counts = {key: count for key, count in reading.counts.items() if known.get(key) != count}
        now_ms = self._now_ms(is_later=is_later)
        told = (
            {}
            if is_later
            else {key: t for key, t in reading.times.items() if key in fresh and 0 < t < now_ms}
        )
        whole_ms = max(told.values()) if told and len(told) == len(fresh) else now_ms
        line: dict[str, Any] = {"t": whole_ms}
        if fresh:
            given = {"metrics": {}, "open": fresh} if reading.is_open else {"metrics": fresh}
            line |= {**given, "step": reading.step, "epochs": reading.epochs}
        if times := {key: time_ms for key, time_ms in told.items() if time_ms != whole_ms}:
            line["times"] = times
        if reading.held:
            line |= {"held": dict(reading.held), "step": reading.step}
        read = {"source": reading.source, "file": reading.file, "position": dict(reading.mark.position)}
        optional = {
            "rows": reading.mark.rows or None,
            "count": reading.count,
            "carried": reading.carried,
            "counts": counts or None,
            "several": reading.has_several or None,
            "visits": {key: visit for key, visit in reading.visits.items() if key in fresh} or None,
            "zero": reading.from_zero or None,
            "gave": (reading.source in self.gave and not fresh) or None,
        }
        line["read"] = {**read, **{key: value for key, value in optional.items() if value is not None}}
        self._remember(line)
        for key in fresh:
            self.recorded_by.setdefault(key, set()).add(reading.source)
        return line

    def _fresh(self, reading: Reading, owner: int) -> tuple[dict[str, float], bool]:
        """The values that are recorded, and whether one of them takes the place of another."""
        fresh, is_later = {}, False
        for key, value in reading.values.items():
            if key in self.held_back:
                continue
            steps = self._logged.setdefault(key, {})
            before = steps.get(reading.step)
            is_known = reading.is_again or (before is not None and before < self._first_own)
            if (
                before is not None
                and is_known
                and reading.visits.get(key, 1) <= self.given(key, reading.step)
            ):
                continue
            if before is not None and before != owner and before >= self._first_own:
                self.clashes.setdefault(key, (reading.source, reading.file))
                continue
            if before is not None and self.latest.get(key) == (reading.step, value):
                continue
            fresh[key] = value
            if not reading.is_open:
                is_later = is_later or before is not None
                steps[reading.step] = owner
        return fresh, is_later

    def _put(self, line: Mapping[str, Any]) -> None:
        """Append a line that no source is read with."""
        self._append(dict(line))
        self._remember(line)

    def _owner(self, source: str, file: str) -> int:
        if (source, file) not in self._owners:
            self._owners[source, file] = self._next_owner
            self._next_owner += 1
        return self._owners[source, file]

    def _note(self, line: Mapping[str, Any], entry: Entry | None) -> None:
        super()._note(line, entry)
        read = line.get("read")
        self.held += [(name, int(line["step"]), float(value)) for name, value in line.get("held", {}).items()]
        if not isinstance(read, dict):
            if isinstance(entry, Metrics):
                self._remember(line)
        elif "attempt" in read:
            self._begun(int(read["attempt"]), resumed=bool(read["resumed"]))
        else:
            self._remember(line)
            owner = self._owner(str(read["source"]), str(read["file"]))
            for key in entry.values if isinstance(entry, Metrics) else ():
                if read.get("open"):  # as journals said it before values that are open were kept apart
                    del self._logged[key][entry.step]  # type: ignore[union-attr]
                else:
                    self._logged[key][entry.step] = owner  # type: ignore[union-attr]

    def _begun(self, attempt: int, *, resumed: bool) -> None:
        super()._begun(attempt, resumed=resumed)
        self.attempt = attempt
        self.resumptions[attempt] = resumed
        self._owners.clear()
        self._first_own = self._next_owner
        if not resumed:
            self.counts.clear()
            self.metric_counts.clear()

    def _remember(self, line: Mapping[str, Any]) -> None:
        """Keep what a line says of the state of reading."""
        step, read = line.get("step"), line.get("read", {})
        values = line.get("metrics", {})
        if values:
            self._stands(line, values, int(line["step"]))
        for key, value in values.items():
            self.latest[key] = (int(line["step"]), float(value))
            self.open.pop((key, int(line["step"])), None)
        self._visits |= {
            (key, int(line["step"])): int(visit) for key, visit in read.get("visits", {}).items()
        }
        self.open |= {(key, int(line["step"])): float(value) for key, value in line.get("open", {}).items()}
        if values and not all(key.startswith(NO_EPOCHS) for key in values):
            self.last = max(int(line["step"]), line["step"] if self.last is None else self.last)
        self.epochs = int(line.get("epochs", self.epochs))
        self.from_zero = self.from_zero or bool(line.get("zero"))
        if "source" not in read:
            return
        source = str(read["source"])
        if values or line.get("open") or line.get("held") or read.get("gave"):
            self.gave.add(source)
        for key in (*values, *line.get("open", ())):
            self.read_by.setdefault(key, set()).add(source)
        self.marks[source, str(read["file"])] = Mark(read["position"], int(read.get("rows", 0)))
        self.carried = read.get("carried", self.carried if step is None else int(step))
        self.carried_at[source, str(read["file"])] = self.carried
        if "count" in read:
            self.counts[source] = int(read["count"])
        if "counts" in read:
            self.metric_counts.setdefault(source, {}).update(read["counts"])
        if read.get("several"):
            self.several.add(source)
        self.from_zero = self.from_zero or bool(read.get("zero"))
