"""`sweep run --again`: the selected trials are to be trained anew, whatever they have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sweeps.errors import SelectionError
from sweeps.planning.plan import Action
from sweeps.record.verdicts.again import set_aside, to_set_aside

if TYPE_CHECKING:
    from collections.abc import Callable

    from sweeps.commands.session import Session
    from sweeps.record.ledger import Ledger


def ask_again(session: Session, open_ledger: Callable[[], Ledger]) -> tuple[str, ...]:
    """Set the runs of the selected trials aside, so that the plan has them begin anew, now or in a later `sweep run`.

    Args:
        session: The file; its record is listed anew afterwards.
        open_ledger: What writes the record; called only where there is something to write.

    Returns:
        What is left as it is, in sentences.

    Raises:
        SelectionError: All trials of the file are selected, as by a slip.
        RecordError: The record cannot be written.
        AnalysisError: It cannot be read.
    """
    if session.selection.is_all and not session.request.sweeps:
        raise SelectionError("trials are trained anew only where it is said which: name some, or a sweep")
    steps = session.selected_plan().steps
    told = tuple(
        f"{step.label}: is left to whoever runs it now, {step.reason}"
        for step in steps
        if step.action is Action.RUNNING
    )
    wanted = {step.trial.fingerprint for step in steps if step.action is not Action.RUNNING}
    if runs := to_set_aside(session.record.runs, wanted):
        set_aside(open_ledger(), runs)
        session.record.refresh()
    return told
