"""Allocates GPUs and cores to attempts: the devices of this machine, or a part of a cluster's quota."""

from __future__ import annotations

import itertools
import os
import re
import shutil
import subprocess
from collections import Counter
from dataclasses import dataclass, replace
from math import ceil
from typing import TYPE_CHECKING, Protocol

from sweeps.errors import SelectionError
from sweeps.spec.resources import Resources

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

EARLY_S = 10.0
"""An attempt that fails sooner may have died of its device."""
DEATHS = 3
"""So many early failures in a row, and a device is set aside."""
_EPSILON = 1e-9


@dataclass(frozen=True, slots=True)
class Allocation:
    """What one attempt holds.

    Attributes:
        gpus: The devices' ids, as CUDA_VISIBLE_DEVICES takes them; None: the executor names them.
        share: The part of each device, 1 for the whole; of devices that the executor names, how many.
        cpus: Cores, and so threads.
        held_cpus: Cores that nobody else gets meanwhile; 0 beside a GPU.
    """

    gpus: tuple[str, ...] | None
    share: float
    cpus: int
    held_cpus: int

    @property
    def gpu(self) -> float:
        """How many GPUs, a part of one included."""
        return self.share if self.gpus is None else self.share * len(self.gpus)

    @property
    def devices(self) -> tuple[str, ...]:
        """The devices as the trainer sees them; a part of one is one."""
        count = ceil(self.gpu - _EPSILON) if self.gpus is None else len(self.gpus)
        return tuple(f"cuda:{number}" for number in range(count)) or ("cpu",)

    def environment(self) -> dict[str, str]:
        """The variables that hold a process to its allocation."""
        threads = str(self.cpus)
        held = {"OMP_NUM_THREADS": threads, "MKL_NUM_THREADS": threads}
        return held if self.gpus is None else {"CUDA_VISIBLE_DEVICES": ",".join(self.gpus), **held}


class Slots(Protocol):
    """What may run at once. One supervisor allocates from it, from one thread."""

    def check(self, resources: Resources, sweep: str) -> None:
        """Refuse what can never be allocated.

        Raises:
            SelectionError: There is not as much.
        """

    def allocate(self, resources: Resources, *, alone: bool = False) -> Allocation | None:
        """An allocation, or None while nothing suitable is free; `alone`: with nothing beside it, where that can be had."""

    def release(self, allocation: Allocation) -> None:
        """Give an allocation back."""

    def can_ever(self, resources: Resources) -> bool:
        """Whether such an allocation can still be had, now or later."""

    def note_end(self, allocation: Allocation, *, failed: bool, lived_s: float) -> list[str]:
        """Take note of how an attempt ended; returns the devices that get no more from now on."""

    def slots(self, resources: Resources) -> int:
        """How many attempts of these resources run at once where nothing else does."""


