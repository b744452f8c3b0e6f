"""Chooses the device, the number of threads and the precision to compute with."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, Literal

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


def use_device(device: torch.device) -> None:
    """Have the whole process compute on a GPU where none is named: streams, events and pinned memory are the current one's."""
    if device.type == "cuda" and device.index is not None:
        torch.cuda.set_device(device)


def use_threads() -> int:
    """Set the thread count to OMP_NUM_THREADS, which torch itself reads only at import; return the count."""
    wish = os.environ.get("OMP_NUM_THREADS", "")
    if wish.isdecimal() and int(wish) > 0:
        torch.set_num_threads(int(wish))
    return torch.get_num_threads()


def autocast(device: torch.device, precision: Precision) -> torch.autocast:
    """Convolutions and matrix products in this precision, in a `with` block."""
    return torch.autocast(device.type, torch.bfloat16, enabled=precision == "bf16")


def set_numerics(device: torch.device, *, tf32: bool, deterministic: bool) -> None:
    """Set what a GPU's arithmetic is allowed, for the whole process; on a CPU nothing changes.

    Args:
        device: Where is computed.
        tf32: Whether convolutions in fp32 may round their inputs to TF32, which has 10 bits of fraction.
        deterministic: Whether the same work always has to give the same bits, which costs time.
    """
    if device.type != "cuda":
        return
    torch.backends.cudnn.allow_tf32 = tf32
    torch.backends.cuda.matmul.allow_tf32 = False
    if deterministic:
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # read when CUDA starts
        torch.backends.cudnn.benchmark = False
        torch.use_deterministic_algorithms(True)
        torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # none is read


def describe_card(device: torch.device, *, deterministic: bool) -> dict[str, Any]:
    """What provenance says of a GPU: its model, driver and libraries, and how is computed on it; on a CPU nothing."""
    if device.type != "cuda":
        return {}
    cudnn = torch.backends.cudnn
    return {
        "name": torch.cuda.get_device_name(device),
        "driver": driver_version(),
        "cuda": torch.version.cuda,
        "cudnn": cudnn.version(),  # type: ignore[no-untyped-call]
        "tf32": cudnn.allow_tf32,
        "deterministic": deterministic,
        "mps": finds_mps(),
        "steps": "eager",
    }


def finds_mps() -> bool:
    """Whether CUDA finds an MPS daemon, through which processes that share a GPU compute at once."""
    folder = os.environ.get("CUDA_MPS_PIPE_DIRECTORY") or "/tmp/nvidia-mps"  # noqa: S108 - CUDA's own default
    return Path(folder, "control").exists()


def driver_version(file: Path = Path("/proc/driver/nvidia/version")) -> str | None:
    """The version of NVIDIA's driver, such as `580.65.06`; None where the kernel does not tell."""
    try:
        found = re.search(r"\b\d{3,}\.\d+(\.\d+)?\b", file.read_text(encoding="utf-8"))
    except OSError:
        return None
    return found[0] if found else None


def resolve_precision(wish: Literal["fp32", "bf16", "auto"], device: torch.device) -> Precision:
    """Choose the precision: `auto` is bf16 on a GPU or CPU (AMX, AVX-512 BF16) that computes in it, else fp32."""
    if wish != "auto":
        return wish
    if device.type == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"
    cpuinfo = Path("/proc/cpuinfo")
    flags = cpuinfo.read_text(encoding="utf-8").split() if cpuinfo.exists() else []
    return "fp32" if FAST_BF16.isdisjoint(flags) else "bf16"
