"""Allocates GPUs and cores to attempts: the devices of this machine, or a part of a cluster's quota."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections import Counter
from dataclasses import dataclass, replace
from math import ceil
from typing import TYPE_CHECKING

from analysis.results.results import counted
from sweeps.errors import SelectionError
from sweeps.executors.cuda_order import visible_uuids
from sweeps.executors.gpus import Nvml, Others, counts_as_driver, memory_of, named_gpus, visible_gpus
from sweeps.spec.resources import Resources, size_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

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


class Slots(ABC):
    """What may run at once. One supervisor allocates from it, from one thread."""

    @abstractmethod
    def check(self, resources: Resources, sweep: str) -> None:
        """Refuse what can never be allocated.

        Raises:
            SelectionError: There is not as much.
        """

    @abstractmethod
    def allocate(self, resources: Resources, *, alone: bool = False) -> Allocation | None:
        """An allocation, or None while nothing suitable is free; `alone`: with nothing beside it, where that can be had."""

    @abstractmethod
    def release(self, allocation: Allocation) -> None:
        """Give an allocation back."""

    @abstractmethod
    def slots(self, resources: Resources) -> int:
        """How many attempts of these resources run at once where nothing else does."""

    def can_ever(self, resources: Resources) -> bool:  # noqa: ARG002 - a cluster's node that is gone may come back
        """Whether such an allocation can still be had, now or later."""
        return True

    def note_end(self, allocation: Allocation, *, failed: bool, lived_s: float) -> list[str]:  # noqa: ARG002
        """Take note of how an attempt ended; returns the devices that get no more from now on."""
        return []  # which devices of a cluster are sound is its own business

    def news(self) -> list[str]:
        """What the user should know of what is not allocated, since the last time."""
        return []


class Quota(Slots):
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
        gpu = self._gpu * (resources.gpu_share or 1.0) if resources.gpu is None else resources.gpu
        return replace(resources, gpu=float(ceil(gpu)) if alone else gpu)

    def check(self, resources: Resources, sweep: str) -> None:
        """Refuse what can never be allocated.

        Raises:
            SelectionError: Nothing that the cluster has is large enough.
        """
        if resources.gpu_mem is not None:
            raise SelectionError(
                f"sweeps.{sweep}.resources: `gpu_mem` shares GPUs of this machine only; write `gpu: 0.25` for Ray, "
                "or `gres` with your cluster's name for a part of a GPU for Slurm"
            )
        wanted = self.resolve(resources)
        if self._jobs is None and self._capacity(wanted) < 1:
            amount = f"{wanted.gpu:g} GPU{'' if wanted.gpu == 1 else 's'} and {counted(wanted.cpu, 'core')}"
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

    def slots(self, resources: Resources) -> int:
        """How many attempts of these resources run at once."""
        return max(1, self._jobs or self._capacity(self.resolve(resources)))

    def _used(self) -> float:
        """The part of the quota that is used, each allocation a share of how many such fit."""
        return sum(count / max(1, self._capacity(wanted)) for wanted, count in self._held.items())


class Machine(Slots):
    """An inventory of cores and GPUs, allocated to attempts.

    Args:
        cpus: How many cores there are.
        gpus: The devices' ids.
        jobs: At most so many attempts at once; None: as many as fit.
        memory: The bytes that trials can have of each device's memory, where that is known.
        others: Knows the devices that other processes use, and that are left to them meanwhile; None: all are taken.
        uuids: The UUID of each device that processes may share through NVIDIA's MPS.
    """

    def __init__(
        self,
        cpus: int,
        gpus: Sequence[str],
        jobs: int | None = None,
        memory: Mapping[str, int] | None = None,
        others: Others | None = None,
        uuids: Mapping[str, str] | None = None,
    ) -> None:
        self.cpus = cpus
        self.gpus = tuple(dict.fromkeys(gpus))
        self.uuids = dict(uuids or {})
        self._news: list[str] = []
        self._said: set[str] = set()
        self._memory = dict(memory or {})
        self._others = others
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
            count = self._gpus_wanted(resources)
            remedy = "lower `gpu`" if resources.gpu_mem is None else "leave out `gpu_mem`"
            wanted = f"{resources.gpu or count:g} GPU{'s' if count > 1 else ''}"
            raise SelectionError(
                f"sweeps.{sweep}.resources: a trial wants {wanted}, and this machine has {len(self.gpus)}; "
                f"{remedy}, or name the devices with --gpus"
            )
        if resources.gpu_mem is not None and self.gpus and not self._suited(resources):
            most = max(self._memory.values(), default=None)
            known = (
                "how much its GPUs have is not known"
                if most is None
                else f"its largest GPU has {size_text(most)}"
            )
            raise SelectionError(
                f"sweeps.{sweep}.resources: a trial wants {size_text(resources.gpu_mem)} of a GPU's memory, and {known}; "
                f"{'say `gpu: 0.5` or so in place of `gpu_mem`' if most is None else 'lower `gpu_mem`'}"
            )
        if resources.cpu > self.cpus:
            raise SelectionError(
                f"sweeps.{sweep}.resources: a trial wants {counted(resources.cpu, 'core')}, and this machine has {self.cpus}"
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
        held = 0 if count else (self.cpus if alone else resources.cpu)
        shares = {gpu: 1.0 if alone else self._share(resources, gpu) for gpu in self._suited(resources)}
        usable = [
            gpu
            for gpu, share in shares.items()
            if gpu not in self._aside and self._free[gpu] >= share - _EPSILON and not self._is_anothers(gpu)
        ]
        # Beside a GPU the cores are not counted: a trial there is the GPU's to keep busy.
        if len(usable) < count or self._free_cpus < held:
            return None
        chosen = sorted(usable, key=lambda gpu: self._free[gpu])[:count]
        share = shares[chosen[0]] if chosen else 1.0
        allocation = Allocation(tuple(chosen), share, resources.cpu, held)
        self._book(allocation, -1)
        return allocation

    def release(self, allocation: Allocation) -> None:
        """Give an allocation back."""
        self._book(allocation, +1)

    def can_ever(self, resources: Resources) -> bool:
        """Whether enough devices are left that are not set aside."""
        return self._gpus_wanted(resources) <= len(set(self._suited(resources)) - self._aside)

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
            fit = (
                sum(int(1 / self._share(resources, gpu) + _EPSILON) for gpu in self._suited(resources))
                // count
            )
        else:
            fit = self.cpus // resources.cpu
        return max(1, min(fit, self._jobs or fit))

    def news(self) -> list[str]:
        """Which devices are left to others and how they are shared, a sentence each."""
        news, self._news = self._news, []
        return news

    def say(self, sentence: str, about: str = "") -> None:
        """Have `news` tell a sentence once; `about` something, only the first one of that."""
        if (about or sentence) not in self._said:
            self._said.add(about or sentence)
            self._news.append(sentence)

    def memory_for(self, gpu: str, resources: Resources) -> int | None:
        """The bytes of a shared device's memory that an attempt may have at most; None: nobody knows.

        Args:
            gpu: The device's id.
            resources: With the share of it that the attempt got in `gpu`.
        """
        if resources.gpu_mem is not None:
            return resources.gpu_mem
        memory = self._memory.get(gpu)
        return None if memory is None or resources.gpu is None else int(memory * resources.gpu)

    def _is_anothers(self, gpu: str) -> bool:
        """Whether a device on which none of the own trials runs is in use; says so."""
        if self._others is None or self._free[gpu] < 1 - _EPSILON:
            return False
        users = self._others.of(gpu)
        if users:
            who = "; ".join(map(str, users))
            self.say(
                f"GPU {gpu} is left alone while others use it: {who}; `--gpus {gpu}` uses it all the same",
                gpu,
            )
        return bool(users)

    def _book(self, allocation: Allocation, sign: int) -> None:
        self._allocated -= sign
        self._free_cpus += sign * allocation.held_cpus
        for gpu in allocation.gpus or ():
            self._free[gpu] += sign * allocation.share

    def _suited(self, resources: Resources) -> list[str]:
        """The devices that are large enough, whatever runs there."""
        if resources.gpu_mem is None:
            return list(self.gpus)
        return [gpu for gpu in self.gpus if self._memory.get(gpu, 0) >= resources.gpu_mem]

    def _gpus_wanted(self, resources: Resources) -> int:
        if resources.gpu_mem is not None:
            return 1
        if resources.gpu is None:
            return 1 if self.gpus else 0
        return 1 if resources.shares_gpu else int(resources.gpu)

    def _share(self, resources: Resources, gpu: str) -> float:
        """What a trial takes of a device that is large enough."""
        if resources.gpu_mem is not None:
            return resources.gpu_mem / self._memory[gpu]
        if resources.gpu is None:
            return resources.gpu_share or 1.0
        return resources.gpu if resources.shares_gpu else 1.0


def find_machine(gpus: str | None, jobs: int | None) -> Machine:
    """This machine's inventory.

    Args:
        gpus: Device ids as given by hand (`0,1`; empty: none), which are taken whoever uses them; None: what the machine has,
            as far as nobody else uses it. Where $CUDA_VISIBLE_DEVICES numbers unlike GPUs in CUDA's own order, CUDA is asked
            which they are; where it does not tell, nothing is known of their memory and users.
        jobs: At most so many attempts at once.
    """
    named = named_gpus(os.environ) if gpus is None else _split(gpus)
    if named is not None and not named:
        return Machine(cpu_count(), [], jobs)  # there is nothing to ask the driver
    nvml = Nvml.open()
    ids = visible_gpus(nvml) if named is None else named
    if nvml is not None and gpus is None and named is not None and not counts_as_driver(nvml, ids):
        told = visible_uuids()
        ids, nvml = (told, nvml) if told else (ids, None)
    memory = memory_of(nvml, ids, shared=gpus is not None)
    uuids = {} if nvml is None else {name: uuid for name in ids if (uuid := nvml.uuid(name)) is not None}
    others = Others(nvml) if nvml is not None and gpus is None else None
    return Machine(cpu_count(), ids, jobs, memory, others, uuids)


def cpu_count() -> int:
    """The cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1


def _split(ids: str) -> list[str]:
    return [part.strip() for part in ids.split(",") if part.strip()]
