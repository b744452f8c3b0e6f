"""Calls the trainer, a Python function or a command, and says how it ended."""

from __future__ import annotations

import ctypes
import importlib
import os
import signal
import subprocess
import sys
import threading
import traceback
from typing import TYPE_CHECKING

from analysis.read.outcomes import Outcome
from sweeps.program.reasons.last_words import OOM, says_oom
from sweeps.program.workplace import WorkplaceError
from sweeps.runner import out_of_memory
from sweeps.runner.attempt_spec import EXIT_FAILED, EXIT_FINISHED, EXIT_INTERRUPTED
from sweeps.runner.ending import how_it_ended
from sweeps.runner.program_place import Started
from sweeps.spec.settings import nest
from sweeps.trainer.imports import make_way

if TYPE_CHECKING:
    from sweeps.runner.attempt_spec import AttemptSpec
    from sweeps.runner.trial_run import TrialRun

_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
_PR_SET_PDEATHSIG = 1
_EXIT_CODES = {
    Outcome.FINISHED: EXIT_FINISHED,
    Outcome.FAILED: EXIT_FAILED,
    Outcome.INTERRUPTED: EXIT_INTERRUPTED,
}


def call_trainer(
    spec: AttemptSpec, run: TrialRun, stopping: threading.Event, terminated: threading.Event | None = None
) -> tuple[int, Outcome, str]:
    """Call a trainer, and wait until it ends.

    Args:
        spec: What to run.
        run: What a trainer function is given.
        stopping: Set when the trainer is to stop.
        terminated: Set where that is because of a SIGTERM, which a command has got too if the group was meant.

    Returns:
        The exit code, the outcome, and the reason for it or an empty text.
    """
    try:
        if spec.command is not None:
            return _call_command(spec, stopping, terminated or threading.Event())
        module, _, name = (spec.function or "").partition(":")
        make_way(module, spec.search_path)
        train = getattr(importlib.import_module(module), name)
        train(nest(spec.config), run)
    except BaseException as error:  # noqa: BLE001 - whatever a trainer raises, SystemExit included, is its outcome
        if isinstance(error, SystemExit) and not error.code:  # `sys.exit(0)`, as a script ends
            return _returned(run)
        traceback.print_exc()
        if run.heard_stop:
            return EXIT_INTERRUPTED, Outcome.INTERRUPTED, f"stopped; {_reason(error, spec)}"
        return EXIT_FAILED, Outcome.FAILED, _reason(error, spec)
    return _returned(run)


def _returned(run: TrialRun) -> tuple[int, Outcome, str]:
    if run.heard_stop:
        return EXIT_INTERRUPTED, Outcome.INTERRUPTED, "stopped"
    return EXIT_FINISHED, Outcome.FINISHED, ""


def _call_command(
    spec: AttemptSpec, stopping: threading.Event, terminated: threading.Event
) -> tuple[int, Outcome, str]:
    """Run the command and wait; a stop is passed on as SIGTERM, and counts where the program had not ended before."""
    if stopping.is_set():
        return EXIT_INTERRUPTED, Outcome.INTERRUPTED, "stopped"
    place = Started(spec)
    try:
        program = subprocess.Popen(**place.program(), preexec_fn=_die_with_parent)  # noqa: PLW1509 - see there
    except (WorkplaceError, OSError) as error:
        return EXIT_FAILED, Outcome.FAILED, place.refused(error)
    asked = threading.Event()
    threading.Thread(target=_pass_on, args=(program, stopping, asked), daemon=True).start()
    if hasattr(os, "waitid"):  # not on every system
        os.waitid(os.P_PID, program.pid, os.WEXITED | os.WNOWAIT)
    code = program.wait()
    # A SIGTERM to the whole group has reached this process before the program could end of it.
    ending = how_it_ended(code, asked=asked.is_set() or terminated.is_set())
    return _EXIT_CODES[ending.outcome], ending.outcome, place.ended(ending)


def _pass_on(program: subprocess.Popen[bytes], stopping: threading.Event, asked: threading.Event) -> None:
    stopping.wait()
    if not _has_ended(program):
        asked.set()
        program.terminate()


def _has_ended(program: subprocess.Popen[bytes]) -> bool:
    """Whether it has, even where nobody has taken note of that yet, as far as the system can tell."""
    if not hasattr(os, "waitid"):
        return program.poll() is not None
    try:
        return os.waitid(os.P_PID, program.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None
    except ChildProcessError:
        return True


def _die_with_parent() -> None:
    """On Linux, have the kernel kill the command when the process that waits for it dies, `kill -9` included.

    It runs between fork and exec, where only this one system call is made: safe beside the lifeline's thread.
    """
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _reason(error: BaseException, spec: AttemptSpec) -> str:
    """One line on why a trainer raised: its own word for it, `oom`, or the exception."""
    own = getattr(error, "reason", None)
    if isinstance(own, str) and own and not isinstance(error, UnicodeError | OSError):
        return own
    if isinstance(error, MemoryError):
        return OOM
    if type(error).__name__ == "OutOfMemoryError" or says_oom(str(error)):
        return out_of_memory.reason(str(error), spec)
    lines = str(error).strip().splitlines()
    return f"exception: {type(error).__name__}" + (f": {lines[0][:300]}" if lines else "")
