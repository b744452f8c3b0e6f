"""Defines the `run` that a trainer is given: it logs metrics, stores files and hears when to stop."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from sweeps.rundir import store_limits

if TYPE_CHECKING:
    import threading
    from collections.abc import Mapping

    from sweeps.rundir.journal import JournalWriter
    from sweeps.runner.attempt_spec import AttemptSpec

_MOST_SHOWN = 60
"""Characters of a name that a message shows."""


class TrialRun:
    """The `run` that a trainer is given.

    Attributes:
        id: The MLflow run's id.
        device: `cpu`, or `cuda:0`.
        devices: All of them, `device` first: `["cpu"]`, or `["cuda:0", "cuda:1"]` with two GPUs.
        dir: For checkpoints and scratch; kept across attempts.
    """

    def __init__(self, spec: AttemptSpec, journal: JournalWriter, stopping: threading.Event) -> None:
        self.id = spec.run_id
        self.device = spec.devices[0]
        self.devices = list(spec.devices)
        self.dir = spec.paths.files
        self.heard_stop = False
        self._journal = journal
        self._stopping = stopping

    def log(self, metrics: Mapping[str, float], step: int) -> None:
        """Log metrics at a step.

        What an earlier attempt logged for the same key and step stands. Of this attempt's own values the last one does,
        and the attempt's log says that a step was logged again.

        Raises:
            TypeError: A name is not a string, a value not a number, or the step not a whole one.
            ValueError: No tracking store takes the name or the step; nothing of this call is logged.
        """
        for name in metrics:
            if not isinstance(name, str):
                message = f"metric {name!r}: a name must be a string; write {str(name)!r}"
                raise TypeError(message)
            if (wrong := store_limits.of_name(name)) is not None:
                message = f"metric {_shown(name)}: the name {wrong}"
                raise ValueError(message)
        with contextlib.suppress(TypeError):  # the journal says what is no number
            if (wrong := store_limits.of_step(step)) is not None:
                message = f"metric {', '.join(map(_shown, metrics))}: step {step!r} {wrong}"
                raise ValueError(message)
        self._journal.metrics(metrics, step)

    def artifact(self, path: str | Path) -> None:
        """Store a copy of a file, as it is now, under its own name.

        Raises:
            FileNotFoundError: There is no such file.
            OSError: It is a directory, a pipe or a device, or cannot be read.
            ValueError: No tracking store takes a file of this name.
        """
        file = Path(path)
        if (wrong := store_limits.of_file_name(file.name)) is not None:
            message = f"artifact {file.name!r}: the name {wrong}"
            raise ValueError(message)
        self._journal.artifact(file)

    def should_stop(self) -> bool:
        """Whether to leave off now; a trainer that then returns is interrupted, not finished."""
        self.heard_stop = self.heard_stop or self._stopping.is_set()
        return self.heard_stop


def _shown(name: str) -> str:
    return repr(name if len(name) <= _MOST_SHOWN else f"{name[:_MOST_SHOWN]}...")
