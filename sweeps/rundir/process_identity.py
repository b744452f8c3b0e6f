"""Identities of processes, so that a reused pid or a reboot is never taken for a living process."""

from __future__ import annotations

import getpass
import os
import socket
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

if TYPE_CHECKING:
    from collections.abc import Mapping

SUPERVISOR_MARK, ATTEMPT_MARK = "SWEEP_SUPERVISOR_PROCESS", "SWEEP_ATTEMPT_PROCESS"
"""Variables that name, in the environment of all that a trial starts, which processes it belongs to (`mark`)."""
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_START_TOLERANCE_S = 1.0


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """A process, distinguished from every other one of the same pid.

    Attributes:
        host: The machine's name.
        boot: An id that changes when the machine starts anew.
        pid: The process id.
        start_s: When the process started, seconds since the epoch.
    """

    host: str
    boot: str
    pid: int
    start_s: float

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
        return cls(str(data["host"]), str(data["boot"]), int(data["pid"]), float(data["start_s"]))

    def is_here(self) -> bool:
        """Whether it belongs to this machine."""
        return self.host == host_name()

    def is_alive(self) -> bool:
        """Whether it runs on this machine now; False for one of another machine or before the last boot."""
        if not self.is_here() or self.boot != boot_id():
            return False
        try:
            process = psutil.Process(self.pid)
            started = abs(process.create_time() - self.start_s) < _START_TOLERANCE_S
            return started and process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False


def this_process() -> ProcessIdentity:
    """The identity of the process that asks."""
    return ProcessIdentity(host_name(), boot_id(), os.getpid(), psutil.Process().create_time())


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
