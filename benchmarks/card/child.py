"""A process that measures: its lines arrive one by one, it is never waited for longer than until a time, and all of it can be ended."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import tempfile
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


class Child:
    """A process in a group of its own, so that what it starts ends with it.

    Args:
        command: What to run.
        variables: Variables to set.
        folder: Where it works; None: here.
    """

    def __init__(
        self, command: Sequence[str], variables: Mapping[str, str] | None = None, folder: Path | None = None
    ) -> None:
        self._errors = tempfile.TemporaryFile("w+", errors="replace")  # noqa: SIM115 - until the end
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            cwd=folder,
            env={**os.environ, **(variables or {})},
            start_new_session=True,
        )
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.last_line = ""

    def line(self, until_s: float) -> str | None:
        """Its next line; None: it has closed its output, or there was none until then (`time.monotonic`)."""
        try:
            line = self._lines.get(timeout=max(0.0, until_s - time.monotonic()))
        except queue.Empty:
            return None
        if line is None:
            self._lines.put(None)  # and none will come
        else:
            self.last_line = line
        return line

    def go(self) -> None:
        """Give it a line."""
        if self._process.stdin:
            with contextlib.suppress(OSError):
                self._process.stdin.write("go\n")
                self._process.stdin.flush()

    def code(self, until_s: float) -> int | None:
        """Its exit code; None: it runs on."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self._process.wait(max(0.0, until_s - time.monotonic()))
        return None

    def why(self) -> str:
        """Why it has no more lines: the last one of what it complained of, or that it ran out of time."""
        if self._process.poll() is None:
            return "no time was left"
        self._errors.seek(0)
        words = [line.strip() for line in self._errors if line.strip()]
        return f"exit code {self._process.returncode}: {words[-1][:160]}" if words else "it said nothing"

    def end(self) -> None:
        """Kill it with all that it has started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._reader.join(1.0)  # what it started in another session may hold its output
        for file in (self._process.stdin, self._process.stdout, self._errors):
            if file is not None and not self._reader.is_alive():
                with contextlib.suppress(OSError):
                    file.close()

    def _read(self) -> None:
        for line in self._process.stdout or ():
            self._lines.put(line.rstrip("\n"))
        self._lines.put(None)
