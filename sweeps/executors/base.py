"""Defines the contract of executors, which start attempts and report how they end.

Whatever the executor, an attempt is a fresh process in its own process group (`sweeps.runner.attempt`); its journal,
its log and its checkpoints stand in the run's directory, which supervisor and attempt share.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sweeps.executors.slots import Slots
    from sweeps.rundir.paths import RunPaths
    from sweeps.runner.attempt_spec import AttemptSpec


class Stop(Enum):
    """How hard to stop an attempt: ask it to checkpoint and end, end it, or kill it."""

    ASK = "ask"
    TERMINATE = "terminate"
    KILL = "kill"


STOPS = tuple(Stop)
"""From the softest to the hardest."""

FORKSERVER_GONE = "its forkserver is gone"
WORKER_GONE = "its Ray worker or node is gone"
JOB_GONE = "its Slurm job is gone"
LOSSES = frozenset({FORKSERVER_GONE, WORKER_GONE, JOB_GONE})
"""Why nobody knows how an attempt ended: what stood between has died. Such a trial starts again at once."""


@dataclass(frozen=True, slots=True)
class Exit:
    """How an attempt's process ended.

    Attributes:
        run_id: The run that it was an attempt of.
        code: The exit status; None where a signal ended it, or where nobody knows.
        signal: The signal's number, or None.
        lost: Where neither is known, one of `LOSSES`.
        left: What it started and could not be ended, each as `pid 12 (name)`.
        detached: What it started in sessions of its own, as daemons are, and was ended with it, each in the same way.
        is_shared: Whether it computed on a GPU through MPS, where the crash of one may end all.
    """

    run_id: str
    code: int | None
    signal: int | None
    lost: str = FORKSERVER_GONE
    left: tuple[str, ...] = ()
    is_shared: bool = False
    detached: tuple[str, ...] = ()

    @property
    def is_lost(self) -> bool:
        """Whether nobody knows how it ended."""
        return self.code is None and self.signal is None

    @property
    def notes(self) -> Iterator[str]:
        """What the user should know of what it started: what goes on, and what a program that ended well had left at work."""
        if self.left:
            yield f"what it started cannot be ended: {', '.join(self.left)}"
        if self.detached and self.code == 0:
            yield (
                f"it ended and left {', '.join(self.detached)} at work in the background, which was killed: a trial ends with its "
                "program; run it in the foreground"
            )


class Executor(ABC):
    """Starts attempts and reports how they end. One supervisor uses it, from one thread.

    Attributes:
        slots: What may run at once.
        outlives_supervisor: Whether attempts go on when the supervisor is gone, for the next one to adopt.
    """

    slots: Slots
    outlives_supervisor = False

    def warm_up(self) -> None:  # noqa: B027 - most have nothing to do
        """Begin what the first attempt would wait for, and do not wait for it."""

    @abstractmethod
    def submit(self, attempt: AttemptSpec) -> None:
        """Start an attempt, or queue it.

        Raises:
            LaunchError: It cannot be started.
        """

    def adopt(self, run_id: str, paths: RunPaths) -> int | None:  # noqa: ARG002 - for those that outlive it
        """Take over the attempt that an earlier supervisor left running or queued.

        Returns:
            The attempt's number, and `wait` will report its end; None: there is none of this run.
        """
        return None

    @abstractmethod
    def has_begun(self, run_id: str) -> bool:
        """Whether a submitted attempt has left the queue: time limits count from then on."""

    @abstractmethod
    def wait(self, timeout_s: float) -> Sequence[Exit]:
        """The attempts that ended, waiting up to `timeout_s` seconds for the first; each is reported once.

        Raises:
            LaunchError: What was submitted is refused, or nothing can be run.
        """

    @abstractmethod
    def stop(self, run_id: str, how: Stop) -> None:
        """Stop an attempt; one that has ended is left alone, one that still waits never starts."""

    def close(self) -> None:  # noqa: B027 - one that outlives its supervisor holds nothing
        """Let go of what it holds, and kill what still runs unless it outlives its supervisor."""
