"""Measures one command: its wall and CPU time, and its peak of resident memory."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
_KIB = 1024


@dataclass(frozen=True, slots=True)
class Measured:
    """One process: seconds of wall and CPU time, and MiB of memory at the peak."""

    wall_s: float
    cpu_s: float
    peak_mib: float


def measure(arguments: list[str], directory: str) -> Measured:
    """Run `python ARGUMENTS` in a directory to its end; the interpreter's start is part of it."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *arguments], cwd=directory, env=environment, stdout=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        message = f"{' '.join(arguments)} exited with {process.returncode}"
        raise SystemExit(message)
    return Measured(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / _KIB)
