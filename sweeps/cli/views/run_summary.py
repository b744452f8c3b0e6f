"""Prints the end of a `sweep run`: each failure with its reason, the counts, and what to do next."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING

from analysis.read import tags
from analysis.read.errors import AnalysisError
from analysis.read.outcomes import Outcome
from analysis.visible import on_one_line
from sweeps.cli.views.best_line import best_lines
from sweeps.cli.views.metrics_table import print_silent
from sweeps.cli.views.table import counts_text
from sweeps.commands.seeds import to_write
from sweeps.planning.plan import Action
from sweeps.rows.failures import alike, named
from sweeps.rows.jobs import job_rows
from sweeps.trainer.provenance import code_identity

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from rich.console import Console

    from sweeps.commands.run import Launched
    from sweeps.commands.session import Session
    from sweeps.planning.plan import Plan, Step


RETRY_FAILED = "--retry-failed"


def retry_command(session: Session) -> str:
    """The shell command that goes on with all that a `sweep run` was about, and takes failed trials up again."""
    again = session.next_run()
    return again if RETRY_FAILED in again.split() else f"{again} {RETRY_FAILED}"


def opening_lines(session: Session, planned: Plan, steps: Sequence[Step]) -> Iterator[str]:
    """Say what a `sweep run` is about to start; that nothing starts is said at its end."""
    asks = planned.to_begin if session.selection.is_all else 0
    starting = f"; starting {len(steps)}" if steps or asks else ""
    more = f", then searching {asks}" if asks else ""
    if starting or planned.counts().keys() != {Action.DONE.value}:
        yield f"{session.request.file}: {planned.summary or 'nothing recorded'}{starting}{more}"


def opening_notes(session: Session, planned: Plan) -> Iterator[str]:
    """Say what does not count any more, and that the code has changed since trials finished."""
    yield from session.changes(planned)
    yield from _other_code(session, planned)


def _other_code(session: Session, planned: Plan) -> Iterator[str]:
    """Say that finished trials ran other code than there is now, which `sweep run` does not train again by itself."""
    runs = [
        (step.trial.name, step.record) for step in planned.steps if step.action is Action.DONE and step.record
    ]
    if runs:
        now = {tags.CODE: json.dumps(code_identity(session.spec.trainer))}
        yield from session.differences(runs, now, from_now=True)


def print_summary(console: Console, session: Session, launched: Launched) -> None:
    """Print how a `sweep run` ended."""
    rows = job_rows(launched)
    failed = (row for row in rows if row["outcome"] == Outcome.FAILED)
    for reason, labels in alike((f"{row['sweep']}/{row['trial']}", row["reason"]) for row in failed).items():
        see = f"see `{session.command('logs', labels[0])}`"
        if len(labels) == 1:
            console.print(f"{labels[0]}: failed: {reason}", soft_wrap=True, style="red")
        else:
            console.print(f"{len(labels)} trials failed alike: {reason}", soft_wrap=True, style="red")
            see = f"{named(labels)}; {see}"
        console.print(f"  {see}", soft_wrap=True)
    print_silent(console, session, _silent(session, launched))
    _print_misread(console, launched)
    for label, by in launched.held:
        console.print(f"{label}: {by}", soft_wrap=True)
    taken = {row["fingerprint"] for row in rows}
    for line in _failed_earlier(session, launched.plan, taken):
        console.print(line, soft_wrap=True)
    earlier = (step for step in launched.plan.steps if step.trial.fingerprint not in taken)
    done = sum(step.action is Action.DONE for step in earlier)
    counts = counts_text(row["outcome"] for row in rows) or "nothing to start"
    before = f"; {done} {'was' if done == 1 else 'were'} done before" if done else ""
    console.print(f"{counts}{before}")
    with contextlib.suppress(AnalysisError):  # a store that is away by now keeps nobody from the rest
        for line in best_lines(session):
            console.print(line, soft_wrap=True, markup=False)
    if (seeds := session.request.seeds) is not None and session.grids:
        kept = f"or write {to_write(session)}"
        console.print(
            f"--seeds {seeds} is for this command alone: give it to `sweep report` too, {kept}",
            soft_wrap=True,
        )
    if launched.exit_code == 130:  # noqa: PLR2004 - the exit code of an interrupted run
        console.print(f"`{session.next_run()}` goes on", soft_wrap=True)


def _failed_earlier(session: Session, plan: Plan, taken: Collection[str]) -> Iterator[str]:
    """Say which trials failed in an earlier run, and what takes them up again."""
    left = [
        step for step in plan.steps if step.action is Action.RETRY and step.trial.fingerprint not in taken
    ]
    steps = {step.label: step for step in left}
    for reason, labels in alike((step.label, step.reason) for step in left).items():
        if len(labels) == 1:
            again = session.repeat_command(steps[labels[0]].trial, RETRY_FAILED)
            yield f"{labels[0]}: failed earlier: {reason}; `{again}` takes it up again"
        else:
            yield f"{len(labels)} trials failed earlier, alike: {reason}"
            yield f"  {named(labels)}; `{retry_command(session)}` takes up all that failed"


def _print_misread(console: Console, launched: Launched) -> None:
    """Say of the first trial that finished which of its numbers have two names, or gave way; the others' are read by the same sources."""
    from sweeps.commands.evidence import misread

    first = next((job for job in launched.jobs if job.run_id and job.state == Outcome.FINISHED), None)
    if first is not None:
        for remark in misread(first.open_run_id, first.attempts, is_silent=first.is_silent):
            console.print(f"{first.label}: {on_one_line(remark)}", soft_wrap=True, markup=False)


def _silent(session: Session, launched: Launched) -> list[Step]:
    """The steps of the trials that finished and recorded nothing, each with its run."""
    silent = [job for job in launched.jobs if job.is_silent]
    runs = {run.run_id: run for run in session.record.runs} if silent else {}
    return [replace(job.step, record=runs[job.run_id]) for job in silent if job.run_id in runs]
