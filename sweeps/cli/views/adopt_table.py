"""Makes the table of `sweep adopt`: a row for each run that was found, with the trial that it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sweeps.adoption.decisions import Verdict
from sweeps.cli.views.table import counts_text, print_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from sweeps.adoption.decisions import Decision
    from sweeps.commands.session import Session
    from sweeps.rows import Row


def decision_rows(decisions: Sequence[Decision], *, applied: bool) -> list[Row]:
    """Make a row for each run.

    Args:
        decisions: What becomes of each.
        applied: Whether it is done by now.
    """
    return [
        {
            "run": decision.found.label,
            "sweep": decision.match.trial.sweep if decision.match.trial else None,
            "trial": decision.match.trial.name if decision.match.trial else None,
            "action": (
                Verdict.ADOPTED if applied and decision.verdict is Verdict.ADOPT else decision.verdict
            ).value,
            "points": sum(decision.metrics.metrics.values()) if decision.metrics else None,
            "metrics": sorted(decision.metrics.metrics) if decision.metrics else None,
            "files": list(decision.metrics.files) if decision.metrics else None,
            "reason": decision.reason,
            "from": decision.found.origin,
            "fingerprint": decision.match.trial.fingerprint if decision.match.trial else None,
        }
        for decision in decisions
    ]


def print_decisions(
    console: Console, session: Session, decisions: Sequence[Decision], *, applied: bool
) -> None:
    """Print which run is which trial, why others are none, and what comes next."""
    rows = [
        {**row, "metrics": ", ".join(row["metrics"] or ())[:40], "reason": row["reason"]}
        for row in decision_rows(decisions, applied=applied)
    ]
    print_table(console, rows, ("run", "sweep", "trial", "action", "points", "metrics", "reason"))
    counts = counts_text(row["action"] for row in rows)
    taken = sum(decision.verdict is Verdict.ADOPT for decision in decisions)
    if applied:
        console.print(f"{counts}; `{session.command('status')}` shows them", soft_wrap=True)
    elif taken:
        console.print(f"{counts}; nothing is recorded yet: add --apply to record {taken}", soft_wrap=True)
    else:
        console.print(f"{counts}; nothing to record", soft_wrap=True)
