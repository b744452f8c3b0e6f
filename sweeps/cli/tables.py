"""The tables that the read-only verbs print, as rows first and as text second."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from analysis.read.outcomes import Outcome
from sweeps.cli.progress import duration
from sweeps.cli.search_tables import search_lines
from sweeps.errors import SelectionError, did_you_mean
from sweeps.planning.plan import Action
from sweeps.record.notes import tail
from sweeps.rundir.paths import StateDir

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rich.console import Console

    from sweeps.commands.run import Launched
    from sweeps.commands.session import Request, Session
    from sweeps.planning.expansion import Trial
    from sweeps.planning.plan import Plan

Row = dict[str, Any]
_GOES_ON = frozenset({Action.RESUME, Action.RETRY})

_LONG = frozenset({"reason", "value", "from"})
"""Columns that are wrapped where the terminal is too narrow."""

_MANY = 1000
"""More rows than this are printed without rich."""

STATUS_METRICS = ("train/loss", "val/psnr", "val/skill")
"""What a status shows of the video's trainer."""
MOST_METRICS = 6
"""Metrics that a status shows of any other trainer, by name."""
_STATUS = frozenset({"sweep", "trial", "state", "reason", "attempt", "epoch", "run_id", "fingerprint"})
"""The columns of a status that are no metrics."""
_NO_SCORES = ("time/", "system/", "frame/")


def plan_rows(session: Session, plan: Plan, *, commands: bool = True) -> list[Row]:
    """One row a trial: what it needs, why, and, where asked for, the command that runs it alone."""
    rows: list[Row] = [
        {
            "sweep": step.trial.sweep,
            "trial": step.trial.name,
            "action": step.action.value,
            "epoch": step.epochs_done if step.action in _GOES_ON else None,
            "reason": step.reason,
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
    """The plan as a table, and its counts."""
    rows = plan_rows(session, plan, commands=False)
    _print(console, rows, ("sweep", "trial", "action", "epoch", "reason"))
    _print_differences(console, plan)
    told = ", ".join(f"{count} {name}" for name, count in plan.counts().items())
    eta = f", about {duration(plan.eta_s)} at the recorded pace" if plan.eta_s is not None else ""
    for line in search_lines(plan):
        console.print(line, highlight=False, soft_wrap=True)
    more = f", then search {plan.to_begin}" if plan.to_begin and session.selection.is_all else ""
    console.print(
        f"{told or 'nothing'}; `sweep run` would start {len(plan.to_start())}{more}{eta}", highlight=False
    )


def _print_differences(console: Console, plan: Plan) -> None:
    for line in plan.differences:
        console.print(line, highlight=False, soft_wrap=True)


def status_metrics(session: Session, recorded: Iterable[str]) -> tuple[str, ...]:
    """The metrics that a status shows: what the searches seek, and the usual ones or else those that are recorded."""
    searches = [sweep.search.spec for sweep in session.sweeps if sweep.search is not None]
    sought = [objective.key for search in searches for objective in search.objectives]
    recorded = sorted(key for key in recorded if not key.startswith(_NO_SCORES))
    is_other = recorded and not set(STATUS_METRICS) & set(recorded)
    return tuple(dict.fromkeys([*(recorded[:MOST_METRICS] if is_other else STATUS_METRICS), *sought]))


def status_rows(session: Session, plan: Plan) -> list[Row]:
    """One row a trial: its state, attempt, reason and latest metrics."""
    wanted = {step.record.run_id for step in plan.steps if step.record is not None}
    metrics: dict[str, dict[str, float]] = {}
    epochs: dict[str, int] = {}
    if wanted:
        for point in session.record.finals():
            if point.run_id in wanted and not point.key.startswith("frame/"):
                metrics.setdefault(point.run_id, {})[point.key] = point.value
                epochs[point.run_id] = max(point.step, epochs.get(point.run_id, -1))
    shown = status_metrics(session, {key for found in metrics.values() for key in found})
    rows: list[Row] = []
    for step in plan.steps:
        record = step.record
        run_id = record.run_id if record else ""
        state = "not started"
        if record is not None:
            state = (
                step.action.value if step.action.value == "running" else record.outcome or Outcome.ORPHANED
            )
        rows.append(
            {
                "sweep": step.trial.sweep,
                "trial": step.trial.name,
                "state": state,
                "reason": step.reason if record is not None else "",
                "attempt": record.attempt if record else 0,
                "epoch": epochs.get(run_id),
                **{key: metrics.get(run_id, {}).get(key) for key in shown},
                "run_id": run_id or None,
                "fingerprint": step.trial.fingerprint,
            }
        )
    return rows


def print_status(console: Console, plan: Plan, rows: Sequence[Row]) -> None:
    """The status as a table, in what the runs differ, and how many trials are in which state."""
    metrics = [key for key in (rows[0] if rows else ()) if key not in _STATUS]
    _print(console, rows, ("sweep", "trial", "state", "attempt", "epoch", *metrics, "reason"))
    _print_differences(console, plan)
    states = [row["state"] for row in rows]
    told = ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))
    console.print(told or "no trial", highlight=False)


def job_rows(launched: Launched) -> list[Row]:
    """One row a trial that a `sweep run` took on."""
    return [
        {
            "sweep": job.step.trial.sweep,
            "trial": job.step.trial.name,
            "outcome": "not started" if job.state == "waiting" else job.state,
            "reason": job.reason,
            "attempt": job.attempt,
            "run_id": job.run_id,
            "fingerprint": job.step.trial.fingerprint,
        }
        for job in launched.jobs
    ]


