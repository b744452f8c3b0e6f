"""One attempt, seen from inside its process: set up, call the trainer, say how it ended.

The process stands in its own process group, so that a Ctrl-C in the terminal reaches the supervisor alone,
and so that whatever the trainer starts ends with it. It holds one end of the supervisor's lifeline: when
that closes, the supervisor is gone, and the attempt stops within `GRACE_S` seconds.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import json
import os
import signal
import subprocess
import sys
import threading
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.read.outcomes import Outcome
from sweeps.rundir.journal import JournalWriter
from sweeps.rundir.paths import RunPaths, command_path, write_atomically
from sweeps.rundir.process_identity import this_process
from sweeps.spec.resources import Resources
from sweeps.trainer.config_schema import nest
from sweeps.trainer.provenance import environment_identity

if TYPE_CHECKING:
    from collections.abc import Mapping
    from multiprocessing.connection import Connection

    from sweeps.spec.yaml_reader import Value

_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
_PR_SET_PDEATHSIG = 1

EXIT_FINISHED, EXIT_FAILED, EXIT_INTERRUPTED = 0, 1, 75
TERMINAL_SIGNALS = (signal.SIGINT, signal.SIGHUP)
"""Blocked where attempts are started, and unblocked once they have their own handlers."""

FENCE_S = 1.0
"""How often an attempt looks whether another one has taken over its run."""
GRACE_S = 3.0
"""How long an attempt goes on without its supervisor, to reach the next point where it can stop."""


@dataclass(frozen=True, slots=True)
class AttemptSpec:
    """All that a process needs to know to run one attempt.

    Attributes:
        run_id: The MLflow run.
        attempt: Its number, from 1.
        root: The run's directory (see `RunPaths`).
        config: The resolved config, flat.
        function: `module:function`, or None for a command.
        command: The argument list with its placeholders filled, or None.
        device: What the trainer is to use: `cpu`, or `cuda:0`.
        environment: Variables to set; the others are inherited.
        search_path: Where modules are looked for first.
        directory: The working directory; empty: where the process starts.
        recorded: What the record says of its environment (`provenance.environment_identity`, as JSON).
        resources: What a cluster is to hold for it, where the supervisor chooses no place.
    """

    run_id: str
    attempt: int
    root: Path
    config: Mapping[str, Value]
    function: str | None
    command: tuple[str, ...] | None
    device: str
    environment: Mapping[str, str]
    search_path: tuple[str, ...] = ()
    directory: str = ""
    recorded: str = ""
    resources: Resources = field(default_factory=Resources)

    @property
    def paths(self) -> RunPaths:
        """The run's files."""
        return RunPaths(self.root)


class TrialRun:
    """The `run` that a trainer is given.

    Attributes:
        id: The MLflow run's id.
        device: `cpu`, or `cuda:0`.
        dir: For checkpoints and scratch; kept across attempts.
    """

    def __init__(self, spec: AttemptSpec, journal: JournalWriter, stopping: threading.Event) -> None:
        self.id = spec.run_id
        self.device = spec.device
        self.dir = spec.paths.files
        self.heard_stop = False
        self._journal = journal
        self._stopping = stopping

    def log(self, metrics: Mapping[str, float], step: int) -> None:
        """Log metrics at a step; what an earlier attempt logged for the same key and step stands.

        Raises:
            TypeError: A value is not a number, or the step not a whole one.
        """
        self._journal.metrics(metrics, step)

    def artifact(self, path: str | Path) -> None:
        """Store a copy of a file, as it is now, under its own name.

        Raises:
            FileNotFoundError: There is no such file.
        """
        self._journal.artifact(Path(path))

    def should_stop(self) -> bool:
        """Whether to leave off now; a trainer that then returns is interrupted, not finished."""
        self.heard_stop = self.heard_stop or self._stopping.is_set()
        return self.heard_stop


