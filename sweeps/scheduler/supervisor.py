"""Runs jobs to their end: starts them as slots fall free, follows them, and has each attempt's end recorded."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from analysis.read.outcomes import Outcome
from sweeps.errors import LaunchError, RefusedError
from sweeps.executors.base import Stop
from sweeps.program.surroundings import secret_texts
from sweeps.record.claims import Left, Settled
from sweeps.rundir.journal import last_epoch
from sweeps.scheduler.dispatcher import Dispatcher
from sweeps.scheduler.held_jobs import HeldJobs
from sweeps.scheduler.job import Phase
from sweeps.scheduler.launcher import Launcher
from sweeps.scheduler.recovery import kill_left_over
from sweeps.scheduler.retry_policy import retry_after
from sweeps.scheduler.run_recorder import RunRecorder
from sweeps.scheduler.stopping import Stopping, nth_stop
from sweeps.scheduler.verdict import GONE, NO_DEVICE_LEFT, Verdict, judge, left_off, settled_by_another
from sweeps.scheduler.wishes.wish import NO_WISHES
from sweeps.scheduler.wishes.wished import Wished, is_back, is_hidden
from sweeps.sources.following.follower import catch_up, record_open

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sweeps.errors import SpecError
    from sweeps.executors.base import Executor, Exit
    from sweeps.rundir.paths import StateDir
    from sweeps.scheduler.events import Listener
    from sweeps.scheduler.job import Job, JobSource
    from sweeps.scheduler.stopping import StopReason
    from sweeps.scheduler.wishes.wish import Wish, WishSource
    from sweeps.scheduler.write_queue import WriteQueue
    from sweeps.trainer.loader import Trainer
    from sweeps.trainer.snapshot import Snapshot

TICK_S = 0.2
"""How often journals are read while nothing ends."""


class Supervisor:
    """Runs jobs until all have ended, or something stops it.

    Args:
        queue: What writes the record.
        executor: What starts attempts, and its slots.
        state: Where runs keep their files.
        trainer: What is to be run.
        identity: Tags that stand on every run of this launch: code, environment, profile.
        listener: What shows how it goes.
        search_path: Where the trainer's modules are looked for first.
        snapshot: The code that attempts run, or None: the trainer's as it is.
        sample_s: How often is sampled what attempts take of the machine, in seconds; None: not at all.

    Attributes:
        wished: The jobs that it was given, and those that were wished for later.
    """

    def __init__(
        self,
        *,
        queue: WriteQueue,
        executor: Executor,
        state: StateDir,
        trainer: Trainer,
        identity: Mapping[str, str],
        listener: Listener,
        search_path: Sequence[str],
        snapshot: Snapshot | None = None,
        sample_s: float | None = None,
    ) -> None:
        is_program = trainer.spec.command is not None
        self._recorder = RunRecorder(
            queue,
            state,
            identity,
            listener.noticed,
            params_first=is_program,
            secrets=secret_texts(trainer.spec.surroundings, os.environ),
        )
        self._launcher = Launcher(
            executor,
            state,
            trainer,
            search_path=search_path,
            snapshot=snapshot,
            uri=queue.ledger.uri,
            recorded=self._recorder.environment,
            sample_s=sample_s,
        )
        self._stopping = Stopping(outlives_supervisor=executor.outlives_supervisor)
        self._dispatcher = Dispatcher(executor.slots)
        self._executor = executor
        self._state = state
        self._listener = listener
        self._parents: Sequence[str] = ()
        self._wishes: WishSource = NO_WISHES
        self.wished = Wished()
        self._held = HeldJobs()
        self._opening: set[Job] = set()
        self._running: dict[str, Job] = {}
        self._ends: list[Exit] = []

    @property
    def stopped(self) -> StopReason | None:
        """Why it stopped before all was done; None: nothing stopped it."""
        return self._stopping.reason

    @property
    def wrong(self) -> SpecError | None:
        """What a trial showed to be wrong with the file, where that stopped it."""
        return self._stopping.error

    def run(
        self, jobs: Sequence[Job], sources: Sequence[JobSource] = (), wishes: WishSource = NO_WISHES
    ) -> None:
        """Run the jobs, in order, as slots fall free; each job's `state` is its outcome then.

        Args:
            jobs: What is known from the start.
            sources: Asked for more wherever a slot is free and none of the known jobs wants it.
            wishes: Says what else is to be run, or no more.

        Raises:
            RecordError: The record cannot be written, or the store was away for too long while nothing ran;
                running attempts are killed, what is not sent is on disk, and the next `sweep run` goes on there.
        """
        self._state.take_stop_requests()  # those from before this run are dropped
        self._dispatcher = Dispatcher(self._executor.slots, jobs, sources)
        self._parents = sorted({job.parent for job in jobs} | {source.parent for source in sources})
        self._wishes, self.wished = wishes, Wished(jobs, wishes.trials, sources)
        with self._stopping.listening():
            try:
                while self._goes_on:
                    self._stop_what_is_asked()
                    self._take_up_wishes()
                    self._ask_for_held()
                    self._grant_slots()
                    self._start_opened()
                    self._recorder.send_ends()
                    for job in self._running.values():
                        self._follow(job)
                    self._stop_late_ones()
                    self._watch()
                    self._listener.tick(self.wished.all)
                    # From an end to the next launch a slot is empty: nothing else stands between.
                    self._ends += self._executor.wait(0.0 if self._opening else TICK_S)
                    self._conclude_ends()
                for job in self._dispatcher.left():
                    self._leave(job)
                self._recorder.send_ends()
                for text in self._launcher.told():
                    self._listener.noticed(text)
                while not self._recorder.is_complete(TICK_S):
                    self._watch()
                self._watch()  # what the last writes had to tell
            finally:
                self._executor.close()

    @property
    def _goes_on(self) -> bool:
        if self._stopping.is_leaving:
            return False
        if self._running or self._opening:
            return True
        return self.stopped is None and (self._dispatcher.has_more or not self._wishes.is_settled)

    # ---- wishes

    def _take_up_wishes(self) -> None:
        for news in self._wishes.due() if self.stopped is None else ():
            if isinstance(news, str):
                self._listener.noticed(news)
            else:
                self._take_up(news)

    def _take_up(self, wish: Wish) -> None:
        wish.commit()
        found = self.wished.take_up(wish, lambda job: self._executor.has_begun(job.open_run_id))
        self._parents = sorted({*self._parents, *wish.parents})
        self._dispatcher.refill(found.dropped, wish.in_order(found.waiting))
        for job in found.dropped:
            self._held.forget(job)
            if job.phase is Phase.RUNNING:  # a cluster has it in its own queue
                self._stop(job)
            elif job.phase is Phase.WAITING and job.verdicts:
                self._leave(job)
        self._listener.noticed(f"{wish.said}: {found}")
        wish.answer(str(found))

    # ---- stop

    def _stop_what_is_asked(self) -> None:
        for how in self._stopping.due():
            self._listener.stopping(how)
            for run_id in self._running:
                self._executor.stop(run_id, how)
        for fingerprint in self._state.take_stop_requests():
            self._stop_trial(fingerprint)

    def _stop_trial(self, fingerprint: str) -> None:
        """Stop one trial, as `sweep stop --only` asks; each further request is harder."""
        for job in (*self._running.values(), *self._opening):
            if job.step.trial.fingerprint == fingerprint:
                self._stop(job)
        for job in (*self._dispatcher.drop(fingerprint), *self._held.drop(fingerprint)):
            self._heed(job)
            self._leave(job)
        for job in self.wished.unfinished(fingerprint):
            self._heed(job)
            if job.is_given_up:
                self._recorder.give_up(job)
                job.given_up(left_off(given_up=True))
                self._listener.ended(job)

    def _heed(self, job: Job) -> None:
        """Take note where a job's trial is to be given up: before it begins, and when its attempt has ended."""
        if self._state.is_abandoned(self._recorder.experiment, job.step.trial.fingerprint):
            job.stops, job.is_given_up = max(1, job.stops), True

    def _stop(self, job: Job) -> None:
        job.stops += 1
        if job.phase is Phase.RUNNING:
            self._executor.stop(job.open_run_id, nth_stop(job.stops))

    def _stop_late_ones(self) -> None:
        now_s = time.monotonic()
        for run_id, job in self._running.items():
            if not self._executor.has_begun(run_id):
                job.progress.started_s = now_s
            elif job.limits.timeout_s is not None and now_s - job.progress.started_s > job.limits.timeout_s:
                job.current.timed_out = True
                self._executor.stop(run_id, Stop.KILL)

    def _is_to_stop(self, job: Job) -> bool:
        return self.stopped is not None or job.stops > 0

    # ---- start

    def _grant_slots(self) -> None:
        """Have runs opened of the jobs that get a slot; a store that is away delays their attempts."""
        for job, allocation in self._dispatcher.grants() if self.stopped is None else ():
            if allocation is None:
                self._end(job, NO_DEVICE_LEFT)
            elif not self._held.is_free(job):
                self._executor.slots.release(allocation)
                self._dispatcher.requeue(job)
            else:
                self._heed(job)
                job.granted(allocation, self._launcher.adopt(job), self._launcher.attempts_here(job))
                self._opening.add(job)
                self._recorder.open(job, self._launcher.named_files(job))
        for text in self._executor.slots.news():
            self._listener.noticed(text)

    def _start_opened(self) -> None:
        for job in self._recorder.opened(TICK_S if self._opening else 0.0):
            self._opening.discard(job)
            (self._start if job.refused is None else self._go_on_without)(job)

    def _go_on_without(self, job: Job) -> None:
        """Go on without a job that has no run: the store refuses it, or another `sweep run` has it, or had it meanwhile."""
        self._executor.slots.release(job.current.allocation)
        if isinstance(job.refused, RefusedError):
            self._end(job, Verdict(Outcome.FAILED, str(job.refused)))
        elif isinstance(job.refused, Settled):
            self._end(job, settled_by_another(job.settled()))
        elif isinstance(job.refused, Left):
            job.left()
            self._dispatcher.requeue(job)
        else:
            job.held()
            if self._held.add(job):
                self._listener.noticed(f"{job.label}: held {job.reason}; it is left to that `sweep run`")
            if job.source is not None:
                job.source.ended(job)

    def _ask_for_held(self) -> None:
        """Queue again what was held, while there is other work; at the end the record says what came of it."""
        for job in self._held.due() if self._goes_on and self.stopped is None else ():
            job.awaits()
            self._dispatcher.requeue(job)

    def _start(self, job: Job) -> None:
        """Start the attempt of a job whose run is open."""
        job.progress.begin(last_epoch(self._launcher.prepare(job)))
        self._heed(job)
        self._recorder.begin(job)
        self._listener.starting(job)
        if job.source is not None:
            job.source.linked(job)
        is_to_stop = self._is_to_stop(job)
        if not job.current.is_adopted:
            if is_to_stop or is_hidden(job):
                self._never_ran(job, left_off(given_up=job.is_given_up) if is_to_stop else GONE)
                return
            try:
                self._launcher.submit(job)
            except LaunchError as error:
                self._never_ran(job, Verdict(Outcome.FAILED, str(error)))
                return
        job.started()
        self._launcher.begun(job)
        self._running[job.open_run_id] = job
        self._listener.started(job)
        if is_to_stop or is_hidden(job):  # one that was taken over runs already
            self._executor.stop(job.open_run_id, Stop.ASK)

    def _never_ran(self, job: Job, verdict: Verdict) -> None:
        self._executor.slots.release(job.current.allocation)
        self._recorder.ended(job, verdict)
        self._end(job, verdict)

    def _follow(self, job: Job) -> None:
        rows, reason = self._recorder.follow(job), None
        if rows:
            self._listener.progressed(job)
        if not rows or job.source is None or self.wrong is not None:
            return
        with self._stopping.where_wrong():
            reason = job.source.reported(job, rows)
        if reason is not None and job.current.prune_reason is None:
            job.current.prune_reason = reason
            self._executor.stop(job.open_run_id, Stop.ASK)

    def _watch(self) -> None:
        self._recorder.watch(self._parents, is_busy=bool(self._running), signals=self._stopping.signals)

    # ---- end

    def _conclude_ends(self) -> None:
        """Conclude the attempts that ended; one taken over may end while its run is not open yet, and waits for that."""
        ready = [ended for ended in self._ends if ended.run_id in self._running]
        self._ends = [ended for ended in self._ends if ended.run_id not in self._running]
        for ended in ready:
            self._conclude(ended)

    def _conclude(self, ended: Exit) -> None:
        job = self._running.pop(ended.run_id)
        paths = self._state.run(ended.run_id)
        for text in ended.notes:
            self._listener.noticed(f"{job.label}: {text}")
        job.current.note_exit(paths, is_lost=ended.is_lost, notes=ended.notes)
        # Where its parent died, it may not have ended itself.
        is_gone = not ended.is_lost or kill_left_over(paths)
        self._follow(job)
        self._heed(job)
        if job.current.end is None and is_gone and catch_up(paths):  # it could not read on to its end
            self._follow(job)
        attempt, is_to_stop = job.current, self._is_to_stop(job)
        verdict = judge(
            ended,
            attempt.end,
            stopped=is_to_stop,
            timed_out=attempt.timed_out,
            epoch=job.progress.epoch,
            pruned=attempt.prune_reason,
            given_up=job.is_given_up,
            files_lost=attempt.has_lost_files,
        )
        is_tried = not is_to_stop and not job.is_gone
        retry = (
            retry_after([*job.verdicts, verdict], job.limits.attempts, is_gone=is_gone) if is_tried else None
        )
        is_over = retry is None and verdict.outcome in {Outcome.FAILED, Outcome.PRUNED}
        if is_over and is_gone and record_open(paths):
            self._follow(job)
        for text in self._dispatcher.freed(attempt.allocation, verdict, job.progress.elapsed_s):
            self._listener.noticed(text)
        self._recorder.ended(job, verdict, self._launcher.ended(job, verdict.reason))
        paths.process.unlink(missing_ok=True)
        if retry is None:
            self._end(job, verdict)
            return
        job.requeued(verdict, time.monotonic() + retry.wait_s, alone=retry.alone)
        self._listener.ended(job)
        self._dispatcher.requeue(job)

    def _leave(self, job: Job) -> None:
        """End a trial that gets no attempt any more."""
        self._end(job, left_off(job.verdicts, given_up=job.is_given_up))

    def _end(self, job: Job, verdict: Verdict) -> None:
        """End a trial for this `sweep run`."""
        if job.is_given_up:
            self._recorder.give_up(job)
        job.concluded(verdict)
        if is_back(job) and self.stopped is None and not job.is_given_up:
            job.again()
            self._dispatcher.requeue(job)
            return
        self._listener.ended(job)
        if job.source is not None and self.wrong is None:
            with self._stopping.where_wrong():
                job.source.ended(job)
