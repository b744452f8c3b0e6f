"""Where jobs queue: Slurm, and what submitit has in its place on one machine. All that is said to either is said here."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import psutil

from sweeps.errors import LaunchError
from sweeps.executors.local import terminal_signals_blocked
from sweeps.executors.slots import cpu_count

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sweeps.rundir.paths import StateDir
    from sweeps.spec.resources import Resources

QUEUED_JOBS = 256
"""Jobs in Slurm's queue at once where --jobs does not say."""
TIME_MIN = 24 * 60
"""A job's time limit in minutes where `resources.slurm` does not say: submitit gives every job one."""
_YEAR_MIN = 365 * 24 * 60
"""Submitit's local executor would end a job after two minutes."""
_LET_GO = "exec </dev/null >/dev/null 2>&1"
"""A job that outlives the supervisor must not hold its terminal, or the pipe that its output goes to."""
_QUEUED_AGAIN = frozenset({"PENDING", "REQUEUED", "REQUEUE_HOLD", "PREEMPTED"})
_CONTROLLER = "submitit.local._local"
"""The module that submitit runs for each job on one machine, through a shell; the job's id is the shell's."""


class Queue(Protocol):
    """What the executor needs of a scheduler. It goes along to the jobs, so it is a plain value."""

    @property
    def address(self) -> str | None:
        """What `--address` calls it; None: what is meant without."""

    @property
    def refusal(self) -> str:
        """Why it has no place for a trial where `capacity` is 0, and what to do."""

    def capacity(self, wanted: Resources) -> int:
        """How many jobs of some resources it takes at once; 0: it can never run one."""

    def submit(
        self, state: StateDir, resources: Resources, work: Callable[..., None], calls: Sequence[Sequence[Any]]
    ) -> list[str]:
        """Queue a job for each call of `work`, its arguments given; returns the jobs' ids in order.

        Raises:
            LaunchError: It refuses them.
        """

    def jobs(self) -> set[str] | None:
        """The jobs that wait or run, other sweeps' too; None where it does not answer."""

    def cancel(self, job_ids: Sequence[str]) -> None:
        """Cancel jobs; one that has ended is left alone."""

    def requeue(self) -> bool:
        """Called inside a job: have it run again from the start once it has ended; returns whether it will."""


@dataclass(frozen=True, slots=True)
class SlurmQueue:
    """The Slurm cluster of this login node.

    Attributes:
        most: At most so many jobs in the queue at once; None: `QUEUED_JOBS`.
    """

    most: int | None = None
    address = None
    refusal = "Slurm shares no GPU among jobs: ask for whole ones, or name a share in `slurm: {gres: ...}`"

    def capacity(self, wanted: Resources) -> int:
        """As many as may wait: what a node can hold is Slurm's to know."""
        return (self.most or QUEUED_JOBS) if float(wanted.gpu or 0).is_integer() else 0

    def submit(
        self, state: StateDir, resources: Resources, work: Callable[..., None], calls: Sequence[Sequence[Any]]
    ) -> list[str]:
        """Queue the calls as one array.

        Raises:
            LaunchError: Slurm refuses it.
        """
        import submitit
        from submitit.core.utils import FailedJobError, FailedSubmissionError

        engine = submitit.SlurmExecutor(state.root / "slurm" / "%j")
        engine.update_parameters(**parameters(resources, len(calls)))
        try:
            jobs = engine.map_array(work, *zip(*calls, strict=True))
        except (FailedJobError, FailedSubmissionError, OSError) as error:
            told = " ".join(str(error).split())
            raise LaunchError(f"Slurm refuses the jobs: {told}; see `resources.slurm` in the file") from error
        return [job.job_id for job in jobs]

    def jobs(self) -> set[str] | None:
        """This user's jobs, arrays job by job, with one `squeue` for all."""
        command = ["squeue", "--noheader", "--array", f"--user={os.getuid()}", "--format=%i"]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
        except (OSError, subprocess.SubprocessError):
            return None
        return set(done.stdout.split())

    def cancel(self, job_ids: Sequence[str]) -> None:
        """Cancel jobs; one that has ended is left alone."""
        command = ["scancel", "--quiet", *job_ids]
        subprocess.run(command, capture_output=True, timeout=60, check=False)

    def requeue(self) -> bool:
        """Queue this job again, unless somebody has cancelled it, or Slurm itself has queued it."""
        job_id = os.environ["SLURM_JOB_ID"]
        if _state_of(job_id) == "CANCELLED":
            return False
        done = _scontrol("requeue", job_id)
        if done.returncode != 0:
            print(f"not queued again: {done.stderr.strip()}", file=sys.stderr)  # noqa: T201 - the job's own log
        return done.returncode == 0 or _state_of(job_id) in _QUEUED_AGAIN