class Quota:
    """So many attempts at once; where each runs is the executor's business.

    Args:
        capacity: How many attempts of some resources fit, as things stand; 0: none does.
        gpu: GPUs of a trial that does not say how many it wants.
        jobs: At most so many attempts at once, whether they fit now or wait in a queue; None: what fits.
        refusal: Why what does not fit never will, and what to do, for messages.
    """

    def __init__(
        self, capacity: Callable[[Resources], int], gpu: float, jobs: int | None, refusal: str
    ) -> None:
        self._capacity = capacity
        self._gpu = gpu
        self._jobs = jobs
        self._refusal = refusal
        self._held: Counter[Resources] = Counter()

    def resolve(self, resources: Resources, *, alone: bool = False) -> Resources:
        """The resources with their GPUs as a number; a trial alone shares none of them."""
        gpu = self._gpu if resources.gpu is None else resources.gpu
        return replace(resources, gpu=float(ceil(gpu)) if alone else gpu)

    def check(self, resources: Resources, sweep: str) -> None:
        """Refuse what can never be allocated.

        Raises:
            SelectionError: Nothing that the cluster has is large enough.
        """
        wanted = self.resolve(resources)
        if self._jobs is None and self._capacity(wanted) < 1:
            amount = f"{wanted.gpu:g} GPUs and {wanted.cpu} cores"
            raise SelectionError(f"sweeps.{sweep}.resources: a trial wants {amount}, and {self._refusal}")

    def allocate(self, resources: Resources, *, alone: bool = False) -> Allocation | None:
        """An allocation, or None while the quota is used up."""
        wanted = self.resolve(resources, alone=alone)
        if self._jobs is not None:
            fits = self._held.total() < self._jobs
        else:
            capacity = self._capacity(wanted)
            fits = capacity > 0 and self._used() + 1 / capacity <= 1 + _EPSILON
        if not fits:
            return None
        self._held[Resources(wanted.gpu, wanted.cpu)] += 1
        return Allocation(None, wanted.gpu or 0.0, wanted.cpu, 0)

    def release(self, allocation: Allocation) -> None:
        """Give an allocation back."""
        self._held[Resources(allocation.gpu, allocation.cpus)] -= 1

    def can_ever(self, resources: Resources) -> bool:  # noqa: ARG002 - whatever is gone may come back
        """True: a node that is gone may come back."""
        return True

    def note_end(self, allocation: Allocation, *, failed: bool, lived_s: float) -> list[str]:  # noqa: ARG002 - see below
        """None: which devices are sound is the cluster's business."""
        return []

    def slots(self, resources: Resources) -> int:
        """How many attempts of these resources run at once."""
        return max(1, self._jobs or self._capacity(self.resolve(resources)))

    def _used(self) -> float:
        """The part of the quota that is used, each allocation a share of how many such fit."""
        return sum(count / max(1, self._capacity(wanted)) for wanted, count in self._held.items())


