"""Finds the trial that the command line names, and the log of its last attempt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sweeps.errors import SelectionError, did_you_mean
from sweeps.record.notes import tail
from sweeps.rundir.paths import StateDir

if TYPE_CHECKING:
    from analysis.read.store import RunRecord
    from sweeps.commands.session import Session
    from sweeps.planning.plan import Step
    from sweeps.planning.trial import Trial


def log_of(session: Session, name: str) -> str:
    """Read what the last attempt of a trial printed on this machine.

    Raises:
        SelectionError: There is no such trial, or it has no log here.
    """
    _, run = step_of(session, name)
    path = StateDir.here().run(run.run_id).log(run.attempt)
    if not path.exists():
        raise SelectionError(
            f"trial {name}: there is no {path} on this machine; see the artifacts of its run in MLflow"
        )
    lines = tail(path, 10_000_000, most_bytes=1 << 30)
    return "".join(f"{line}\n" for line in lines)


def step_of(session: Session, name: str) -> tuple[Step, RunRecord]:
    """Find a trial by its name, as `trial_named`: its step of the plan, and its run.

    Raises:
        SelectionError: There is no such trial, or it has not started.
    """
    trial = trial_named(session, name)
    step = next(step for step in session.plan().steps if step.trial == trial)
    if step.record is None:
        raise SelectionError(
            f"trial {name}: has not started yet; `{session.repeat_command(trial)}` starts it"
        )
    return step, step.record


def trial_named(session: Session, name: str) -> Trial:
    """Find a trial by its name, `Cyclical-tfr0.5` or `SWEEP/Cyclical-tfr0.5`, or by its fingerprint.

    Raises:
        SelectionError: No trial has that name, or several have.
    """
    trials = [trial for sweep in session.sweeps for trial in sweep.trials]
    named = [
        trial for trial in trials if name in (trial.name, f"{trial.sweep}/{trial.name}", trial.fingerprint)
    ]
    if len(named) == 1:
        return named[0]
    if named:
        choices = ", ".join(f"{trial.sweep}/{trial.name}" for trial in named)
        raise SelectionError(f"trial {name}: several sweeps have one; choose one of {choices}")
    names = [*(trial.name for trial in trials), *(f"{trial.sweep}/{trial.name}" for trial in trials)]
    hint = did_you_mean(name, names) or f"; `{session.command('plan')}` lists them"
    raise SelectionError(f"trial {name}: {session.spec.path} has no such trial{hint}")
