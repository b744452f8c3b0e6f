"""The one door to NVIDIA's management library (NVML): which GPUs there are, how busy they are, and who computes on them.

Asking loads no CUDA. Where the library or its driver is missing there is nothing to ask, and `Nvml.open` returns None.
"""

from __future__ import annotations

import contextlib
import ctypes
import itertools
import os
import re
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psutil

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

ASKED_S = 2.0
"""How long an answer about who computes on a GPU is believed."""
_SERVICES = ("nvidia-cuda-mps-server", "nvidia-persistenced")
"""Processes that hold a GPU for others and compute nothing."""


@dataclass(frozen=True, slots=True)
class Gpu:
    """A GPU, or the MIG part of one.

    Attributes:
        id: As CUDA_VISIBLE_DEVICES takes it: the driver's number of a GPU, the UUID of a MIG part.
        name: Its model.
        memory_bytes: All of its memory.
        used_bytes: What of that is in use, by whomever.
    """

    id: str
    name: str
    memory_bytes: int
    used_bytes: int


@dataclass(frozen=True, slots=True)
class GpuUser:
    """A process that computes on a GPU; `used_bytes` is None where the driver does not say."""

    pid: int
    used_bytes: int | None

    def __str__(self) -> str:
        """`pid 4242 (python, of ann), 8.2 GB`; what cannot be seen from here is left out."""
        said = []
        with contextlib.suppress(psutil.Error, OSError):
            process = psutil.Process(self.pid)
            said.append(process.name())
            said.append(f"of {process.username()}")
        who = f"pid {self.pid} ({', '.join(said)})" if said else f"pid {self.pid}"
        return who if self.used_bytes is None else f"{who}, {self.used_bytes / 1e9:.1f} GB"


class Nvml:
    """The library, the module `pynvml`, initialised."""

    def __init__(self, library: Any) -> None:
        self._library = library

    @classmethod
    def open(cls) -> Nvml | None:
        """The library of this machine; None where it is missing, or finds no driver."""
        if "pynvml" not in sys.modules and not _has_driver():  # importing it takes a hundred times as long
            return None
        try:
            import pynvml
        except ImportError:
            return None
        try:
            pynvml.nvmlInit()
        except pynvml.NVMLError:
            return None
        return cls(pynvml)

    def gpus(self) -> list[Gpu]:
        """What can be computed on: a GPU that is cut into MIG parts is its parts."""
        found = []
        for number in range(self._library.nvmlDeviceGetCount()):
            with contextlib.suppress(self._library.NVMLError):  # one that has fallen off the bus
                handle = self._library.nvmlDeviceGetHandleByIndex(number)
                if self._is_cut(handle):
                    parts = [(self._uuid(part), part) for part in self._parts(handle)]
                else:
                    parts = [(str(number), handle)]
                found += [self._gpu(name, part) for name, part in parts]
        return found

    def gpu(self, name: str) -> Gpu | None:
        """The GPU of an id, as CUDA_VISIBLE_DEVICES takes it; None: there is none."""
        with contextlib.suppress(self._library.NVMLError):
            return self._gpu(name, self._handle(name))
        return None

    def uuid(self, name: str) -> str | None:
        """The UUID of a GPU's id; None for a MIG part, and where there is none."""
        with contextlib.suppress(self._library.NVMLError):
            return None if name.startswith("MIG-") else self._uuid(self._handle(name))
        return None

    def load(self, name: str) -> tuple[float | None, int | None]:
        """The share of the last moments in which a GPU was busy, %, and the bytes of its memory in use, by whomever.

        Returns:
            None for what it does not tell, as MIG parts do not say how busy they are.
        """
        percent, used_bytes = None, None
        with contextlib.suppress(self._library.NVMLError):
            handle = self._handle(name)
            with contextlib.suppress(self._library.NVMLError):
                percent = float(self._library.nvmlDeviceGetUtilizationRates(handle).gpu)
            used_bytes = int(self._library.nvmlDeviceGetMemoryInfo(handle).used)
        return percent, used_bytes

    def users(self, name: str) -> list[GpuUser]:
        """Who computes on a GPU, as far as this process can see."""
        with contextlib.suppress(self._library.NVMLError):
            handle = self._handle(name)
            running = list(self._library.nvmlDeviceGetComputeRunningProcesses(handle))
            with contextlib.suppress(self._library.NVMLError):  # an old driver knows no clients of MPS
                running += self._library.nvmlDeviceGetMPSComputeRunningProcesses(handle)
            used = {process.pid: process.usedGpuMemory for process in running}
            return [GpuUser(pid, used_bytes) for pid, used_bytes in used.items() if not _serves(pid)]
        return []

    def _handle(self, name: str) -> Any:
        """The handle of a GPU's number, of its UUID, which CUDA lets be cut short, or of a MIG part's."""
        if name.isdecimal():
            return self._library.nvmlDeviceGetHandleByIndex(int(name))
        if name.startswith("GPU-"):
            for number in range(self._library.nvmlDeviceGetCount()):
                handle = self._library.nvmlDeviceGetHandleByIndex(number)
                if self._uuid(handle).startswith(name):
                    return handle
        return self._library.nvmlDeviceGetHandleByUUID(name)

    def _gpu(self, name: str, handle: Any) -> Gpu:
        memory = self._library.nvmlDeviceGetMemoryInfo(handle)
        model = _text(self._library.nvmlDeviceGetName(handle))
        return Gpu(name, model, int(memory.total), int(memory.used))

    def _uuid(self, handle: Any) -> str:
        return _text(self._library.nvmlDeviceGetUUID(handle))

    def _is_cut(self, handle: Any) -> bool:
        with contextlib.suppress(self._library.NVMLError):  # most models cannot be cut
            return bool(self._library.nvmlDeviceGetMigMode(handle)[0])
        return False

    def _parts(self, handle: Any) -> list[Any]:
        parts = []
        for number in range(self._library.nvmlDeviceGetMaxMigDeviceCount(handle)):
            with contextlib.suppress(self._library.NVMLError):  # not every place has a part
                parts.append(self._library.nvmlDeviceGetMigDeviceHandleByIndex(handle, number))
        return parts


