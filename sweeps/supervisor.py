"""The supervisor: starts what the plan says, as slots fall free, and writes down how each attempt ends."""

from __future__ import annotations

import contextlib
import json
import signal
import time
from collections import deque
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sweeps import ledger as tags
from sweeps.attempt import FENCE_S, GRACE_S, AttemptSpec
from sweeps.declared import declared_data, declared_model
from sweeps.errors import LaunchError, SpecError
from sweeps.executors import Stop
from sweeps.job import RUNNING, WAITING
from sweeps.journal import JournalReader, last_step
from sweeps.lease import LEASE, RENEW_S, lease_until
from sweeps.notes import trial_note
from sweeps.processes import this_process
from sweeps.repair import kill_left_over
from sweeps.verdict import Again, Verdict, again, verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import FrameType

    from sweeps.executors import Executor, Exit
    from sweeps.job import Job
    from sweeps.job_source import JobSource
    from sweeps.journal import Metrics
    from sweeps.ledger import Ledger
    from sweeps.listener import Listener
    from sweeps.paths import RunPaths, StateDir
    from sweeps.slots import Lease
    from sweeps.trainer import Trainer

TICK_S = 0.2
"""How often journals are read while nothing ends."""
BACKOFF_S = 2.0
"""The wait before the second attempt of a failed trial; it doubles with each further one."""
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STOPS = (Stop.ASK, Stop.TERMINATE, Stop.KILL)