@dataclass(frozen=True, slots=True)
class LocalQueue:
    """Submitit's local executor: each job a process of this machine, which goes on when the supervisor is gone.

    It has no queue and knows no GPUs, preemption or options of sbatch: what does not fit waits with the supervisor, and
    nothing is ever queued again.

    Attributes:
        most: At most so many jobs at once; None: as many as there are cores for.
    """

    most: int | None = None
    address = "local"
    refusal = "--address local has the cores of this machine and no GPU; --executor local has both"

    def capacity(self, wanted: Resources) -> int:
        """As many as there are cores for; none with a GPU."""
        return 0 if wanted.gpu else min(self.most or sys.maxsize, cpu_count() // wanted.cpu)

    def submit(
        self,
        state: StateDir,
        resources: Resources,  # noqa: ARG002 - the lease has counted them
        work: Callable[..., None],
        calls: Sequence[Sequence[Any]],
    ) -> list[str]:
        """Start a process for each call.

        Raises:
            LaunchError: The operating system refuses another process.
        """
        import submitit

        engine = submitit.LocalExecutor(state.root / "submitit")
        engine.update_parameters(timeout_min=_YEAR_MIN, stderr_to_stdout=True, setup=[_LET_GO])
        try:
            with terminal_signals_blocked():  # a Ctrl-C is the supervisor's to pass on
                jobs = engine.map_array(work, *zip(*calls, strict=True))
        except OSError as error:
            raise LaunchError(f"no job can be started: {error}; see `ulimit -u` and free memory") from error
        return [job.job_id for job in jobs]

    def jobs(self) -> set[str] | None:
        """Submitit's processes on this machine."""
        return {str(process.pid) for process in _controllers()}

    def cancel(self, job_ids: Sequence[str]) -> None:
        """Kill jobs with all that they started; one that has ended is left alone."""
        for process in _controllers():
            if str(process.pid) in job_ids:
                _kill_tree(process)

    def requeue(self) -> bool:
        """False: there is no queue."""
        return False


def queue_at(address: str | None, jobs: int | None) -> Queue:
    """The queue that `--address` names, once it is seen that it can be used from here.

    Raises:
        LaunchError: submitit or Slurm's commands are not installed.
    """
    try:
        import submitit  # noqa: F401 - only whether it is there
    except ImportError as error:
        raise LaunchError(
            "--executor slurm: submitit is not installed; `pip install 'sweep-experiments[slurm]'`"
        ) from error
    if address == LocalQueue.address:
        return LocalQueue(jobs)
    if shutil.which("sbatch") is None or shutil.which("squeue") is None:
        raise LaunchError(
            "--executor slurm: there is no `sbatch` here; run it on a login node of the cluster "
            "(--address local tries it on this machine, without Slurm)"
        )
    return SlurmQueue(jobs)


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


def _state_of(job_id: str) -> str:
    told = _scontrol("--oneliner", "show", "job", job_id).stdout
    return dict(word.partition("=")[::2] for word in told.split()).get("JobState", "")


def _scontrol(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["scontrol", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def _controllers() -> list[psutil.Process]:
    found = psutil.process_iter(["cmdline"])
    return [process for process in found if _CONTROLLER in " ".join(process.info["cmdline"] or ())]


def _kill_tree(process: psutil.Process) -> None:
    try:
        tree = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return
    for member in tree:
        try:
            member.kill()
        except psutil.NoSuchProcess:
            continue
