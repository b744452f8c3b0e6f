"""The supervisor: starts what the plan says, as slots fall free, and writes down how each attempt ends."""

from __future__ import annotations

import contextlib
import json
import signal
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from sweeps import ledger as tags
from sweeps.attempt import EXIT_FINISHED, EXIT_INTERRUPTED, AttemptSpec, signal_name
from sweeps.errors import LaunchError
from sweeps.executors import Stop
from sweeps.journal import JournalReader, last_step
from sweeps.notes import trial_note
from sweeps.plan import Action
from sweeps.processes import this_process
from sweeps.repair import kill_left_over

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import FrameType

    from sweeps.executors import Executor, Exit
    from sweeps.journal import End
    from sweeps.ledger import Ledger
    from sweeps.limits import Limits, Resources
    from sweeps.paths import RunPaths, StateDir
    from sweeps.plan import Step
    from sweeps.slots import Lease, Machine
    from sweeps.source import Value
    from sweeps.trainer import Trainer

TICK_S = 0.2
"""How often journals are read while nothing ends."""
BACKOFF_S = 2.0
"""The wait before the second attempt of a failed trial; it doubles with each further one."""
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SENT_BY_SOMEBODY = {
    *STOP_SIGNALS,
    signal.SIGKILL,
    signal.SIGQUIT,
    signal.SIGUSR1,
    signal.SIGUSR2,
    signal.SIGALRM,
}
"""Signals that end a trial from outside: it is interrupted and resumes. Others are its own crash: it failed."""
FORKSERVER_GONE = "its forkserver is gone"
MAX_RELAUNCHES = 3
STOPS = (Stop.ASK, Stop.TERMINATE, Stop.KILL)


@dataclass
class Job:
    """One trial on its way through this `sweep run`.

    Attributes:
        step: What the plan says of it.
        config: The resolved config, fixed when the supervisor starts.
        resources: Its share of the machine.
        limits: Its time and attempts.
        parent: The MLflow run of its sweep.
        repeat: The command that repeats it.
        epochs: How many epochs it is to have, or None where the config does not say.
        state: `waiting`, `running`, or the outcome.
        metrics: The latest value of each metric.
        epoch: The last epoch logged, or None.
    """

    step: Step
    config: Mapping[str, Value]
    resources: Resources
    limits: Limits
    parent: str
    repeat: str
    epochs: int | None = None
    run_id: str | None = None
    attempt: int = 0
    failures: int = 0
    relaunches: int = 0
    state: str = "waiting"
    reason: str = ""
    metrics: dict[str, float] = field(default_factory=dict)
    epoch: int | None = None
    first_epoch: int = 0
    started_s: float = 0.0
    ended_s: float = 0.0
    not_before_s: float = 0.0
    lease: Lease | None = None
    reader: JournalReader | None = None
    end: End | None = None
    data_known: bool = False
    timed_out: bool = False

    @property
    def label(self) -> str:
        """`sweep/trial`."""
        return self.step.label

    def remaining_s(self, now_s: float, typical_epoch_s: float | None) -> float | None:
        """Seconds of work left, from its own pace or a typical one; None where nothing is known."""
        if self.epochs is None:
            return None
        done = 0 if self.epoch is None else self.epoch + 1
        fresh = done - self.first_epoch
        own = (now_s - self.started_s) / fresh if self.state == "running" and fresh > 0 else None
        pace = own or typical_epoch_s
        return None if pace is None else max(0, self.epochs - done) * pace


class Listener(Protocol):
    """Who is told what happens, to show it."""

    def started(self, job: Job) -> None:
        """An attempt has started."""

    def progressed(self, job: Job) -> None:
        """An attempt has logged something."""

    def ended(self, job: Job) -> None:
        """An attempt has ended, or a trial is given up."""

    def stopping(self, how: Stop) -> None:
        """The user asked to stop."""

    def tick(self, jobs: Sequence[Job]) -> None:
        """Time has passed."""

    def close(self) -> None:
        """Nothing more happens."""


