"""Shows how a `sweep run` goes as plain lines. For terminals, see `live.table`."""

from __future__ import annotations

import math
import time
from typing import IO, TYPE_CHECKING, Generic, TypeVar

from analysis.read.outcomes import NOT_STARTED
from analysis.results.criterion import LAST
from analysis.results.document import told_apart
from analysis.results.metric_names import is_score
from analysis.visible import on_one_line
from sweeps.cli.output import short_value
from sweeps.cli.time_left import Steady, eta_s
from sweeps.executors.base import Stop
from sweeps.rows.failures import Reasons
from sweeps.rows.jobs import never_began
from sweeps.rows.plan import BEGINNINGS
from sweeps.scheduler.job import Phase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sweeps.scheduler.job import Job

_T = TypeVar("_T")
LOSS_KEYS = ("train/loss", "loss")
SCORE_KEYS = (
    "val/psnr",
    "val/accuracy",
    "val/loss",
    "accuracy",
    "val_accuracy",
    "val_acc",
    "val_loss",
    "eval_loss",
)
MOST_JUDGING = 3
"""Measures that are shown while trials run."""
BEAT_S, LONGEST_BEAT_S = 60.0, 600.0
"""After so long without a line one says how a running trial stands; later in a long run less often, up to the second."""
BEAT_SHARE = 0.05
"""The pause before such a line, as a part of the time that the run has taken."""
UNTOLD = (
    "what it records does not tell how far it is: have a pattern of `metrics:` name a group `epoch`, or write "
    "`progress: {metric: METRIC, of: KEY}` (`sweep recipe the-metrics-of-a-program`)"
)
ENDLESS = "how long it trains is not said: `epochs: KEY` in `trainer:` names the setting, for progress and the time left"
SHARE = 0.02
"""How much of the time may go into figures that take a walk over all jobs."""
STOPPING = {
    Stop.ASK: "stopping: running trials are asked to end, with a checkpoint where they save one, and none starts; Ctrl-C again terminates them",
    Stop.TERMINATE: "terminating the running trials; Ctrl-C again kills them",
    Stop.KILL: "killing the running trials",
}


