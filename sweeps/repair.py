"""Mending the record: runs that a dead supervisor left RUNNING get what they logged, and an outcome."""

from __future__ import annotations

import contextlib
import json
import os
import signal
from typing import TYPE_CHECKING

import psutil

from sweeps.journal import End, JournalReader, read_entries
from sweeps.processes import ProcessIdentity

if TYPE_CHECKING:
    from analysis.record import RunRecord
    from sweeps.ledger import Ledger
    from sweeps.paths import RunPaths, StateDir

_KILL_WAIT_S = 5.0


def mend(ledger: Ledger, record: RunRecord, state: StateDir) -> str:
    """End a run whose supervisor is gone, and return the outcome that it got.

    What is left of its process is killed first. A trial that had written its own end before the supervisor
    died keeps that outcome; any other is orphaned, and resumes with the next attempt.

    Raises:
        RecordError: The record cannot be written.
    """
    if record.kind == "sweep":
        ledger.end(record.run_id, "interrupted", "its supervisor is gone")
        return "interrupted"
    paths = state.run(record.run_id)
    kill_left_over(paths)
    outcome, reason = _own_word(paths, record.attempt)
    ledger.deliver(record.run_id, paths, JournalReader(paths))
    log = paths.log(record.attempt)
    if log.exists():
        ledger.artifact(record.run_id, log, "logs")
    ledger.end(record.run_id, outcome, reason)
    return outcome


def kill_left_over(paths: RunPaths) -> None:
    """Kill the process group of an attempt that outlives its supervisor, and wait until it is gone."""
    try:
        process = ProcessIdentity.from_json(json.loads(paths.process.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        return
    if process.is_alive():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        with contextlib.suppress(psutil.Error):
            psutil.Process(process.pid).wait(_KILL_WAIT_S)
    paths.process.unlink(missing_ok=True)


def _own_word(paths: RunPaths, attempt: int) -> tuple[str, str]:
    for entry in reversed(read_entries(paths.journal, 0)[0]):
        if isinstance(entry, End) and entry.attempt == attempt:
            return entry.outcome, entry.reason
    return "orphaned", "its supervisor is gone"