class Others:
    """Knows which GPUs other processes compute on.

    Ask only of GPUs on which none of the own trials runs. This process, and what it was started from, such as a notebook, is
    nobody else.
    """

    def __init__(self, nvml: Nvml, clock: Callable[[], float] = time.monotonic) -> None:
        self._nvml = nvml
        self._clock = clock
        self._own = own_pids()
        self._asked: dict[str, tuple[float, tuple[GpuUser, ...]]] = {}

    def of(self, gpu: str) -> tuple[GpuUser, ...]:
        """Who computes on a GPU, as of `ASKED_S` ago at most."""
        now_s = self._clock()
        asked_s, users = self._asked.get(gpu, (-ASKED_S, ()))
        if now_s - asked_s >= ASKED_S:
            users = tuple(user for user in self._nvml.users(gpu) if user.pid not in self._own)
            self._asked[gpu] = now_s, users
        return users


def own_pids() -> set[int]:
    """This process and what it was started from, such as a notebook."""
    return {os.getpid(), *(process.pid for process in psutil.Process().parents())}


def visible_gpus(nvml: Nvml | None) -> list[str]:
    """The ids of the GPUs to use: what $CUDA_VISIBLE_DEVICES names, else all that the driver has."""
    named = named_gpus(os.environ)
    if named is not None:
        return named
    return [gpu.id for gpu in nvml.gpus()] if nvml is not None else []


def named_gpus(environment: Mapping[str, str]) -> list[str] | None:
    """The ids of the GPUs that $CUDA_VISIBLE_DEVICES names; None where it is not set."""
    given = environment.get("CUDA_VISIBLE_DEVICES")
    return None if given is None else devices_in(given)


def devices_in(given: str) -> list[str]:
    """The devices that a value of CUDA_VISIBLE_DEVICES names, by CUDA's own rules.

    The first one says whether they are indexes or ids of GPUs or of their MIG parts; what is none ends the list, as `-1` and
    `NoDevFiles` do; one that comes twice leaves no device at all.
    """
    parts = [part.strip() for part in given.split(",")]
    kind = next((kind for kind in ("GPU-", "MIG-") if parts[0].startswith(kind)), "")
    names = (part.startswith(kind) and part if kind else _index(part) for part in parts)
    devices = [str(name) for name in itertools.takewhile(bool, names)]
    return devices if len(devices) == len(set(devices)) else []


def counts_as_driver(nvml: Nvml, ids: Sequence[str]) -> bool:
    """Whether CUDA, left to itself, means by these ids what the driver means: of unlike GPUs it puts the fastest first."""
    is_ordered = os.environ.get("CUDA_DEVICE_ORDER") == "PCI_BUS_ID" or not any(map(str.isdecimal, ids))
    return is_ordered or len({gpu.name for gpu in nvml.gpus()}) <= 1


def memory_of(nvml: Nvml | None, ids: Sequence[str], *, shared: bool) -> dict[str, int]:
    """The bytes of memory of each GPU that trials can have; a GPU of which nobody knows is left out.

    Args:
        nvml: The door to the GPUs.
        ids: The GPUs.
        shared: Whether trials run beside the processes of others, and have what these leave. They always run beside this
            process and what it was started from.
    """
    if nvml is None:
        return {}
    own = own_pids()

    def held(gpu: Gpu, users: Sequence[GpuUser]) -> int:
        if shared or all(user.pid in own for user in users):
            return gpu.used_bytes
        return sum(user.used_bytes or 0 for user in users if user.pid in own)

    found = [(name, nvml.gpu(name)) for name in ids]
    return {name: gpu.memory_bytes - held(gpu, nvml.users(name)) for name, gpu in found if gpu is not None}


def _has_driver() -> bool:
    """Whether the driver's library can be loaded, on Linux; elsewhere it has other names, and `pynvml` looks for it."""
    if sys.platform != "linux":
        return True
    try:
        ctypes.CDLL("libnvidia-ml.so.1")
    except OSError:
        return False
    return True


def _serves(pid: int) -> bool:
    with contextlib.suppress(psutil.Error, OSError):
        return psutil.Process(pid).name() in _SERVICES
    return False


def _index(part: str) -> str | None:
    """The number that a part begins with: CUDA reads no further."""
    found = re.match(r"\+?(\d+)", part)
    return str(int(found[1])) if found else None


def _text(text: str | bytes) -> str:
    return text.decode() if isinstance(text, bytes) else text
