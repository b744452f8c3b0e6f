"""Asks CUDA which GPUs it sees, in its own order, in a process of its own: a process that has asked must not be forked.

Of unlike GPUs CUDA numbers the fastest first, by a rule that only CUDA knows; the driver numbers them by their place. The UUIDs
mean the same to both. A script of the standard library alone.
"""

from __future__ import annotations

import ctypes
import subprocess
import sys
import uuid
from typing import Any

LIMIT_S = 20.0
"""How long CUDA may take to answer; where GPUs are asleep it takes seconds."""


def visible_uuids() -> list[str] | None:
    """The UUIDs of the GPUs that CUDA sees here, in its order; None where it does not tell."""
    try:
        asked = subprocess.run(
            [sys.executable, "-I", __file__], capture_output=True, text=True, timeout=LIMIT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return asked.stdout.split() if asked.returncode == 0 else None


def uuids_by(driver: Any) -> list[str]:
    """The UUIDs of the GPUs that a process sees, in CUDA's order, by its driver library.

    Raises:
        OSError: It has no answer.
    """

    def call(name: str, *arguments: object) -> None:
        if code := getattr(driver, name)(*arguments):
            raise OSError(code, name)

    count = ctypes.c_int()
    call("cuInit", 0)
    call("cuDeviceGetCount", ctypes.byref(count))
    found = []
    for number in range(count.value):
        device, given = ctypes.c_int(), (ctypes.c_ubyte * 16)()
        call("cuDeviceGet", ctypes.byref(device), number)
        call("cuDeviceGetUuid", ctypes.byref(given), device)
        found.append(f"GPU-{uuid.UUID(bytes=bytes(given))}")
    return found


if __name__ == "__main__":
    sys.stdout.write("\n".join(uuids_by(ctypes.CDLL("libcuda.so.1"))))
