"""`sweep stop`: asks a running supervisor to stop, all of it or some trials."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

from sweeps.planning.plan import Action
from sweeps.rundir.access import refuse_shared
from sweeps.rundir.paths import StateDir

if TYPE_CHECKING:
    from sweeps.commands.session import Session


def stop_sweeps(session: Session) -> str:
    """Ask, and return a line that says what was asked.

    Without a selection the supervisors of the sweeps get SIGTERM, which is a Ctrl-C to them. With one, each
    selected trial that runs or waits is named to them.

    Raises:
        StateError: Others may write the state directory, and so name a process of this user that is to be stopped.
        AnalysisError: The record cannot be read.
    """
    state = StateDir.here()
    refuse_shared(state)
    held = session.holders()
    pids = sorted(set(held.values()))
    if not pids:
        return _nothing_here(session)
    if session.selection.is_all:
        for pid in pids:
            os.kill(pid, signal.SIGTERM)
        again = session.command("stop")
        return f"asked pid {', '.join(map(str, pids))} to stop: trials that run may save a checkpoint; `{again}` again terminates them"
    steps = session.selected_plan().steps
    to_stop = [step for step in steps if not step.action.is_over and step.trial.sweep in held]
    for step in to_stop:
        state.request_stop(step.trial.fingerprint)
    return (
        f"asked to stop {', '.join(step.label for step in to_stop)}"
        if to_stop
        else "none of these is running"
    )


def _nothing_here(session: Session) -> str:
    """What is said where no process of this machine runs the file from here: who else does, if the record knows of one."""
    running = next((step for step in session.plan().steps if step.action is Action.RUNNING), None)
    if running is None:
        return "nothing is running here"
    return f"nothing is running here; {running.label} is running {running.reason}: stop it there, in its directory"
