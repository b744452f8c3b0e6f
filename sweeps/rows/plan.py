"""Makes the rows of `sweep plan`: one for each trial, and for JSON one for each search."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sweeps.planning.plan import Action

if TYPE_CHECKING:
    from sweeps.commands.session import Session
    from sweeps.planning.plan import Plan
    from sweeps.rows import Row

_GOES_ON = frozenset({Action.RESUME, Action.RETRY})
BEGINNINGS = {
    True: "",
    False: "begins anew: what `resume:` goes on from is not there",
    None: "begins anew, unless it finds its own checkpoint",
}
"""What is said of a trial that is taken up again, by whether it goes on where it was (`Step.goes_on`)."""


def plan_rows(session: Session, plan: Plan, *, commands: bool = True) -> list[Row]:
    """Make a row for each trial of a plan, with the command that runs it alone unless `commands` is false."""
    rows: list[Row] = [
        {
            "sweep": step.trial.sweep,
            "trial": step.trial.name,
            "action": step.action.value,
            "epoch": step.epochs_done if step.action in _GOES_ON and step.goes_on else None,
            "reason": "; ".join(filter(None, (step.reason, BEGINNINGS[step.goes_on]))),
            "fingerprint": step.trial.fingerprint,
            "run_id": step.record.run_id if step.record else None,
            "command": session.repeat_command(step.trial) if commands else None,
        }
        for step in plan.steps
    ]
    rows += [
        {
            "sweep": record.sweep,
            "trial": record.trial or record.name,
            "action": "removed",
            "epoch": None,
            "reason": "in the record, not in the file; it is kept",
            "fingerprint": record.fingerprint,
            "run_id": record.run_id,
            "command": None,
        }
        for record in plan.removed
    ]
    return rows


def search_rows(plan: Plan) -> list[dict[str, Any]]:
    """Make a row for each search, for JSON."""
    return [
        {
            "sweep": search.sweep,
            "wanted": search.wanted,
            "ended": dict(search.ended),
            "begun": search.begun,
            "to_begin": search.to_begin,
            "starting_points": list(search.points),
        }
        for search in plan.searches
    ]
