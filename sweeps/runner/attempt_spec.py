"""Defines what a trial's process is given to run one attempt, and the exit codes that it answers with."""

from __future__ import annotations

import contextlib
import signal
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sweeps.rundir.paths import RunPaths
from sweeps.spec.resources import Resources

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sweeps.program.workplace import Workplace
    from sweeps.sources.following.order import ReadOrder
    from sweeps.spec.yaml_reader import Value

EXIT_FINISHED, EXIT_FAILED, EXIT_INTERRUPTED = 0, 1, 75


@dataclass(frozen=True, slots=True)
class AttemptSpec:
    """All that a process needs to know to run one attempt.

    Attributes:
        run_id: The MLflow run.
        attempt: Its number, from 1.
        root: The run's directory (see `RunPaths`).
        config: The resolved config, flat.
        function: `module:function`, or None for a command.
        command: The argument list with its placeholders filled, or None.
        devices: What the trainer is to use: `cpu`, or `cuda:0`, `cuda:1` and so on.
        environment: Variables to set; the others are inherited. They hold the store's password.
        workplace: Where a command runs; None: in `directory`, with nothing of its own.
        search_path: Where modules are looked for first.
        directory: The working directory; empty: where the process starts.
        recorded: What the record says of its environment (`provenance.environment_identity`, as JSON).
        order: Where a command's metrics are read; None: a function logs its own.
        resources: What a cluster is to hold for it, where the supervisor chooses no place.
        sample_s: How often what it takes of the machine is sampled, in seconds; None: not at all.
        before_s: How long the attempts before it ran, in seconds; None: nobody knows.
    """

    run_id: str
    attempt: int
    root: Path
    config: Mapping[str, Value]
    function: str | None
    command: tuple[str, ...] | None
    devices: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    search_path: tuple[str, ...] = ()
    directory: str = ""
    recorded: str = ""
    order: ReadOrder | None = None
    resources: Resources = field(default_factory=Resources)
    workplace: Workplace | None = None
    sample_s: float | None = None
    before_s: float | None = None

    @property
    def paths(self) -> RunPaths:
        """The run's files."""
        return RunPaths(self.root)


def signal_name(number: int) -> str:
    """`SIGKILL` for 9."""
    with contextlib.suppress(ValueError):
        return signal.Signals(number).name
    return str(number)
