"""Makes the table of `sweep plan`: a row for each trial, the state of each search, and the counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sweeps.cli.progress import duration
from sweeps.cli.views.table import Row, print_differences, print_table
from sweeps.planning.plan import Action
from sweeps.planning.trial import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from sweeps.commands.session import Session
    from sweeps.planning.plan import Plan
    from sweeps.planning.search_trials import Params

_GOES_ON = frozenset({Action.RESUME, Action.RETRY})
_BEGINS = {
    True: "",
    False: "begins anew: what `resume:` goes on from is not there",
    None: "begins anew, unless it finds its own checkpoint",
}
"""What is said of a trial that is taken up again, by `Step.goes_on`."""


def plan_rows(session: Session, plan: Plan, *, commands: bool = True) -> list[Row]:
    """Make a row for each trial.

    Args:
        session: The checked file.
        plan: Its plan.
        commands: Whether each row has the command that runs its trial alone.
    """
    rows: list[Row] = [
        {
            "sweep": step.trial.sweep,
            "trial": step.trial.name,
            "action": step.action.value,
            "epoch": step.epochs_done if step.action in _GOES_ON and step.goes_on else None,
            "reason": "; ".join(filter(None, (step.reason, _BEGINS[step.goes_on]))),
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


def print_plan(console: Console, session: Session, plan: Plan) -> None:
    """Print the plan as a table, and its counts."""
    rows = plan_rows(session, plan, commands=False)
    print_table(console, rows, ("sweep", "trial", "action", "epoch", "reason"))
    print_differences(console, plan.differences)
    counts = ", ".join(f"{count} {name}" for name, count in plan.counts().items())
    eta = f", about {duration(plan.eta_s)} at the recorded pace" if plan.eta_s is not None else ""
    for line in search_lines(plan):
        console.print(line, soft_wrap=True)
    more = f", then search {plan.to_begin}" if plan.to_begin and session.selection.is_all else ""
    console.print(
        f"{counts or 'nothing'}; `{session.next_run()}` would start {len(plan.to_start())}{more}{eta}",
        soft_wrap=True,
    )


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


def search_lines(plan: Plan) -> Iterator[str]:
    """Say how many trials of each search are done, and which starting points come next."""
    for search in plan.searches:
        ended = ", ".join(f"{count} {outcome}" for outcome, count in search.ended.items())
        begun = f", {search.begun} under way" if search.begun else ""
        yield (
            f"{search.sweep}: {search.done} of {search.wanted} trials done{f' ({ended})' if ended else ''}{begun}, "
            f"{search.to_begin} to be suggested by {search.how}"
        )
        for params in search.points[: search.to_begin]:
            yield f"{search.sweep}: starting point to come: {point_text(params)}"


def point_text(params: Params) -> str:
    """Write params as in `lr 0.001, kind Cyclical`."""
    return ", ".join(f"{key} {shown(value).removeprefix('-')}" for key, value in params.items())
