"""Names of what is sampled of the machine while a trial runs, and what a trial cost by that. Pure.

They are metrics of MLflow's group `system/`, which its UI shows apart from others. MLflow's own monitor, which a trainer may
turn on, measures the whole machine under names such as `system/cpu_utilization_percentage`; of one trial's processes and
GPUs the names are `system/trial_...`, so that no name has two meanings and a run may have both.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

OF_MACHINE = "system/"
"""What MLflow's names of the machine's metrics begin with: their steps count samples, and they judge no trial."""
OF_TRIAL = f"{OF_MACHINE}trial_"
"""What the names of one trial's processes and GPUs begin with."""
CPU = f"{OF_TRIAL}cpu_utilization_percentage"
"""Of one core: 200 where two are busy."""
MEMORY = f"{OF_TRIAL}memory_usage_megabytes"
"""Resident memory, summed over the processes; 10**6 bytes, as in MLflow's names."""
DISK_READ, DISK_WRITE = f"{OF_TRIAL}disk_read_megabytes", f"{OF_TRIAL}disk_write_megabytes"
"""Since the attempt began; what the system had in memory already is not read."""
_GPU_USE = re.compile(rf"{OF_TRIAL}gpu_\d+_utilization_percentage")
_GPU_MEMORY = re.compile(rf"{OF_TRIAL}gpu_\d+_memory_usage_megabytes")

MOST_GPUS = 16
"""So many GPUs of one trial have metrics that are read again."""


def gpu_use(number: int) -> str:
    """The share of time in which a GPU was busy, %; numbered as the trial does: 0 is its `cuda:0`."""
    return f"{OF_TRIAL}gpu_{number}_utilization_percentage"


def gpu_memory(number: int) -> str:
    """The memory of a GPU that is in use, by whomever, megabytes; numbered as in `gpu_use`."""
    return f"{OF_TRIAL}gpu_{number}_memory_usage_megabytes"


KEYS = (CPU, MEMORY, *(name(number) for number in range(MOST_GPUS) for name in (gpu_use, gpu_memory)))
"""Every metric that a `Load` is made of."""


@dataclass(frozen=True, slots=True)
class Load:
    """What a trial takes of the machine; None: not sampled.

    Attributes:
        cores: How many it keeps busy.
        memory_bytes: Its processes' resident memory.
        gpu_percent: How busy its GPUs are, their mean.
        gpu_memory_bytes: Their memory in use, their sum.
    """

    cores: float | None = None
    memory_bytes: float | None = None
    gpu_percent: float | None = None
    gpu_memory_bytes: float | None = None

    @classmethod
    def at(cls, values: Mapping[str, float]) -> Load:
        """By one value of each metric: percent of a core or a GPU, and megabytes of 10**6 bytes."""
        busy = [value for key, value in values.items() if _GPU_USE.fullmatch(key) and math.isfinite(value)]
        held = [value for key, value in values.items() if _GPU_MEMORY.fullmatch(key) and math.isfinite(value)]
        cpu, memory = values.get(CPU), values.get(MEMORY)
        return cls(
            None if cpu is None else cpu / 100,
            None if memory is None else memory * 1e6,
            sum(busy) / len(busy) if busy else None,
            sum(held) * 1e6 if held else None,
        )

    @classmethod
    def over(cls, samples: Mapping[str, Iterable[float]]) -> Load:
        """Over a whole run, by all values of each metric, in the units of `at`: cores and GPUs on average, and the most memory."""
        values: dict[str, float] = {}
        for key, given in samples.items():
            if own := [value for value in given if math.isfinite(value)]:
                is_memory = key == MEMORY or _GPU_MEMORY.fullmatch(key)
                values[key] = max(own) if is_memory else sum(own) / len(own)
        return cls.at(values)