def print_summary(console: Console, request: Request, launched: Launched) -> None:
    """How a `sweep run` ended, each failure with its reason, and what to do next."""
    rows = job_rows(launched)
    for row in rows:
        if row["outcome"] == Outcome.FAILED:
            told = f"{row['sweep']}/{row['trial']}: failed: {row['reason']}"
            console.print(told, highlight=False, soft_wrap=True, style="red")
            console.print(f"  see `sweep logs {request.file} {row['sweep']}/{row['trial']}`", highlight=False)
    earlier = [step for step in launched.plan.steps if step.action.value == "retry"]
    taken = {row["fingerprint"] for row in rows}
    for step in earlier:
        if step.trial.fingerprint not in taken:
            told = f"{step.label}: failed earlier: {step.reason}; --retry-failed takes it up again"
            console.print(told, highlight=False, soft_wrap=True)
    states = [row["outcome"] for row in rows]
    done = sum(step.action.value == "done" for step in launched.plan.steps)
    told = ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))
    console.print(f"{told or 'nothing to start'}; {done} were done before", highlight=False)
    if launched.exit_code == 130:  # noqa: PLR2004 - the exit code of an interrupted run
        console.print(f"`sweep run {request.file}` goes on from the last checkpoints", highlight=False)


def trial_named(session: Session, name: str) -> Trial:
    """The trial of a name: `Cyclical-tfr0.5`, with its sweep before a slash where two sweeps have it.

    Raises:
        SelectionError: There is none, or there are several.
    """
    trials = [trial for sweep in session.sweeps for trial in sweep.trials]
    found = [
        trial for trial in trials if name in (trial.name, f"{trial.sweep}/{trial.name}", trial.fingerprint)
    ]
    if len(found) == 1:
        return found[0]
    if found:
        told = ", ".join(f"{trial.sweep}/{trial.name}" for trial in found)
        raise SelectionError(f"trial {name}: several sweeps have it; say which of {told}")
    names = [*(trial.name for trial in trials), *(f"{trial.sweep}/{trial.name}" for trial in trials)]
    hint = did_you_mean(name, names) or "; `sweep plan` lists them"
    raise SelectionError(f"trial {name}: there is none of this name in {session.spec.path}{hint}")


def log_of(session: Session, name: str) -> str:
    """What a trial's last attempt printed on this machine.

    Raises:
        SelectionError: There is no such trial, or it has no log here.
    """
    trial = trial_named(session, name)
    plan = session.plan()
    step = next(step for step in plan.steps if step.trial == trial)
    if step.record is None:
        raise SelectionError(f"trial {name}: has not been started")
    path = StateDir.here().run(step.record.run_id).log(step.record.attempt)
    if not path.exists():
        raise SelectionError(f"trial {name}: {path} is not here; its run's artifacts in MLflow hold the log")
    lines = tail(path, 10_000_000, most_bytes=1 << 30)
    return "".join(f"{line}\n" for line in lines)


def explain_rows(session: Session, trial: Trial) -> list[Row]:
    """One row a key: its value and where it comes from."""
    rows = []
    for key, value in sorted(session.config(trial).items()):
        setting = trial.settings.get(key)
        origin = "the trainer's default" if setting is None else _origin(setting.layer, str(setting.place))
        rows.append({"key": key, "value": value, "from": origin})
    return rows


def difference_rows(session: Session, one: Trial, other: Trial) -> list[Row]:
    """One row a key in which two trials differ."""
    left, right = session.config(one), session.config(other)
    return [
        {"key": key, one.name: left.get(key), other.name: right.get(key)}
        for key in sorted(left.keys() | right.keys())
        if left.get(key) != right.get(key)
    ]


def print_explain(console: Console, trial: Trial, rows: Sequence[Row]) -> None:
    """The rows of `explain_rows` or `difference_rows` as a table."""
    console.print(f"{trial.sweep}/{trial.name}  {trial.fingerprint}", highlight=False)
    _print(console, rows, tuple(rows[0]) if rows else ())
    if not rows:
        console.print("no difference", highlight=False)


def _origin(layer: str, place: str) -> str:
    return place if layer == "--set" else f"{place} ({layer})"


def _print(console: Console, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    columns = [name for name in columns if any(row.get(name) not in (None, "") for row in rows)]
    if len(rows) > _MANY:
        _print_plainly(console, rows, columns)
        return
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for column in columns:
        numeric = any(isinstance(row.get(column), int | float) for row in rows)
        table.add_column(column, justify="right" if numeric else "left", no_wrap=column not in _LONG)
    for row in rows:
        table.add_row(*(_cell(row.get(column)) for column in columns))
    console.print(table)


def _print_plainly(console: Console, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Aligned, neither wrapped nor coloured: rich takes 0.2 ms a row, which is 20 s for 100,000 trials."""
    padded = []
    for column in columns:
        cells = [column, *(_cell(row.get(column)) for row in rows)]
        width = max(map(len, cells))
        padded.append([cell.ljust(width) for cell in cells])
    console.file.writelines(f"{'  '.join(line).rstrip()}\n" for line in zip(*padded, strict=True))


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.4g}"
    return value if isinstance(value, str) else json.dumps(value)
