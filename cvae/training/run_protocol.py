"""The interface that the trainer needs from the program that runs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping


class StopRequestedError(Exception):
    """The run asked to stop. This is no failure: `train` catches it and returns."""


class Run(Protocol):
    """One training run; it stays the same for all its attempts.

    Attributes:
        id: The id of the run in the record.
        device: auto, cpu, cuda or cuda:N; the configuration overrides it unless it says auto.
        dir: Directory for checkpoints and other files, kept between attempts.
    """

    @property
    def id(self) -> str:
        """The id of the run in the record."""

    @property
    def device(self) -> str:
        """The device to use."""

    @property
    def dir(self) -> str | os.PathLike[str]:
        """The directory of the run."""

    def log(self, metrics: Mapping[str, float], step: int) -> None:
        """Log values; what was logged before for the same name and step is kept."""

    def artifact(self, path: str | os.PathLike[str]) -> None:
        """Store a copy of a file."""

    def should_stop(self) -> bool:
        """Whether to stop now."""
