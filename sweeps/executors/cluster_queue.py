"""Submits jobs to a queue, lists and cancels them: Slurm's, or submitit's local executor in its place."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

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
ANSWER_S = 60.0
"""How long one of Slurm's commands may take to answer."""
_YEAR_MIN = 365 * 24 * 60
"""Submitit's local executor would end a job after two minutes."""
_LET_GO = "exec </dev/null >/dev/null 2>&1"
"""A job that outlives the supervisor must not hold its terminal, or the pipe that its output goes to."""
_QUEUED_AGAIN = frozenset({"PENDING", "REQUEUED", "REQUEUE_HOLD", "PREEMPTED"})
_CONTROLLER = "submitit.local._local"
"""The module that submitit runs for each job on one machine, through a shell; the job's id is the shell's."""


@dataclass(frozen=True, slots=True)
class Queue(ABC):
    """What the executor needs of a job queue. It goes along to the jobs, so it is a plain value.

    Attributes:
        most: At most so many jobs at once; None: what it takes.
        address: What `--address` calls it; None: what is meant without.
        refusal: Why it has no place for a trial where `capacity` is 0, and what to do.
        failure: What is said where jobs cannot be submitted, with `{}` for why.
    """

    most: int | None = None

    address: ClassVar[str | None]
    refusal: ClassVar[str]
    failure: ClassVar[str]

    @abstractmethod
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
        from submitit.core.utils import FailedJobError, FailedSubmissionError

        try:
            with terminal_signals_blocked():  # a Ctrl-C is the supervisor's to pass on
                jobs = self._submitter(state, parameters).map_array(work, *zip(*calls, strict=True))
        except (FailedJobError, FailedSubmissionError, OSError) as error:
            raise LaunchError(self.failure.format(" ".join(str(error).split()))) from error
        return [job.job_id for job in jobs]

    @abstractmethod
    def _submitter(self, state: StateDir, parameters: Mapping[str, Any]) -> Any:
        """Submitit's executor."""

    @abstractmethod
    def jobs(self) -> set[str] | None:
        """The jobs that wait or run, other sweeps' too; None where it does not answer."""

    @abstractmethod
    def cancel(self, job_ids: Sequence[str]) -> None:
        """Cancel jobs; one that has ended is left alone, and so is what the queue does not answer of."""

    def requeue(self) -> bool:
        """Called inside a job: have it run again from the start once it has ended; returns whether it will."""
        return False


@dataclass(frozen=True, slots=True)
class SlurmQueue(Queue):
    """The Slurm cluster of this login node; without `most`, `QUEUED_JOBS` are queued at once."""

    address = None
    refusal = "Slurm shares no GPU among jobs: ask for whole ones, or name a share in `slurm: {gres: ...}`"
    failure = "Slurm refuses the jobs: {}; see `resources.slurm` in the file"

    def capacity(self, wanted: Resources) -> int:
        """As many as may wait: what a node can hold is Slurm's to know."""
        return (self.most or QUEUED_JOBS) if float(wanted.gpu or 0).is_integer() else 0

    def _submitter(self, state: StateDir, parameters: Mapping[str, Any]) -> Any:
        """It submits the calls as one array."""
        import submitit

        submitter = submitit.SlurmExecutor(_own_folder(state, "slurm") / "%j")
        submitter.update_parameters(**parameters)
        return submitter

    def jobs(self) -> set[str] | None:
        """This user's jobs, arrays job by job, with one `squeue` for all."""
        asked = _slurm("squeue", "--noheader", "--array", f"--user={os.getuid()}", "--format=%i")
        return set(asked.stdout.split()) if asked.returncode == 0 else None

    def cancel(self, job_ids: Sequence[str]) -> None:
        """Cancel jobs."""
        _slurm("scancel", "--quiet", *job_ids)

    def requeue(self) -> bool:
        """Queue this job again, unless somebody has cancelled it, or Slurm itself has queued it."""
        job_id = os.environ["SLURM_JOB_ID"]
        if _state_of(job_id) == "CANCELLED":
            return False
        done = _slurm("scontrol", "requeue", job_id)
        if done.returncode != 0:
            print(f"not queued again: {done.stderr.strip()}", file=sys.stderr)  # noqa: T201 - the job's own log
        return done.returncode == 0 or _state_of(job_id) in _QUEUED_AGAIN


@dataclass(frozen=True, slots=True)
class LocalQueue(Queue):
    """Submitit's local executor: each job a process of this machine, which goes on when the supervisor is gone.

    It has no queue and knows no GPUs, preemption or options of sbatch: what does not fit, for want of cores or by `most`, waits
    with the supervisor, and nothing is ever queued again.
    """

    address = "local"
    refusal = "--address local has the cores of this machine and no GPU; --executor local has both"
    failure = "no job can be started: {}; see `ulimit -u` and free memory"

    def capacity(self, wanted: Resources) -> int:
        """As many as there are cores for; none with a GPU."""
        return 0 if wanted.gpu else min(self.most or sys.maxsize, cpu_count() // wanted.cpu)

    def _submitter(self, state: StateDir, parameters: Mapping[str, Any]) -> Any:  # noqa: ARG002 - they are Slurm's
        """It starts a process for each call; the supervisor has counted the cores."""
        import submitit

        submitter = submitit.LocalExecutor(_own_folder(state, "submitit"))
        submitter.update_parameters(timeout_min=_YEAR_MIN, stderr_to_stdout=True, setup=[_LET_GO])
        return submitter

    def jobs(self) -> set[str] | None:
        """Submitit's processes on this machine."""
        return {str(process.pid) for process in _controllers()}

    def cancel(self, job_ids: Sequence[str]) -> None:
        """Kill jobs with all that they started."""
        for process in _controllers():
            if str(process.pid) in job_ids:
                _kill_tree(process)


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
    shown = _slurm("scontrol", "--oneliner", "show", "job", job_id).stdout
    return dict(word.partition("=")[::2] for word in shown.split()).get("JobState", "")


def _slurm(*command: str) -> subprocess.CompletedProcess[str]:
    """Call one of Slurm's commands; one that cannot be called or does not answer has failed, as a busy controller has it."""
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=ANSWER_S, check=False)
    except (OSError, subprocess.SubprocessError) as error:
        return subprocess.CompletedProcess(command, 1, "", str(error))


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
