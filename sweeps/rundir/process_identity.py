"""Identities of processes, so that a reused pid or a reboot is never taken for a living process."""

from __future__ import annotations

import getpass
import os
import socket
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

if TYPE_CHECKING:
    from collections.abc import Mapping

SUPERVISOR_MARK, ATTEMPT_MARK = "SWEEP_SUPERVISOR_PROCESS", "SWEEP_ATTEMPT_PROCESS"
"""Variables that name, in the environment of all that a trial starts, which processes it belongs to (`mark`)."""
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_SPACE = Path("/proc/self/ns/pid")
_START_TOLERANCE_S = 1.0
_AFTER_NAME = 19
"""Where the start stands in `/proc/PID/stat`, counted in words behind the process's name, which may have blanks."""


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """A process, distinguished from every other one of the same pid.

    Attributes:
        host: The machine's name.
        boot: An id that changes when the machine starts anew.
        pid: The process id.
        start_s: When the process started, seconds since the epoch.
        ticks: The same in the kernel's ticks since the boot, which no clock that is set moves; None: not known.
        space: What the pid is a number of: containers of one machine count from 1 each; empty: not known.
    """

    host: str
    boot: str
    pid: int
    start_s: float
    ticks: int | None = None
    space: str = ""

    @property
    def mark(self) -> str:
        """As it stands in the environment of what belongs to it."""
        return f"{self.host} {self.boot} {self.pid} {self.start_s}"

    def to_json(self) -> dict[str, Any]:
        """As it stands in tags and files."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ProcessIdentity:
        """The inverse of `to_json`.

        Raises:
            KeyError: A field is missing.
        """
        ticks, space = data.get("ticks"), str(data.get("space", ""))
        known = None if ticks is None else int(ticks)
        return cls(
            str(data["host"]), str(data["boot"]), int(data["pid"]), float(data["start_s"]), known, space
        )

    def is_here(self) -> bool:
        """Whether it belongs to this machine, or to one of the same name; one of another container does not."""
        return self.host == host_name() and self.space in {"", pid_space()}

    @property
    def is_listed(self) -> bool:
        """Whether the process table of this machine says if it is alive: it is of this machine since its last boot."""
        return self.is_here() and self.boot == boot_id()

    def is_alive(self) -> bool:
        """Whether it runs on this machine now; False for one of another machine or before the last boot."""
        if not self.is_listed:
            return False
        try:
            process = psutil.Process(self.pid)
            return self._is_start_of(process) and process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False

    def is_no_younger_than(self, process: psutil.Process) -> bool:
        """Whether a process of this machine started when this one had, or at that moment."""
        if self.ticks is not None and (ticks := start_ticks(process.pid)) is not None:
            return ticks >= self.ticks
        return process.create_time() > self.start_s - _START_TOLERANCE_S

    def _is_start_of(self, process: psutil.Process) -> bool:
        if self.ticks is not None and (ticks := start_ticks(process.pid)) is not None:
            return ticks == self.ticks
        return abs(process.create_time() - self.start_s) < _START_TOLERANCE_S


def this_process() -> ProcessIdentity:
    """The identity of the process that asks."""
    pid = os.getpid()
    start_s = psutil.Process().create_time()
    return ProcessIdentity(host_name(), boot_id(), pid, start_s, start_ticks(pid), pid_space())


def start_ticks(pid: int) -> int | None:
    """When a process started, in ticks since the boot; None where the system does not say so."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
        return int(stat[stat.rindex(b")") + 1 :].split()[_AFTER_NAME])
    except (OSError, ValueError, IndexError):
        return None


def pid_space() -> str:
    """What this process's pid is a number of; empty where the system has one such space alone."""
    try:
        return str(_SPACE.readlink())
    except OSError:
        return ""


def booted_s() -> float:
    """When this machine started, seconds since the epoch, by the clock as it is now."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return psutil.boot_time() if clock is None else time.time() - time.clock_gettime(clock)


def user_name() -> str:
    """The user's name; the number where there is none, as in some containers."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return str(os.getuid())


def host_name() -> str:
    """This machine's name."""
    return socket.gethostname()


def boot_id() -> str:
    """An id that changes when the machine starts anew; `$SWEEP_BOOT_ID` stands in for it where it is set."""
    if given := os.environ.get("SWEEP_BOOT_ID"):
        return given
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return str(int(psutil.boot_time()))
