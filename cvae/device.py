"""Which device, how many threads, which precision."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import torch

from cvae.errors import DeviceError

Precision = Literal["fp32", "bf16"]


def resolve_device(*wishes: str) -> torch.device:
    """The device of the first wish that is not `auto`; of `auto` alone, cuda where there is one, else cpu.

    Raises:
        DeviceError: There is no such device here.
    """
    wish = next((wish for wish in wishes if wish != "auto"), None)
    if wish is None:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(wish)
    except RuntimeError:
        raise DeviceError(f"device {wish!r} is not one of auto, cpu, cuda, cuda:N") from None
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise DeviceError(
            f"device {wish} was asked for, but {torch.cuda.device_count()} CUDA devices are visible"
        )
    return device


def use_threads() -> int:
    """Take the thread count from OMP_NUM_THREADS, which torch reads at import only; returns the count."""
    wish = os.environ.get("OMP_NUM_THREADS", "")
    if wish.isdecimal() and int(wish) > 0:
        torch.set_num_threads(int(wish))
    return torch.get_num_threads()


def resolve_precision(wish: Literal["fp32", "bf16", "auto"], device: torch.device) -> Precision:
    """`auto` is bf16 on a GPU that computes in it and on a CPU with AMX, else fp32."""
    if wish != "auto":
        return wish
    if device.type == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"
    cpuinfo = Path("/proc/cpuinfo")
    return "bf16" if cpuinfo.exists() and "amx_bf16" in cpuinfo.read_text() else "fp32"
