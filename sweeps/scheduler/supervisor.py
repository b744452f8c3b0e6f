"""The supervisor: starts what the plan says, as slots fall free, and writes down how each attempt ends."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.read.outcomes import Outcome
from sweeps.errors import LaunchError, SpecError
from sweeps.executors.base import STOPS, Stop
from sweeps.rundir.journal import JournalReader, last_step
from sweeps.runner.attempt import FENCE_S, GRACE_S, AttemptSpec
from sweeps.scheduler.job import RUNNING, WAITING
from sweeps.scheduler.job_queue import Waiting
from sweeps.scheduler.recovery import kill_left_over
from sweeps.scheduler.retry_policy import Again, Verdict, again, verdict
from sweeps.scheduler.run_recorder import Recording

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import FrameType

    from sweeps.executors.base import Executor, Exit
    from sweeps.executors.slots import Allocation
    from sweeps.record.write_queue import Recorder
    from sweeps.rundir.journal import Metrics
    from sweeps.rundir.paths import RunPaths, StateDir
    from sweeps.scheduler.events import Listener
    from sweeps.scheduler.job import Job
    from sweeps.scheduler.job_source import JobSource
    from sweeps.spec.resources import Resources
    from sweeps.trainer.loader import Trainer
    from sweeps.trainer.snapshot import Snapshot

TICK_S = 0.2
"""How often journals are read while nothing ends."""
BACKOFF_S = 2.0
"""The wait before the second attempt of a failed trial; it doubles with each further one."""
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Supervisor:
    """Runs jobs until all have ended or the user stops them.

    Args:
        recorder: What writes the record.
        executor: What starts attempts, and its slots.
        state: Where runs keep their files.
        trainer: What is to be run.
        identity: Tags that stand on every run of this launch: code, environment, profile.
        listener: Who is told.
        search_path: Where the trainer's modules are looked for first.
        snapshot: The code that attempts run, or None: the trainer's as it is.
    """

    def __init__(
        self,
        *,
        recorder: Recorder,
        executor: Executor,
        state: StateDir,
        trainer: Trainer,
        identity: Mapping[str, str],
        listener: Listener,
        search_path: Sequence[str],
        snapshot: Snapshot | None = None,
    ) -> None:
        self._uri = recorder.ledger.uri
        is_program = trainer.spec.command is not None
        self._recording = Recording(recorder, state, identity, listener.noticed, params_first=is_program)
        self._executor = executor
        self._state = state
        self._trainer = trainer
        self._listener = listener
        self._search_path = tuple(search_path)
        self._snapshot = snapshot
        self._waiting = Waiting()
        self._sources: Sequence[JobSource] = ()
        self._parents: Sequence[str] = ()
        self._wrong: SpecError | None = None
        self._opening: set[Job] = set()
        self._running: dict[str, Job] = {}
        self._ends: list[Exit] = []
        self._signals_heard = 0
        self._is_leaving = False
        self._signals_passed_on = 0

    @property
    def stopped(self) -> bool:
        """Whether the user stopped it, or hung up and left the rest to the engine and the next supervisor."""
        return self._signals_heard > 0 or self._is_leaving

    @property
    def wrong(self) -> SpecError | None:
        """What a trial showed to be wrong with the file, so that everything was asked to stop."""
        return self._wrong

    def run(self, jobs: Sequence[Job], sources: Sequence[JobSource] = ()) -> None:
        """Run the jobs, in order, as slots fall free; each job's `state` then holds its outcome.

        Args:
            jobs: What is known from the start.
            sources: Asked for more wherever a slot is free and none of the known jobs wants it.

        Raises:
            RecordError: The record cannot be written, or the store was away for too long while nothing ran;
                running attempts are killed, what is not sent is on disk, and the next `sweep run` goes on there.
        """
        self._state.take_stop_requests()  # what was asked of nobody is forgotten
        self._waiting = Waiting(jobs)
        self._sources = sources
        self._parents = sorted({job.parent for job in jobs} | {source.parent for source in sources})
        with self._signals():
            try:
                while not self._is_leaving and (
                    self._running or self._opening or (self._has_more and not self.stopped)
                ):
                    self._pass_signals_on()
                    self._pass_requests_on()
                    self._launch()
                    for job in self._recording.opened(TICK_S if self._opening else 0.0):
                        self._submit(job)
                    self._recording.send_ends()
                    for job in self._running.values():
                        self._follow(job)
                    self._stop_late_ones()
                    self._watch()
                    given = [job for source in sources for job in source.jobs]
                    self._listener.tick([*jobs, *given] if given else jobs)
                    # From an end to the next launch a slot is empty: nothing else stands between.
                    self._ends += self._executor.wait(0.0 if self._opening else TICK_S)
                    self._conclude_ends()
                self._recording.send_ends()
                while not self._recording.is_complete(TICK_S):
                    self._watch()
            finally:
                self._executor.close()

    @property
    def _has_more(self) -> bool:
        return bool(self._waiting) or any(source.is_open for source in self._sources)

    def _launch(self) -> None:
        if self.stopped:
            return
        refused: set[Resources] = set()
        slots = self._executor.slots
        self._waiting.wake(time.monotonic())
        while (job := self._waiting.first(refused)) is not None:
            if not slots.can_ever(job.resources):
                self._waiting.take(job)
                self._ended(
                    job, Verdict(Outcome.INTERRUPTED, "every device that it could run on is set aside")
                )
            elif (lease := slots.allocate(job.resources, alone=job.alone)) is not None:
                self._waiting.take(job)
                self._start(job, lease)
            elif job.alone:
                return  # nothing overtakes a trial that waits for an empty slot, or it would wait for ever
            else:
                refused.add(job.resources)
        if not self._waiting.has_alone:
            self._launch_from_sources()

    def _launch_from_sources(self) -> None:
        """Give every slot that is free to the next job of a source."""
        for source in self._sources:
            if not self._executor.slots.can_ever(source.resources):
                source.close()
            while source.is_open and (lease := self._executor.slots.allocate(source.resources)) is not None:
                job = source.next()
                if job is None:
                    self._executor.slots.release(lease)
                    break
                self._start(job, lease)

    def _start(self, job: Job, lease: Allocation) -> None:
        """Have the job's run opened; the attempt starts when it is, which a store that is away delays."""
        job.lease = lease
        job.adopted = self._adopt(job)
        self._opening.add(job)
        self._recording.open(job)

    def _submit(self, job: Job) -> None:
        """Start the attempt whose run is open now."""
        self._opening.discard(job)
        assert job.run_id is not None  # noqa: S101 - it is open
        paths = self._state.run(job.run_id)
        paths.root.mkdir(parents=True, exist_ok=True)
        paths.outcome.unlink(missing_ok=True)
        paths.config.write_text(json.dumps(dict(job.config)), encoding="utf-8")
        job.reader = JournalReader(paths)
        job.epoch = last_step(paths)
        job.first_epoch = job.epochs_done
        job.end, job.timed_out, job.prune_reason, job.environment_known = None, False, None, False
        if not job.adopted:
            paths.environment.unlink(missing_ok=True)
        if job.source is not None:
            job.source.linked(job)
        job.started_s = job.sent_s = time.monotonic()
        is_to_stop = self.stopped or bool(job.stops)
        if not job.adopted:
            if is_to_stop:
                self._never_ran(job, Verdict(Outcome.INTERRUPTED, "stopped before it started"))
                return
            try:
                self._executor.submit(self._attempt(job, job.run_id, paths))
            except LaunchError as error:
                self._never_ran(job, Verdict(Outcome.FAILED, str(error)))
                return
        job.state = RUNNING
        self._running[job.run_id] = job
        self._listener.started(job)
        if is_to_stop:  # one that was taken over runs already
            self._executor.stop(job.run_id, Stop.ASK)

    def _attempt(self, job: Job, run_id: str, paths: RunPaths) -> AttemptSpec:
        assert job.lease is not None  # noqa: S101 - held since `_start`
        return AttemptSpec(
            run_id=run_id,
            attempt=job.attempt,
            root=paths.root,
            config=job.config,
            function=self._trainer.spec.run,
            command=self._command(job),
            device=job.lease.device,
            environment={**job.lease.environment(), **self._environment(run_id, paths)},
            search_path=self._search_path,
            directory=str(Path.cwd()),
            recorded=self._recording.environment,
            resources=replace(job.resources, gpu=job.lease.gpu, cpu=job.lease.cpus),
        )

    def _command(self, job: Job) -> tuple[str, ...] | None:
        if self._trainer.spec.command is None:
            return None
        words = self._trainer.arguments(job.config)
        return tuple(words) if self._snapshot is None else self._snapshot.command(words)

    def _never_ran(self, job: Job, found: Verdict) -> None:
        """End a run whose attempt could not start."""
        if job.lease is not None:
            self._executor.slots.release(job.lease)
        self._recording.ended(job, found)
        self._ended(job, found)

    def _adopt(self, job: Job) -> bool:
        """Take over what an earlier supervisor left with the engine, under the attempt's own number."""
        record = job.step.record
        if job.run_id is not None or record is None:
            return False
        attempt = self._executor.adopt(record.run_id, self._state.run(record.run_id))
        if attempt is not None:
            job.run_id, job.attempt = record.run_id, attempt - 1
        return attempt is not None

    def _environment(self, run_id: str, paths: RunPaths) -> dict[str, str]:
        return {
            "MLFLOW_TRACKING_URI": self._uri,
            "MLFLOW_RUN_ID": run_id,
            "SWEEP_RUN_DIR": str(paths.files),
            "SWEEP_CONFIG": str(paths.config),
            **self._imports(),
        }

    def _imports(self) -> dict[str, str]:
        """Have a command's script import from the snapshot too."""
        if self._trainer.spec.command is None or self._snapshot is None:
            return {}
        inherited = filter(None, [os.environ.get("PYTHONPATH")])
        return {"PYTHONPATH": os.pathsep.join((*self._snapshot.first, *inherited))}

    def _follow(self, job: Job) -> None:
        if rows := self._recording.follow(job):
            self._listener.progressed(job)
            self._tell_source(job, rows)

    def _tell_source(self, job: Job, rows: Sequence[Metrics]) -> None:
        if job.source is None or self._wrong is not None:
            return
        try:
            reason = job.source.reported(job, rows)
        except SpecError as error:
            self._give_up(error)
            return
        if reason is not None and job.prune_reason is None and job.run_id is not None:
            job.prune_reason = reason
            self._executor.stop(job.run_id, Stop.ASK)

    def _give_up(self, error: SpecError) -> None:
        """Stop everything as a Ctrl-C would: what the file asks for does not exist, and all resumes once it is mended."""
        self._wrong = error
        self._signals_heard = max(self._signals_heard, 1)

    def _conclude_ends(self) -> None:
        """Conclude the attempts that ended; one taken over may end while its run is not open yet, and waits for that."""
        ends, self._ends = self._ends, []
        for ended in ends:
            if ended.run_id in self._running:
                self._conclude(ended)
            else:
                self._ends.append(ended)

    def _conclude(self, ended: Exit) -> None:
        job = self._running.pop(ended.run_id)
        paths = self._state.run(ended.run_id)
        # Where its parent died, it may not have ended itself.
        surely_gone = not ended.is_lost or kill_left_over(paths)
        self._follow(job)
        stopped = self.stopped or bool(job.stops)
        end = job.end if job.end is not None and job.end.attempt == job.attempt else None
        found = verdict(
            ended, end, stopped=stopped, timed_out=job.timed_out, epoch=job.epoch, pruned=job.prune_reason
        )
        job.verdicts.append(found)
        if job.lease is not None:
            self._executor.slots.release(job.lease)
            self._judge_devices(job, job.lease, found)
        paths.process.unlink(missing_ok=True)
        self._recording.ended(job, found)
        step = Again.NO if stopped else again(job.verdicts, job.limits.attempts)
        if step is Again.NO:
            self._ended(job, found)
            return
        failures = sum(v.outcome == Outcome.FAILED for v in job.verdicts)
        wait_s = BACKOFF_S * 2 ** (failures - 1) if step is Again.LATER else 0.0
        if not surely_gone:
            wait_s = GRACE_S + FENCE_S  # on another machine it ends by itself, within this time
        job.alone = job.alone or step is Again.ALONE
        job.not_before_s = time.monotonic() + wait_s
        self._ended(job, found, state=WAITING)
        self._waiting.add(job)

    def _judge_devices(self, job: Job, lease: Allocation, found: Verdict) -> None:
        lived_s = time.monotonic() - job.started_s
        for gpu in self._executor.slots.note_end(
            lease, failed=found.outcome == Outcome.FAILED, lived_s=lived_s
        ):
            self._listener.noticed(
                f"device {gpu} is set aside: three trials in a row died on it within seconds"
            )

    def _ended(self, job: Job, found: Verdict, state: str | None = None) -> None:
        job.state, job.reason = state or found.outcome, found.reason
        job.ended_s = time.monotonic()
        self._listener.ended(job)
        if job.state != WAITING:
            job.release()
        if job.source is not None and job.state != WAITING and self._wrong is None:
            try:
                job.source.ended(job)
            except SpecError as error:
                self._give_up(error)

    def _stop_late_ones(self) -> None:
        now_s = time.monotonic()
        for run_id, job in self._running.items():
            if not self._executor.has_begun(run_id):
                job.started_s = now_s
            elif job.limits.timeout_s is not None and now_s - job.started_s > job.limits.timeout_s:
                job.timed_out = True
                self._executor.stop(run_id, Stop.KILL)

    def _pass_signals_on(self) -> None:
        while self._signals_passed_on < min(self._signals_heard, len(STOPS)):
            how = STOPS[self._signals_passed_on]
            self._signals_passed_on += 1
            self._listener.stopping(how)
            for run_id in self._running:
                self._executor.stop(run_id, how)

    def _pass_requests_on(self) -> None:
        """Do what `sweep stop --only ...` asked for, trial by trial."""
        for fingerprint in self._state.take_stop_requests():
            for job in (*self._running.values(), *self._opening):
                if job.step.trial.fingerprint == fingerprint:
                    job.stops.append(STOPS[min(len(job.stops), len(STOPS) - 1)])
                    if job.run_id in self._running:
                        self._executor.stop(job.run_id, job.stops[-1])
            for job in self._waiting.drop(fingerprint):
                self._ended(job, Verdict(Outcome.INTERRUPTED, "stopped before it started"))

    def _watch(self) -> None:
        self._recording.watch(self._parents, is_busy=bool(self._running), signals=self._signals_heard)

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        def handle(number: int, _frame: FrameType | None) -> None:
            if number == signal.SIGHUP and self._executor.outlives_supervisor:
                self._is_leaving = True
            else:
                self._signals_heard += 1

        before = {number: signal.signal(number, handle) for number in STOP_SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
