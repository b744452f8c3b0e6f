"""Prints the table of `sweep plan`: a row for each trial, the state of each search, and the counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.results.results import counted
from sweeps.cli.progress import duration
from sweeps.cli.views.run_summary import RETRY_FAILED
from sweeps.cli.views.table import print_differences, print_table
from sweeps.planning.trial import shown
from sweeps.rows.plan import plan_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from sweeps.commands.session import Session
    from sweeps.planning.plan import Plan
    from sweeps.planning.search_trials import Params


def print_plan(console: Console, session: Session, plan: Plan) -> None:
    """Print the plan as a table, and its counts."""
    rows = plan_rows(session, plan, commands=False)
    for row, step in zip(rows, plan.steps, strict=False):  # those that are removed follow
        row["action"] = step.word
    print_table(
        console, rows, ("sweep", "trial", "action", "epoch", "reason"), {"epoch": session.spec.trainer.unit}
    )
    print_differences(console, plan.differences)
    eta = f", about {duration(plan.eta_s)} at the recorded pace" if plan.eta_s is not None else ""
    for line in search_lines(plan):
        console.print(line, soft_wrap=True)
    more = f", then search {plan.to_begin}" if plan.to_begin and session.selection.is_all else ""
    starts = len(plan.to_start())
    failed = len(plan.to_start(retry_failed=True)) - starts
    again = f", with {RETRY_FAILED} {failed} that failed, too" if failed else ""
    console.print(
        f"{plan.summary or 'nothing'}; `{session.next_run()}` would start {starts}{more}{eta}{again}",
        soft_wrap=True,
    )


def search_lines(plan: Plan) -> Iterator[str]:
    """Say how many trials of each search are done, and which starting points come next."""
    for search in plan.searches:
        ended = ", ".join(f"{count} {outcome}" for outcome, count in search.ended.items())
        begun = f", {search.begun} under way" if search.begun else ""
        yield (
            f"{search.sweep}: {search.done} of {counted(search.wanted, 'trial')} done{f' ({ended})' if ended else ''}{begun}, "
            f"{search.to_begin} to be suggested by {search.how}"
        )
        for params in search.points[: search.to_begin]:
            yield f"{search.sweep}: starting point to come: {point_text(params)}"


def point_text(params: Params) -> str:
    """Write params as in `lr 0.001, kind Cyclical`."""
    return ", ".join(f"{key} {shown(value).removeprefix('-')}" for key, value in params.items())
