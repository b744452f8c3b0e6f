"""Attempts as Slurm jobs, through submitit: arrays, requeued on preemption, and still there when a supervisor returns.

Which job works on a run stands in the run's directory (`job.json`), and so does how its attempt ended (`exit.json`):
no accounting database is asked. What the queue holds is read with one `squeue` for all jobs.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from typing import TYPE_CHECKING, Any

from sweeps.errors import LaunchError
from sweeps.executors import JOB_GONE, Exit, Stop
from sweeps.executors.slurm_job import run_job
from sweeps.paths import RunPaths, write_atomically
from sweeps.slots import Quota

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sweeps.attempt import AttemptSpec
    from sweeps.limits import Resources
    from sweeps.paths import StateDir

QUEUED_JOBS = 256
"""Jobs in the queue at once where --jobs does not say."""
TIME_MIN = 24 * 60
"""A job's time limit in minutes where `resources.slurm` does not say: submitit gives every job one."""
POLL_S = 2.0
"""How often `squeue` is asked."""
KILL_WAIT_S = 5.0
"""How long a job may take to kill its attempt before Slurm is told to."""
_TICK_S = 0.1
GATHER_S = 2.0
"""How long attempts wait for others to make one array with, while the supervisor opens their runs."""


class SlurmExecutor:
    """Submits attempts to Slurm; those that are submitted together go as one array.

    Args:
        jobs: At most so many jobs in the queue at once; None: `QUEUED_JOBS`.
        modules: What each job imports before its attempt.
        search_path: Where modules are looked for first.
        state: Where runs keep their files; the jobs' scripts and own logs go beside them.

    Raises:
        LaunchError: submitit or Slurm's commands are not installed.
    """

    outlives_supervisor = True

    def __init__(
        self, jobs: int | None, modules: Sequence[str], search_path: Sequence[str], state: StateDir
    ) -> None:
        require_slurm()
        self._modules = tuple(modules)
        self._search_path = tuple(search_path)
        self._folder = state.root / "slurm"
        limit = jobs or QUEUED_JOBS
        self.slots = Quota(
            lambda wanted: limit if float(wanted.gpu or 0).is_integer() else 0, 0.0, None, "Slurm"
        )
        self._unsent: list[AttemptSpec] = []
        self._gathering_s = 0.0
        self._running: dict[str, tuple[str, RunPaths]] = {}
        self._begun: set[str] = set()
        self._missing: set[str] = set()
        self._kill_at_s: dict[str, float] = {}
        self._polled_s = time.monotonic()

    def warm_up(self) -> None:
        """Nothing: each job imports the trainer on its node."""

    def submit(self, attempt: AttemptSpec) -> None:
        """Queue an attempt; it goes to Slurm with the next `wait` that has time, together with the others."""
        paths = attempt.paths
        for left in (paths.exit, paths.stop, paths.process):
            left.unlink(missing_ok=True)
        if not self._unsent:
            self._gathering_s = time.monotonic()
        self._unsent.append(attempt)

    def adopt(self, run_id: str, paths: RunPaths) -> int | None:
        """Take over the job that an earlier supervisor left in the queue, or whose attempt ended meanwhile."""
        job = job_of(paths)
        if job is None or not is_kept(paths):
            return None
        job_id, attempt = job
        self._running[run_id] = (job_id, paths)
        return attempt

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
            LaunchError: Slurm refuses the jobs.
        """
        if timeout_s > 0 or time.monotonic() - self._gathering_s > GATHER_S:
            self._send()
        until_s = time.monotonic() + timeout_s
        while not (exits := self._ended()) and (left_s := until_s - time.monotonic()) > 0:
            time.sleep(min(_TICK_S, left_s))
        return exits

    def stop(self, run_id: str, how: Stop) -> None:
        """Stop an attempt; a job that still waits is cancelled."""
        unsent = [attempt for attempt in self._unsent if attempt.run_id == run_id]
        if unsent:
            self._send()
        if run_id not in self._running:
            return
        job_id, paths = self._running[run_id]
        write_atomically(paths.stop, how.value)
        if not self.has_begun(run_id):
            self._kill_at_s[run_id] = time.monotonic()
            cancel([job_id])
        elif how is Stop.KILL:
            self._kill_at_s.setdefault(run_id, time.monotonic() + KILL_WAIT_S)

    def close(self) -> None:
        """Let go of the jobs; those in the queue stay there for the next supervisor."""

    def _send(self) -> None:
        """Submit what has gathered: one array a kind of resources."""
        kinds: dict[Resources, list[AttemptSpec]] = {}
        for attempt in self._unsent:
            kinds.setdefault(attempt.resources, []).append(attempt)
        self._unsent.clear()
        for resources, attempts in kinds.items():
            self._send_array(resources, attempts)

    def _send_array(self, resources: Resources, attempts: list[AttemptSpec]) -> None:
        import submitit
        from submitit.core.utils import FailedJobError, FailedSubmissionError

        engine = submitit.SlurmExecutor(self._folder / "%j")
        engine.update_parameters(**parameters(resources, len(attempts)))
        count = len(attempts)
        try:
            jobs = engine.map_array(run_job, attempts, [self._modules] * count, [self._search_path] * count)
        except (FailedJobError, FailedSubmissionError, OSError) as error:
            told = " ".join(str(error).split())
            raise LaunchError(f"Slurm refuses the jobs: {told}; see `resources.slurm` in the file") from error
        for attempt, job in zip(attempts, jobs, strict=True):
            write_atomically(attempt.paths.job, json.dumps({"job": job.job_id, "attempt": attempt.attempt}))
            self._running[attempt.run_id] = (job.job_id, attempt.paths)

    def _ended(self) -> list[Exit]:
        """Attempts whose end stands in their directories, and those whose jobs are gone without a word."""
        self._kill_late_ones()
        exits = [found for run_id, (_, paths) in self._running.items() if (found := _told(run_id, paths))]
        if not exits and time.monotonic() - self._polled_s >= POLL_S:
            self._polled_s = time.monotonic()
            exits = self._gone()
        for ended in exits:
            _, paths = self._running.pop(ended.run_id)
            self._begun.discard(ended.run_id)
            self._kill_at_s.pop(ended.run_id, None)
            for file in (paths.exit, paths.stop, paths.job):
                file.unlink(missing_ok=True)
        return exits

    def _gone(self) -> list[Exit]:
        """Attempts whose jobs two polls in a row did not find: an end may take a while to be seen on a shared disk."""
        queued = queued_jobs()
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
        cancel([self._running[run_id][0] for run_id in late])
        for run_id in late:
            self._kill_at_s[run_id] = now_s + KILL_WAIT_S


def parameters(resources: Resources, count: int) -> dict[str, Any]:
    """What submitit is told of some attempts: their size, and `resources.slurm` as sbatch's own options."""
    options = dict(resources.slurm)
    if resources.gpu and "gres" not in options:
        options["gres"] = f"gpu:{resources.gpu:g}"
    return {
        "job_name": "sweep",
        "cpus_per_task": resources.cpu,
        "array_parallelism": count,
        "stderr_to_stdout": True,
        "time": options.pop("time", TIME_MIN),
        "additional_parameters": {"requeue": True, "ntasks": 1, **options},
    }


