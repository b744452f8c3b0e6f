"""Samples what attempts take of the machine while they run, into their journals: cores, memory, disk and GPUs.

It runs where attempts are started: in the supervisor, or in a cluster's worker on the node. So trainers are not disturbed,
and one that hangs is sampled all the same. A sample is a line of the journal like any other; what it measures is named in
`analysis.results.machine`.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psutil

from analysis.results import machine
from sweeps.executors.gpus import Nvml, named_gpus
from sweeps.rundir.process_tree import is_living, pids_below
from sweeps.rundir.samples import append_sample, next_sample

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sweeps.runner.attempt_spec import AttemptSpec

FIRST_S = 1.0
"""The first sample comes so soon, and each of the next after twice that, until they come as often as asked for."""
_MEGABYTE = 1e6


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process with all below it takes (resident memory) and has taken; what has ended and was waited for counts in its parent."""

    cpu_s: float = 0.0
    memory_bytes: int = 0
    read_bytes: int = 0
    written_bytes: int = 0

    @classmethod
    def of(cls, process: psutil.Process, before: Usage | None = None) -> Usage | None:
        """What a process and all below it take now, in seconds and bytes; None where it has ended.

        Args:
            process: The process.
            before: What it took before: what is read and written never falls, though processes end unseen.
        """
        before = before or cls()
        if not is_living(process):
            return None
        found = [
            usage
            for pid in (process.pid, *pids_below(process.pid))
            if (usage := cls._of_one(pid)) is not None
        ]
        return cls(
            sum(usage.cpu_s for usage in found),
            sum(usage.memory_bytes for usage in found),
            max(before.read_bytes, sum(usage.read_bytes for usage in found)),
            max(before.written_bytes, sum(usage.written_bytes for usage in found)),
        )

    @classmethod
    def _of_one(cls, pid: int) -> Usage | None:
        try:
            process = psutil.Process(pid)
            with process.oneshot():
                times, memory = process.cpu_times(), process.memory_info()
                counters = getattr(process, "io_counters", None)  # not on every system
                disk = None
                with contextlib.suppress(psutil.AccessDenied):  # it is more guarded than the rest
                    disk = counters() if counters is not None else None
        except psutil.Error:
            return None
        return cls(
            times.user + times.system + times.children_user + times.children_system,
            memory.rss,
            disk.read_bytes if disk else 0,
            disk.write_bytes if disk else 0,
        )


def sample_of(before: Usage, now: Usage, elapsed_s: float) -> dict[str, float]:
    """The metrics of what a trial took between two moments so many seconds apart."""
    busy_s = max(0.0, now.cpu_s - before.cpu_s)  # what ended and nobody waited for is counted no more
    return {
        machine.CPU: 100 * busy_s / elapsed_s,
        machine.MEMORY: now.memory_bytes / _MEGABYTE,
        machine.DISK_READ: now.read_bytes / _MEGABYTE,
        machine.DISK_WRITE: now.written_bytes / _MEGABYTE,
    }


def gpu_sample(nvml: Nvml, gpus: Sequence[str]) -> dict[str, float]:
    """The metrics of a trial's GPUs, in % and megabytes, in the order in which it counts them; what they do not tell is left out."""
    values: dict[str, float] = {}
    for number, name in enumerate(gpus):
        percent, used_bytes = nvml.load(name)
        if percent is not None:
            values[machine.gpu_use(number)] = percent
        if used_bytes is not None:
            values[machine.gpu_memory(number)] = used_bytes / _MEGABYTE
    return values


def due_after(now_s: float, taken: int, every_s: float) -> float:
    """When the next sample is due, after so many of an attempt: soon at first, then at the same moments for all attempts.

    Args:
        now_s: The time, in seconds on the clock of `time.monotonic`; what is returned is on it, too.
        taken: How many samples were taken of the attempt.
        every_s: How many seconds lie between two samples in the end.
    """
    early_s: float = FIRST_S * 2**taken
    if early_s < every_s:
        return now_s + early_s
    # The first common moment may come just after a sample: half of the time at least lies between two.
    return ((now_s + every_s / 2) // every_s + 1) * every_s if taken else (now_s // every_s + 1) * every_s


@dataclass
class _Followed:
    """An attempt that is sampled.

    Attributes:
        run_id: Its run.
        process: Its process.
        journal: Where its samples go.
        gpus: The ids of its GPUs.
        every_s: How often it is sampled.
        due_s: When it is sampled next; as the others on the clock of `time.monotonic`.
        seen_s: When it was looked at last.
        usage: What it took then.
        taken: How many samples were taken of this attempt.
        step: The step of its next sample; None: nobody has looked yet.
    """

    run_id: str
    process: psutil.Process
    journal: Path
    gpus: Sequence[str]
    every_s: float
    due_s: float
    seen_s: float
    usage: Usage = field(default_factory=Usage)
    taken: int = 0
    step: int | None = None


class Sampler:
    """Samples the attempts that it follows, in a thread of its own that ends with the process."""

    def __init__(self) -> None:
        self._followed: dict[str, _Followed] = {}
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._nvml: Nvml | None = None
        self._is_closed = False

    def follow(self, attempt: AttemptSpec, process: psutil.Process | None) -> None:
        """Sample an attempt from now on, as often as it says, where it says so at all."""
        if process is None or attempt.sample_s is None:
            return
        now_s = time.monotonic()
        followed = _Followed(
            attempt.run_id,
            process,
            attempt.paths.journal,
            _gpus_of(attempt.environment),
            attempt.sample_s,
            due_after(now_s, 0, attempt.sample_s),
            now_s,
        )
        with self._changed:
            self._followed[attempt.run_id] = followed
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="sampler", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def forget(self, run_id: str) -> None:
        """Leave an attempt alone that has ended: nothing is appended to its journal from now on."""
        with self._changed:
            self._followed.pop(run_id, None)

    def close(self) -> None:
        """Sample nothing any more."""
        with self._changed:
            self._is_closed = True
            self._followed.clear()
            self._changed.notify_all()

    def _run(self) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())  # they are the main thread's
        while True:
            with self._changed:
                if self._is_closed:
                    return
                followed = list(self._followed.values())
            now_s = time.monotonic()
            for one in followed:
                if one.due_s <= now_s:
                    self._sample(one, now_s)
            with self._changed:
                due_s = min((one.due_s for one in self._followed.values()), default=None)
                if not self._is_closed and self._followed.keys() == {one.run_id for one in followed}:
                    self._changed.wait(None if due_s is None else max(0.0, due_s - time.monotonic()))

    def _sample(self, one: _Followed, now_s: float) -> None:
        """Take a sample; nobody waits for that, however long a driver takes to answer."""
        usage = Usage.of(one.process, one.usage)
        if usage is not None:
            values = sample_of(one.usage, usage, now_s - one.seen_s)
            if one.gpus and (nvml := self._door()) is not None:
                values |= gpu_sample(nvml, one.gpus)
            if one.step is None:
                one.step = next_sample(one.journal)
            with self._changed:
                if self._followed.get(one.run_id) is one and append_sample(one.journal, values, one.step):
                    one.step += 1
            one.usage = usage
        one.taken += 1
        one.seen_s = now_s
        one.due_s = due_after(now_s, one.taken, one.every_s)

    def _door(self) -> Nvml | None:
        self._nvml = self._nvml or Nvml.open()
        return self._nvml


def _gpus_of(environment: Mapping[str, str]) -> list[str]:
    """The GPUs that an attempt sees: those that it is given, or on a cluster what its worker was given."""
    return named_gpus({**os.environ, **environment}) or []
