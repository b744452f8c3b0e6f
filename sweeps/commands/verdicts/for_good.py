"""`sweep stop --for-good`: gives trials up, at once or through the supervisor that has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.read import tags
from sweeps.commands.sweep_runs import opened_sweeps, sweep_runs
from sweeps.errors import HeldError
from sweeps.planning.plan import Action
from sweeps.record.ledger import Ledger
from sweeps.record.verdicts.for_good import give_up
from sweeps.rundir.access import refuse_shared
from sweeps.rundir.lock import hold
from sweeps.rundir.paths import StateDir

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sweeps.commands.session import Session
    from sweeps.planning.plan import Step


def give_up_trials(session: Session) -> tuple[str, ...]:
    """Give the selected trials up, and return what was done, in lines.

    Raises:
        HeldError: A `sweep run` of another directory or machine has one of them.
        StateError: Others may write the state directory, or it cannot be written.
        RecordError: The record cannot be written.
        AnalysisError: It cannot be read.
    """
    state, experiment = StateDir.here(), session.spec.experiment
    refuse_shared(state)
    holders = session.holders()
    # Of a trial that sweeps share, the one counts that is being run.
    ordered = sorted(session.selected_plan().steps, key=lambda step: step.trial.sweep in holders)
    steps = {step.trial.fingerprint: step for step in ordered}.values()
    done = [step for step in steps if step.action.is_over]
    wanted = [step for step in steps if not step.action.is_over]
    for step in wanted:
        if step.action is Action.RUNNING and step.trial.sweep not in holders:
            raise HeldError(f"{step.label}: is being run {step.reason}; give it up there")
    for step in wanted:
        state.abandon(experiment, step.trial.fingerprint)
    free = [step for step in wanted if step.trial.sweep not in holders]
    asked = [step for step in wanted if step.trial.sweep in holders]
    try:
        _give_up_now(session, state, free)
    except HeldError:
        if not session.holders().keys() >= {step.trial.sweep for step in free}:
            for step in free:
                state.forget_abandoned(experiment, step.trial.fingerprint)
            raise
        asked, free = wanted, []  # a `sweep run` began here just now, and finds the notes
    for step in asked:
        state.request_stop(step.trial.fingerprint)
    left = [step for step in free if state.is_abandoned(experiment, step.trial.fingerprint)]
    lines = {
        "given up": [step for step in free if step not in left],
        "asked to stop for good": asked,
        "noted, its supervisor is gone and the next `sweep run` records it": left,
        "it is over already": done,
    }
    return tuple(f"{what}: {_listed(which)}" for what, which in lines.items() if which)


def settle_noted(session: Session, state: StateDir, open_ledger: Callable[[], Ledger]) -> bool:
    """Give up what somebody noted and no supervisor came to; the caller holds the sweeps. Returns whether there was any.

    Raises:
        RecordError: The record cannot be written.
        AnalysisError: It cannot be read.
    """
    if not state.abandoned(session.spec.experiment):
        return False
    settled = _settle(session, state, open_ledger, sweep_runs(session.record.runs))
    if settled:
        session.record.refresh()
    return settled


def _give_up_now(session: Session, state: StateDir, steps: Sequence[Step]) -> None:
    """Give trials up whose sweeps nobody runs."""
    names = {step.trial.sweep for step in steps}
    if not names:
        return
    with hold(state, session.spec.experiment, sorted(names)):
        ledger = Ledger.open(session.record.tracking_uri, session.spec.experiment)
        session.record.refresh()
        with opened_sweeps(session, ledger, names, state) as parents:
            _settle(session, state, lambda: ledger, parents)


def _settle(
    session: Session, state: StateDir, open_ledger: Callable[[], Ledger], parents: Mapping[str, str]
) -> bool:
    noted = state.abandoned(session.spec.experiment)
    shared = {tags.TRAINER: session.spec.trainer.identity, tags.PROFILE: session.profile or ""}
    own = {sweep.name: sweep.spec.tag_texts for sweep in session.sweeps}
    settled = False
    for step in session.whole_plan().steps:
        trial = step.trial
        if trial.fingerprint in noted and trial.sweep in parents:
            settled |= give_up(
                open_ledger(),
                trial,
                state,
                parent=parents[trial.sweep],
                repeat=session.repeat_command(trial),
                shared={**shared, **own[trial.sweep]},
            )
            noted.remove(trial.fingerprint)
    return settled


def _listed(steps: Iterable[Step]) -> str:
    return ", ".join(step.label for step in steps)
