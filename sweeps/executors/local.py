"""Runs attempts as processes of this machine, from a forkserver that has imported the trainer already."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import signal
import sys
import time
from dataclasses import dataclass, replace
from importlib import util
from multiprocessing import connection, forkserver, resource_tracker
from typing import TYPE_CHECKING

import psutil

from sweeps.errors import LaunchError
from sweeps.executors.base import Executor, Exit, Stop
from sweeps.executors.sampler import Sampler
from sweeps.rundir.process_identity import SUPERVISOR_MARK, this_process
from sweeps.rundir.process_tree import described, end_below, end_tree, is_ending, is_living, living_below
from sweeps.runner.attempt import TERMINAL_SIGNALS, run_attempt
from sweeps.runner.preload import PRELOAD_VARIABLE, own_modules_first

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from multiprocessing.context import ForkServerProcess

    from sweeps.executors.mps import Mps, Sharing
    from sweeps.executors.slots import Slots
    from sweeps.runner.attempt_spec import AttemptSpec

FORKSERVER_DIES_S = 2.0
"""How long a forkserver that answers no more may take to be gone."""
_FORKSERVER_GONE = 255
"""What multiprocessing reports for a child whose forkserver died before it could tell the exit status."""


@dataclass(frozen=True, slots=True)
class _Started:
    """A process that waits for the attempt it is to run; it ends by itself when `orders` closes.

    Attributes:
        process: As multiprocessing knows it.
        orders: Takes the attempt.
        found: As the system knows it, not to be taken for a later one of the same pid; None: it had ended at once.
        forkserver: Its parent; None: that was gone already.
        is_shared: Whether its attempt computes on a GPU through MPS.
    """

    process: ForkServerProcess
    orders: connection.Connection
    found: psutil.Process | None
    forkserver: psutil.Process | None
    is_shared: bool = False

    @property
    def pid(self) -> int:
        """The process id."""
        assert self.process.pid is not None  # noqa: S101 - it has been started
        return self.process.pid

    @property
    def sentinel(self) -> int:
        """Becomes ready when the process ends, or its forkserver."""
        return self.process.sentinel

    def reaped(self, run_id: str) -> Exit:
        """How it ended, once `sentinel` is ready; everything that it started is ended then."""
        self.process.join()
        status = self.process.exitcode
        if status is None or (status == _FORKSERVER_GONE and self._is_lost()):
            left = [] if self.found is None else end_tree(self.found)
            ended = Exit(run_id, None, None)
        else:
            left = []
            ended = Exit(run_id, None, -status) if status < 0 else Exit(run_id, status, None)
        detached: list[str] = []
        if self.forkserver is not None and is_living(self.forkserver):
            # What a dead attempt left behind is the forkserver's now, beside the processes that were asked of it.
            asked_for = {child.pid for child in multiprocessing.active_children() if child.pid is not None}
            behind = living_below(self.forkserver.pid, spared=asked_for)
            detached = [described(process) for process in behind if self._is_detached(process)]
            self.signal_group(signal.SIGKILL)
            left += end_below(self.forkserver.pid, spared=asked_for)
        else:
            self.signal_group(signal.SIGKILL)
        self.process.close()
        return replace(ended, left=tuple(left), is_shared=self.is_shared, detached=tuple(detached))

    def _is_detached(self, process: psutil.Process) -> bool:
        """Whether a process has left the attempt's session, as a daemon does."""
        try:
            return os.getsid(process.pid) != self.pid
        except OSError:
            return False

    def _is_lost(self) -> bool:
        """Whether its forkserver died, so that 255 is not its own exit code: it lives on then, as a rule."""
        return is_living(self.found) or is_ending(self.forkserver)

    def kill(self) -> None:
        """Kill it with all of its group, and what it started elsewhere as far as that still hangs below it."""
        below = living_below(self.pid) if is_living(self.found) else []
        self.signal_group(signal.SIGKILL)
        for process in below:
            with contextlib.suppress(psutil.Error):
                process.kill()

    def signal_group(self, number: int) -> None:
        """Signal it with all of its group."""
        try:
            os.killpg(self.pid, number)
        except PermissionError:
            pass
        except ProcessLookupError:
            # It has ended with all that it started, or it has not made its group yet and has started nothing.
            if not connection.wait([self.sentinel], 0.0):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self.pid, number)

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


