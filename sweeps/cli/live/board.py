"""The file in which a `sweep run` shows itself to other terminals, `.sweep/live/PID.json`, and how it is read.

It is for display alone: the record does not depend on it, and a run whose disk is full goes on without it.
"""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sweeps.cli.live.view import View, view_of
from sweeps.cli.progress import STOPPING, Seldom
from sweeps.rundir.paths import write_atomically
from sweeps.rundir.process_identity import ProcessIdentity, this_process
from sweeps.scheduler.events import Relay

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from sweeps.executors.base import Stop
    from sweeps.rundir.paths import StateDir
    from sweeps.scheduler.events import Listener
    from sweeps.scheduler.job import Job

ROOM = 200
"""The most trials that it shows."""
PAUSE_S = 0.5
"""The least time between two writes."""
KEPT = 20
"""How many files of launches that have ended stay."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a launch shows.

    Attributes:
        process: Who runs it.
        sweeps: What it runs, each as `EXPERIMENT/SWEEP`.
        view: How it stands.
        exit_code: Its exit code; None: it goes on, or ended without a word.
        summary: What it printed at its end.
    """

    process: ProcessIdentity
    sweeps: Sequence[str]
    view: View
    exit_code: int | None
    summary: str


class Board:
    """The file of this process's launch.

    Args:
        state: The state directory.
        sweeps: What it runs, each as `EXPERIMENT/SWEEP`.
    """

    def __init__(self, state: StateDir, sweeps: Sequence[str]) -> None:
        self._sweeps = list(sweeps)
        self._path = state.live / f"{os.getpid()}.json"
        self._process = this_process()
        self._view = View((), 0, 0, None)
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)  # what an earlier launch of this process left

    def show(self, view: View) -> None:
        """Replace what it shows."""
        self._view = view
        self._write(None, "")

    def finish(self, exit_code: int, summary: str) -> None:
        """Say how the launch ended, and remove what the oldest ones left."""
        self._write(exit_code, summary)
        _tidy(self._path.parent)

    def _write(self, exit_code: int | None, summary: str) -> None:
        content: dict[str, Any] = {
            "process": self._process.to_json(),
            "sweeps": self._sweeps,
            "view": self._view.to_json(),
            "exit_code": exit_code,
            "summary": summary,
        }
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(self._path, json.dumps(content))


def read_board(state: StateDir, pid: int) -> Shown | None:
    """Read what a launch shows; None where it shows nothing yet, or has ended without a word."""
    shown = _read(state.live / f"{pid}.json")
    if shown is None or shown.exit_code is not None or shown.process.is_alive():
        return shown
    last = _read(state.live / f"{pid}.json")  # what it may have written just before it ended
    return last if last is not None and last.exit_code is not None else None


def last_board(state: StateDir, sweeps: Collection[str]) -> Shown | None:
    """Read what the last launch of one of these sweeps showed, whether it goes on or not; None where there is none."""
    with contextlib.suppress(OSError):
        for path in sorted(state.live.glob("*.json"), key=lambda path: path.stat().st_mtime, reverse=True):
            shown = _read(path)
            if shown is not None and not set(sweeps).isdisjoint(shown.sweeps):
                return shown
    return None


def _read(path: Path) -> Shown | None:
    """What a file shows; None where it is none of ours."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return Shown(
            ProcessIdentity.from_json(data["process"]),
            tuple(data["sweeps"]),
            View.from_json(data["view"]),
            data["exit_code"],
            str(data["summary"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _tidy(folder: Path) -> None:
    """Remove the oldest files of launches, all but `KEPT`."""
    with contextlib.suppress(OSError):
        files = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in files[KEPT:]:
            if not _is_in_use(path):
                path.unlink(missing_ok=True)


def _is_in_use(path: Path) -> bool:
    import psutil

    pid = path.stem.rpartition("-")[2]
    return pid.isdecimal() and psutil.pid_exists(int(pid))


class Showing(Relay):
    """A listener that also keeps a board up to date.

    Args:
        listener: The one that shows events here.
        board: The file for others.
        slots: How many attempts run at once.
    """

    def __init__(self, listener: Listener, board: Board, slots: int) -> None:
        super().__init__(listener)
        self._board = board
        self._slots = slots
        self._note = ""
        self._jobs: Sequence[Job] = ()
        self._update = Seldom(self._show, PAUSE_S)

    def stopping(self, how: Stop) -> None:
        """Pass it on, and remember it."""
        self._note = STOPPING[how].partition(";")[0]  # Ctrl-C means something else to those who watch
        super().stopping(how)

    def tick(self, jobs: Sequence[Job]) -> None:
        """Pass it on; show how things stand, where the last time is long enough ago."""
        super().tick(jobs)
        self._jobs = jobs
        self._update()

    def close(self) -> None:
        """Show how things stand at the end, and pass it on."""
        self._show()
        super().close()

    def _show(self) -> None:
        self._board.show(view_of(self._jobs, self._slots, ROOM, self._note))
