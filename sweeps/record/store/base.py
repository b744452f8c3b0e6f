"""The interface of a store that is written, and the plain values that it takes and gives.

MLflow's own values are not among them: importing them takes seconds. `tests/sweeps/record/store/store_contract.py` holds
the ways to write a store against each other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from mlflow.tracking import MlflowClient


class Metric(NamedTuple):
    """One value of a metric; `timestamp` in milliseconds since the epoch. Named as MLflow names it."""

    key: str
    value: float
    timestamp: int
    step: int
    model_id: str | None = None


class Param(NamedTuple):
    """A param."""

    key: str
    value: str


class Tag(NamedTuple):
    """A tag of a run."""

    key: str
    value: str


class Ending(NamedTuple):
    """How a run ends: MLflow's status, and when, in milliseconds since the epoch."""

    status: str
    end_ms: int


@dataclass(slots=True)
class Run:
    """A run as a store has it.

    Attributes:
        run_id: Its id.
        lifecycle_stage: `active` or `deleted`.
        artifact_uri: Where its artifacts are.
        tags: Its tags.
        params: Its params.
        last_steps: The last step of each of its metrics.
    """

    run_id: str
    lifecycle_stage: str
    artifact_uri: str
    tags: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    last_steps: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Experiment:
    """An experiment as a store has it."""

    experiment_id: str
    lifecycle_stage: str


class RunStore(Protocol):
    """A store of runs. What it refuses, and where it is away, is told by the errors of MLflow's client, or of sqlite."""

    @property
    def mlflow(self) -> MlflowClient:
        """MLflow's client, for all that is not below."""

    def experiment(self, name: str) -> Experiment | None:
        """The experiment of a name, deleted ones among them; None: there is none."""

    def experiment_of_id(self, experiment_id: str) -> Experiment:
        """The experiment of an id."""

    def create_experiment(self, name: str, tags: Mapping[str, str]) -> str:
        """Create an experiment, and return its id."""

    def create_run(self, experiment_id: str, start_ms: int, tags: Mapping[str, str], name: str) -> Run:
        """Create a run, RUNNING."""

    def get_run(self, run_id: str) -> Run:
        """A run, which may be deleted."""

    def set_running(self, run_id: str) -> None:
        """Make a run RUNNING; its end stays as it is."""

    def set_terminated(self, run_id: str, status: str, end_ms: int | None = None) -> None:
        """End a run, now or at `end_ms`."""

    def set_tag(self, run_id: str, key: str, value: str) -> None:
        """Set a tag."""

    def delete_tag(self, run_id: str, key: str) -> None:
        """Delete a tag."""

    def log_batch(
        self,
        run_id: str,
        metrics: Sequence[Metric],
        params: Sequence[Param],
        tags: Sequence[Tag],
        ending: Ending | None = None,
    ) -> Any:
        """Record metrics, params and tags, and end the run where its ending is given.

        A metric's point that is there already changes nothing.
        """

    def log_artifact(
        self, run_id: str, path: Path, folder: str | None = None, location: str | None = None
    ) -> None:
        """Store a file in the run's artifacts, at `location` where that is known."""

    def log_text(self, run_id: str, text: str, name: str) -> None:
        """Store a text as a file in the run's artifacts."""
