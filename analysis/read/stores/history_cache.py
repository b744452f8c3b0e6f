"""Keeps long metric histories of a tracking server on disk, so that only new points are asked for again.

A server has no short answer to "has this changed?": a run that has ended may still get points, at any step. But it
keeps a history in one order (by time in a database, as written in a folder) and takes nothing out of it. So with the
n points that are kept, the server is asked for what stands from place n on, the nth point included: where that is the
point that is kept as the nth, everything before it is what it was; where it is not, the whole history is asked for
again. Nothing is ever taken from here without that question. A file that is damaged, of another store or of another
run counts as none, and so does one that another user may have written.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import os
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from analysis.read.ownership import everybody_writes, is_own

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT = 1
"""Raised when the files' content changes."""
LEAST_POINTS = 1000
"""Shorter histories are not kept: asking for one costs as much as asking whether it is still the same."""
MOST_BYTES = 256 * 1024**2
"""What the cache may take on disk; the files that were not used for longest go first."""


class History(NamedTuple):
    """One metric of one run as the server has it, in the server's order; columns of one length."""

    steps: list[int]
    times_ms: list[int]
    values: list[float]

    def starts_with_end_of(self, kept: History) -> bool:
        """Whether its first point is the last one of `kept`."""
        if not self.steps or not kept.steps:
            return False
        same_value = self.values[0] == kept.values[-1] or math.isnan(self.values[0] + kept.values[-1])
        return same_value and (self.steps[0], self.times_ms[0]) == (kept.steps[-1], kept.times_ms[-1])

    def followed_by(self, tail: History) -> History:
        """Itself without its last point, and then `tail`, which begins with that point."""
        return History(
            self.steps[:-1] + tail.steps, self.times_ms[:-1] + tail.times_ms, self.values[:-1] + tail.values
        )


def cache_folder() -> Path:
    """`$SWEEP_CACHE_DIR`, else `sweep` in the user's cache directory (`$XDG_CACHE_HOME`, else `~/.cache`)."""
    if own := os.environ.get("SWEEP_CACHE_DIR"):
        return Path(own).expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sweep"


class HistoryCache:
    """The kept histories of one store, a file a run. A cache that cannot be written is one that keeps nothing.

    Safe for many processes at once: files appear whole, and whichever is read last is checked like any other.
    """

    def __init__(self, tracking_uri: str) -> None:
        """Remember which store it is for; nothing is opened."""
        self._folder = cache_folder() / "histories"
        self._uri = tracking_uri

    def read(self, run_id: str) -> dict[str, History]:
        """What is kept of a run: metric -> history."""
        import numpy as np

        path = self._path(run_id)
        try:
            if everybody_writes(self._folder) and not is_own(path):
                return {}
            with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
                about = json.loads(bytes(kept["about"]))
                if about["identity"] != self._identity(run_id):
                    return {}
                *ends, size = (int(end) for end in np.cumsum(about["lengths"]))
                columns = [np.split(kept[name], ends) for name in History._fields]
                if any(kept[name].shape != (size,) for name in History._fields):
                    return {}
            os.utime(path)
            return {
                key: History(*(column.tolist() for column in columns_of_key))
                for key, *columns_of_key in zip(about["keys"], *columns, strict=True)
            }
        except (OSError, ValueError, KeyError, TypeError, EOFError, MemoryError, zipfile.BadZipFile):
            return {}

    def write(self, run_id: str, histories: Mapping[str, History]) -> None:
        """Keep the long ones of these histories in place of what was kept of the run."""
        import numpy as np

        long = {key: history for key, history in histories.items() if len(history.steps) >= LEAST_POINTS}
        if not long:
            return
        about = {
            "identity": self._identity(run_id),
            "keys": list(long),
            "lengths": [len(history.steps) for history in long.values()],
        }
        steps, times_ms, values = (
            [item for history in long.values() for item in history[field]] for field in range(3)
        )
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self._folder, suffix=".part", delete=False) as file:
                np.savez(
                    file,
                    about=np.frombuffer(json.dumps(about).encode(), np.uint8),
                    steps=np.array(steps, np.int64),
                    times_ms=np.array(times_ms, np.int64),
                    values=np.array(values, np.float64),
                )
            Path(file.name).replace(self._path(run_id))

    def trim(self) -> None:
        """Remove the files that were not used for longest, until the rest is small enough."""
        with contextlib.suppress(OSError):
            found = sorted(((path.stat().st_mtime, path) for path in self._folder.iterdir()), reverse=True)
            size = 0
            for _, path in found:
                size += path.stat().st_size
                if size > MOST_BYTES:
                    path.unlink(missing_ok=True)

    def _identity(self, run_id: str) -> str:
        text = json.dumps([FORMAT, self._uri, run_id])
        return hashlib.sha256(text.encode()).hexdigest()  # the address may hold a password

    def _path(self, run_id: str) -> Path:
        return self._folder / f"{self._identity(run_id)}.npz"
