"""Defines a job: one trial on its way through one `sweep run`, its phases, and where jobs come from."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from analysis.read import tags
from analysis.read.outcomes import Outcome
from analysis.results.metric_names import EPOCH
from analysis.results.searches.prunings import without_own
from sweeps.pace.progress import Progress
from sweeps.planning.plan import Action
from sweeps.record.claims import Held, Left, Settled
from sweeps.record.notes import headlines
from sweeps.runner.time_spent import Begun
from sweeps.spec.resources import Keep

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from analysis.read.store import RunRecord
    from analysis.results.criterion import Criterion
    from analysis.results.searches.prunings import PruningSearch
    from sweeps.errors import RefusedError
    from sweeps.executors.slots import Allocation
    from sweeps.pace.paces import Pace
    from sweeps.planning.plan import Step
    from sweeps.rundir.journal import End, Metrics
    from sweeps.rundir.paths import RunPaths
    from sweeps.scheduler.verdict import Verdict
    from sweeps.spec.resources import Limits, Resources
    from sweeps.spec.yaml_reader import Value

MOST_KEPT = 20
"""Metrics that are kept of an ended job which has none of the well-known ones: thousands of jobs stay to be listed."""


class Phase(StrEnum):
    """How far a job is: `waiting` -> `opening` -> `running` -> `ended`, or back to `waiting` for another attempt."""

    WAITING = "waiting"
    """It has no GPUs and cores yet, or no more."""
    OPENING = "opening"
    """It has them, and its MLflow run is being opened."""
    RUNNING = "running"
    """Its attempt is with the executor."""
    HELD = "held"
    """Another `sweep run` has its trial, and this one left it to that."""
    ENDED = "ended"
    """It has an outcome, and this `sweep run` does no more with it."""


@dataclass
class Attempt:
    """One attempt of a job, from its allocation to its end. Each attempt has an object of its own.

    Attributes:
        number: From 1.
        allocation: Its GPUs and cores.
        is_adopted: Whether an earlier supervisor left it running or queued.
        goes_on: Whether it goes on where the one before left off; None: that is up to its program.
        end: What it wrote about its end.
        timed_out: Whether it was killed for taking too long.
        prune_reason: Why its search stopped it, or None.
        begun: What its folder says of its beginning, once it has ended; None: nothing, or it has not.
        seen_s: When its process was seen to end, seconds since the epoch; None: nobody saw it.
        has_lost_files: Whether its folder was removed while it ran.
    """

    number: int
    allocation: Allocation
    is_adopted: bool = False
    goes_on: bool | None = True
    end: End | None = None
    timed_out: bool = False
    prune_reason: str | None = None
    begun: Begun | None = None
    seen_s: float | None = None
    has_lost_files: bool = False

    def note_end(self, end: End) -> None:
        """Note what the journal says of an end; an earlier attempt's is passed over."""
        if end.attempt == self.number:
            self.end = end

    def note_exit(self, paths: RunPaths, *, is_lost: bool, notes: Iterable[str] = ()) -> None:
        """Note that its process has ended, while the folder still says when it began.

        Args:
            paths: The run's files.
            is_lost: Whether nobody knows how it ended, and so when.
            notes: What its log is to say at the end.
        """
        self.has_lost_files = not paths.config.exists()
        paths.create()
        for note in notes:
            with contextlib.suppress(OSError), paths.log(self.number).open("a", encoding="utf-8") as log:
                log.write(f"sweep: {note}\n")
        begun = Begun.read(paths)
        self.begun = begun if begun is not None and begun.is_of(self.number) else None
        self.seen_s = None if is_lost or self.is_adopted else time.time()