def run_attempt(orders: Connection, lifeline: Connection) -> None:
    """Wait for an `AttemptSpec`, run it in this process, and exit with its outcome; where none comes, just end."""
    os.setsid()
    process, environment = json.dumps(this_process().to_json()), json.dumps(environment_identity())
    stopping = threading.Event()
    fence = _Fence(lifeline, stopping)
    with orders:
        try:
            spec: AttemptSpec = orders.recv()
        except EOFError:
            return
    _send_output_to(spec.paths.log(spec.attempt))
    _stop_on_signals(stopping)
    write_atomically(spec.paths.process, process)
    fence.guard(spec.paths.process, process)
    if environment != spec.recorded:
        write_atomically(spec.paths.environment, environment)
    os.environ.update(spec.environment)
    if spec.directory:
        os.chdir(spec.directory)
    for place in reversed(spec.search_path):
        if place not in sys.path:
            sys.path.insert(0, place)
    journal = JournalWriter(spec.paths)
    code, outcome, reason = _call(spec, TrialRun(spec, journal, stopping), stopping)
    journal.end(spec.attempt, outcome, reason)
    journal.close()
    sys.stdout.flush()
    sys.stderr.flush()
    sys.exit(code)


def _call(spec: AttemptSpec, run: TrialRun, stopping: threading.Event) -> tuple[int, str, str]:
    try:
        if spec.command is not None:
            return _call_command(spec, stopping)
        module, _, name = (spec.function or "").partition(":")
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


def _call_command(spec: AttemptSpec, stopping: threading.Event) -> tuple[int, str, str]:
    """Run the command and wait; a stop is passed on as SIGTERM, and whatever it left behind is ended."""
    process = subprocess.Popen(
        spec.command or (),
        env={**os.environ, "PATH": command_path()},
        preexec_fn=_die_with_parent,  # noqa: PLW1509 - see there
    )
    told = False
    while True:
        try:
            code = process.wait(timeout=None if told else 0.1)
            break
        except subprocess.TimeoutExpired:
            if stopping.is_set():
                process.terminate()
                told = True
    if told and code in (0, EXIT_INTERRUPTED, -signal.SIGTERM, 128 + signal.SIGTERM):
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


def signal_name(number: int) -> str:
    """`SIGKILL` for 9."""
    with contextlib.suppress(ValueError):
        return signal.Signals(number).name
    return str(number)


def _send_output_to(path: Path) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    for stream, target in ((sys.stdout, 1), (sys.stderr, 2)):
        stream.flush()
        os.dup2(fd, target)
    os.close(fd)
    for stream in (sys.stdout, sys.stderr):
        reconfigure: Any = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(line_buffering=True)


def _stop_on_signals(stopping: threading.Event) -> None:
    """The first TERM or INT asks the trainer to stop; a second TERM ends the process as it would have."""

    def handle(number: int, _frame: object) -> None:
        if stopping.is_set() and number == signal.SIGTERM:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            os.kill(os.getpid(), signal.SIGTERM)
        stopping.set()

    signal.signal(signal.SIGTERM, handle)
    signal.signal(signal.SIGINT, handle)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGTERM, *TERMINAL_SIGNALS))


class _Fence:
    """Ends the attempt's process group where it must not go on: a thread that begins before there are orders.

    When the supervisor's end of the lifeline closes, it asks the trainer to stop, and ends the group after the grace.
    Where the run has another attempt meanwhile, as after a node that was taken for dead, the group ends at once.
    """

    def __init__(self, lifeline: Connection, stopping: threading.Event) -> None:
        self._lifeline = lifeline
        self._stopping = stopping
        self._guarded: tuple[Path, str] | None = None
        threading.Thread(target=self._watch, daemon=True).start()

    def guard(self, process: Path, own: str) -> None:
        """Have the attempt guarded from now on: that `process` reads `own`, as it does already."""
        self._guarded = (process, own)

    def _watch(self) -> None:
        with contextlib.suppress(EOFError, OSError):
            while not self._lifeline.poll(FENCE_S):
                if self._guarded is not None and _is_replaced(*self._guarded):
                    self._say("another attempt has taken over; ending")
                    os.killpg(0, signal.SIGKILL)
            self._lifeline.recv_bytes()
        self._stopping.set()
        self._say("the supervisor is gone; stopping")
        threading.Event().wait(GRACE_S)
        os.killpg(0, signal.SIGKILL)

    def _say(self, words: str) -> None:
        """Print to the attempt's log; a process without orders has none."""
        if self._guarded is not None:
            print(words, file=sys.stderr, flush=True)  # noqa: T201 - the log


def _is_replaced(process: Path, own: str) -> bool:
    try:
        return process.read_text(encoding="utf-8") != own
    except OSError:
        return False  # taken away, as a supervisor does that has seen the end of it