class PlainLines:
    """One line an event, for logs and pipes; a trial's progress is shown at each quarter, and now and then where nothing is said.

    Args:
        file: Where they go.
        slots: How many attempts run at once.
        clock: The seconds since some moment.
    """

    def __init__(self, file: IO[str], slots: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._file = file
        self._slots = slots
        self._clock = clock
        self._began_s = self._said_s = clock()
        self._beats: dict[str, float] = {}
        self._is_remarked = self._is_stopping = False
        self._reasons = Reasons()
        self._quarters: dict[str, int] = {}
        self._jobs: Sequence[Job] = ()
        self._steady = Steady()
        self._left = Seldom(lambda: eta_s(self._jobs, self._slots))

    def starting(self, job: Job) -> None:
        """Nothing to say before it has."""

    def started(self, job: Job) -> None:
        """Say which attempt started."""
        first = job.progress.first_epoch
        recorded = f"{first} {job.unit}{'s are' if first != 1 else ' is'} recorded" if first else ""
        told = "; ".join(filter(None, (f"attempt {job.attempts}", BEGINNINGS[job.current.goes_on], recorded)))
        self._say(f"{job.label}: started{f' ({told})' if job.attempts > 1 else ''}")
        self._quarters[job.label] = 4 * first // job.epochs if job.epochs else 0

    def progressed(self, job: Job) -> None:
        """Say how far it is, at each quarter of its epochs."""
        done = job.progress.epochs_done
        if job.epochs is None or not done:
            return
        quarter = 4 * done // job.epochs
        if quarter > self._quarters.get(job.label, 0):
            self._quarters[job.label] = quarter
            left = None if self._is_stopping else self._left()
            if left:
                left = self._steady.shown(left, time.monotonic(), len(self._jobs))
            more = f", about {duration(left)} left in all" if left else ""
            self._say(f"{job.label}: {job.unit} {done}/{job.epochs}{_scores(job)}{more}")
            self._beats[job.label] = self._said_s

    def ended(self, job: Job) -> None:
        """Say how it ended, and why: a reason that was said of another trial by its name."""
        reason = f" ({self._reasons.said(job.label, job.reason)})" if job.reason else ""
        if never_began(job):
            self._say(f"{job.label}: {NOT_STARTED}{reason}")
            return
        state = job.state if job.phase is Phase.ENDED else "ended, will be tried again"
        self._say(f"{job.label}: {state}{reason} after {duration(job.progress.elapsed_s)}{_scores(job)}")

    def stopping(self, how: Stop) -> None:
        """Say what the signal did, and what the next one does."""
        self._is_stopping = True
        self._say(STOPPING[how])

    def noticed(self, text: str) -> None:
        """Say it."""
        self._say(text)

    def tick(self, jobs: Sequence[Job]) -> None:
        """Remember the jobs, for the ETA; where nothing was said for long, say how a running one stands."""
        self._jobs = jobs
        now_s = self._clock()
        pause_s = min(max(BEAT_S, BEAT_SHARE * (now_s - self._began_s)), LONGEST_BEAT_S)
        if now_s - self._said_s < pause_s:
            return
        self._said_s = now_s
        running = (job for job in jobs if job.phase is Phase.RUNNING)
        job = min(running, key=lambda job: self._beats.get(job.label, 0.0), default=None)
        if job is not None:
            self._beat(job)

    def _beat(self, job: Job) -> None:
        """Say how a running trial stands; once, what would tell how far it is."""
        progress = job.progress
        done, total = progress.epochs_done, job.epochs
        epochs = f", {job.unit} {done}{f'/{total}' if total else ''}" if done else ""
        values = _scores(job) or ("" if progress.has_metrics else ", nothing recorded yet")
        self._say(f"{job.label}: running for {duration(progress.elapsed_s)}{epochs}{values}")
        self._beats[job.label] = self._said_s
        if progress.has_unknown_epochs and not self._is_remarked:
            self._is_remarked = True
            self._say(ENDLESS if total is None else UNTOLD)

    def close(self) -> None:
        """Nothing to close."""

    def _say(self, text: str) -> None:
        self._said_s = self._clock()
        print(f"{time.strftime('%H:%M:%S')} {on_one_line(text)}", file=self._file, flush=True)


class Seldom(Generic[_T]):
    """A figure that is worked out anew so seldom that it takes `SHARE` of the time, and is remembered in between.

    Args:
        work_out: Works it out.
        pause_s: The least time between two times, in seconds.
    """

    def __init__(self, work_out: Callable[[], _T], pause_s: float = 0.0) -> None:
        self._work_out = work_out
        self._pause_s = pause_s
        self._next_s = -math.inf
        self._value: _T

    def __call__(self) -> _T:
        """The figure, as it was when it was worked out last."""
        began_s = time.monotonic()
        if began_s >= self._next_s:
            self._value = self._work_out()
            ended_s = time.monotonic()
            self._next_s = ended_s + max(self._pause_s, (ended_s - began_s) / SHARE)
        return self._value


def duration(seconds: float) -> str:
    """`7s`, `3m05s`, `2h10m`; `?` for what is no time."""
    if not math.isfinite(seconds):
        return "?"
    whole = max(0, round(seconds))
    if whole < 60:  # noqa: PLR2004 - seconds in a minute
        return f"{whole}s"
    if whole < 3600:  # noqa: PLR2004 - seconds in an hour
        return f"{whole // 60}m{whole % 60:02d}s"
    return f"{whole // 3600}h{whole % 3600 // 60:02d}m"


def judging_metrics(jobs: Iterable[Job]) -> tuple[str, ...]:
    """What the file judges these jobs by, as far as it is shown while they run; empty where it does not say."""
    criteria = dict.fromkeys(one for job in jobs for one in job.criteria if not one.is_per_frame)
    return tuple(dict.fromkeys(one.metric for one in criteria))[:MOST_JUDGING]


def shown_metrics(job: Job) -> tuple[str, str]:
    """The loss and the score to show: well-known names first, else the first loss and the first other metric by name."""
    metrics = job.progress.metrics
    others = sorted(filter(is_score, metrics))
    losses = [key for key in others if "loss" in key.lower()]
    loss = next((key for key in (*LOSS_KEYS, *losses) if key in metrics), "")
    scores = (*SCORE_KEYS, *(key for key in others if key not in losses))
    return loss, next((key for key in scores if key in metrics and key != loss), "")


def which_counts(jobs: Iterable[Job], metric: str) -> str:
    """Which value of a measure is shown, where that is another one than the last: `best`, `tail` or `mean`; empty where jobs differ in it."""
    found = {one.of_curve for job in jobs for one in job.criteria if one.metric == metric}
    return found.pop() if len(found) == 1 and found != {LAST} else ""


def shown_value(job: Job, metric: str) -> float | None:
    """What is shown of a metric: what counts of it so far where it is a measure, else its last value."""
    own = next((one for one in job.criteria if one.metric == metric), None)
    return job.progress.metrics.get(metric) if own is None else job.progress.score(own)


def _scores(job: Job) -> str:
    """What judges a trial so far: of a measure of which another value than the last counts that, and which it is."""
    judging = {key: shown_value(job, key) for key in judging_metrics((job,))}
    found = {key: value for key, value in judging.items() if value is not None}
    found = found or {key: job.progress.metrics[key] for key in shown_metrics(job) if key}
    parts = []
    for key, value in found.items():
        which = which_counts((job,), key)
        name = told_apart(key, job.config, "metric")
        parts.append(f", {name} {short_value(value)}{f' ({which})' if which else ''}")
    return "".join(parts)
