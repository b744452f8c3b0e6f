"""Says of facts about a machine whether sweeps can live with them, and what to do where they cannot. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from analysis.results.results import counted
from sweeps.record.store.new_file import LOCAL_FILE_SYSTEMS
from sweeps.rundir.lease import RENEW_S

LEAST_PYTHON = (3, 11)
LEAST_FREE, SCARCE_FREE = 100 << 20, 2 << 30
"""Bytes of a disk: too few to record anything, and so few that a run may fill them."""
SCARCE_SHARED = 256 << 20
"""Bytes of /dev/shm, through which the workers of a torch DataLoader hand on batches: 64 MiB is what a container has."""
SCARCE_FILES = 1024
_LONGEST = 300


class State(Enum):
    """How a part of the machine stands."""

    OK = "ok"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one part.

    Attributes:
        part: The part, in a word.
        state: Whether it will do.
        found: What it is.
        remedy: What to do; empty where nothing is to be done.
    """

    part: str
    state: State
    found: str
    remedy: str = ""


def ok(part: str, found: str) -> Finding:
    """A part that will do."""
    return Finding(part, State.OK, found)


def note(part: str, found: str, remedy: str = "") -> Finding:
    """A part that will do, of which one should know."""
    return Finding(part, State.NOTE, found[:_LONGEST], remedy)


def wrong(part: str, found: str, remedy: str) -> Finding:
    """A part that will not do."""
    return Finding(part, State.WRONG, found[:_LONGEST], remedy)


def of_python(version: tuple[int, ...], executable: str, platform: str) -> Finding:
    """Of the Python that runs `sweep`."""
    text = f"{'.'.join(map(str, version[:3]))}, {executable}"
    if platform == "win32":
        return wrong(
            "python", f"{text}, on Windows", "run it in WSL: trials are forked, which Windows cannot do"
        )
    if version[:2] < LEAST_PYTHON:
        return wrong("python", text, "install Python 3.11 or newer, and sweep-experiments into it")
    if platform != "linux":
        return note(
            "python", f"{text}, on {platform}", "processes that outlive a trial are ended on Linux only"
        )
    return ok("python", text)


def of_mlflow(version: str | None) -> Finding:
    """Of the MLflow that is installed."""
    if version is None:
        return wrong("mlflow", "is not installed", "pip install 'mlflow>=3.5,<4'")
    numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
    if not (3, 5) <= numbers < (4,):
        return wrong("mlflow", f"{version}, which sweep does not know", "pip install 'mlflow>=3.5,<4'")
    return ok("mlflow", version)


def of_parts(there: list[str], missing: list[str]) -> Finding:
    """Of the optional parts of the package."""
    names = f"installed: {', '.join(there) or 'none'}"
    if not missing:
        return ok("parts", names)
    remedy = f"where they are wanted: pip install 'sweep-experiments[{','.join(missing)}]'"
    return note("parts", f"{names}; not installed: {', '.join(missing)}", remedy)


def of_torch(version: str | None, cuda: str | None, visible: int, error: str, gpus: int) -> Finding:
    """Of torch, for trainers that use it.

    Args:
        version: Its version; None: there is none.
        cuda: The CUDA that it was built for; None: none.
        visible: How many GPUs it sees.
        error: Why it cannot be imported; empty: it can.
        gpus: How many GPUs the driver has.
    """
    if error:
        return wrong(
            "torch", f"cannot be imported: {error}", "install it anew: pip install --force-reinstall torch"
        )
    if version is None:
        return note("torch", "is not installed", "a trainer that uses it needs `pip install torch`")
    if gpus and cuda is None:
        return wrong(
            "torch",
            f"{version} is built without CUDA, and this machine has {counted(gpus, 'GPU')}",
            "install a build with CUDA: https://pytorch.org/get-started",
        )
    if gpus and not visible:
        return wrong(
            "torch",
            f"{version} for CUDA {cuda} sees none of {counted(gpus, 'GPU')}",
            "its CUDA may be newer than the driver: update the driver, or install torch for an older CUDA",
        )
    return ok(
        "torch",
        f"{version}"
        + (f", CUDA {cuda}, sees {counted(visible, 'GPU')}" if cuda and visible else ", no CUDA"),
    )


