"""Calls the trainer, a Python function or a command, and says how it ended."""

from __future__ import annotations

import ctypes
import importlib
import os
import signal
import subprocess
import sys
import traceback
from typing import TYPE_CHECKING

from analysis.read.outcomes import Outcome
from sweeps.rundir.paths import command_path
from sweeps.runner.attempt_spec import EXIT_FAILED, EXIT_FINISHED, EXIT_INTERRUPTED, signal_name
from sweeps.trainer.config_schema import nest
from sweeps.trainer.imports import make_way

if TYPE_CHECKING:
    import threading

    from sweeps.runner.attempt_spec import AttemptSpec
    from sweeps.runner.trial_run import TrialRun

_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
_PR_SET_PDEATHSIG = 1


def call_trainer(spec: AttemptSpec, run: TrialRun, stopping: threading.Event) -> tuple[int, Outcome, str]:
    """Call a trainer, and wait until it ends.

    Args:
        spec: What to run.
        run: What a trainer function is given.
        stopping: Set when the trainer is to stop.

    Returns:
        The exit code, the outcome, and the reason for it or an empty text.
    """
    try:
        if spec.command is not None:
            return _call_command(spec, stopping)
        module, _, name = (spec.function or "").partition(":")
        make_way(module, spec.search_path)
        train = getattr(importlib.import_module(module), name)
        train(nest(spec.config), run)
    except BaseException as error:  # noqa: BLE001 - whatever a trainer raises, SystemExit included, is its outcome
        traceback.print_exc()
        if run.heard_stop:
            return EXIT_INTERRUPTED, Outcome.INTERRUPTED, f"stopped; {_reason(error)}"
        return EXIT_FAILED, Outcome.FAILED, _reason(error)
    if run.heard_stop:
        return EXIT_INTERRUPTED, Outcome.INTERRUPTED, "stopped"
    return EXIT_FINISHED, Outcome.FINISHED, ""


def _call_command(spec: AttemptSpec, stopping: threading.Event) -> tuple[int, Outcome, str]:
    """Run the command and wait; a stop is passed on as SIGTERM, and whatever it left behind is ended."""
    process = subprocess.Popen(
        spec.command or (),
        env={**os.environ, "PATH": command_path()},
        preexec_fn=_die_with_parent,  # noqa: PLW1509 - see there
    )
    asked = False
    while True:
        try:
            code = process.wait(timeout=None if asked else 0.1)
            break
        except subprocess.TimeoutExpired:
            if stopping.is_set():
                process.terminate()
                asked = True
    if asked and code in (0, EXIT_INTERRUPTED, -signal.SIGTERM, 128 + signal.SIGTERM):
        return EXIT_INTERRUPTED, Outcome.INTERRUPTED, "stopped"
    if code == 0:
        return EXIT_FINISHED, Outcome.FINISHED, ""
    if code < 0:
        return EXIT_FAILED, Outcome.FAILED, f"signal: {signal_name(-code)}"
    return EXIT_FAILED, Outcome.FAILED, f"exit code {code}"


def _die_with_parent() -> None:
    """On Linux, have the kernel kill the command when the process that waits for it dies, `kill -9` included.

    It runs between fork and exec, where only this one system call is made: safe beside the lifeline's thread.
    """
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _reason(error: BaseException) -> str:
    """One line on why a trainer raised: its own word for it, `oom`, or the exception."""
    own = getattr(error, "reason", None)
    if isinstance(own, str) and own and not isinstance(error, UnicodeError | OSError):
        return own
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return "oom"
    lines = str(error).strip().splitlines()
    return f"exception: {type(error).__name__}" + (f": {lines[0][:300]}" if lines else "")