def require_slurm() -> None:
    """See that Slurm can be used from here.

    Raises:
        LaunchError: submitit or Slurm's commands are not installed.
    """
    try:
        import submitit  # noqa: F401 - only whether it is there
    except ImportError as error:
        raise LaunchError(
            "--executor slurm: submitit is not installed; `pip install 'sweep-experiments[slurm]'`"
        ) from error
    if shutil.which("sbatch") is None or shutil.which("squeue") is None:
        raise LaunchError(
            "--executor slurm: there is no `sbatch` here; run it on a login node of the cluster"
        )


def job_of(paths: RunPaths) -> tuple[str, int] | None:
    """The Slurm job that was last given a run's attempt, and the attempt's number."""
    try:
        found = json.loads(paths.job.read_text(encoding="utf-8"))
        return str(found["job"]), int(found["attempt"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def is_kept(paths: RunPaths) -> bool:
    """Whether Slurm still has a run's attempt, or its end has yet to be taken note of.

    Raises:
        LaunchError: Slurm does not answer, so that nobody knows.
    """
    job = job_of(paths)
    if job is None:
        return False
    if paths.exit.exists():
        return True
    queued = queued_jobs()
    if queued is None:
        raise LaunchError(f"`squeue` does not answer, and job {job[0]} may still run; try again when it does")
    return job[0] in queued


def queued_jobs() -> set[str] | None:
    """This user's jobs that wait or run, arrays job by job; None where Slurm does not answer."""
    command = ["squeue", "--noheader", "--array", f"--user={os.getuid()}", "--format=%i"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return set(done.stdout.split())


def cancel(job_ids: Sequence[str]) -> None:
    """Cancel jobs; one that has ended is left alone."""
    if job_ids:
        subprocess.run(["scancel", "--quiet", *job_ids], capture_output=True, timeout=60, check=False)  # noqa: S607 - where Slurm stands is the site's choice


def _told(run_id: str, paths: RunPaths) -> Exit | None:
    try:
        found = json.loads(paths.exit.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return Exit(run_id, found["code"], found["signal"])
