"""A job: one trial on its way through one `sweep run`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from analysis.read.outcomes import Outcome
from sweeps.record.notes import HEADLINES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sweeps.executors.base import Stop
    from sweeps.executors.slots import Allocation
    from sweeps.planning.plan import Step
    from sweeps.rundir.journal import End, JournalReader
    from sweeps.scheduler.job_source import JobSource
    from sweeps.scheduler.retry_policy import Verdict
    from sweeps.spec.resources import Limits, Resources
    from sweeps.spec.yaml_reader import Value

WAITING, RUNNING = "waiting", "running"


@dataclass(eq=False)
class Job:
    """One trial, and how far it is. The supervisor writes it, the display reads it.

    Attributes:
        step: What the plan says of it.
        config: The resolved config, fixed when the supervisor starts.
        resources: Its share of the machine.
        limits: Its time and attempts.
        parent: The MLflow run of its sweep.
        repeat: The command that repeats it.
        epochs: How many epochs it is to have, or None where the config does not say.
        state: `waiting`, `running`, or the outcome.
        metrics: The latest value of each metric.
        epoch: The last epoch logged, or None.
        first_epoch: The epoch that the attempt in progress began with.
        verdicts: How its attempts of this `sweep run` ended.
        adopted: Whether its attempt was left with the engine by an earlier supervisor.
        alone: Whether it gets its devices, or the machine, for itself.
        stops: How often somebody asked to stop this trial.
        source: What made it and is told how it goes, or None.
        tags: Tags of its own for its run.
        prune_reason: Why the source has it stopped, or None.
    """

    step: Step
    config: Mapping[str, Value]
    resources: Resources
    limits: Limits
    parent: str
    repeat: str
    epochs: int | None = None
    run_id: str | None = None
    attempt: int = 0
    state: str = WAITING
    reason: str = ""
    metrics: dict[str, float] = field(default_factory=dict)
    epoch: int | None = None
    first_epoch: int = 0
    started_s: float = 0.0
    ended_s: float = 0.0
    not_before_s: float = 0.0
    lease: Allocation | None = None
    reader: JournalReader | None = None
    end: End | None = None
    adopted: bool = False
    unsent: bool = False
    params_sent: bool = False
    sent_s: float = 0.0
    data_known: bool = False
    environment_known: bool = False
    timed_out: bool = False
    alone: bool = False
    stops: list[Stop] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    source: JobSource | None = None
    tags: dict[str, str] = field(default_factory=dict)
    prune_reason: str | None = None

    def release(self) -> None:
        """Let go of what an ended job needs no more: thousands of them stay until the end, to be told."""
        self.reader = self.end = self.lease = None
        self.config, self.repeat = {}, ""
        self.metrics = {key: self.metrics[key] for key in HEADLINES if key in self.metrics}

    @property
    def label(self) -> str:
        """`sweep/trial`."""
        return self.step.label

    @property
    def epochs_done(self) -> int:
        """Epochs logged by all its attempts."""
        return 0 if self.epoch is None else self.epoch + 1

    def remaining_s(self, now_s: float, typical_epoch_s: float | None) -> float | None:
        """Seconds of work left, from its own pace or a typical one; None where nothing is known."""
        if self.epochs is None:
            return None
        fresh = self.epochs_done - self.first_epoch
        own = (now_s - self.started_s) / fresh if self.state == RUNNING and fresh > 0 else None
        pace = own or typical_epoch_s
        return None if pace is None else max(0, self.epochs - self.epochs_done) * pace


def outcome_of_sweep(states: Iterable[str]) -> Outcome:
    """The outcome of a sweep's run from the states of its trials: finished, failed, or interrupted."""
    found = set(states)
    if found <= {Outcome.FINISHED, Outcome.FAILED}:
        return Outcome.FAILED if Outcome.FAILED in found else Outcome.FINISHED
    return Outcome.INTERRUPTED