def of_disk(place: str, free: int, total: int, free_inodes: int | None) -> Finding:
    """Of a disk that is written to.

    Args:
        place: Where.
        free: Bytes that are free for this user.
        total: All bytes.
        free_inodes: How many files it can still hold; None: it does not say.
    """
    text = f"{free / 2**30:.1f} of {total / 2**30:.0f} GiB free at {place}"
    remedy = "free some, such as with `sweep gc FILE`, or set SWEEP_HOME to a place on another disk"
    if free < LEAST_FREE or (free_inodes is not None and free_inodes < 1000):  # noqa: PLR2004 - a few runs' files
        files = "" if free >= LEAST_FREE else "; "
        left = f"{files}room for {free_inodes} files" if free_inodes is not None else ""
        return wrong("disk", f"{text}{', ' if left and not files else ''}{left}", remedy)
    return note("disk", text, remedy) if free < SCARCE_FREE else ok("disk", text)


def of_clock(what: str, ahead_s: float) -> Finding:
    """Of a clock beside this machine's.

    Args:
        what: Whose it is.
        ahead_s: How far it is ahead, in seconds.
    """
    if abs(ahead_s) < RENEW_S:
        return ok(
            "clock", f"{what}: {abs(ahead_s):.0f} s apart" if abs(ahead_s) >= 1 else f"{what}: the same"
        )
    way = "ahead" if ahead_s > 0 else "behind"
    return wrong(
        "clock",
        f"{what} is {abs(ahead_s):.0f} s {way}: leases would end early, and resumed work seem older than it is",
        "set both by NTP: `timedatectl set-ntp true`, or ask who runs the machine",
    )


def of_folder(file_system: str, broken: str, sqlite_there: str, *, open_to_all: bool) -> list[Finding]:
    """Of the folder that trials share.

    Args:
        file_system: The type of its file system; empty: unknown.
        broken: What does not work there, such as locks; empty: all does.
        sqlite_there: The store's file that lies there; empty: none.
        open_to_all: Whether every user may write to its state.
    """
    name = file_system or "a file system of unknown type"
    is_local = file_system in LOCAL_FILE_SYSTEMS
    found = []
    if broken:
        remedy = "set SWEEP_HOME to a folder on a disk of this machine, or one that all nodes share and that has locks"
        found.append(wrong("folder", f"{name}: {broken}", remedy))
    elif is_local:
        found.append(
            ok("folder", f"{name}, of this machine alone: --executor slurm and ray need a shared one")
        )
    else:
        found.append(ok("folder", f"{name}; locks, links and renames work"))
    if sqlite_there and file_system and not is_local:
        remedy = "start a server on one machine, `mlflow server`, and give its address as MLFLOW_TRACKING_URI"
        found.append(
            note("folder", f"{sqlite_there} lies on {name}, where several machines can damage it", remedy)
        )
    if open_to_all:
        found.append(
            wrong("folder", "every user may write .sweep, and so run code as you", "chmod -R o-w .sweep")
        )
    return found


def of_limits(files: int, shared_bytes: int | None, *, writes_no_bytecode: bool) -> list[Finding]:
    """Of what the system allows.

    Args:
        files: How many files a process may have open.
        shared_bytes: The size of /dev/shm; None: there is none.
        writes_no_bytecode: Whether PYTHONDONTWRITEBYTECODE is set.
    """
    found = []
    if files < SCARCE_FILES:
        found.append(
            note(
                "limits",
                f"{files} open files a process",
                "`ulimit -n 4096` before `sweep run`, for many trials",
            )
        )
    if shared_bytes is not None and shared_bytes < SCARCE_SHARED:
        remedy = "DataLoader workers may die with a bus error: docker run --shm-size=8g, or num_workers 0"
        found.append(note("limits", f"shared memory has {shared_bytes >> 20} MiB", remedy))
    if writes_no_bytecode:
        remedy = "unset it: every process compiles MLflow anew, which takes seconds"
        found.append(note("limits", "PYTHONDONTWRITEBYTECODE is set", remedy))
    return found or [ok("limits", f"{files} open files a process")]