@dataclass(eq=False)
class Job:
    """One trial on its way through one `sweep run`.

    Its phase changes only through its methods, such as `granted`, `started`, `requeued` and `concluded`.

    Attributes:
        step: What the plan says of the trial.
        resources: Its share of the machine.
        limits: Its time and attempts.
        parent: The MLflow run of its sweep.
        repeat: The command that repeats it.
        epochs: How many epochs it is to have, or None where the config does not say.
        expected: Its pace, as the record has that of trials like it; None: the record tells nothing.
        source: The search that made it, or None; set with the next before the supervisor has it.
        tags: Tags of its own for its run.
        keeps: Which of its checkpoints stay once it is done: what each sweep that it belongs to keeps.
        criteria: By what the file judges it.
        pruning: The search of its sweep, where that has a pruner; None: nothing of the sweep is pruned.
        unit: What its epochs are called: `epoch` or `step`.
        alone: Whether it gets its devices, or the machine, for itself.
        not_before_s: When it may start at the earliest, on the clock of `time.monotonic`.
        run_id: Its MLflow run, or None.
        attempts: The number of its last attempt, over all its `sweep run`s; 0: this one has begun none.
        spent_s: How long these ran until the last that has ended, in seconds; None: nobody knows.
        attempt: The attempt in progress, or None.
        verdicts: How its attempts of this `sweep run` ended.
        stops: How often somebody asked to stop this trial.
        is_given_up: Whether that was for good.
        refused: Why its run was not opened: who has its trial, how that ended elsewhere, or the store's own no; None: nothing.
        has_twin: Whether another job of this `sweep run` had the same trial while this one waited.
        is_gone: Whether the file asks for its trial no more.
        is_dropped: Whether it is, or was, therefore not to begin; it stands until an attempt that was called off has ended.
        progress: How far it is.
    """

    step: Step
    resources: Resources
    limits: Limits
    parent: str
    repeat: str
    epochs: int | None = None
    expected: Pace | None = None
    source: JobSource | None = None
    tags: dict[str, str] = field(default_factory=dict)
    keeps: frozenset[Keep] = frozenset({Keep.ALL})
    criteria: tuple[Criterion, ...] = ()
    pruning: PruningSearch | None = None
    unit: str = EPOCH
    alone: bool = False
    not_before_s: float = 0.0
    run_id: str | None = None
    attempts: int = 0
    spent_s: float | None = 0.0
    attempt: Attempt | None = None
    verdicts: list[Verdict] = field(default_factory=list)
    stops: int = 0
    is_given_up: bool = False
    refused: Held | Settled | Left | RefusedError | None = None
    has_twin: bool = False
    is_gone: bool = False
    is_dropped: bool = False
    progress: Progress = field(default_factory=Progress)
    _phase: Phase = Phase.WAITING

    @property
    def phase(self) -> Phase:
        """How far it is."""
        return self._phase

    @property
    def state(self) -> str:
        """The word for users: `waiting`, `running`, `held`, or the outcome."""
        if self._phase is Phase.ENDED:
            return self.verdicts[-1].outcome
        return self._phase if self._phase in {Phase.RUNNING, Phase.HELD} else Phase.WAITING

    @property
    def reason(self) -> str:
        """Who holds it; else why its last attempt of this `sweep run` ended; empty where there is nothing to say."""
        if self._phase is Phase.HELD and isinstance(self.refused, Held):
            return f"by {self.refused.by}"
        return self.verdicts[-1].reason if self.verdicts else ""

    @property
    def is_over(self) -> bool:
        """Whether this `sweep run` does no more with it, as far as it knows."""
        return self._phase in {Phase.ENDED, Phase.HELD}

    @property
    def config(self) -> Mapping[str, Value]:
        """The trial's resolved config."""
        return self.step.trial.config

    @property
    def label(self) -> str:
        """`sweep/trial`."""
        return self.step.label

    @property
    def current(self) -> Attempt:
        """The attempt in progress, in the phases that have one."""
        assert self.attempt is not None, self._phase  # noqa: S101 - opening and running jobs have one
        return self.attempt

    @property
    def open_run_id(self) -> str:
        """Its MLflow run, in the phases that have one."""
        assert self.run_id is not None, self._phase  # noqa: S101 - jobs have one once it is opened
        return self.run_id

    @property
    def pruned_before(self) -> dict[str, str]:
        """The tag that says which searches pruned its run before, while it goes on; none where none did."""
        return without_own(self.step.record, self.step.trial.sweep)

    @property
    def is_silent(self) -> bool:
        """Whether it finished and logged no metric; what another one logged of its trial is not known here."""
        return self.refused is None and self.state == Outcome.FINISHED and not self.progress.has_metrics

    def granted(self, allocation: Allocation, adopted: int | None = None, attempts_here: int = 0) -> None:
        """Begin its next attempt, whose run is to be opened.

        Args:
            allocation: The attempt's GPUs and cores.
            adopted: The number of the attempt that an earlier supervisor left to take over; None: a new one begins.
            attempts_here: The number of the last attempt that left a log on this machine.
        """
        self._move(Phase.WAITING, to=Phase.OPENING)
        record = self.step.record
        if self.run_id is None and record is not None:
            self.run_id, self.attempts = record.run_id, record.attempt
            self.spent_s = record.seconds if self.attempts else 0.0
        self.attempts = max(self.attempts, attempts_here) + 1 if adopted is None else adopted
        self.attempt = Attempt(self.attempts, allocation, is_adopted=adopted is not None)

    def opened(self, run_id: str) -> None:
        """Note that the run is open; the attempt can start."""
        self._move(Phase.OPENING, to=Phase.OPENING)
        self.spent_s = self.spent_s if run_id == self.run_id else 0.0
        self.run_id = run_id

    def settled(self) -> RunRecord:
        """Note that another one has brought the trial to its end: its run, which is returned, is the job's."""
        assert isinstance(self.refused, Settled)  # noqa: S101 - called where it was refused so
        self.run_id, self.attempts = self.refused.run.run_id, self.refused.run.attempt
        return self.refused.run

    def held(self) -> None:
        """Note that another `sweep run` has the trial: this attempt never was."""
        assert isinstance(self.refused, Held)  # noqa: S101 - called where it was refused so
        self._move(Phase.OPENING, to=Phase.HELD)
        self.attempt, self.run_id = None, None
        self.attempts = self.refused.run.attempt
        self.step = replace(self.step, record=self.refused.run)

    def left(self) -> None:
        """Have it wait for another attempt, in the run that another search pruned meanwhile."""
        assert isinstance(self.refused, Left)  # noqa: S101 - called where it was refused so
        run = self.refused.run
        self._move(Phase.OPENING, to=Phase.WAITING)
        self.attempt, self.run_id, self.attempts, self.refused = None, None, 0, None
        self.step = replace(self.step, action=Action.RESUME, record=run)
        if tags.SEARCH in self.tags:
            self.tags[tags.SEARCH] = tags.entries_text(run.tags.get(tags.SEARCH, ""), self.tags[tags.SEARCH])

    def awaits(self) -> None:
        """Have a held job wait for its turn to ask again."""
        self._move(Phase.HELD, to=Phase.WAITING)
        self.refused = None

    def renewed(self, fresh: Job) -> None:
        """Take over what the file says of it now, from a job that was made anew of the same trial."""
        self.step, self.parent = fresh.step, fresh.parent
        self.repeat, self.epochs, self.unit = fresh.repeat, fresh.epochs, fresh.unit
        self.resources, self.limits, self.tags = fresh.resources, fresh.limits, fresh.tags
        self.keeps, self.expected, self.criteria = fresh.keeps, fresh.expected, fresh.criteria
        self.pruning = fresh.pruning

    def again(self) -> None:
        """Have an ended job wait once more, in the same run, as if none of its attempts had been."""
        self._move(Phase.ENDED, to=Phase.WAITING)
        self.verdicts.clear()
        self.is_dropped = False
        self.refused, self.stops, self.not_before_s = None, 0, 0.0

    def started(self) -> None:
        """Note that the attempt is with the executor."""
        self._move(Phase.OPENING, to=Phase.RUNNING)

    def requeued(self, verdict: Verdict, not_before_s: float, *, alone: bool = False) -> None:
        """Note how the attempt ended, and wait for another one.

        Args:
            verdict: How it ended.
            not_before_s: When the next may start at the earliest, on the clock of `time.monotonic`.
            alone: Whether it gets its devices, or the machine, for itself from now on.
        """
        self._move(Phase.RUNNING, to=Phase.WAITING)
        self._end_attempt(verdict)
        self.not_before_s = not_before_s
        self.alone = self.alone or alone

    def concluded(self, verdict: Verdict) -> None:
        """Note how the trial ended, and let go of what only a live job needs: thousands stay to be listed."""
        self._move(Phase.WAITING, Phase.OPENING, Phase.RUNNING, to=Phase.ENDED)
        self._end_attempt(verdict)
        if verdict.outcome.is_closed:
            self.repeat = ""
        metrics = self.progress.metrics
        kept = [key for key in headlines(self.criteria) if key in metrics] or sorted(metrics)[:MOST_KEPT]
        self.progress.keep(kept)
        self.progress.judged.close()

    def given_up(self, verdict: Verdict) -> None:
        """Note that the user gave it up after it had ended."""
        self._move(Phase.ENDED, to=Phase.ENDED)
        self.verdicts.append(verdict)

    def _end_attempt(self, verdict: Verdict) -> None:
        if self.attempt is not None:
            self.progress.ended_s = time.monotonic()
        self.attempt = None
        self.verdicts.append(verdict)

    def _move(self, *of: Phase, to: Phase) -> None:
        assert self._phase in of, f"{self.label}: from {self._phase} to {to}"  # noqa: S101 - a supervisor's invariant
        self._phase = to


