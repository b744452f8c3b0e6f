"""What starts attempts: one small contract, and the engines that keep it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sweeps.attempt import AttemptSpec


class Stop(Enum):
    """How hard to stop an attempt: ask it to checkpoint and end, end it, or kill it."""

    ASK = "ask"
    TERMINATE = "terminate"
    KILL = "kill"


@dataclass(frozen=True, slots=True)
class Exit:
    """How an attempt's process ended.

    Attributes:
        run_id: The run that it was an attempt of.
        code: The exit status; None where a signal ended it, or where it cannot be told.
        signal: The signal's number, or None.
    """

    run_id: str
    code: int | None
    signal: int | None


class Executor(Protocol):
    """Starts attempts and tells how they end. One supervisor uses it, from one thread."""

    def submit(self, attempt: AttemptSpec) -> None:
        """Start an attempt.

        Raises:
            LaunchError: The engine cannot start it.
        """

    def wait(self, timeout_s: float) -> Sequence[Exit]:
        """The attempts that ended, waiting up to `timeout_s` seconds for the first; each is told once."""

    def stop(self, run_id: str, how: Stop) -> None:
        """Stop an attempt; one that has ended is left alone."""

    def close(self) -> None:
        """Kill what still runs, and let go of the engine."""
