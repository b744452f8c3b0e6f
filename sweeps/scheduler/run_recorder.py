"""What a supervisor has recorded of its jobs, in words of jobs; the recorder does it when the store can take it."""

from __future__ import annotations

import functools
import json
import time
from typing import TYPE_CHECKING

from analysis.read import tags
from sweeps.record.notes import trial_note
from sweeps.record.outcome_file import KeptOutcome
from sweeps.rundir.journal import End, Metrics
from sweeps.rundir.lease import RENEW_S, lease_until
from sweeps.rundir.process_identity import this_process
from sweeps.rundir.trainer_manifest import declared_data

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sweeps.record.write_queue import WriteQueue
    from sweeps.rundir.paths import StateDir
    from sweeps.scheduler.job import Job
    from sweeps.scheduler.retry_policy import Verdict

SEND_S = 0.2
"""A running trial's metrics are sent so often at most: each delivery is a transaction. Its end sends the rest."""
OUTAGE_TOLD_S = 2.0
"""Shorter outages are not worth a word."""
AWAY = "{why}; trials go on, what they log is kept and sent later, none starts meanwhile"
BACK = "the tracking store answers again"


class Recording:
    """The record of one launch's trials.

    Args:
        recorder: What writes it.
        state: Where runs keep their files.
        identity: Tags that stand on every run of this launch: code, environment, profile.
        notice: Told of outages.
        params_first: Whether a run has its params before its attempt starts: a program may log its own there, and must
            hear of one that differs, not the recorder.
    """

    def __init__(
        self,
        recorder: WriteQueue,
        state: StateDir,
        identity: Mapping[str, str],
        notice: Callable[[str], None],
        *,
        params_first: bool,
    ) -> None:
        self._recorder = recorder
        self._ledger = recorder.ledger
        self._state = state
        self._identity = identity
        self._notice = notice
        self._params_first = params_first
        self._owner = json.dumps(this_process().to_json())
        self._renewed_s = time.monotonic()
        self._told_away = False
        self._signals_while_busy = 0
        self._ends: list[Callable[[], None]] = []

    @property
    def environment(self) -> str:
        """What a run's record says of the environment where its attempt starts."""
        return self._identity.get(tags.ENV, "")

    def open(self, job: Job) -> None:
        """Have a run created for a job's next attempt, or the one that earlier attempts left opened again."""
        record = job.step.record
        if job.run_id is None and record is not None:
            job.run_id, job.attempt = record.run_id, record.attempt
        job.attempt += 1
        now = {tags.ATTEMPT: str(job.attempt), tags.OWNER: self._owner, **self._identity, **job.tags}
        is_new = job.run_id is None  # nothing that waits to be written is about its run
        if not is_new:
            self.send_ends()  # its last attempt's among them
        job.params_sent = self._params_first
        self._recorder.ask(job, functools.partial(self._open, job, now), first=is_new)

    def opened(self, timeout_s: float) -> list[Job]:
        """The jobs whose runs are open now, waiting up to `timeout_s` seconds for the first.

        Raises:
            RecordError: The record cannot be written, or the store is away for too long.
        """
        answers = self._recorder.answers(timeout_s)
        for job, run_id in answers:
            job.run_id = run_id
        return [job for job, _ in answers]

    def follow(self, job: Job) -> list[Metrics]:
        """Read on in a running job's journal, and have the record follow; returns what it logged."""
        assert job.run_id is not None  # noqa: S101 - only jobs that were started are followed
        assert job.reader is not None  # noqa: S101
        paths = self._state.run(job.run_id)
        rows = []
        for entries in job.reader.batches():
            job.unsent = True
            for entry in entries:
                if isinstance(entry, End):
                    job.end = entry
                elif isinstance(entry, Metrics):
                    rows.append(entry)
                    job.metrics.update(entry.values)
                    if entry.counts_epochs:
                        job.epoch = max(entry.step, -1 if job.epoch is None else job.epoch)
        now_s = time.monotonic()
        if (job.unsent or not job.params_sent) and now_s - job.sent_s >= SEND_S:
            self._recorder.deliver(job.run_id, paths, None if job.params_sent else job.config)
            job.unsent, job.params_sent, job.sent_s = False, True, now_s
        if not job.data_known and (data := declared_data(paths)):
            self._recorder.do(functools.partial(self._ledger.dataset, job.run_id, data))
            job.data_known = True
        if not job.environment_known and paths.environment.exists():
            self._note_environment(job.run_id, paths.environment.read_text(encoding="utf-8"))
            job.environment_known = True
        return rows

    def ended(self, job: Job, found: Verdict) -> None:
        """Keep an attempt's outcome on disk, and have the run ended once `send_ends` is called."""
        assert job.run_id is not None  # noqa: S101 - its run is open
        trial = job.step.trial
        paths = self._state.run(job.run_id)
        log = paths.log(job.attempt)
        note = trial_note(trial, job.repeat, found.outcome, found.reason, job.metrics, log)
        more = {tags.NOTE: note, tags.EPOCHS: str(job.epochs_done)}
        outcome = KeptOutcome(job.attempt, found.outcome, found.reason, more)
        outcome.keep(paths)
        self._ends += outcome.writes(self._ledger, job.run_id, trial.name, job.config, paths)

    def send_ends(self) -> None:
        """Have the runs ended whose attempts ended: after what starts now, so that no slot waits for it."""
        for write in self._ends:
            self._recorder.do(write)
        self._ends.clear()

    def watch(self, parents: Iterable[str], *, is_busy: bool, signals: int) -> None:
        """Renew leases and tell of an outage; once nothing runs its length counts, and a further signal ends it.

        Args:
            parents: The sweeps' runs.
            is_busy: Whether a trial runs.
            signals: How often the user asked to stop.

        Raises:
            RecordError: The record cannot be written, or the store was away for too long.
        """
        self._recorder.check()
        self._renew_leases(parents)
        outage = self._ledger.outage
        if is_busy:
            outage.excuse()
            self._signals_while_busy = signals
        elif outage.lasts_s and signals > self._signals_while_busy:
            outage.abandon()
        if (is_away := outage.lasts_s > OUTAGE_TOLD_S) != self._told_away:
            self._told_away = is_away
            self._notice(AWAY.format(why=outage.why) if is_away else BACK)

    def is_complete(self, timeout_s: float) -> bool:
        """Whether everything is in the record, waiting up to `timeout_s` seconds for it.

        Raises:
            RecordError: As `watch`.
        """
        return self._recorder.wait(timeout_s)

    def _open(self, job: Job, now: Mapping[str, str]) -> str:
        trial, run_id = job.step.trial, job.run_id
        if run_id is not None:
            self._ledger.reopen(run_id, now)
        else:
            run_id = self._ledger.trial_run(
                sweep=trial.sweep,
                trial=trial.name,
                fingerprint=trial.fingerprint,
                parent=job.parent,
                tags=now,
            )
        if self._params_first:
            self._ledger.deliver(run_id, self._state.run(run_id), job.config)
        return run_id

    def _note_environment(self, run_id: str, found: str) -> None:
        """Correct what `open` said of the environment where the attempt runs in another one."""
        if found != self.environment:
            self._recorder.do(functools.partial(self._ledger.tag, run_id, {tags.ENV: found}))

    def _renew_leases(self, parents: Iterable[str]) -> None:
        now_s = time.monotonic()
        if now_s - self._renewed_s >= RENEW_S:
            self._renewed_s = now_s
            for parent in parents:
                self._recorder.do(functools.partial(self._renew_lease, parent), once=("lease", parent))

    def _renew_lease(self, parent: str) -> None:
        self._ledger.tag(parent, {tags.LEASE: lease_until()})  # counted from when it is written
