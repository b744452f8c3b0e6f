"""Seeds random draws by their purpose, so that none depends on the draws before it.

A resumed run thus draws what an uninterrupted one would have drawn, without any saved generator state. All draws
are made on the CPU, for every device.
"""

from __future__ import annotations

import hashlib

import torch


def derived_seed(seed: int, purpose: str, *indices: int) -> int:
    """Derive a 63-bit seed for one purpose, as in `derived_seed(42, "posterior", epoch, video)`."""
    name = "/".join([str(seed), purpose, *map(str, indices)])
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") >> 1


def generator(seed: int, purpose: str, *indices: int) -> torch.Generator:
    """Make a new CPU generator for one purpose."""
    return torch.Generator().manual_seed(derived_seed(seed, purpose, *indices))