class LocalExecutor(Executor):
    """Starts each attempt as a fresh process in its own process group.

    With `starts_ahead` the next attempt's process is started while others run, so that a slot that falls free waits for
    no fork. It lives until `close`, which has to be called then: multiprocessing waits for it when Python ends.

    Args:
        modules: The trainer's module: the forkserver imports the libraries that it needs, as far as that is safe.
        search_path: Where modules are looked for first.
        slots: What may run at once.
        starts_ahead: Whether the process of an attempt that nobody has asked for yet may wait for one.
        mps: Has attempts that share a GPU compute at once; None: they take turns.
    """

    def __init__(
        self,
        modules: Sequence[str],
        search_path: Sequence[str],
        slots: Slots,
        *,
        starts_ahead: bool = True,
        mps: Mps | None = None,
    ) -> None:
        self.slots = slots
        self._mps = mps
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
        self._running: dict[str, _Started] = {}
        self._starts_ahead = starts_ahead
        self._ahead: _Started | None = None
        self._sampler = Sampler()

    def warm_up(self) -> None:
        """Start the forkserver now, so that it imports while something else is done."""
        with _marked(), terminal_signals_blocked(), own_modules_first():
            forkserver.ensure_running()

    def submit(self, attempt: AttemptSpec) -> None:
        """Start an attempt.

        Raises:
            LaunchError: The operating system refuses another process.
        """
        deadline_s = time.monotonic() + FORKSERVER_DIES_S
        sharing = self._sharing(attempt)
        if sharing is not None:
            attempt = replace(attempt, environment={**attempt.environment, **sharing.variables})
        is_shared = sharing is not None and sharing.at_once
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
                    self._running[attempt.run_id] = replace(started, is_shared=is_shared)
                    self._sampler.follow(attempt, started.found)
                    return

    def has_begun(self, run_id: str) -> bool:
        """True: nothing waits in a queue."""
        return run_id in self._running

    def wait(self, timeout_s: float) -> list[Exit]:
        """The attempts that ended, waiting up to `timeout_s` seconds for the first."""
        sentinels = {started.sentinel: run_id for run_id, started in self._running.items()}
        ready = connection.wait(list(sentinels), 0.0)
        if not ready and timeout_s > 0:
            self._start_ahead()
            ready = connection.wait(list(sentinels), timeout_s)
        ended = [sentinels[sentinel] for sentinel in ready]  # type: ignore[index]
        for run_id in ended:
            self._sampler.forget(run_id)
        return [self._running.pop(run_id).reaped(run_id) for run_id in ended]

    def stop(self, run_id: str, how: Stop) -> None:
        """Stop an attempt; one that has ended is left alone."""
        started = self._running.get(run_id)
        if started is None:
            return
        if how is Stop.ASK:
            # Not SIGTERM: to be asked twice, by a cluster's own scheduler too, is no harm; a second TERM ends it.
            with contextlib.suppress(ProcessLookupError):
                os.kill(started.pid, signal.SIGINT)
        elif how is Stop.TERMINATE:
            started.signal_group(signal.SIGTERM)
        else:
            started.kill()

    def close(self) -> None:
        """Kill what still runs; the forkserver ends with this process."""
        self._sampler.close()
        for run_id, started in self._running.items():
            started.kill()
            connection.wait([started.sentinel])
            started.reaped(run_id)
        self._running.clear()
        if self._ahead is not None:
            self._ahead.orders.close()
            self._ahead.process.kill()
            connection.wait([self._ahead.sentinel])
            self._ahead.reaped("")
            self._ahead = None
        self._lifeline.close()
        self._held_by_attempts.close()
        if self._mps is not None:
            self._mps.close()

    def _sharing(self, attempt: AttemptSpec) -> Sharing | None:
        """How an attempt computes on its part of a GPU; None: it has none."""
        if self._mps is None or not attempt.resources.shares_gpu:
            return None
        gpu = attempt.environment.get("CUDA_VISIBLE_DEVICES", "")
        return self._mps.share(gpu, attempt.resources)

    def _start_ahead(self) -> None:
        if self._starts_ahead and self._ahead is None and self._running:
            with contextlib.suppress(OSError, EOFError):  # `submit` tries again, and raises
                self._ahead = self._start()

    def _start(self) -> _Started:
        theirs, orders = self._context.Pipe(duplex=False)
        try:
            process = self._context.Process(target=run_attempt, args=(theirs, self._held_by_attempts))
            with _marked(), terminal_signals_blocked(), own_modules_first():
                process.start()
        except BaseException:
            orders.close()
            raise
        finally:
            theirs.close()
        return _begun(process, orders)


def _begun(process: ForkServerProcess, orders: connection.Connection) -> _Started:
    found = parent = None
    with contextlib.suppress(psutil.Error):
        found = psutil.Process(process.pid)
        parent = found.parent()
        if parent is not None and parent.ppid() != os.getpid():
            parent = None  # the forkserver is gone, and this is whoever takes orphans
    return _Started(process, orders, found, parent)


def has_forkserver() -> bool:
    """Whether a forkserver of this process lives, for attempts or for something else."""
    pid: int | None = forkserver._forkserver._forkserver_pid  # type: ignore[attr-defined]  # noqa: SLF001 - as below
    with contextlib.suppress(psutil.NoSuchProcess):
        return pid is not None and is_living(psutil.Process(pid))
    return False


def end_forkserver() -> None:
    """End the forkserver of this process, once no attempt runs: the next one has the environment of then."""
    forkserver._forkserver._stop()  # type: ignore[attr-defined]  # noqa: SLF001 - there is no other way


@contextlib.contextmanager
def _marked() -> Iterator[None]:
    """A forkserver that is started in here hands down whose it is, to all that its attempts start."""
    os.environ[SUPERVISOR_MARK] = this_process().mark
    try:
        yield
    finally:
        del os.environ[SUPERVISOR_MARK]


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
