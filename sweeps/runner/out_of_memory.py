"""What is recorded of a trial that ran out of memory: on its part of a GPU with the sizes, for the file to be mended by."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sweeps.program.reasons.last_words import OOM
from sweeps.rundir.trainer_manifest import declared_gpu_mem
from sweeps.spec.resources import size_text

if TYPE_CHECKING:
    from sweeps.runner.attempt_spec import AttemptSpec

_WANTED = re.compile(r"[Tt]ried to allocate (\d[\d.]* ?[KMGT]i?B)")
_LIMIT = re.compile(r"0=(\d+)M")


def reason(text: str, spec: AttemptSpec) -> str:
    """`oom`; of a part of a GPU also how much was wanted, and the trainer needs, as far as they said, and how much there was."""
    if not spec.resources.shares_gpu:
        return OOM
    found = _WANTED.findall(text)
    wanted = f"wanted {found[-1]} more, and had " if found else "had "
    limit = _LIMIT.fullmatch(spec.environment.get("CUDA_MPS_PINNED_DEVICE_MEM_LIMIT", ""))
    size = int(limit[1]) << 20 if limit else spec.resources.gpu_mem
    most = f" (at most {size_text(size)})" if size else ""
    declared = declared_gpu_mem(spec.paths)
    need = f"; the trainer needs {size_text(declared)}" if declared else ""
    return f"{OOM}: {wanted}{spec.resources.gpu:.3g} of a GPU{most}{need}"
