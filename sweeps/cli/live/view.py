"""Says how a `sweep run` stands, as plain values: what its own terminal draws, and others read from a file."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from analysis.read.outcomes import Outcome
from analysis.results.document import told_apart
from analysis.results.metric_names import EPOCH
from analysis.visible import on_one_line
from sweeps.cli.output import short_value
from sweeps.cli.progress import (
    STOPPING,
    duration,
    judging_metrics,
    shown_metrics,
    shown_value,
    which_counts,
)
from sweeps.cli.time_left import TimeLeft
from sweeps.scheduler.job import Phase

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sweeps.scheduler.job import Job

METRICS = ("loss", "score")
"""The names of the others, where the file has no measures."""
_ORDER: Mapping[str, int] = {Phase.RUNNING: 0, Outcome.FAILED: 1, Phase.WAITING: 2}
"""What is shown first where there is no room for every trial; any other state stands last."""


@dataclass(frozen=True, slots=True)
class Row:
    """One trial.

    Attributes:
        label: `SWEEP/TRIAL`.
        state: Such as `running`.
        reason: Why it ended so, or what it waits for; on one line.
        epochs: How many have ended, of how many: `3/10`; `?/10` or empty where nothing tells.
        left_s: Seconds until it ends; None where it does not run, or nothing tells.
        values: Its latest metrics, as the view names them, of a measure what counts of it so far; None where it has logged none.
    """

    label: str
    state: str
    reason: str
    epochs: str
    left_s: float | None
    values: tuple[float | None, ...]

    @property
    def cells(self) -> tuple[str, ...]:
        """As a table shows it, by the view's columns."""
        state = f"{self.state}: {self.reason}" if self.reason and self.state != Phase.WAITING else self.state
        left = "" if self.left_s is None else duration(self.left_s)
        numbers = ("" if value is None else short_value(value) for value in self.values)
        return self.label, state, self.epochs, left, *numbers


@dataclass(frozen=True, slots=True)
class View:
    """A launch in one moment.

    Attributes:
        rows: Its trials, in file order; where there are many, those that matter most.
        ended: How many of them have ended, interrupted ones included.
        total: How many there are.
        left_s: Seconds until all have ended; None where nothing tells, or where it stops before.
        note: What is being done to all of it, or what the next Ctrl-C does.
        metrics: What the values of its rows are called: the file's measures, with the word for what counts of one, as `acc (best)`; else a loss and a score.
        unit: What its epochs are called: `epoch` or `step`.
        interrupted: How many of those that ended were stopped, and go on in the next `sweep run`.
    """

    rows: tuple[Row, ...]
    ended: int
    total: int
    left_s: float | None
    note: str = ""
    metrics: tuple[str, ...] = METRICS
    unit: str = EPOCH
    interrupted: int = 0

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of a row's cells."""
        own = ("trial", "state", self.unit, "left")
        return (*own, *(on_one_line(told_apart(key, own, "metric")) for key in self.metrics))

    @property
    def foot(self) -> str:
        """`3 of 9 ended, about 2m left (4 rows not shown).`."""
        left = f", about {duration(self.left_s)} left" if self.left_s else ""
        hidden = self.total - len(self.rows)
        more = f" ({hidden} rows not shown)" if hidden else ""
        stopped = f", {self.interrupted} interrupted" if self.interrupted else ""
        return f"{self.ended - self.interrupted} of {self.total} ended{stopped}{left}{more}."

    def within(self, room: int) -> View:
        """The same in at most so many rows: running trials first, then failed, waiting and ended ones."""
        rows = tuple(self.rows[i] for i in _chosen([row.state for row in self.rows], room))
        return replace(self, rows=rows)

    def to_json(self) -> dict[str, Any]:
        """As it stands in a file."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> View:
        """The inverse of `to_json`; also of what earlier versions wrote, whose rows have a loss and a score."""
        metrics = tuple(data.get("metrics", METRICS))
        rows = tuple(
            Row(
                **{key: value for key, value in row.items() if key not in {*METRICS, "values"}},
                values=tuple(values),
            )
            for row in data["rows"]
            for values in [row.get("values") or [row.get(key) for key in metrics]]
        )
        return cls(**{**data, "rows": rows, "metrics": metrics})


def view_of(jobs: Sequence[Job], slots: int, room: int, note: str = "") -> View:
    """Say how a launch stands.

    Args:
        jobs: All its jobs.
        slots: How many run at once.
        room: The most rows.
        note: As in `View`.
    """
    left = TimeLeft(jobs, time.monotonic())
    shown = (jobs[i] for i in _chosen([job.state for job in jobs], room))
    ended = sum(job.phase is Phase.ENDED for job in jobs)
    interrupted = sum(job.phase is Phase.ENDED and job.state == Outcome.INTERRUPTED for job in jobs)
    is_stopping = interrupted or note in STOPPING.values()
    left_s = None if is_stopping else left.of_all(slots)
    metrics = judging_metrics(jobs)
    rows = tuple(_row(job, left, metrics) for job in shown)
    settings = {key for job in jobs for key in job.config} if metrics else set[str]()
    names = []
    for key in metrics:
        which = which_counts(jobs, key)
        names.append(f"{told_apart(key, settings, 'metric')}{f' ({which})' if which else ''}")
    unit = next((job.unit for job in jobs), EPOCH)
    return View(rows, ended, len(jobs), left_s, note, tuple(names) or METRICS, unit, interrupted)


def _row(job: Job, left: TimeLeft, metrics: Sequence[str]) -> Row:
    done = job.progress.epochs_done
    shown = "?" if job.progress.has_unknown_epochs else done
    return Row(
        label=job.label,
        state=str(job.state),
        reason=on_one_line(job.reason or ""),
        epochs=f"{shown}/{job.epochs}" if job.epochs else (str(done) if done else ""),
        left_s=left.of_job(job) if job.phase is Phase.RUNNING else None,
        values=tuple(shown_value(job, key) for key in metrics or shown_metrics(job)),
    )


def _chosen(states: Sequence[str], room: int) -> list[int]:
    """Which trials are shown, in file order."""
    by_weight = sorted(range(len(states)), key=lambda i: (_ORDER.get(states[i], len(_ORDER)), i))
    return sorted(by_weight[:room])
