"""Makes an attempt's own what it inherits by the fork: its threads and its random numbers."""

from __future__ import annotations

import os
import sys
from typing import Any

THREAD_VARIABLES = (
    *(f"{name}_NUM_THREADS" for name in ("OMP", "MKL", "OPENBLAS", "BLIS", "NUMEXPR", "NUMBA", "RAYON")),
    *("VECLIB_MAXIMUM_THREADS", "POLARS_MAX_THREADS", "LOKY_MAX_CPU_COUNT"),
)
"""What libraries read, when they are loaded, to know how many threads they may start."""
_pools: Any = None
"""The thread pools of the BLAS and OpenMP libraries that were loaded before the fork, or None."""


def find_pools() -> None:
    """Find, once and before the first fork, the pools that no longer look at the environment."""
    global _pools  # noqa: PLW0603 - what the forkserver hands down to its children
    if "numpy" in sys.modules or "torch" in sys.modules:
        import threadpoolctl

        _pools = threadpoolctl.ThreadpoolController()


def make_own(threads: int) -> None:
    """Hold this process to its threads, and give it random numbers of its own, as an interpreter of its own would have.

    Libraries that are not loaded yet find the number of threads in the environment, and draw a seed themselves.
    """
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, str(threads)))
    if _pools is not None:
        _pools.limit(limits=threads)
    torch, numpy_random = sys.modules.get("torch"), sys.modules.get("numpy.random")
    if torch is not None:
        torch.set_num_threads(threads)
        torch.default_generator.seed()
    if numpy_random is not None:
        numpy_random.seed()
