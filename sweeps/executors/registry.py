"""Chooses the executor that `--executor` names, from the options of the command line."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sweeps.errors import HeldError, SelectionError, did_you_mean
from sweeps.executors.slots import find_machine

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sweeps.executors.base import Executor
    from sweeps.rundir.paths import RunPaths, StateDir


EXECUTORS = ("local", "ray", "slurm")


@dataclass(frozen=True, slots=True)
class ExecutorChoice:
    """What trials run on, not yet started or connected to.

    Attributes:
        name: `local` for processes of this machine, `ray` or `slurm`.
        address: Of the cluster, as `ray.init` takes it (None: $RAY_ADDRESS, else a cluster of this machine alone); of Slurm
            `local` for what submitit has in its place.
        gpus: Ids of this machine's devices as given by hand (`0,1`; empty: none); None: what the machine has.
        jobs: At most so many attempts at once; None: as many as fit, or as a queue can take.
    """

    name: str = "local"
    address: str | None = None
    gpus: str | None = None
    jobs: int | None = None

    def open(self, modules: Sequence[str], search_path: Sequence[str], state: StateDir) -> Executor:
        """Start it or connect to it.

        Args:
            modules: What each process imports before its first attempt, such as the trainer's module.
            search_path: Where modules are looked for first.
            state: Where runs keep their files.

        Raises:
            LaunchError: It is not installed, or cannot be reached.
        """
        if self.name == "ray":
            from sweeps.executors.ray import RayExecutor

            shipped = shipped_code(modules, search_path)
            return RayExecutor(self.address, self.jobs, modules, search_path, shipped)
        if self.name == "slurm":
            from sweeps.executors.slurm import SlurmExecutor

            return SlurmExecutor(self.address, self.jobs, modules, search_path, state)
        from sweeps.executors.local import LocalExecutor
        from sweeps.executors.mps import Mps

        if self.gpus is not None or "CUDA_VISIBLE_DEVICES" not in os.environ:
            # The driver, whose numbers are meant, counts by place; CUDA the fastest first, unless told.
            os.environ.setdefault("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
        machine = find_machine(self.gpus, self.jobs)
        folder = Path(state.root, "mps", str(os.getpid())).absolute()  # trials run in other folders
        mps = Mps(folder, machine.uuids, machine.memory_for, machine.say)
        return LocalExecutor(modules, search_path, machine, mps=mps)

    def kept(self, runs: Iterable[RunPaths]) -> set[RunPaths]:
        """The runs, of those whose supervisor is gone, that it still has an attempt of for the next one to adopt.

        Only a Slurm job outlives its supervisor: it waits or runs, or has ended and nobody has seen it.

        Raises:
            HeldError: Another executor, or another queue, may have one.
            LaunchError: It does not answer, so that nobody knows.
        """
        given = [paths for paths in runs if paths.job.exists()]
        if not given:
            return set()
        from sweeps.executors.cluster_queue import queue_at
        from sweeps.executors.slurm import LeftJobs, held_by_job

        if self.name != "slurm":
            raise HeldError(held_by_job(given[0]))
        left = LeftJobs(queue_at(self.address, self.jobs))
        return {paths for paths in given if left.job_of(paths) is not None}


def executor_named(name: str, *, address: str | None, gpus: str | None, jobs: int | None) -> ExecutorChoice:
    """The executor that the command line asks for.

    Raises:
        SelectionError: There is no executor of this name, or an option belongs to another one.
    """
    if address is not None and name == "local":
        raise SelectionError("--address is for --executor ray and slurm, not local")
    if address not in (None, "local") and name == "slurm":
        raise SelectionError(
            f"--address {address}: for --executor slurm there is only `local`, submitit's own executor on this "
            "machine; leave it out for the Slurm cluster of this login node"
        )
    if gpus is not None and name != "local":
        raise SelectionError(f"--gpus is for --executor local; with {name} set `resources: {{gpu: ...}}`")
    if name not in EXECUTORS:
        hint = did_you_mean(name, EXECUTORS) or f"; there are {', '.join(EXECUTORS)}"
        raise SelectionError(f"--executor {name}: there is none of this name{hint}")
    return ExecutorChoice(name, address, gpus, jobs)


def shipped_code(modules: Sequence[str], search_path: Sequence[str]) -> list[str]:
    """The packages and files that modules come from, as far as they stand on the search path."""
    code = []
    for module in modules:
        top = module.partition(".")[0]
        places = (Path(place, name) for place in search_path for name in (top, f"{top}.py"))
        code += [str(place) for place in places if place.exists()][:1]
    return code
