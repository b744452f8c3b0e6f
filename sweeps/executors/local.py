"""Runs attempts as processes of this machine, from a forkserver that has imported the trainer already."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import signal
import sys
import time
from dataclasses import dataclass
from importlib import util
from multiprocessing import connection, forkserver, resource_tracker
from typing import TYPE_CHECKING

from sweeps.errors import LaunchError
from sweeps.executors.base import Exit, Stop
from sweeps.runner.attempt import TERMINAL_SIGNALS, run_attempt
from sweeps.runner.preload import PRELOAD_VARIABLE, own_modules_first

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from multiprocessing.context import ForkServerProcess

    from sweeps.executors.slots import Slots
    from sweeps.rundir.paths import RunPaths
    from sweeps.runner.attempt_spec import AttemptSpec

_FORKSERVER_GONE = 255
"""What multiprocessing reports for a child whose forkserver died before it could tell the exit status."""

FORKSERVER_DIES_S = 2.0
"""How long a forkserver that answers no more may take to be gone."""


@dataclass(frozen=True, slots=True)
class _Started:
    """A process that waits for the attempt it is to run; it ends by itself when `orders` closes."""

    process: ForkServerProcess
    orders: connection.Connection

    def run(self, attempt: AttemptSpec) -> bool:
        """Have it run an attempt; False: it is gone, or its forkserver, which alone can tell how it ends."""
        try:
            if self.process.is_alive():
                self.orders.send(attempt)
                return True
        except OSError:
            pass
        finally:
            self.orders.close()
        return False


class LocalExecutor:
    """Starts each attempt as a fresh process in its own process group.

    With `starts_ahead` the next attempt's process is started while others run, so that a slot that falls free waits for
    no fork. It lives until `close`, which has to be called then: multiprocessing waits for it when Python ends.

    Args:
        modules: What the forkserver imports before the first fork, such as the trainer's module.
        search_path: Where modules are looked for first.
        slots: What may run at once.
        starts_ahead: Whether the process of an attempt that nobody has asked for yet may wait for one.
    """

    outlives_supervisor = False

    def __init__(
        self, modules: Sequence[str], search_path: Sequence[str], slots: Slots, *, starts_ahead: bool = True
    ) -> None:
        self.slots = slots
        # A forked process imports its parent's main module again, the script `sweep` or a cluster's worker, which costs it
        # up to a second; one of this name it does not.
        sys.modules["__main__"].__spec__ = util.find_spec("sweeps.__main__")
        with own_modules_first():
            resource_tracker.ensure_running()  # which unblocks SIGINT, where the forkserver would start it
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["sweeps.runner.preload"])
        os.environ[PRELOAD_VARIABLE] = json.dumps({"modules": list(modules), "path": list(search_path)})
        # One end stays here and closes with this process, however it dies: every attempt holds the other.
        self._lifeline, self._held_by_attempts = _lifeline_pair(self._context)
        self._running: dict[str, ForkServerProcess] = {}
        self._starts_ahead = starts_ahead
        self._ahead: _Started | None = None

    def warm_up(self) -> None:
        """Start the forkserver now, so that it imports while something else is done."""
        with terminal_signals_blocked(), own_modules_first():
            forkserver.ensure_running()

    def submit(self, attempt: AttemptSpec) -> None:
        """Start an attempt.

        Raises:
            LaunchError: The operating system refuses another process.
        """
        deadline_s = time.monotonic() + FORKSERVER_DIES_S
        while True:
            ahead, self._ahead = self._ahead, None
            try:
                started = ahead or self._start()
            except (OSError, EOFError) as error:
                if time.monotonic() > deadline_s:
                    message = f"no process can be started: {error}; see `ulimit -u` and free memory"
                    raise LaunchError(message) from error
                time.sleep(0.02)  # the forkserver was killed; once it is gone, another is started
            else:
                # One that dies as soon as it is started is the attempt's own end, which `wait` reports.
                if started.run(attempt) or ahead is None:
                    self._running[attempt.run_id] = started.process
                    return

    def adopt(self, run_id: str, paths: RunPaths) -> None:
        """None: an attempt ends with its supervisor."""

    def has_begun(self, run_id: str) -> bool:
        """True: nothing waits in a queue."""
        return run_id in self._running

    def wait(self, timeout_s: float) -> list[Exit]:
        """The attempts that ended, waiting up to `timeout_s` seconds for the first."""
        sentinels = {process.sentinel: run_id for run_id, process in self._running.items()}
        ready = connection.wait(list(sentinels), 0.0)
        if not ready and timeout_s > 0:
            self._start_ahead()
            ready = connection.wait(list(sentinels), timeout_s)
        exits = []
        for sentinel in ready:
            run_id = sentinels[sentinel]  # type: ignore[index]
            process = self._running.pop(run_id)
            process.join()
            self._signal_group(process, signal.SIGKILL)
            exits.append(_exit(run_id, process.exitcode))
            process.close()
        return exits

    def stop(self, run_id: str, how: Stop) -> None:
        """Stop an attempt; one that has ended is left alone."""
        process = self._running.get(run_id)
        if process is None or process.pid is None:
            return
        if how is Stop.ASK:
            # Not SIGTERM: to be asked twice, by a cluster's own scheduler too, is no harm; a second TERM ends it.
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGINT)
        else:
            self._signal_group(process, signal.SIGTERM if how is Stop.TERMINATE else signal.SIGKILL)

    def close(self) -> None:
        """Kill what still runs; the forkserver ends with this process."""
        for process in self._running.values():
            self._signal_group(process, signal.SIGKILL)
            process.join()
        self._running.clear()
        if self._ahead is not None:
            self._ahead.orders.close()
            self._ahead.process.kill()
            self._ahead.process.join()
            self._ahead = None
        self._lifeline.close()
        self._held_by_attempts.close()

    def _start_ahead(self) -> None:
        if self._starts_ahead and self._ahead is None and self._running:
            with contextlib.suppress(OSError, EOFError):  # `submit` tries again, and raises
                self._ahead = self._start()

    def _start(self) -> _Started:
        theirs, orders = self._context.Pipe(duplex=False)
        try:
            process = self._context.Process(target=run_attempt, args=(theirs, self._held_by_attempts))
            with terminal_signals_blocked(), own_modules_first():
                process.start()
        except BaseException:
            orders.close()
            raise
        finally:
            theirs.close()
        return _Started(process, orders)

    @staticmethod
    def _signal_group(process: ForkServerProcess, number: int) -> None:
        if process.pid is None:
            return
        try:
            os.killpg(process.pid, number)
        except PermissionError:
            pass
        except ProcessLookupError:
            # It has ended with all that it started, or it has not made its group yet and has started nothing.
            if process.exitcode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process.pid, number)


@contextlib.contextmanager
def terminal_signals_blocked() -> Iterator[None]:
    """What is started in here is deaf to the terminal's signals until it unblocks them itself."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, TERMINAL_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _lifeline_pair(
    context: multiprocessing.context.ForkServerContext,
) -> tuple[connection.Connection, connection.Connection]:
    attempts_end, own_end = context.Pipe(duplex=False)
    return own_end, attempts_end


def _exit(run_id: str, exitcode: int | None) -> Exit:
    if exitcode is None or exitcode == _FORKSERVER_GONE:
        return Exit(run_id, None, None)
    return Exit(run_id, None, -exitcode) if exitcode < 0 else Exit(run_id, exitcode, None)