class Supervisor:
    """Runs jobs until all have ended or the user stops them.

    Args:
        ledger: Where runs are recorded.
        executor: What starts attempts, and its slots.
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
        state: StateDir,
        trainer: Trainer,
        identity: Mapping[str, str],
        listener: Listener,
        search_path: Sequence[str],
    ) -> None:
        self._ledger = ledger
        self._executor = executor
        self._state = state
        self._trainer = trainer
        self._identity = identity
        self._listener = listener
        self._search_path = tuple(search_path)
        self._owner = json.dumps(this_process().to_json())
        self._waiting: deque[Job] = deque()
        self._sources: Sequence[JobSource] = ()
        self._wrong: SpecError | None = None
        self._running: dict[str, Job] = {}
        self._signals_heard = 0
        self._is_leaving = False
        self._signals_passed_on = 0
        self._renewed_s = time.monotonic()

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
            RecordError: The record cannot be written; running attempts are killed, what they logged is in
                their journals, and the next `sweep run` goes on from there.
        """
        self._state.take_stop_requests()  # what was asked of nobody is forgotten
        self._waiting.extend(jobs)
        self._sources = sources
        with self._signals():
            try:
                while not self._is_leaving and (self._running or (self._has_more and not self.stopped)):
                    self._pass_signals_on()
                    self._pass_requests_on()
                    self._launch()
                    exits = self._executor.wait(TICK_S)
                    for job in self._running.values():
                        self._deliver(job)
                    for ended in exits:
                        self._conclude(ended)
                    self._stop_late_ones()
                    known = [*jobs, *(job for source in sources for job in source.jobs)]
                    self._renew_leases(known)
                    self._listener.tick(known)
            finally:
                self._executor.close()

    @property
    def _has_more(self) -> bool:
        return bool(self._waiting) or any(source.is_open for source in self._sources)

    def _launch(self) -> None:
        if self.stopped:
            return
        now_s = time.monotonic()
        kept: deque[Job] = deque()
        while self._waiting:
            job = self._waiting.popleft()
            if not self._executor.slots.can_ever(job.resources):
                self._ended(job, Verdict("interrupted", "every device that it could run on is set aside"))
                continue
            lease = (
                self._executor.slots.lease(job.resources, alone=job.alone)
                if job.not_before_s <= now_s
                else None
            )
            if lease is None:
                kept.append(job)
                if job.alone:
                    break  # nothing overtakes a trial that waits for an empty slot, or it would wait for ever
            else:
                self._start(job, lease)
        self._waiting = kept + self._waiting
        if not any(job.alone for job in kept):
            self._launch_from_sources()

    def _launch_from_sources(self) -> None:
        """Give every slot that is free to the next job of a source."""
        for source in self._sources:
            if not self._executor.slots.can_ever(source.resources):
                source.close()
            while source.is_open and (lease := self._executor.slots.lease(source.resources)) is not None:
                job = source.next()
                if job is None:
                    self._executor.slots.release(lease)
                    break
                self._start(job, lease)

    def _start(self, job: Job, lease: Lease) -> None:
        adopted = self._adopt(job)
        run_id = self._open_run(job)
        if job.source is not None:
            job.source.linked(job)
        paths = self._state.run(run_id)
        paths.create()
        paths.config.write_text(json.dumps(dict(job.config), indent=1), encoding="utf-8")
        job.lease = lease
        job.reader = JournalReader(paths)
        job.epoch = last_step(paths)
        job.first_epoch = job.epochs_done
        job.end, job.timed_out, job.stops, job.prune_reason = None, False, [], None
        job.started_s = time.monotonic()
        command = (
            tuple(self._trainer.arguments(job.config)) if self._trainer.spec.command is not None else None
        )
        attempt = AttemptSpec(
            run_id=run_id,
            attempt=job.attempt,
            root=paths.root,
            config=job.config,
            function=self._trainer.spec.run,
            command=command,
            device=lease.device,
            environment={**lease.environment(), **self._environment(run_id, paths)},
            search_path=self._search_path,
            directory=str(Path.cwd()),
            resources=replace(job.resources, gpu=lease.gpu, cpu=lease.cpus),
        )
        try:
            if not adopted:
                self._executor.submit(attempt)
        except LaunchError as error:
            self._executor.slots.release(lease)
            self._ledger.end(run_id, "failed", str(error))
            self._ended(job, Verdict("failed", str(error)))
            return
        job.state = RUNNING
        self._running[run_id] = job
        self._listener.started(job)

    def _adopt(self, job: Job) -> bool:
        """Take over what an earlier supervisor left with the engine, under the attempt's own number."""
        record = job.step.record
        if job.run_id is not None or record is None:
            return False
        attempt = self._executor.adopt(record.run_id, self._state.run(record.run_id))
        if attempt is not None:
            job.run_id, job.attempt = record.run_id, attempt - 1
        return attempt is not None

    def _open_run(self, job: Job) -> str:
        """Create the run, or open the one that earlier attempts left; returns its id."""
        record = job.step.record
        if job.run_id is None and record is not None:
            job.run_id, job.attempt = record.run_id, record.attempt
        job.attempt += 1
        now = {tags.ATTEMPT: str(job.attempt), tags.OWNER: self._owner, **self._identity, **job.tags}
        if job.run_id is not None:
            self._ledger.reopen(job.run_id, job.config, now)
            return job.run_id
        trial = job.step.trial
        job.run_id = self._ledger.trial_run(
            sweep=trial.sweep,
            trial=trial.name,
            fingerprint=trial.fingerprint,
            parent=job.parent,
            config=job.config,
            tags=now,
        )
        return job.run_id

    def _environment(self, run_id: str, paths: RunPaths) -> dict[str, str]:
        return {
            "MLFLOW_TRACKING_URI": self._ledger.uri,
            "MLFLOW_RUN_ID": run_id,
            "SWEEP_RUN_DIR": str(paths.files),
            "SWEEP_CONFIG": str(paths.config),
        }

    def _deliver(self, job: Job) -> None:
        assert job.run_id is not None  # noqa: S101 - only jobs that were started are delivered
        assert job.reader is not None  # noqa: S101
        paths = self._state.run(job.run_id)
        latest = self._ledger.deliver(job.run_id, paths, job.reader)
        job.end = latest.end or job.end
        if latest.values:
            job.metrics.update(latest.values)
            job.epoch = max(latest.epoch, -1 if job.epoch is None else job.epoch)
            self._listener.progressed(job)
            self._tell_source(job, latest.rows)
        if not job.data_known and (data := declared_data(paths)):
            self._ledger.dataset(job.run_id, data)
            job.data_known = True

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

    def _conclude(self, ended: Exit) -> None:
        job = self._running.pop(ended.run_id)
        paths = self._state.run(ended.run_id)
        # Where its parent died, it may not have ended itself.
        surely_gone = not ended.is_lost or kill_left_over(paths)
        self._deliver(job)
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
        self._record_end(job, paths, found)
        step = Again.NO if stopped else again(job.verdicts, job.limits.attempts)
        if step is Again.NO:
            self._ended(job, found)
            return
        failures = sum(v.outcome == "failed" for v in job.verdicts)
        wait_s = BACKOFF_S * 2 ** (failures - 1) if step is Again.LATER else 0.0
        if not surely_gone:
            wait_s = GRACE_S + FENCE_S  # on another machine it ends by itself, within this time
        job.alone = job.alone or step is Again.ALONE
        job.not_before_s = time.monotonic() + wait_s
        self._ended(job, found, state=WAITING)
        self._waiting.append(job)

    def _record_end(self, job: Job, paths: RunPaths, found: Verdict) -> None:
        assert job.run_id is not None  # noqa: S101 - it has run
        log = paths.log(job.attempt)
        if log.exists():
            self._ledger.artifact(job.run_id, log, "logs")
        if found.outcome == "finished" and (model := declared_model(paths)):
            self._ledger.model(job.run_id, job.step.trial.name, job.config, paths, model)
        note = trial_note(job.step.trial, job.repeat, found.outcome, found.reason, job.metrics, log)
        more = {tags.NOTE: note, tags.EPOCHS: str(job.epochs_done)}
        self._ledger.end(job.run_id, found.outcome, found.reason, more)

    def _judge_devices(self, job: Job, lease: Lease, found: Verdict) -> None:
        lived_s = time.monotonic() - job.started_s
        for gpu in self._executor.slots.note_end(lease, failed=found.outcome == "failed", lived_s=lived_s):
            self._listener.noticed(
                f"device {gpu} is set aside: three trials in a row died on it within seconds"
            )

    def _ended(self, job: Job, found: Verdict, state: str | None = None) -> None:
        job.state, job.reason = state or found.outcome, found.reason
        job.ended_s = time.monotonic()
        self._listener.ended(job)
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
            for run_id, job in self._running.items():
                if job.step.trial.fingerprint == fingerprint:
                    job.stops.append(STOPS[min(len(job.stops), len(STOPS) - 1)])
                    self._executor.stop(run_id, job.stops[-1])
            for job in [job for job in self._waiting if job.step.trial.fingerprint == fingerprint]:
                self._waiting.remove(job)
                self._ended(job, Verdict("interrupted", "stopped before it started"))

    def _renew_leases(self, jobs: Sequence[Job]) -> None:
        now_s = time.monotonic()
        if now_s - self._renewed_s >= RENEW_S:
            self._renewed_s = now_s
            parents = {job.parent for job in jobs} | {source.parent for source in self._sources}
            for parent in sorted(parents):
                self._ledger.tag(parent, {LEASE: lease_until()})

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