class Machine:
    """An inventory of cores and GPUs, allocated to attempts.

    Args:
        cpus: How many cores there are.
        gpus: The devices' ids.
        jobs: At most so many attempts at once; None: as many as fit.
    """

    def __init__(self, cpus: int, gpus: Sequence[str], jobs: int | None = None) -> None:
        self.cpus = cpus
        self.gpus = tuple(dict.fromkeys(gpus))
        self._free_cpus = cpus
        self._free = dict.fromkeys(self.gpus, 1.0)
        self._jobs = jobs
        self._allocated = 0
        self._deaths = dict.fromkeys(self.gpus, 0)
        self._aside: set[str] = set()

    def check(self, resources: Resources, sweep: str) -> None:
        """Refuse what can never be allocated.

        Raises:
            SelectionError: The machine is too small.
        """
        if self._gpus_wanted(resources) > len(self.gpus):
            wanted = f"{resources.gpu:g} GPU{'s' if (resources.gpu or 0) > 1 else ''}"
            raise SelectionError(
                f"sweeps.{sweep}.resources: a trial wants {wanted}, and this machine has {len(self.gpus)}; "
                "lower `gpu`, or name the devices with --gpus"
            )
        if resources.cpu > self.cpus:
            raise SelectionError(
                f"sweeps.{sweep}.resources: a trial wants {resources.cpu} cores, and this machine has {self.cpus}"
            )

    def allocate(self, resources: Resources, *, alone: bool = False) -> Allocation | None:
        """An allocation, or None while nothing suitable is free. Shares of a device are packed tightly.

        Args:
            resources: What the trial wants.
            alone: Allocate whole devices, or the machine where it wants none, so that nothing else runs beside it.
        """
        if self._jobs is not None and self._allocated >= self._jobs:
            return None
        count = self._gpus_wanted(resources)
        share = 1.0 if alone else self._share(resources)
        held = 0 if count else (self.cpus if alone else resources.cpu)
        usable = [gpu for gpu in self.gpus if gpu not in self._aside and self._free[gpu] >= share - _EPSILON]
        # Beside a GPU the cores are not counted: a trial there is the GPU's to keep busy.
        if len(usable) < count or self._free_cpus < held:
            return None
        chosen = sorted(usable, key=lambda gpu: self._free[gpu])[:count]
        allocation = Allocation(tuple(chosen), share, resources.cpu, held)
        self._book(allocation, -1)
        return allocation

    def release(self, allocation: Allocation) -> None:
        """Give an allocation back."""
        self._book(allocation, +1)

    def can_ever(self, resources: Resources) -> bool:
        """Whether enough devices are left that are not set aside."""
        return self._gpus_wanted(resources) <= len(self.gpus) - len(self._aside)

    def note_end(self, allocation: Allocation, *, failed: bool, lived_s: float) -> list[str]:
        """Count early deaths on the devices of an allocation; returns those that this one sets aside.

        A device on which `DEATHS` trials in a row failed within `EARLY_S` seconds gets no more.
        """
        set_aside = []
        for gpu in allocation.gpus or ():
            self._deaths[gpu] = self._deaths[gpu] + 1 if failed and lived_s < EARLY_S else 0
            if self._deaths[gpu] >= DEATHS and gpu not in self._aside:
                self._aside.add(gpu)
                set_aside.append(gpu)
        return set_aside

    def slots(self, resources: Resources) -> int:
        """How many attempts of these resources run at once on the empty machine."""
        count = self._gpus_wanted(resources)
        if count:
            fit = int(1 / self._share(resources) + _EPSILON) * (len(self.gpus) // count)
        else:
            fit = self.cpus // resources.cpu
        return max(1, min(fit, self._jobs or fit))

    def _book(self, allocation: Allocation, sign: int) -> None:
        self._allocated -= sign
        self._free_cpus += sign * allocation.held_cpus
        for gpu in allocation.gpus or ():
            self._free[gpu] += sign * allocation.share

    def _gpus_wanted(self, resources: Resources) -> int:
        if resources.gpu is None:
            return 1 if self.gpus else 0
        return 1 if 0 < resources.gpu < 1 else int(resources.gpu)

    @staticmethod
    def _share(resources: Resources) -> float:
        return resources.gpu if resources.gpu is not None and 0 < resources.gpu < 1 else 1.0


def find_machine(gpus: str | None, jobs: int | None) -> Machine:
    """This machine's inventory.

    Args:
        gpus: Device ids as given by hand (`0,1`; empty: none); None: what the machine has.
        jobs: At most so many attempts at once.
    """
    return Machine(cpu_count(), _split(gpus) if gpus is not None else visible_gpus(), jobs)


def cpu_count() -> int:
    """The cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1


def visible_gpus() -> list[str]:
    """CUDA devices, from $CUDA_VISIBLE_DEVICES or the driver; found without loading CUDA."""
    given = os.environ.get("CUDA_VISIBLE_DEVICES")
    if given is not None:
        return devices_in(given)
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    query = [program, "--query-gpu=index", "--format=csv,noheader"]
    try:
        done = subprocess.run(query, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return []
    return [word for word in done.stdout.split() if word.isdecimal()]


def devices_in(given: str) -> list[str]:
    """The devices that a value of CUDA_VISIBLE_DEVICES names, by CUDA's own rules.

    The first one says whether they are indexes or ids of GPUs or of their MIG parts; what is none ends the list, as `-1` and
    `NoDevFiles` do; one that comes twice leaves no device at all.
    """
    parts = [part.strip() for part in given.split(",")]
    kind = next((kind for kind in ("GPU-", "MIG-") if parts[0].startswith(kind)), "")
    names = (part.startswith(kind) and part if kind else _index(part) for part in parts)
    devices = [str(name) for name in itertools.takewhile(bool, names)]
    return devices if len(devices) == len(set(devices)) else []


def _index(part: str) -> str | None:
    """The number that a part begins with: CUDA reads no further."""
    found = re.match(r"\+?(\d+)", part)
    return str(int(found[1])) if found else None


def _split(ids: str) -> list[str]:
    return [part.strip() for part in ids.split(",") if part.strip()]
