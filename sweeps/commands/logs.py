"""Finds the trial that the command line names, and the log of its last attempt."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sweeps.errors import SelectionError, did_you_mean
from sweeps.planning.plan import Action
from sweeps.record.notes import tail
from sweeps.rundir.lease import run_paths

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from analysis.read.store import RunRecord
    from sweeps.commands.session import Session
    from sweeps.planning.plan import Step
    from sweeps.planning.trial import Trial

_PAUSE_S, _ASK_S = 0.2, 2.0
"""How long is waited for more output, and how often the record is asked whether the trial still runs."""
_MOST_BYTES = 1 << 20


def log_of(session: Session, name: str) -> str:
    """Read what the last attempt of a trial printed on this machine.

    Raises:
        SelectionError: There is no such trial, or it has no log here.
    """
    _, run = step_of(session, name)
    path = _log(name, run)
    lines = tail(path, 10_000_000, most_bytes=1 << 30)
    return "".join(f"{line}\n" for line in lines)


def follow_log(session: Session, name: str) -> Iterator[str]:
    """Yield what a trial has printed on this machine, whole lines, and what it prints until it ends.

    It begins with the last attempt; the output of attempts that follow comes after a line that names each.

    Raises:
        SelectionError: There is no such trial, or it has no log here.
        AnalysisError: The record cannot be read.
    """
    run = _awaited(session, name)
    path = _log(name, run)
    paths, number = run_paths(run), run.attempt
    asked_s = time.monotonic()

    def goes_on() -> bool:
        nonlocal asked_s
        if paths.last_attempt() > number:
            return False
        if time.monotonic() - asked_s < _ASK_S:
            return True
        session.record.refresh()
        asked_s = time.monotonic()
        return step_of(session, name)[0].action is Action.RUNNING

    yield from _printed(path, goes_on)
    while (latest := paths.last_attempt()) > number:
        number = latest
        yield f"== attempt {number}\n"
        yield from _printed(paths.log(number), goes_on)


def _printed(path: Path, goes_on: Callable[[], bool]) -> Iterator[str]:
    """The lines of a log, whole, also those that come as long as it goes on."""
    left, is_open = b"", True
    with path.open("rb") as file:
        while True:
            if read := file.read(_MOST_BYTES):
                whole, line_end, left = (left + read).rpartition(b"\n")
                if line_end:
                    yield f"{whole.decode(errors='replace')}\n"
            elif not is_open:
                break
            elif is_open := goes_on():  # if not, what came meanwhile is read
                time.sleep(_PAUSE_S)
    if left:
        yield f"{left.decode(errors='replace')}\n"


def _awaited(session: Session, name: str) -> RunRecord:
    """The run of a trial. One that waits in a `sweep run` of this machine is waited for, until its attempt prints."""
    trial = trial_named(session, name)
    while trial.sweep in session.holders():
        record = next(step.record for step in session.plan().steps if step.trial == trial)
        if record is not None and run_paths(record).log(record.attempt).exists():
            break
        time.sleep(_ASK_S)
        session.record.refresh()
    return step_of(session, name)[1]


def _log(name: str, run: RunRecord) -> Path:
    path = run_paths(run).log(run.attempt)
    if not path.exists() and run.adopted:
        raise SelectionError(f"trial {name}: `sweep` did not run it; it was adopted from {run.adopted}")
    if not path.exists():
        raise SelectionError(
            f"trial {name}: there is no {path} on this machine; see the artifacts of its run in MLflow"
        )
    return path


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
