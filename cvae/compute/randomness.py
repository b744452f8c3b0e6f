"""Random draws that depend on what they are for, not on what was drawn before.

So a resumed run draws what an uninterrupted one would have drawn, with no generator state to carry along, and
the CPU draws for every device.
"""

from __future__ import annotations

import hashlib

import torch


def derived_seed(seed: int, purpose: str, *indices: int) -> int:
    """A 63-bit seed for one purpose, as in `derived_seed(42, "posterior", epoch, video)`."""
    name = "/".join([str(seed), purpose, *map(str, indices)])
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") >> 1


def generator(seed: int, purpose: str, *indices: int) -> torch.Generator:
    """A fresh CPU generator for one purpose."""
    return torch.Generator().manual_seed(derived_seed(seed, purpose, *indices))
