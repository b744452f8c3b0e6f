"""Submits jobs to a queue, lists and cancels them: Slurm's, or submitit's local executor in its place."""

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
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from sweeps.rundir.paths import StateDir
    from sweeps.spec.resources import Resources

QUEUED_JOBS = 256
"""Jobs in Slurm's queue at once where --jobs does not say."""
_YEAR_MIN = 365 * 24 * 60
"""Submitit's local executor would end a job after two minutes."""
_LET_GO = "exec </dev/null >/dev/null 2>&1"
"""A job that outlives the supervisor must not hold its terminal, or the pipe that its output goes to."""
_QUEUED_AGAIN = frozenset({"PENDING", "REQUEUED", "REQUEUE_HOLD", "PREEMPTED"})
_CONTROLLER = "submitit.local._local"
"""The module that submitit runs for each job on one machine, through a shell; the job's id is the shell's."""


class Queue(Protocol):
    """What the executor needs of a job queue. It goes along to the jobs, so it is a plain value."""

    @property
    def address(self) -> str | None:
        """What `--address` calls it; None: what is meant without."""

    @property
    def refusal(self) -> str:
        """Why it has no place for a trial where `capacity` is 0, and what to do."""

    def capacity(self, wanted: Resources) -> int:
        """How many jobs of some resources it takes at once; 0: it can never run one."""

    def submit(
        self,
        state: StateDir,
        parameters: Mapping[str, Any],
        work: Callable[..., None],
        calls: Sequence[Sequence[Any]],
    ) -> list[str]:
        """Queue one job a call.

        Args:
            state: Where submitit keeps the jobs' scripts and logs.
            parameters: Submitit's parameters for Slurm.
            work: What each job calls.
            calls: The arguments of each call.

        Returns:
            The jobs' ids, in order.

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
        self,
        state: StateDir,
        parameters: Mapping[str, Any],
        work: Callable[..., None],
        calls: Sequence[Sequence[Any]],
    ) -> list[str]:
        """Queue the calls as one array.

        Raises:
            LaunchError: Slurm refuses it.
        """
        import submitit
        from submitit.core.utils import FailedJobError, FailedSubmissionError

        submitter = submitit.SlurmExecutor(_own_folder(state, "slurm") / "%j")
        submitter.update_parameters(**parameters)
        try:
            jobs = submitter.map_array(work, *zip(*calls, strict=True))
        except (FailedJobError, FailedSubmissionError, OSError) as error:
            reason = " ".join(str(error).split())
            raise LaunchError(
                f"Slurm refuses the jobs: {reason}; see `resources.slurm` in the file"
            ) from error
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
        parameters: Mapping[str, Any],  # noqa: ARG002 - they are Slurm's; the supervisor has counted the cores
        work: Callable[..., None],
        calls: Sequence[Sequence[Any]],
    ) -> list[str]:
        """Start a process for each call.

        Raises:
            LaunchError: The operating system refuses another process.
        """
        import submitit

        submitter = submitit.LocalExecutor(_own_folder(state, "submitit"))
        submitter.update_parameters(timeout_min=_YEAR_MIN, stderr_to_stdout=True, setup=[_LET_GO])
        try:
            with terminal_signals_blocked():  # a Ctrl-C is the supervisor's to pass on
                jobs = submitter.map_array(work, *zip(*calls, strict=True))
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


def _own_folder(state: StateDir, name: str) -> Path:
    """A folder of this user alone: submitit's pickles hold the trials' environment, with the password of the store."""
    folder = state.root / name
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


def _state_of(job_id: str) -> str:
    shown = _scontrol("--oneliner", "show", "job", job_id).stdout
    return dict(word.partition("=")[::2] for word in shown.split()).get("JobState", "")


def _scontrol(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["scontrol", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def _controllers() -> list[psutil.Process]:
    processes = psutil.process_iter(["cmdline"])
    return [process for process in processes if _CONTROLLER in " ".join(process.info["cmdline"] or ())]


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
