"""What the trials of a `sweep run` are started with: an executor, the code that they run, and the job of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sweeps.errors import SweepError
from sweeps.record.outage import PATIENCE_S
from sweeps.scheduler.job import Job
from sweeps.scheduler.stopping import hold_ignored_interrupts
from sweeps.trainer.imports import collisions
from sweeps.trainer.snapshot import take_snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sweeps.commands.session import Session
    from sweeps.executors.base import Executor
    from sweeps.executors.registry import ExecutorChoice
    from sweeps.pace.paces import Paces
    from sweeps.planning.plan import Step
    from sweeps.rundir.paths import StateDir
    from sweeps.trainer.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class LaunchSettings:
    """How trials are run.

    Attributes:
        choice: The executor that starts them, as the command line names it.
        retry_failed: Whether failed trials are taken up again.
        again: Whether the selected trials are trained anew, whatever they have.
        patience_s: How long a store that is away is waited for while no trial runs, in seconds.
        sample_s: How often is sampled what trials take of the machine, in seconds; None: not at all.
    """

    choice: ExecutorChoice
    retry_failed: bool = False
    again: bool = False
    patience_s: float = PATIENCE_S
    sample_s: float | None = None


@dataclass(frozen=True, slots=True)
class Start:
    """What trials are started with.

    Attributes:
        executor: The executor, open.
        snapshot: The copy of the trainer's code; None: the code is run where it is.
        search_path: Where the trainer's modules are looked for first.
    """

    executor: Executor
    snapshot: Snapshot | None
    search_path: Sequence[str]


def prepare(
    session: Session, choice: ExecutorChoice, state: StateDir, notice: Callable[[str], None]
) -> Start:
    """Take the snapshot of the code, say what is not in it, and open the executor.

    Raises:
        SelectionError: The executor can never run a trial.
        LaunchError: The executor cannot be reached, or is not installed.
    """
    hold_ignored_interrupts()
    snapshot = take_snapshot(session.trainer.spec, state)
    for collision in collisions(session.search_path):
        notice(collision)
    if snapshot is not None and snapshot.findings:
        notice(f"the copy of the code: {'; '.join(snapshot.findings)}")
    search_path = snapshot.search_path(session.search_path) if snapshot else session.search_path
    executor = _open_executor(session, choice, search_path, state)
    hold_ignored_interrupts()  # the processes that it started may have let go
    return Start(executor, snapshot, search_path)


def _open_executor(
    session: Session, choice: ExecutorChoice, search_path: Sequence[str], state: StateDir
) -> Executor:
    """Open the executor, check that every sweep fits it, and warm it up."""
    trainer = session.trainer.spec
    modules = [trainer.run.partition(":")[0]] if trainer.run else []
    executor = choice.open(modules, search_path, state)
    try:
        for sweep in session.sweeps:
            executor.slots.check(sweep.spec.resources, sweep.name)
    except SweepError:
        executor.close()
        raise
    executor.warm_up()
    return executor


def job_of(session: Session, paces: Paces, step: Step, parent: str) -> Job:
    """The job of a step.

    Args:
        session: The file that asks for it.
        paces: How fast such trials were.
        step: The step.
        parent: The run of its sweep.
    """
    expanded = next(sweep for sweep in session.sweeps if sweep.name == step.trial.sweep)
    sweep = expanded.spec
    return Job(
        step=step,
        resources=sweep.resources,
        limits=sweep.limits,
        keeps=session.keeps.get(step.trial.fingerprint, frozenset()) | {sweep.keep},
        tags=sweep.tag_texts,
        criteria=session.spec.measures_of(sweep.name),
        pruning=expanded.pruning,
        parent=parent,
        repeat=session.repeat_command(step.trial),
        epochs=session.trainer.epochs_of(step.trial.config),
        unit=session.spec.trainer.unit,
        expected=paces.of(step.trial.config),
    )
