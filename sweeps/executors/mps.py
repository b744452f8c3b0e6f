"""Starts NVIDIA's MPS daemon, through which processes that share a GPU compute on it at once, and ends it with the last trial.

Without it they take turns. A daemon is this `sweep run`'s own: its sockets and logs lie in a folder of its own. It hangs
below a guard, this file as a script of the standard library alone, which ends it when the `sweep run` is gone, however that
ended.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sweeps.spec.resources import Resources

PROGRAM = "nvidia-cuda-mps-control"
PIPES = "CUDA_MPS_PIPE_DIRECTORY"
"""Names a daemon by the folder of its sockets. Where the user has set it, there is one already, and it is left alone."""
SWITCH = "SWEEP_MPS"
"""Set to `off`, this variable has trials that share a GPU take turns."""
READY_S = 10.0
"""How long the daemon may take until it answers and has a server."""
INITIALIZED_S = 30.0
"""How long its server may take from then on to be ready: until then every client gets CUDA's error 807."""
CLIENTS_S = 15
"""How long it waits for trials that are still there when it is to end: without a `sweep run` they stop by themselves."""
ANSWER_S = 5.0
"""How long it may take to answer, and to end once nobody uses it."""
_LONGEST_PATH = 80
"""The daemon's sockets lie in its folder, and the path of a socket has at most 107 bytes."""


@dataclass(frozen=True, slots=True)
class Sharing:
    """How an attempt shares a GPU.

    Attributes:
        variables: Variables that it gets.
        at_once: Whether it computes there through a daemon, at the same time as others.
    """

    variables: Mapping[str, str]
    at_once: bool


class Mps:
    """The daemons of one `sweep run`, one for each GPU that it gives out in parts. Where one cannot start, trials take turns.

    One for each, because the limits of memory number a daemon's GPUs, and because an error of one GPU then ends nobody on
    another.

    Args:
        folder: Where their files may lie; made when one starts, removed when it ends.
        uuids: The UUIDs of the GPUs that they can serve: a number would mean another GPU to a client than to the daemon.
        memory_for: The bytes of a GPU's memory that an attempt of some resources may have; None: that is not limited.
        say: Called with whether they are used, and why not where they are not; with the same more than once.
    """

    def __init__(
        self,
        folder: Path,
        uuids: Mapping[str, str],
        memory_for: Callable[[str, Resources], int | None],
        say: Callable[[str], None],
    ) -> None:
        self._folder = folder
        self._uuids = uuids
        self._memory_for = memory_for
        self._say = say
        self._daemons: dict[str, _Daemon | None] = {}

    def share(self, gpu: str, resources: Resources) -> Sharing:
        """How an attempt computes on its part of a GPU: through the daemon, where there is one."""
        theirs = os.environ.get(PIPES)
        if _is_off():
            self._say(f"trials that share a GPU take turns on it: {SWITCH} is off")
            # CUDA would find a daemon of the user's, or one of the whole machine, and use it: it finds none there.
            return Sharing({PIPES: str(self._folder.absolute() / "off")}, at_once=False)
        if theirs:
            self._say(f"trials that share a GPU compute at once, through the MPS daemon that ${PIPES} names")
            return Sharing({PIPES: theirs}, at_once=True)
        if gpu not in self._daemons:
            self._daemons[gpu] = self._started(gpu)
        daemon = self._daemons[gpu]
        if daemon is None or not daemon.is_up():
            return Sharing({}, at_once=False)
        memory_bytes = self._memory_for(gpu, resources)
        limit = (
            {} if memory_bytes is None else {"CUDA_MPS_PINNED_DEVICE_MEM_LIMIT": f"0={memory_bytes >> 20}M"}
        )
        variables = {
            "CUDA_VISIBLE_DEVICES": daemon.uuid,
            PIPES: str(daemon.pipes),
            "CUDA_MPS_LOG_DIRECTORY": str(daemon.folder / "log"),
            **limit,
        }
        return Sharing(variables, at_once=True)

    def close(self) -> None:
        """End the daemons, and wait until they have ended."""
        for daemon in self._daemons.values():
            if daemon is not None:
                daemon.close()
        self._daemons = dict.fromkeys(self._uuids)
        for emptied in (self._folder, self._folder.parent):
            with contextlib.suppress(OSError):  # another `sweep run` has its own beside it
                emptied.rmdir()

    def _started(self, gpu: str) -> _Daemon | None:
        daemon = None
        refusal = self._refusal(gpu)
        if not refusal:
            daemon = _Daemon(self._folder / gpu, self._uuids[gpu])
            refusal = daemon.start()
        if refusal:
            self._say(f"trials that share a GPU take turns on it: {refusal}")
            return None
        self._say(f"trials that share a GPU compute at once, through NVIDIA's MPS ({SWITCH}=off: in turns)")
        return daemon

    def _refusal(self, gpu: str) -> str:
        if gpu not in self._uuids:
            return (
                f"MPS cannot serve GPU {gpu}: it is a MIG part, or the driver does not know it by this name"
            )
        if shutil.which(PROGRAM) is None:
            return f"{PROGRAM}, a part of NVIDIA's driver, is not on the PATH"
        return ""


def _is_off() -> bool:
    return os.environ.get(SWITCH, "").lower() in {"off", "0", "no", "false"}


