"""Runs attempts as jobs of Slurm, through submitit: arrays, requeued on preemption, still there when a supervisor returns.

Which job works on a run stands in the run's directory (`job.json`), and so does how its attempt ended (`exit.json`):
no accounting database is asked.
"""

from __future__ import annotations

import json
import signal
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sweeps.errors import HeldError, LaunchError
from sweeps.executors.base import JOB_GONE, Executor, Exit, Stop
from sweeps.executors.cluster_queue import queue_at
from sweeps.executors.slots import Quota
from sweeps.executors.slurm_job import run_job
from sweeps.rundir.paths import RunPaths, read_object, write_atomically
from sweeps.runner.attempt_spec import EXIT_INTERRUPTED
from sweeps.runner.preload import own_modules_first

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sweeps.executors.cluster_queue import Queue
    from sweeps.rundir.paths import StateDir
    from sweeps.runner.attempt_spec import AttemptSpec
    from sweeps.spec.resources import Resources

JOB_NAME = "sweep"
"""What `squeue` and `sacct` call each job."""
TIME_MIN = 24 * 60
"""A job's time limit in minutes where `resources.slurm` does not say: submitit gives every job one."""
POLL_S = 2.0
"""How often the queue is read."""
KILL_WAIT_S = 5.0
"""How long a job may take to kill its attempt before Slurm is asked to."""
_TICK_S = 0.1
GATHER_S = 2.0
"""How long attempts wait for others to make one array with, while the supervisor opens their runs."""


@dataclass(frozen=True, slots=True)
class SlurmJob:
    """What `job.json` says: which job has the attempt in progress."""

    job: str
    attempt: int
    address: str | None = None

    @property
    def options(self) -> str:
        """What the command line says to come back to it."""
        return "--executor slurm" + (f" --address {self.address}" if self.address else "")


class LeftJobs:
    """The jobs that earlier supervisors left in a queue, which is read once, however many are asked for."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self._queued: set[str] | None = None

    def job_of(self, paths: RunPaths) -> SlurmJob | None:
        """The job that still has a run's attempt, or whose end has yet to be taken note of; None: there is none.

        Raises:
            HeldError: It is another queue's.
            LaunchError: The queue does not answer, so that nobody knows.
        """
        job = job_of(paths)
        if job is None:
            return None
        if job.address != self._queue.address:
            raise HeldError(held_by_job(paths))
        if paths.exit.exists():
            return job
        if self._queued is None:
            self._queued = self._queue.jobs()
        if self._queued is None:
            raise LaunchError(
                f"`squeue` does not answer, and job {job.job} may still run; try again when it does"
            )
        return job if job.job in self._queued else None


class SlurmExecutor(Executor):
    """Submits attempts to Slurm; those that are submitted together go as one array.

    Args:
        address: Which queue: None for Slurm, or see `sweeps.executors.cluster_queue`.
        jobs: At most so many jobs in the queue at once; None: as many as it takes.
        modules: What each job imports before its attempt.
        search_path: Where modules are looked for first.
        state: Where runs keep their files; the jobs' scripts and own logs go beside them.

    Raises:
        LaunchError: submitit or Slurm's commands are not installed.
    """

    outlives_supervisor = True

    def __init__(
        self,
        address: str | None,
        jobs: int | None,
        modules: Sequence[str],
        search_path: Sequence[str],
        state: StateDir,
    ) -> None:
        self._queue = queue_at(address, jobs)
        self._left = LeftJobs(self._queue)
        self._modules = tuple(modules)
        self._search_path = tuple(search_path)
        self._state = state
        self.slots = Quota(self._queue.capacity, 0.0, None, self._queue.refusal)
        self._unsent: list[AttemptSpec] = []
        self._gathering_s = 0.0
        self._never_sent: list[Exit] = []
        self._running: dict[str, tuple[str, RunPaths]] = {}
        self._begun: set[str] = set()
        self._missing: set[str] = set()
        self._kill_at_s: dict[str, float] = {}
        self._polled_s = time.monotonic()

    def submit(self, attempt: AttemptSpec) -> None:
        """Queue an attempt; it goes off with the next `wait` that has time, together with the others."""
        paths = attempt.paths
        for left in (paths.exit, paths.stop, paths.process):
            left.unlink(missing_ok=True)
        if not self._unsent:
            self._gathering_s = time.monotonic()
        self._unsent.append(attempt)

    def adopt(self, run_id: str, paths: RunPaths) -> int | None:
        """Take over the job that an earlier supervisor left in the queue, or whose attempt ended meanwhile."""
        job = self._left.job_of(paths)
        if job is None:
            return None
        self._running[run_id] = (job.job, paths)
        return job.attempt

    def has_begun(self, run_id: str) -> bool:
        """Whether the attempt's process has started on a node."""
        if (
            run_id in self._running
            and run_id not in self._begun
            and self._running[run_id][1].process.exists()
        ):
            self._begun.add(run_id)
        return run_id in self._begun

    def wait(self, timeout_s: float) -> list[Exit]:
        """The attempts that ended, waiting up to `timeout_s` seconds for the first.

        Without time more attempts are about to come: those that gathered are kept for them, `GATHER_S` at most.

        Raises:
            LaunchError: The queue refuses the jobs.
        """
        if timeout_s > 0 or time.monotonic() - self._gathering_s > GATHER_S:
            self._send()
        until_s = time.monotonic() + timeout_s
        while not (exits := self._ended()) and (left_s := until_s - time.monotonic()) > 0:
            time.sleep(min(_TICK_S, left_s))
        return exits

    def stop(self, run_id: str, how: Stop) -> None:
        """Stop an attempt; one that has not been sent never is, and a job that still waits is cancelled."""
        left = [attempt for attempt in self._unsent if attempt.run_id != run_id]
        if len(left) < len(self._unsent):
            self._never_sent.append(Exit(run_id, EXIT_INTERRUPTED, None))
        self._unsent = left
        if run_id not in self._running:
            return
        job_id, paths = self._running[run_id]
        write_atomically(paths.stop, how.value)
        if not self.has_begun(run_id):
            self._kill_at_s[run_id] = time.monotonic()
            self._queue.cancel([job_id])
        elif how is Stop.KILL:
            self._kill_at_s.setdefault(run_id, time.monotonic() + KILL_WAIT_S)

    def _send(self) -> None:
        """Submit what has gathered: one array a kind of resources."""
        kinds: dict[Resources, list[AttemptSpec]] = {}
        for attempt in self._unsent:
            kinds.setdefault(attempt.resources, []).append(attempt)
        self._unsent.clear()
        for resources, attempts in kinds.items():
            self._send_array(resources, attempts)

    def _send_array(self, resources: Resources, attempts: list[AttemptSpec]) -> None:
        calls = [(attempt, self._modules, self._search_path, self._queue) for attempt in attempts]
        with own_modules_first():
            job_ids = self._queue.submit(
                self._state, submit_parameters(resources, len(calls)), run_job, calls
            )
        for attempt, job_id in zip(attempts, job_ids, strict=True):
            job = SlurmJob(job_id, attempt.attempt, self._queue.address)
            write_atomically(attempt.paths.job, json.dumps(asdict(job)))
            self._running[attempt.run_id] = (job_id, attempt.paths)

    def _ended(self) -> list[Exit]:
        """Attempts whose end stands in their directories, and those whose jobs are gone without a word."""
        self._kill_late_ones()
        exits = [end for run_id, (_, paths) in self._running.items() if (end := _exit_in(paths, run_id))]
        if not exits and time.monotonic() - self._polled_s >= POLL_S:
            self._polled_s = time.monotonic()
            exits = self._gone()
        for ended in exits:
            _, paths = self._running.pop(ended.run_id)
            self._begun.discard(ended.run_id)
            self._kill_at_s.pop(ended.run_id, None)
            for file in (paths.exit, paths.stop, paths.job):
                file.unlink(missing_ok=True)
        never_sent, self._never_sent = self._never_sent, []
        return never_sent + exits

    def _gone(self) -> list[Exit]:
        """Attempts whose jobs two polls in a row did not find: an end may take a while to be seen on a shared disk."""
        queued = self._queue.jobs()
        if queued is None:
            return []
        missing = {run_id for run_id, (job_id, _) in self._running.items() if job_id not in queued}
        gone, self._missing = missing & self._missing, missing
        return [
            Exit(run_id, None, signal.SIGKILL)
            if run_id in self._kill_at_s
            else Exit(run_id, None, None, JOB_GONE)
            for run_id in sorted(gone)
        ]

    def _kill_late_ones(self) -> None:
        now_s = time.monotonic()
        late = [run_id for run_id, at_s in self._kill_at_s.items() if at_s < now_s]
        if late:
            self._queue.cancel([self._running[run_id][0] for run_id in late])
        for run_id in late:
            self._kill_at_s[run_id] = now_s + KILL_WAIT_S


