"""Runs one attempt inside a Slurm job, and requeues the job when Slurm wants the node back."""

from __future__ import annotations

import contextlib
import json
import signal
from dataclasses import replace
from multiprocessing import resource_tracker
from typing import TYPE_CHECKING

from sweeps.executors.base import STOPS, Stop
from sweeps.executors.node_worker import Worker
from sweeps.rundir.journal import last_step
from sweeps.rundir.paths import write_atomically
from sweeps.runner.attempt_spec import EXIT_INTERRUPTED

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

    from sweeps.executors.base import Exit
    from sweeps.executors.cluster_queue import Queue
    from sweeps.rundir.paths import RunPaths
    from sweeps.runner.attempt_spec import AttemptSpec

_EVICTIONS = (signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2)
"""What Slurm sends before it takes the node away: on preemption, and before the time limit."""


class SlurmWorker(Worker):
    """A worker that hears the supervisor through the run's directory, and Slurm through signals."""

    def __init__(self, modules: Sequence[str], search_path: Sequence[str], paths: RunPaths) -> None:
        # Slurm signals the forkserver too; deaf to that, it lives to report how the attempt ends.
        resource_tracker.ensure_running()  # which unblocks SIGTERM, where the forkserver would start it
        signal.pthread_sigmask(signal.SIG_BLOCK, _EVICTIONS)
        super().__init__(modules, search_path)
        self._paths = paths
        self.is_evicted = False
        self.heard: Stop | None = None
        for number in _EVICTIONS:
            signal.signal(number, self._evict)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _EVICTIONS)

    def _evict(self, _number: int, _frame: FrameType | None) -> None:
        if not self.is_evicted:
            self.is_evicted = True
            self.stop(self._paths.root.name, Stop.ASK)

    def _asked_of(self, run_id: str) -> list[Stop]:
        with contextlib.suppress(OSError, ValueError):
            asked = Stop(self._paths.stop.read_text(encoding="utf-8"))
            if asked is not self.heard:
                # A harder stop may overwrite one that was not read yet, and an attempt ends by TERM only when asked before.
                first = 0 if self.heard is None else STOPS.index(self.heard) + 1
                self.heard = asked
                return list(STOPS[first : STOPS.index(asked) + 1])
        return super()._asked_of(run_id)


def run_job(attempt: AttemptSpec, modules: Sequence[str], search_path: Sequence[str], queue: Queue) -> None:
    """Run an attempt, and leave word of its end in the run's directory.

    An attempt that ended because the queue wants the node back is queued again under the same job, and goes on from
    its checkpoint; one that got no epoch further is not, as it would be so for ever.
    """
    paths = attempt.paths
    environment = dict(attempt.environment)
    if not attempt.resources.gpu:
        environment["CUDA_VISIBLE_DEVICES"] = ""
    worker = SlurmWorker(modules, search_path, paths)
    before = last_step(paths)
    ended = worker.run(replace(attempt, environment=environment))
    was_evicted = worker.is_evicted and worker.heard is None and _was_interrupted(ended)
    if was_evicted and last_step(paths) != before and queue.requeue():
        return
    write_atomically(paths.exit, json.dumps({"code": ended.code, "signal": ended.signal}))


def _was_interrupted(ended: Exit) -> bool:
    return ended.code == EXIT_INTERRUPTED or ended.signal in (signal.SIGTERM, signal.SIGKILL)