class _Daemon:
    """The daemon of one GPU, below its guard."""

    def __init__(self, folder: Path, uuid: str) -> None:
        self.folder = folder
        self.uuid = uuid
        self.pipes = folder / "pipe"
        self._guard: subprocess.Popen[str] | None = None

    def is_up(self) -> bool:
        """Whether its guard, and so it, still runs."""
        return self._guard is not None and self._guard.poll() is None

    def start(self) -> str:
        """Start it, and wait until it answers; returns why there is none, or nothing."""
        try:
            for part in ("pipe", "log"):
                (self.folder / part).mkdir(parents=True, exist_ok=True, mode=0o700)
            if len(os.fsencode(self.pipes)) > _LONGEST_PATH:
                self.pipes = Path(tempfile.mkdtemp(prefix="sweep-mps-"))
            self._guard = subprocess.Popen(
                [sys.executable, "-I", __file__, str(self.pipes), str(self.folder), self.uuid],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                start_new_session=True,  # a Ctrl-C in the terminal is not for it
            )
        except OSError as error:
            return str(error)
        assert self._guard.stdout is not None  # noqa: S101 - a pipe
        said = self._guard.stdout.readline().strip()
        if said == "ready":
            return ""
        self.close()
        return said or f"{PROGRAM} could not be started"

    def close(self) -> None:
        """End it, and wait until it has ended."""
        if self._guard is None:
            return
        guard, self._guard = self._guard, None
        if guard.stdin is not None:
            with contextlib.suppress(OSError):
                guard.stdin.close()
        try:
            guard.wait(CLIENTS_S + 2 * ANSWER_S)
        except subprocess.TimeoutExpired:
            guard.kill()
            guard.wait()
        if guard.stdout is not None:
            guard.stdout.close()


def guard(pipes: Path, folder: Path, uuid: str) -> int:
    """Run a GPU's daemon until standard input closes; prints `ready`, or why there is none. Removes both folders at the end."""
    environment = {
        **os.environ,
        PIPES: str(pipes),
        "CUDA_MPS_LOG_DIRECTORY": str(folder / "log"),
        "CUDA_VISIBLE_DEVICES": uuid,
    }
    log = (folder / "log" / "start.log").open("wb")
    daemon = subprocess.Popen(
        [PROGRAM, "-f"],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=_end_with_parent,  # noqa: PLW1509 - this process has one thread
    )
    try:
        deadline_s = time.monotonic() + READY_S
        is_asked = False
        while not (servers := _asked(environment, "get_server_list")) or _initializes(environment, servers):
            limit_s = deadline_s + (INITIALIZED_S if servers else 0.0)
            if daemon.poll() is not None or time.monotonic() > limit_s:
                print(_what_is_wrong(daemon, folder / "log", is_asked=is_asked), flush=True)  # noqa: T201 - see above
                return 1
            # A server now, and not with the first trial: it shows whether the GPU can be served at all.
            if not servers:
                is_asked = is_asked or _asked(environment, f"start_server -uid {os.getuid()}") is not None
            time.sleep(0.05)
        print("ready", flush=True)  # noqa: T201 - see above
        while daemon.poll() is None and not select.select([sys.stdin], [], [], 1.0)[0]:
            pass
        return 0
    finally:
        _end(daemon, environment)
        log.close()
        for path in {pipes, folder}:
            shutil.rmtree(path, ignore_errors=True)


def _end_with_parent() -> None:
    """On Linux, have the kernel end the daemon when this guard dies, `kill -9` included."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def _what_is_wrong(daemon: subprocess.Popen[bytes], logs: Path, *, is_asked: bool) -> str:
    """Why a daemon is not ready: what it did, and the last line of what it logged."""
    how = "does not answer"
    if daemon.poll() is not None:
        how = f"ended with {daemon.returncode}"
    elif is_asked:
        how = "starts no server for this GPU"
    for name in ("start.log", "server.log", "control.log"):
        with contextlib.suppress(OSError):
            lines = (logs / name).read_text(encoding="utf-8", errors="replace").split("\n")
            if last := next((line.strip() for line in reversed(lines) if line.strip()), ""):
                return f"{PROGRAM} {how}: {last[:200]}"
    return f"{PROGRAM} {how}"


def _initializes(environment: dict[str, str], servers: str) -> bool:
    """Whether the daemon's server is not ready yet; an older daemon, which does not tell, is believed to have a ready one."""
    server = servers.split(maxsplit=1)[0]
    return "INITIALIZING" in (_asked(environment, f"get_server_status {server}") or "").upper()


def _asked(environment: dict[str, str], word: str, limit_s: float = ANSWER_S) -> str | None:
    """What the daemon answers; None: nothing, because it is not there or has an error."""
    try:
        asked = subprocess.run(
            [PROGRAM],
            input=f"{word}\n",
            env=environment,
            capture_output=True,
            text=True,
            timeout=limit_s,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return asked.stdout.strip() if asked.returncode == 0 else None


def _end(daemon: subprocess.Popen[bytes], environment: dict[str, str]) -> None:
    """Ask the daemon to end, once its clients have or `CLIENTS_S` later; then make it, and its servers."""
    if daemon.poll() is None:
        _asked(environment, f"quit -t {CLIENTS_S}", CLIENTS_S + ANSWER_S)
        with contextlib.suppress(subprocess.TimeoutExpired):
            daemon.wait(ANSWER_S)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(daemon.pid, signal.SIGKILL)
    daemon.wait()


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sys.exit(guard(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]))