class JobSource(Protocol):
    """Makes jobs one at a time, and learns from each how it goes: a search. One supervisor asks it, from one thread.

    Attributes:
        jobs: Every job that it has given so far.
        resources: What each of its jobs needs.
        parent: The run of its sweep, whose lease is renewed while it has jobs.
    """

    jobs: list[Job]
    resources: Resources
    parent: str

    @property
    def is_open(self) -> bool:
        """Whether it may yet give a job, now or when one that runs has ended."""

    @property
    def to_come(self) -> int:
        """How many jobs it is still to give, as far as it knows."""

    def next(self) -> Job | None:
        """The next job, asked for as soon as a slot is free; None: none for now.

        While none of its jobs runs it gives one, or is no longer open.
        """

    def linked(self, job: Job) -> None:
        """Take note that a job has got its run, before its first attempt starts."""

    def reported(self, job: Job, rows: Sequence[Metrics]) -> str | None:
        """Take note of what a job logged; returns why it is to be pruned, if it is.

        Raises:
            SpecError: What the job logs shows that the file asks for something that does not exist.
        """

    def ended(self, job: Job) -> None:
        """Take note of a job's outcome, which is its `state`.

        Raises:
            SpecError: As for `reported`.
        """

    def close(self) -> None:
        """Give no more jobs."""

    def finish(self, patience_s: float) -> None:
        """Write what is not written yet, waiting up to `patience_s` seconds; called last, whatever happened before."""