class Supervisor:
    """Runs jobs until all have ended or the user stops them.

    Args:
        ledger: Where runs are recorded.
        executor: What starts attempts.
        machine: The slots.
        state: Where runs keep their files.
        trainer: What is to be run.
        identity: Tags that stand on every run of this launch: code, environment, profile.
        listener: Who is told.
        search_path: Where the trainer's modules are looked for first.
    """

    def __init__(
        self,
        *,
        ledger: Ledger,
        executor: Executor,
        machine: Machine,
        state: StateDir,
        trainer: Trainer,
        identity: Mapping[str, str],
        listener: Listener,
        search_path: Sequence[str],
    ) -> None:
        self._ledger = ledger
        self._executor = executor
        self._machine = machine
        self._state = state
        self._trainer = trainer
        self._identity = identity
        self._listener = listener
        self._search_path = tuple(search_path)
        self._owner = json.dumps(this_process().to_json())
        self._waiting: deque[Job] = deque()
        self._running: dict[str, Job] = {}
        self._stops_asked = 0
        self._stops_done = 0

    @property
    def stopped(self) -> bool:
        """Whether the user stopped it."""
        return self._stops_asked > 0

    def run(self, jobs: Sequence[Job]) -> None:
        """Run the jobs, in order, as slots fall free; each job's `state` then holds its outcome.

        Raises:
            RecordError: The record cannot be written; running attempts are killed, what they logged is in
                their journals, and the next `sweep run` goes on from there.
        """
        self._waiting.extend(jobs)
        with self._signals():
            try:
                while self._running or (self._waiting and not self.stopped):
                    self._pass_stops_on()
                    self._launch()
                    exits = self._executor.wait(TICK_S)
                    self._collect()
                    for ended in exits:
                        self._conclude(ended)
                    self._stop_late_ones()
                    self._listener.tick(jobs)
            finally:
                self._executor.close()

    def _launch(self) -> None:
        if self.stopped:
            return
        now_s = time.monotonic()
        for _ in range(len(self._waiting)):
            job = self._waiting.popleft()
            lease = self._machine.lease(job.resources) if job.not_before_s <= now_s else None
            if lease is None:
                self._waiting.append(job)
                continue
            self._start(job, lease)
        self._waiting = deque(sorted(self._waiting, key=lambda job: job.not_before_s))

    def _start(self, job: Job, lease: Lease) -> None:
        job.lease = lease
        self._open_run(job)
        assert job.run_id is not None  # noqa: S101 - opened above
        paths = self._state.run(job.run_id)
        paths.create()
        paths.config.write_text(json.dumps(dict(job.config), indent=1), encoding="utf-8")
        job.reader = JournalReader(paths)
        before = last_step(paths, "time/epoch_s")
        job.first_epoch = 0 if before is None else before + 1
        job.epoch = before
        job.end, job.timed_out = None, False
        job.started_s = time.monotonic()
        function, command = self._trainer.spec.run, None
        if self._trainer.spec.command is not None:
            command = tuple(self._trainer.arguments(job.config))
        attempt = AttemptSpec(
            run_id=job.run_id,
            attempt=job.attempt,
            root=paths.root,
            config=job.config,
            function=function,
            command=command,
            device=lease.device,
            environment={**lease.environment(), **self._environment(job, paths)},
            search_path=self._search_path,
        )
        try:
            self._executor.submit(attempt)
        except LaunchError as error:
            self._ledger.end(job.run_id, "failed", str(error))
            self._give_up(job, "failed", str(error))
            return
        job.state = "running"
        self._running[job.run_id] = job
        self._listener.started(job)

    def _open_run(self, job: Job) -> None:
        """Create the run, or open the one that earlier attempts left."""
        record = job.step.record
        if job.run_id is None and record is not None:
            job.run_id, job.attempt = record.run_id, record.attempt
        job.attempt += 1
        now = {tags.ATTEMPT: str(job.attempt), tags.OWNER: self._owner, **self._identity}
        if job.run_id is not None:
            self._ledger.reopen(job.run_id, job.config, now)
            return
        trial = job.step.trial
        job.run_id = self._ledger.trial_run(
            sweep=trial.sweep,
            trial=trial.name,
            fingerprint=trial.fingerprint,
            parent=job.parent,
            config=job.config,
            tags=now,
        )

    def _environment(self, job: Job, paths: RunPaths) -> dict[str, str]:
        return {
            "MLFLOW_TRACKING_URI": self._ledger.uri,
            "MLFLOW_RUN_ID": job.run_id or "",
            "SWEEP_RUN_DIR": str(paths.files),
            "SWEEP_CONFIG": str(paths.config),
        }

    def _collect(self) -> None:
        for job in self._running.values():
            self._deliver(job)

    def _deliver(self, job: Job) -> None:
        assert job.run_id is not None  # noqa: S101 - only jobs with a run are delivered
        assert job.reader is not None  # noqa: S101
        paths = self._state.run(job.run_id)
        latest = self._ledger.deliver(job.run_id, paths, job.reader)
        job.end = latest.end or job.end
        if latest.values:
            job.metrics.update(latest.values)
            epochs = [step for key, step in latest.steps.items() if not key.startswith("frame/")]
            job.epoch = max([*epochs, -1 if job.epoch is None else job.epoch])
            self._listener.progressed(job)
        if not job.data_known and (data := read_data_identity(paths)):
            self._ledger.tag(job.run_id, {tags.DATA: data})
            job.data_known = True

    def _conclude(self, ended: Exit) -> None:
        job = self._running.pop(ended.run_id)
        self._deliver(job)
        if job.lease is not None:
            self._machine.release(job.lease)
        outcome, reason = self._outcome(job, ended)
        paths = self._state.run(ended.run_id)
        if ended.code is None and ended.signal is None:
            kill_left_over(paths)
            self._deliver(job)
        paths.process.unlink(missing_ok=True)
        log = paths.log(job.attempt)
        if log.exists():
            self._ledger.artifact(ended.run_id, log, "logs")
        note = trial_note(job.step.trial, job.repeat, outcome, reason, job.metrics, log)
        self._ledger.end(ended.run_id, outcome, reason, {tags.NOTE: note})
        if outcome == "failed" and not self.stopped:
            job.failures += 1
            if job.failures < job.limits.attempts:
                job.state, job.reason = "waiting", reason
                job.not_before_s = time.monotonic() + BACKOFF_S * 2 ** (job.failures - 1)
                self._listener.ended(job)
                self._waiting.append(job)
                return
        if reason == FORKSERVER_GONE and not self.stopped and job.relaunches < MAX_RELAUNCHES:
            job.relaunches += 1
            job.state, job.reason = "waiting", reason
            self._waiting.append(job)
            return
        self._give_up(job, outcome, reason)

    def _give_up(self, job: Job, outcome: str, reason: str) -> None:
        job.state, job.reason = outcome, reason
        job.ended_s = time.monotonic()
        self._listener.ended(job)

    def _outcome(self, job: Job, ended: Exit) -> tuple[str, str]:
        """What the exit status says, in the words of the attempt where the two agree."""
        word = job.end if job.end is not None and job.end.attempt == job.attempt else None
        if job.timed_out:
            return "failed", "timeout"
        if ended.code == EXIT_FINISHED:
            return "finished", ""
        if ended.code == EXIT_INTERRUPTED or (self.stopped and ended.signal in SENT_BY_SOMEBODY):
            return "interrupted", "stopped"
        if ended.signal is not None:
            outcome = "interrupted" if ended.signal in SENT_BY_SOMEBODY else "failed"
            return outcome, f"signal: {signal_name(ended.signal)}"
        if ended.code is None:
            return "interrupted", FORKSERVER_GONE
        return "failed", word.reason if word is not None and word.reason else f"exit code {ended.code}"

    def _stop_late_ones(self) -> None:
        now_s = time.monotonic()
        for run_id, job in self._running.items():
            if job.limits.timeout_s is not None and now_s - job.started_s > job.limits.timeout_s:
                job.timed_out = True
                self._executor.stop(run_id, Stop.KILL)

    def _pass_stops_on(self) -> None:
        while self._stops_done < min(self._stops_asked, len(STOPS)):
            how = STOPS[self._stops_done]
            self._stops_done += 1
            self._listener.stopping(how)
            for run_id in self._running:
                self._executor.stop(run_id, how)

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        def handle(_number: int, _frame: FrameType | None) -> None:
            self._stops_asked += 1

        before = {number: signal.signal(number, handle) for number in STOP_SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def read_data_identity(paths: RunPaths) -> str | None:
    """The identity of its data that a trainer wrote into `provenance.json`, or None."""
    try:
        data = json.loads(paths.provenance.read_text(encoding="utf-8")).get("data")
    except (OSError, ValueError, AttributeError):
        return None
    return str(data) if data else None


def outcome_of_sweep(jobs: Sequence[Job]) -> str:
    """The outcome of a sweep's run from those of its trials."""
    states = {job.state for job in jobs}
    if states & {"waiting", "running", "interrupted"}:
        return "interrupted"
    return "failed" if "failed" in states else "finished"


def is_resumed(job: Job) -> bool:
    """Whether an attempt goes on where an earlier one stopped."""
    return job.step.action in {Action.RESUME, Action.RETRY} or job.attempt > 1
