"""Chooses the device, the number of threads and the precision to compute with."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import torch

from cvae.errors import DeviceError

Precision = Literal["fp32", "bf16"]

FAST_BF16 = frozenset({"amx_bf16", "avx512_bf16"})
"""Flags of CPUs that multiply bf16 matrices at least twice as fast as fp32 ones."""


def resolve_device(*wishes: str) -> torch.device:
    """Choose a device: the first wish that is not `auto`; if all are, cuda if there is one, else cpu.

    Raises:
        DeviceError: This machine has no such device.
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
    """Set the thread count to OMP_NUM_THREADS, which torch itself reads only at import; return the count."""
    wish = os.environ.get("OMP_NUM_THREADS", "")
    if wish.isdecimal() and int(wish) > 0:
        torch.set_num_threads(int(wish))
    return torch.get_num_threads()


def resolve_precision(wish: Literal["fp32", "bf16", "auto"], device: torch.device) -> Precision:
    """Choose the precision: `auto` is bf16 on a GPU or CPU (AMX, AVX-512 BF16) that computes in it, else fp32."""
    if wish != "auto":
        return wish
    if device.type == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"
    cpuinfo = Path("/proc/cpuinfo")
    flags = cpuinfo.read_text(encoding="utf-8").split() if cpuinfo.exists() else []
    return "fp32" if FAST_BF16.isdisjoint(flags) else "bf16"
