"""A stand-in for NVIDIA's management library, with the functions of the module `pynvml` that are used, and values of CUDA_VISIBLE_DEVICES."""

from dataclasses import dataclass, field
from types import SimpleNamespace

SPELLINGS = {
    "": [],
    " ": [],
    "-1": [],
    " -1": [],
    "NoDevFiles": [],
    "none": [],
    "1,3": ["1", "3"],
    " 1 , 3 ": ["1", "3"],
    "0,-1,1": ["0"],
    "0,,1": ["0"],
    "0,0": [],
    "0,00": [],
    "1gpu2,+2": ["1", "2"],
    "GPU-8932f937-d72c,GPU-5ebe9c43": ["GPU-8932f937-d72c", "GPU-5ebe9c43"],
    "GPU-8932f937,0": ["GPU-8932f937"],
    "0,GPU-8932f937": ["0"],
    "GPU-8932f937,GPU-8932f937": [],
    "MIG-GPU-8932f937/0/1": ["MIG-GPU-8932f937/0/1"],
    "MIG-5ebe9c43, MIG-8932f937": ["MIG-5ebe9c43", "MIG-8932f937"],
}
"""CUDA_VISIBLE_DEVICES, and the devices that CUDA then has, where the machine has all that are named."""


@dataclass
class Device:
    """A GPU, or with `of` a MIG part of one; `pids` has who computes on it, each with its bytes,
    `clients` who does so through MPS; None: an old driver."""

    uuid: str
    total: int = 20 << 30
    used: int = 0
    percent: int | None = 0
    pids: dict = field(default_factory=dict)
    clients: dict | None = field(default_factory=dict)
    model: str = ""
    parts: list = field(default_factory=list)
    is_lost: bool = False


class FakeNvml:
    """The module `pynvml` with what stands in `devices`."""

    class NVMLError(Exception):
        pass

    def __init__(self):
        self.devices = []
        self.has_driver = True

    def device(self, number, **given):
        made = Device(f"GPU-{number}{number}{number}-000", **given)
        self.devices.append(made)
        return made

    def nvmlInit(self):  # noqa: N802 - NVML's own names, as below
        if not self.has_driver:
            raise self.NVMLError

    def nvmlDeviceGetCount(self):  # noqa: N802
        return len(self.devices)

    def nvmlDeviceGetHandleByIndex(self, index):  # noqa: N802
        return self._sound(self.devices[index]) if index < len(self.devices) else self._fail()

    def nvmlDeviceGetHandleByUUID(self, uuid):  # noqa: N802
        found = [one for device in self.devices for one in (device, *device.parts) if one.uuid == uuid]
        return self._sound(found[0]) if found else self._fail()

    def nvmlDeviceGetUUID(self, handle):  # noqa: N802
        return handle.uuid

    def nvmlDeviceGetName(self, handle):  # noqa: N802
        return (handle.model or f"model of {handle.uuid}").encode()

    def nvmlDeviceGetMemoryInfo(self, handle, version=None):  # noqa: ARG002, N802
        return SimpleNamespace(total=handle.total, used=handle.used, free=handle.total - handle.used)

    def nvmlDeviceGetUtilizationRates(self, handle):  # noqa: N802
        return self._fail() if handle.percent is None else SimpleNamespace(gpu=handle.percent, memory=0)

    def nvmlDeviceGetComputeRunningProcesses(self, handle):  # noqa: N802
        return [SimpleNamespace(pid=pid, usedGpuMemory=used) for pid, used in handle.pids.items()]

    def nvmlDeviceGetMPSComputeRunningProcesses(self, handle):  # noqa: N802
        if handle.clients is None:
            self._fail()
        return [SimpleNamespace(pid=pid, usedGpuMemory=used) for pid, used in handle.clients.items()]

    def nvmlDeviceGetMigMode(self, device):  # noqa: N802
        return [1, 1] if device.parts else self._fail()

    def nvmlDeviceGetMaxMigDeviceCount(self, device):  # noqa: ARG002, N802
        return 7

    def nvmlDeviceGetMigDeviceHandleByIndex(self, device, index):  # noqa: N802
        return device.parts[index] if index < len(device.parts) else self._fail()

    def _sound(self, device):
        return self._fail() if device.is_lost else device

    def _fail(self):
        raise self.NVMLError
