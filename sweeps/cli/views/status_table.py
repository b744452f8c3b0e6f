"""Prints the table of `sweep status`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.read.provenance import shortened
from analysis.visible import on_one_line
from sweeps.cli.views.best_line import best_lines
from sweeps.cli.views.metrics_table import print_silent
from sweeps.cli.views.table import counts_text, print_differences, print_table
from sweeps.rows.notes import status_notes
from sweeps.rows.status import LOAD, NOTHING, OWN, SECONDS, is_finished, searched_keys

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from sweeps.commands.session import Session
    from sweeps.planning.plan import Plan, Step
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
        {
            "epoch": session.spec.trainer.unit,
            **{key: f"{key} ({which})" for key, which in status.counts.items()},
        },
        optional={*drawn, *metrics, SECONDS, *LOAD},
    )
    print_differences(console, plan.differences)
    console.print(counts_text(row["state"] for row in rows) or "no trial")
    if (more := _left_out(session, plan, status.left_out)) is not None:
        console.print(more, soft_wrap=True, markup=False)
    for line in (*best_lines(session), *status_notes(session, plan, status)):
        console.print(line, soft_wrap=True, markup=False)
    silent = [
        step
        for step, row in zip(plan.steps, rows, strict=True)
        if row["reason"] == NOTHING and is_finished(step)
    ]
    print_silent(console, session, silent)
    _print_misread(console, list(filter(is_finished, plan.steps)), silent)


def _print_misread(console: Console, finished: Sequence[Step], silent: Sequence[Step]) -> None:
    """Say of the first trial that finished which of its numbers are recorded otherwise than one may think, as the end of `sweep run` does."""
    from sweeps.commands.evidence import misread_of

    for step in finished[:1]:
        for remark in misread_of(step.record, is_silent=step in silent) if step.record is not None else ():
            console.print(f"{step.label}: {on_one_line(remark)}", soft_wrap=True, markup=False)


def _short(value: object) -> object:
    """A drawn value in its short form: 0.001234 for one of 17 digits."""
    return float(f"{value:.4g}") if isinstance(value, float) else value


def _left_out(session: Session, plan: Plan, keys: Sequence[str]) -> str | None:
    """How many metrics are recorded that the table has not, and how to see them; None where there are none."""
    trial = next((step.trial.name for step in plan.steps if step.record is not None), None)
    if not keys or trial is None:
        return None
    many, them = ("1 more metric is", "it") if len(keys) == 1 else (f"{len(keys)} more metrics are", "them")
    shows = session.command("metrics", trial)
    return f"{many} recorded ({shortened(keys)}): `{shows}` shows {them}, and those of `measures:` have columns here"
