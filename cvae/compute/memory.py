"""How images lie in memory, and what becomes of memory that is freed."""
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
    """Have the C library keep memory that is freed, for the next step, in place of handing it back each time.

    By default glibc maps large blocks one by one and unmaps them when they are freed, so that each step pays
    for the kernel's clearing of every page it touches. Holds for the whole process; says whether it took.

    Source:
        mallopt(3), M_MMAP_THRESHOLD and M_TRIM_THRESHOLD.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    return all(mallopt(option, _LARGEST_BLOCK) == 1 for option in (_M_MMAP_THRESHOLD, _M_TRIM_THRESHOLD))


def time_major(images_BTCHW: Tensor, layout: torch.memory_format) -> Tensor:
    """Frame 0 of all videos, then frame 1 of all: [B, T, C, H, W] -> [T * B, C, H, W], in the network's layout.

    So the frames of a span of time are one slice, whatever the number of videos.
    """
    return images_BTCHW.transpose(0, 1).flatten(0, 1).contiguous(memory_format=layout)