def submit_parameters(resources: Resources, count: int) -> dict[str, Any]:
    """Submitit's parameters for one array of attempts.

    Args:
        resources: The size of each; `resources.slurm` holds options of sbatch, one that is only switched on as an empty text.
        count: How many there are.
    """
    options = dict(resources.slurm)
    nodes = int(options.pop("nodes", 1))
    if resources.gpu and "gres" not in options:
        options["gres"] = f"gpu:{resources.gpu:g}"
    return {
        "job_name": JOB_NAME,
        "cpus_per_task": resources.cpu,
        "array_parallelism": count,
        "stderr_to_stdout": True,
        "time": options.pop("time", TIME_MIN),
        "nodes": nodes,
        "setup": list(resources.setup) or None,
        # The attempt is on the first node, and shares that with what it starts on all of them.
        "srun_args": ["--nodes=1", "--ntasks=1", "--overlap"] if nodes > 1 else None,
        "additional_parameters": {
            "requeue": True,
            "ntasks": nodes,
            **{key: value or True for key, value in options.items()},
        },
    }


def job_of(paths: RunPaths) -> SlurmJob | None:
    """The job that was last given a run's attempt."""
    kept = read_object(paths.job)
    try:
        return SlurmJob(str(kept["job"]), int(kept["attempt"]), kept.get("address"))
    except (ValueError, KeyError, TypeError):
        return None


def held_by_job(paths: RunPaths) -> str:
    """Why nothing else may work on a run that has a job."""
    job = job_of(paths)
    options = job.options if job is not None else "--executor slurm"
    return (
        f"a Slurm job works on this sweep ({paths.job}); run it with {options}, "
        "or cancel the job and remove that file"
    )


def _exit_in(paths: RunPaths, run_id: str) -> Exit | None:
    """How the run's attempt ended, if its job has left word of that."""
    kept = read_object(paths.exit)
    return Exit(run_id, kept["code"], kept["signal"]) if kept else None
