"""Runs one attempt inside its own process: sets the process up, calls the trainer, writes how it ended.

The process stands in its own process group, so that a Ctrl-C in the terminal reaches the supervisor alone,
and so that whatever the trainer starts ends with it. It holds one end of the supervisor's lifeline: when
that closes, the supervisor is gone, and the attempt stops within `GRACE_S` seconds (see `sweeps.runner.fence`).
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from analysis.read.outcomes import Outcome
from sweeps.rundir.journal import JournalWriter
from sweeps.rundir.paths import write_atomically
from sweeps.rundir.process_identity import ATTEMPT_MARK, this_process
from sweeps.rundir.process_tree import adopt_orphans
from sweeps.runner.fence import Fence
from sweeps.runner.fresh import replace_if_unsafe
from sweeps.runner.guard import stand_down
from sweeps.runner.inheritance import make_own
from sweeps.runner.program_place import goes_on
from sweeps.runner.startup import trial_mlflow
from sweeps.runner.time_spent import beginning
from sweeps.runner.trainer_call import call_trainer
from sweeps.runner.trial_run import TrialRun
from sweeps.trainer.imports import put_first
from sweeps.trainer.provenance import environment_here, environment_identity

if TYPE_CHECKING:
    from pathlib import Path

    from sweeps.runner.attempt_spec import AttemptSpec
    from sweeps.sources.following.follower import Follower

TERMINAL_SIGNALS = (signal.SIGINT, signal.SIGHUP)
"""Blocked where attempts are started, and unblocked once they have their own handlers."""


def run_attempt(orders: Connection, lifeline: Connection, note: str = "") -> None:
    """Wait for an `AttemptSpec`, run it in this process, and exit with its outcome; where none comes, just end.

    Args:
        orders: Where the spec comes from.
        lifeline: Closes with the supervisor.
        note: A line for the attempt's log.
    """
    replace_if_unsafe(orders, lifeline)
    os.setsid()
    stand_down()
    adopt_orphans()
    identity = this_process()
    environment_identity()  # looked up before the orders come
    stopping = threading.Event()
    fence = Fence(lifeline, stopping)
    with orders:
        try:
            spec: AttemptSpec = orders.recv()
        except EOFError:
            return
    _send_output_to(spec.paths.log(spec.attempt))
    terminated = _stop_on_signals(stopping)
    process = json.dumps(beginning(identity, spec.paths, spec.attempt, spec.before_s))
    write_atomically(spec.paths.process, process)
    fence.guard(spec.paths.process, process)
    has_own = spec.workplace is not None and spec.workplace.python is not None and bool(spec.recorded)
    environment = environment_here(spec.recorded, is_of_another=has_own)
    if environment != spec.recorded:
        write_atomically(spec.paths.environment, environment)
    os.environ.update({**spec.environment, ATTEMPT_MARK: identity.mark})
    trial_mlflow.note_outer_rank()
    if spec.directory:
        os.chdir(spec.directory)
    put_first(spec.search_path)
    if note:
        print(note, flush=True)  # noqa: T201 - the attempt's log
    make_own(spec.resources.cpu)
    journal, follower = _journal(spec)
    if spec.function is not None:
        trial_mlflow.install(journal.metrics)
    code, outcome, reason = call_trainer(spec, TrialRun(spec, journal, stopping), stopping, terminated)
    if follower is not None:
        follower.finish(finished=outcome is Outcome.FINISHED)
    # It stays open: Python waits for the trainer's threads before the process ends, and these may still log.
    journal.end(spec.attempt, outcome, reason)
    sys.stdout.flush()
    sys.stderr.flush()
    sys.exit(code)


def _journal(spec: AttemptSpec) -> tuple[JournalWriter, Follower | None]:
    """The run's journal, and what reads a command's metrics into it, at work."""
    if spec.order is None:
        own = JournalWriter(spec.paths)
        own.begin(spec.attempt)
        return own, None
    from sweeps.rundir.source_journal import SourceJournal
    from sweeps.sources.following.follower import Follower

    journal = SourceJournal(spec.paths)
    follower = Follower(spec.order, spec.paths, journal)
    follower.start(spec.attempt, resumed=goes_on(spec))
    return journal, follower


def run_fresh() -> None:
    """Run an attempt in the interpreter that has taken the place of one that was not safe to fork."""
    orders, lifeline, after = sys.argv[2:]
    del sys.argv[1:]
    note = f"in a fresh interpreter: the warm one had threads after {after}"
    run_attempt(Connection(int(orders), writable=False), Connection(int(lifeline), writable=False), note)


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


def _stop_on_signals(stopping: threading.Event) -> threading.Event:
    """The first TERM or INT asks the trainer to stop; a second TERM ends the process as it would have.

    Returns:
        Set with the first TERM.
    """
    terminated = threading.Event()

    def handle(number: int, _frame: object) -> None:
        if number == signal.SIGTERM:
            terminated.set()
        if stopping.is_set() and number == signal.SIGTERM:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            os.kill(os.getpid(), signal.SIGTERM)
        stopping.set()

    signal.signal(signal.SIGTERM, handle)
    signal.signal(signal.SIGINT, handle)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGTERM, *TERMINAL_SIGNALS))
    return terminated
