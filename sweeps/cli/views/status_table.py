"""Prints the table of `sweep status`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from analysis.read.provenance import shortened
from analysis.results.criterion import not_recorded
from analysis.results.shared_files import shared_files
from sweeps.cli.views.best_line import best_lines
from sweeps.cli.views.metrics_table import print_silent
from sweeps.cli.views.table import counts_text, print_differences, print_table
from sweeps.commands.seeds import seeds_hint
from sweeps.rows.status import LOAD, NOTHING, OWN, SECONDS, criteria_of, is_finished, searched_keys

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from sweeps.commands.session import Session
    from sweeps.planning.plan import Plan
    from sweeps.rows.status import Status


def print_status(
    console: Console, session: Session, plan: Plan, status: Status, *, wide: bool = False
) -> None:
    """Print the status as a table, what the runs differ in, how many trials are in each state and metrics are left out, which files they share, and which recorded nothing.

    Args:
        console: Where.
        session: The file.
        plan: Its plan.
        status: How its trials stand.
        wide: Whether to print also how long trials ran, and what they take of the machine.
    """
    rows = status.rows
    drawn = searched_keys(session)
    metrics = [key for key in (rows[0] if rows else ()) if key not in OWN and key not in drawn]
    shown = [{**row, **{key: _short(row[key]) for key in drawn}} for row in rows] if drawn else rows
    print_table(
        console,
        shown,
        (
            "sweep",
            "trial",
            *drawn,
            "state",
            "attempt",
            "epoch",
            *metrics,
            *((SECONDS, *LOAD) if wide else ()),
            "reason",
        ),
        {"epoch": session.spec.trainer.unit, **_judged(session)},
        optional={*drawn, *metrics, SECONDS, *LOAD},
    )
    print_differences(console, plan.differences)
    console.print(counts_text(row["state"] for row in rows) or "no trial")
    if (more := _left_out(session, plan, status.left_out)) is not None:
        console.print(more, soft_wrap=True, markup=False)
    having = {key.removesuffix(" (metric)") for key in metrics if any(row[key] is not None for row in rows)}
    judging = [replace(criterion, baseline=None) for criterion in criteria_of(session)]
    lacking = not_recorded(judging, having) if any(map(is_finished, plan.steps)) else ()
    for line in (*best_lines(session), *lacking):
        console.print(line, soft_wrap=True, markup=False)
    runs = [step.record for step in plan.steps if step.record is not None]
    for line in shared_files(runs, (step.trial.config for step in plan.steps)):
        console.print(line, soft_wrap=True, markup=False)
    if (hint := seeds_hint(session, "status")) is not None:
        console.print(hint, soft_wrap=True, markup=False)
    silent = [
        step
        for step, row in zip(plan.steps, rows, strict=True)
        if row["reason"] == NOTHING and is_finished(step)
    ]
    print_silent(console, session, silent)


def _short(value: object) -> object:
    """A drawn value in its short form: 0.001234 for one of 17 digits."""
    return float(f"{value:.4g}") if isinstance(value, float) else value


def _judged(session: Session) -> dict[str, str]:
    """The heads of measures of which another value than the last counts: the best, or the mean of the last ones."""
    return {
        criterion.metric: f"{criterion.metric} ({criterion.value})"
        for criterion in criteria_of(session)
        if criterion.is_best or criterion.is_tail
    }


def _left_out(session: Session, plan: Plan, keys: Sequence[str]) -> str | None:
    """How many metrics are recorded that the table has not, and how to see them; None where there are none."""
    trial = next((step.trial.name for step in plan.steps if step.record is not None), None)
    if not keys or trial is None:
        return None
    many, them = ("1 more metric is", "it") if len(keys) == 1 else (f"{len(keys)} more metrics are", "them")
    shows = session.command("metrics", trial)
    return f"{many} recorded ({shortened(keys)}): `{shows}` shows {them}, and those of `measures:` have columns here"
