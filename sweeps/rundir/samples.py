"""Appends samples of the machine to the journal that an attempt writes, too, from the supervisor's side."""

from __future__ import annotations

import contextlib
import json
import os
import time
from typing import TYPE_CHECKING

from analysis.results.machine import OF_TRIAL

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def append_sample(journal: Path, values: Mapping[str, float], step: int) -> bool:
    """Append a sample of the machine to the journal that an attempt writes, too; returns whether it could.

    Both append whole lines in one write, so that lines never mix. A line that a crash tore is left for the attempt to cut.
    """
    entry = {"t": time.time_ns() // 1_000_000, "metrics": values, "step": step}
    line = f"{json.dumps(entry)}\n".encode()
    with contextlib.suppress(OSError):
        fd = os.open(journal, os.O_RDWR | os.O_APPEND)
        try:
            size = os.fstat(fd).st_size
            is_whole = not size or os.pread(fd, 1, size - 1) == b"\n"
            return is_whole and os.write(fd, line) == len(line)
        finally:
            os.close(fd)
    return False


def next_sample(journal: Path) -> int:
    """The step of the next sample: that of the last one, of earlier attempts too, plus one."""
    mark, last = OF_TRIAL.encode(), -1
    with contextlib.suppress(OSError), journal.open("rb") as file:
        for line in file:
            if mark in line:
                with contextlib.suppress(ValueError, KeyError, TypeError):
                    last = max(last, int(json.loads(line)["step"]))
    return last + 1
