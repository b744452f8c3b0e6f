"""Memory: the layout of image batches, and an allocator setting that reuses freed blocks."""
# ruff: noqa: N803  shape suffixes

from __future__ import annotations

import ctypes
import platform
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from torch import Tensor

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_LARGEST_BLOCK = 1 << 30


@cache
def keep_freed_memory() -> bool:
    """Let the C library keep freed memory for the next step instead of returning it to the system.

    By default glibc maps each large block anew and unmaps it when it is freed, so in each step the kernel clears
    every page again. The setting applies to the whole process.

    Returns:
        Whether it took effect; it needs glibc.

    Source:
        mallopt(3), M_MMAP_THRESHOLD and M_TRIM_THRESHOLD.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    return all(mallopt(option, _LARGEST_BLOCK) == 1 for option in (_M_MMAP_THRESHOLD, _M_TRIM_THRESHOLD))


def sent(tensor: Tensor, device: torch.device) -> Tensor:
    """Copy a tensor of the CPU to a device; to a GPU from pinned memory, so that nobody waits for what it still computes."""
    return tensor.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else tensor.to(device)


def time_major(images_BTCHW: Tensor, layout: torch.memory_format) -> Tensor:
    """Put frame 0 of all videos first, then frame 1 of all: [B, T, C, H, W] -> [T * B, C, H, W], in `layout`.

    The frames of a span of time are then one slice, for any number of videos.
    """
    return images_BTCHW.transpose(0, 1).flatten(0, 1).contiguous(memory_format=layout)
