"""A run without an orchestrator: writes metrics to a CSV file, copies artifacts, and stops on signals."""

from __future__ import annotations

import csv
import shutil
import signal
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping
    from types import FrameType


class LocalRun:
    """A `cvae.training.run_protocol.Run` in one directory.

    `metrics.csv` has the columns step, key, value. `artifacts/` has copies of the files; the checkpoints are beside
    it. A second attempt in the same directory continues the files of the first.

    Args:
        directory: The directory of the run; created if it is missing.
        device: The device to use if the configuration says auto.
    """

    def __init__(self, directory: Path, device: str = "auto") -> None:
        self.dir = directory
        self.id = directory.name
        self.device = device
        self.signal: int | None = None
        self._metrics = directory / "metrics.csv"
        self._artifacts = directory / "artifacts"
        self._artifacts.mkdir(parents=True, exist_ok=True)
        rows = [row for row in self._rows() if len(row) == 3]  # noqa: PLR2004  a crash can cut a line
        with self._metrics.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([["step", "key", "value"], *rows])
        self._logged = {(key, int(step)) for step, key, _ in rows}

    def _rows(self) -> list[list[str]]:
        if not self._metrics.exists():
            return []
        with self._metrics.open(newline="", encoding="utf-8") as file:
            return list(csv.reader(file))[1:]

    def log(self, metrics: Mapping[str, float], step: int) -> None:
        """Append a row for each key that has no value at this step."""
        new = [(key, value) for key, value in metrics.items() if (key, step) not in self._logged]
        with self._metrics.open("a", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([step, key, value] for key, value in new)
        self._logged.update((key, step) for key, _ in new)

    def artifact(self, path: str | os.PathLike[str]) -> None:
        """Copy a file into `artifacts/`."""
        shutil.copyfile(path, self._artifacts / Path(path).name)

    def should_stop(self) -> bool:
        """Whether a signal has come since `stop_on_signals`."""
        return self.signal is not None

    def stop_on_signals(self) -> None:
        """Make SIGINT and SIGTERM ask for a stop; the same signal again ends the process as usual."""

        def note(number: int, _frame: FrameType | None) -> None:
            self.signal = number
            signal.signal(number, signal.SIG_DFL)

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, note)
