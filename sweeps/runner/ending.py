"""The one table of how a process ended: what its exit code or signal says happened to it (docs/trust.md shows it)."""

from __future__ import annotations

import signal
from dataclasses import dataclass

from analysis.read.outcomes import Outcome
from sweeps.runner.attempt_spec import EXIT_FINISHED, EXIT_INTERRUPTED, signal_name

_OWN_NAMES = (
    *("SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE", "SIGSEGV", "SIGSYS", "SIGEMT", "SIGSTKFLT"),
    *("SIGPIPE", "SIGXFSZ", "SIGIO", "SIGALRM", "SIGVTALRM", "SIGPROF"),
)
OWN = frozenset(getattr(signal, name) for name in _OWN_NAMES if hasattr(signal, name))
"""Signals that a process brings on itself, by a crash or a timer of its own. Any other one somebody sends."""
_SENT_NAMES = ("SIGHUP", "SIGINT", "SIGQUIT", "SIGKILL", "SIGUSR1", "SIGUSR2", "SIGTERM", "SIGXCPU", "SIGPWR")
_BY_SHELLS = OWN | {getattr(signal, name) for name in _SENT_NAMES if hasattr(signal, name)}
"""Signals that end a process, so that a shell exits with 128 and their number."""


@dataclass(frozen=True, slots=True)
class Ending:
    """What happened to a process, and the reason to record, empty where there is none."""

    outcome: Outcome
    reason: str = ""


def is_sent(number: int | None) -> bool:
    """Whether a signal comes from somebody else, so that what it ended was interrupted and did not fail."""
    return number is not None and number not in OWN


def how_it_ended(status: int, *, asked: bool = False) -> Ending:
    """What an exit status says.

    Args:
        status: The exit code, 0 to 255; for a signal its number, negative.
        asked: Whether the process was asked to stop before it ended.
    """
    number = -status if status < 0 else _told_by_shell(status)
    if number is not None and not is_sent(number):
        return Ending(Outcome.FAILED, _reason(status, number))
    if asked:
        is_plain = status in {EXIT_FINISHED, EXIT_INTERRUPTED} or number is not None
        return Ending(Outcome.INTERRUPTED, "stopped" if is_plain else f"stopped; {_reason(status, number)}")
    if status == EXIT_FINISHED:
        return Ending(Outcome.FINISHED)
    return Ending(Outcome.FAILED if number is None else Outcome.INTERRUPTED, _reason(status, number))


def _told_by_shell(code: int) -> int | None:
    """The signal that ended what a shell ran, where the shell's exit code names one."""
    number = code - 128
    return number if number in _BY_SHELLS else None


def _reason(status: int, number: int | None) -> str:
    if status < 0:
        return f"signal: {signal_name(-status)}"
    return f"exit code {status}" + (f" ({signal_name(number)})" if number is not None else "")
