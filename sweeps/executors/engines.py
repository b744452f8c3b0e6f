"""The engines that `--executor` names, and what the command line says to each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sweeps.errors import HeldError, SelectionError
from sweeps.slots import find_machine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sweeps.executors import Executor
    from sweeps.paths import RunPaths, StateDir


class Engine(Protocol):
    """What trials run on, not yet started or connected to."""

    def open(self, modules: Sequence[str], search_path: Sequence[str], state: StateDir) -> Executor:
        """Start it or connect to it.

        Args:
            modules: What each process imports before its first attempt, such as the trainer's module.
            search_path: Where modules are looked for first.
            state: Where runs keep their files.

        Raises:
            LaunchError: It is not installed, or cannot be reached.
        """

    def keeps(self, paths: RunPaths) -> bool:
        """Whether it still has an attempt of a run whose supervisor is gone, for the next one to adopt.

        Raises:
            HeldError: Another engine may have it.
        """


@dataclass(frozen=True, slots=True)
class Local:
    """Processes of this machine.

    Attributes:
        gpus: Device ids as given by hand (`0,1`; empty: none); None: what the machine has.
        jobs: At most so many attempts at once; None: as many as fit.
    """

    gpus: str | None = None
    jobs: int | None = None

    def open(self, modules: Sequence[str], search_path: Sequence[str], state: StateDir) -> Executor:  # noqa: ARG002
        """The executor of this machine; nothing is started yet."""
        from sweeps.executors.local import LocalExecutor

        return LocalExecutor(modules, search_path, find_machine(self.gpus, self.jobs))

    def keeps(self, paths: RunPaths) -> bool:
        """False: an attempt ends with its supervisor.

        Raises:
            HeldError: A Slurm job may work on the run.
        """
        _refuse_slurms(paths)
        return False


@dataclass(frozen=True, slots=True)
class Ray:
    """A Ray cluster.

    Attributes:
        address: As `ray.init` takes it; None: $RAY_ADDRESS, else a cluster of this machine alone.
        jobs: At most so many attempts at once; None: as many as fit.
    """

    address: str | None = None
    jobs: int | None = None

    def open(self, modules: Sequence[str], search_path: Sequence[str], state: StateDir) -> Executor:  # noqa: ARG002
        """The executor, connected.

        Raises:
            LaunchError: Ray is not installed, or no cluster answers.
        """
        from sweeps.executors.ray import RayExecutor

        return RayExecutor(self.address, self.jobs, modules, search_path, shipped_code(modules, search_path))

    def keeps(self, paths: RunPaths) -> bool:
        """False: an attempt ends with its supervisor.

        Raises:
            HeldError: A Slurm job may work on the run.
        """
        _refuse_slurms(paths)
        return False


@dataclass(frozen=True, slots=True)
class Slurm:
    """The Slurm cluster of this machine.

    Attributes:
        jobs: At most so many jobs in its queue at once; None: a number that every cluster takes.
    """

    jobs: int | None = None

    def open(self, modules: Sequence[str], search_path: Sequence[str], state: StateDir) -> Executor:
        """The executor.

        Raises:
            LaunchError: submitit or Slurm's commands are not installed.
        """
        from sweeps.executors.slurm import SlurmExecutor

        return SlurmExecutor(self.jobs, modules, search_path, state)

    def keeps(self, paths: RunPaths) -> bool:
        """Whether the run's job still waits or runs, or has ended without a supervisor to see it."""
        from sweeps.executors.slurm import is_kept

        return is_kept(paths)


def _refuse_slurms(paths: RunPaths) -> None:
    """Leave a run alone that a Slurm job may work on.

    Raises:
        HeldError: One may.
    """
    if paths.job.exists():
        raise HeldError(
            f"a Slurm job works on this sweep ({paths.job}); run it with --executor slurm, "
            "or cancel the job and remove that file"
        )


def engine_named(name: str, *, address: str | None, gpus: str | None, jobs: int | None) -> Engine:
    """The engine that the command line asks for.

    Raises:
        SelectionError: An option belongs to another engine.
    """
    if address is not None and name != "ray":
        raise SelectionError(f"--address is for --executor ray, not {name}")
    if gpus is not None and name != "local":
        raise SelectionError(f"--gpus is for --executor local; with {name} set `resources: {{gpu: ...}}`")
    match name:
        case "ray":
            return Ray(address, jobs)
        case "slurm":
            return Slurm(jobs)
        case _:
            return Local(gpus, jobs)


def shipped_code(modules: Sequence[str], search_path: Sequence[str]) -> list[str]:
    """The packages and files that modules come from, as far as they stand on the search path."""
    found = []
    for module in modules:
        top = module.partition(".")[0]
        places = (Path(place, name) for place in search_path for name in (top, f"{top}.py"))
        found += [str(place) for place in places if place.exists()][:1]
    return found
