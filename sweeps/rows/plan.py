"""Makes the rows of `sweep plan`: one for each trial, and for JSON one for each search."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sweeps.planning.plan import Action, changed_keys
from sweeps.planning.search_history import entry_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from analysis.read.store import RunRecord
    from sweeps.commands.session import Session
    from sweeps.planning.plan import Plan
    from sweeps.planning.search_trials import SearchTrials
    from sweeps.rows import Row
    from sweeps.spec.yaml_reader import Value

_GOES_ON = frozenset({Action.RESUME, Action.RETRY})
BEGINNINGS = {
    True: "",
    False: "begins anew: what `resume:` goes on from is not there",
    None: "begins anew, unless it finds its own checkpoint",
}
"""What is said of a trial that is taken up again, by whether it goes on where it was (`Step.goes_on`)."""


def plan_rows(session: Session, plan: Plan, *, commands: bool = True) -> list[Row]:
    """Make a row for each trial of a plan, with the command that runs it alone unless `commands` is false."""
    reasons = _why_removed(session, plan)
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
            "reason": f"in the record, not in the file{f' ({why})' if (why := reasons.get(record.run_id)) else ''}; it is kept",
            "fingerprint": record.fingerprint,
            "run_id": record.run_id,
            "command": None,
        }
        for record in plan.removed
    ]
    return rows


def _why_removed(session: Session, plan: Plan) -> dict[str, str]:
    """Of each run that searches once suggested and have no more, why, by run id."""
    searches = {sweep.name: sweep.search for sweep in session.sweeps if sweep.search is not None}
    removed = [record for record in plan.removed if record.sweep in searches]
    if not removed:
        return {}
    from sweeps.record.batching import param_text

    had: dict[str, dict[str, str]] = {record.run_id: {} for record in removed}
    for run_id, key, value in session.record.params():
        if run_id in had:
            had[run_id][key] = value
    return {
        record.run_id: why_none_of(search, record, had[record.run_id], param_text)
        for record in removed
        if (search := searches[record.sweep]) is not None
    }


def why_none_of(
    search: SearchTrials, record: RunRecord, had: Mapping[str, str], text: Callable[[Value], str]
) -> str:
    """Why a run that was suggested for a search is none of its trials now; empty where it was not, or is.

    Args:
        search: The search.
        record: The run.
        had: Its recorded params.
        text: Writes a value as the record does.
    """
    entry = entry_of(record, search.sweep)
    if entry is None:
        return ""
    params = search.fitted(entry["params"])  # type: ignore[arg-type]
    outside = [
        f"{key} {'is not set' if value is None else text(value)}"
        for key, value in params.items()
        if not search.dimensions[key].contains(value)
    ]
    if outside:
        return f"outside the search space: {', '.join(outside)}"
    trial = search.trial(params, "")
    if trial is None or trial.fingerprint == record.fingerprint:
        return ""
    return changed_keys(had, {key: text(value) for key, value in trial.config.items()})


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
