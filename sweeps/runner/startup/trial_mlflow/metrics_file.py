"""The file of what a program logs to the trial's run: `program-metrics.jsonl` in the run's directory.

The attempt's process reads it into the run's journal. A line is `{"t": ms, "step": n, "metrics": {name: value}}`,
appended in one write: several processes of the program may log.
"""

from __future__ import annotations

import json
import os
import threading
from typing import TYPE_CHECKING, Any

from .trial import rank

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from .trial import Trial

    Row = tuple[int, int, Mapping[str, float]]
    """Milliseconds since the epoch, step, values."""
    Journal = Callable[[Mapping[str, float], int], int | None]
    """Takes the values of a step, and returns their time; None where an earlier attempt's stand."""

NAME = "program-metrics.jsonl"
OTHER_RANKS = "program-metrics.other-ranks.jsonl"
"""What the others of several equal processes logged: kept beside it, and not recorded."""


class MetricsFile:
    """Appends what is logged, and reads back what is not in the store yet.

    Args:
        trial: Whose it is.
        journal: What takes values instead, in the process that writes the run's journal; None: the file does.
    """

    def __init__(self, trial: Trial, journal: Journal | None = None) -> None:
        self._trial = trial
        self._file: _Appended | _Handed = (
            _Appended(trial.folder / NAME) if journal is None else _Handed(journal)
        )
        self._others = _Appended(trial.folder / OTHER_RANKS)
        self._last: dict[str, int] = {}
        self._lock = threading.Lock()
        self._read_to = 0
        self._latest: dict[str, tuple[int, int, float]] = {}

    def step(self, key: str, given: int | None) -> int:
        """The step of a metric's next value: the one given, or the step after its last one; the first is 0."""
        with self._lock:
            if given is None:
                given = self._last.get(key, -1) + 1
                self._tell_of_counting(key)
            self._last[key] = given
            return given

    def append(self, time_ms: int, step: int, values: Mapping[str, float]) -> int | None:
        """Append the values of a step; those of another rank than 0 elsewhere.

        Returns:
            Their time in the record; None: they are not recorded, as another rank's.

        Raises:
            OSError: They cannot be written.
        """
        number = rank()
        if not number:
            return self._file.append((time_ms, step, values))
        self._others.append((time_ms, step, values), rank=number)
        if self._others.is_ours:
            self._trial.tell(
                f"of processes that do the same, rank 0's metrics and params are recorded; those of others, as rank "
                f"{number}, are left out: their metrics are kept in {OTHER_RANKS}",
                "ranks",
            )
        return None

    def latest(self) -> Mapping[str, tuple[int, int, float]]:
        """For each metric the last step, with its time and value, as far as all processes have logged it."""
        with self._lock:
            rows, self._read_to = self._file.read(self._read_to)
            for time_ms, step, values in rows:
                for key, value in values.items():
                    if key not in self._latest or step >= self._latest[key][0]:
                        self._latest[key] = (step, time_ms, value)
            return dict(self._latest)

    def history(self, key: str) -> Mapping[int, tuple[int, float]]:
        """The time and value of each step of a metric, the last of those that were logged twice."""
        rows, _ = self._file.read(0)
        return {step: (time_ms, values[key]) for time_ms, step, values in rows if key in values}

    def _tell_of_counting(self, key: str) -> None:
        if key not in self._last and self._trial.attempt > 1:
            self._trial.tell(
                f"the metric {key} is logged without a step: this attempt counts from 0 again; "
                "a program that goes on from a checkpoint has to give the step",
                "counting",
            )


class _Appended:
    """A file that stays open; opened anew where the program has closed it, or something else has its number."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd = -1
        self._is: tuple[int, int] | None = None
        self.is_ours = False
        """Whether this process made the file."""

    def append(self, row: Row, **more: Any) -> int:
        time_ms, step, values = row
        data = json.dumps({"t": time_ms, "step": step, "metrics": dict(values), **more}).encode() + b"\n"
        if self._is is None or self._found() != self._is:
            self._open()
        while data:
            data = data[os.write(self._fd, data) :]
        return time_ms

    def _open(self) -> None:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        try:
            self._fd = os.open(str(self._path), flags | os.O_EXCL, 0o644)
            self.is_ours = True
        except FileExistsError:
            self._fd = os.open(str(self._path), flags, 0o644)
        self._is = self._found()

    def read(self, offset: int) -> tuple[Sequence[Row], int]:
        """The whole lines from byte `offset` on, and the byte after the last of them."""
        try:
            with self._path.open("rb") as file:
                file.seek(offset)
                data = file.read()
        except OSError:
            return [], offset
        whole = data[: data.rfind(b"\n") + 1]
        rows = []
        for line in whole.splitlines():
            try:
                row = json.loads(line)
                rows.append((int(row["t"]), int(row["step"]), dict(row["metrics"])))
            except (ValueError, KeyError, TypeError):
                continue  # torn by a crash
        return rows, offset + len(whole)

    def _found(self) -> tuple[int, int] | None:
        try:
            found = os.fstat(self._fd)
        except OSError:
            return None
        return found.st_dev, found.st_ino


class _Handed:
    """What went straight into the journal, kept to be read back."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._rows: list[Row] = []

    def append(self, row: Row) -> int:
        given_ms, step, values = row
        time_ms = self._journal(values, step)
        time_ms = given_ms if time_ms is None else time_ms
        self._rows.append((time_ms, step, dict(values)))
        return time_ms

    def read(self, offset: int) -> tuple[Sequence[Row], int]:
        return self._rows[offset:], len(self._rows)
