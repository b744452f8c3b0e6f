"""What the trainer asks of whoever runs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping


class Run(Protocol):
    """One training run, the same across its attempts.

    Attributes:
        id: Its name in the record.
        device: auto, cpu, cuda or cuda:N; what the configuration says goes before it.
        dir: Directory for checkpoints and scratch, kept across attempts.
    """

    @property
    def id(self) -> str:
        """Its name in the record."""

    @property
    def device(self) -> str:
        """The device that it was given."""

    @property
    def dir(self) -> str | os.PathLike[str]:
        """Its directory."""

    def log(self, metrics: Mapping[str, float], step: int) -> None:
        """Record values; a pair of name and step that was recorded before is left as it is."""

    def artifact(self, path: str | os.PathLike[str]) -> None:
        """Keep a copy of a file."""

    def should_stop(self) -> bool:
        """Whether to stop at the next opportunity."""
