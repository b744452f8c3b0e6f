"""Has a job's run opened, followed and ended in the record; the write queue does it when the store can take it.

A journal is read twice. The supervisor's thread reads on from what it has seen, for the live view and the searches.
The write queue's thread reads on from what MLflow has (`Ledger.deliver`), a whole batch later where the store is slow,
and from the file `delivered` where an earlier supervisor died. One reader for both would have to keep in memory, for as
long as the store is away, all that lies between the two places; it stays on disk instead.
"""

from __future__ import annotations

import functools
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.read import tags
from analysis.read.outcomes import Outcome
from analysis.read.provenance import shortened
from analysis.results.searches.prunings import with_pruning
from sweeps.disk.removal import Trash
from sweeps.disk.run_files import trim
from sweeps.errors import RunGoneError
from sweeps.pace.judged_values import JudgedValues
from sweeps.program.wandb_address import WandbAddress
from sweeps.record.claims import Held, Left, Settled
from sweeps.record.notes import trial_note, with_remarks
from sweeps.record.outcome_file import KeptOutcome, readings_tag
from sweeps.record.verdicts.for_good import give_up
from sweeps.rundir.journal import End, JournalReader, Metrics, journal_size, read_entries
from sweeps.rundir.lease import RENEW_S, lease_until, owner_tag
from sweeps.rundir.trainer_manifest import declared_data

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sweeps.rundir.paths import RunPaths, StateDir
    from sweeps.scheduler.job import Job
    from sweeps.scheduler.verdict import Verdict
    from sweeps.scheduler.write_queue import WriteQueue

SEND_S = 0.2
"""A running trial's metrics are sent so often at most: each delivery is a transaction. Its end sends the rest."""
_MOST_BYTES = 16 << 20
"""A larger journal is not read again where a trial is taken up: that takes about a second, in which no other trial is looked after."""
OUTAGE_SHOWN_S = 2.0
"""Shorter outages are not worth a word."""
AWAY = "{why}; trials go on, what they log is kept and sent later, none starts meanwhile"
BACK = "the tracking store answers again"


@dataclass(frozen=True, slots=True)
class _Opened:
    """A run that is open, and what the user should know of it."""

    run_id: str
    told: Sequence[str] = ()


@dataclass
class _Delivery:
    """How far the record of an attempt in progress is.

    Attributes:
        reader: Reads its run's journal.
        params_sent: Whether the run has its params.
        sent_s: When the journal was last sent.
        unsent: Whether the journal has more since.
        data_known: Whether the data that the trainer declared is sent.
        environment_known: Whether the environment in which the attempt found itself is sent.
        wandb: Looks for the address of its run in W&B.
    """

    reader: JournalReader
    wandb: WandbAddress
    params_sent: bool
    sent_s: float
    unsent: bool = False
    data_known: bool = False
    environment_known: bool = False


def _epochs_tag(job: Job) -> str:
    return tags.epochs_text(job.progress.epochs_done, has_metrics=bool(job.progress.metrics))


def _judged_so_far(job: Job, paths: RunPaths) -> JudgedValues:
    """What judges a trial by what its journal has; nothing where reading that would keep the others waiting."""
    found = JudgedValues(job.criteria)
    if not found.is_needed or journal_size(paths) == 0:
        return found
    if journal_size(paths) > _MOST_BYTES:
        return JudgedValues()
    for entry in read_entries(paths.journal, 0)[0]:
        if isinstance(entry, Metrics):
            found.note(entry)
    return found


def _spent_s(job: Job, paths: RunPaths) -> float | None:
    """How long the attempts of a job have run, the one that ended now included; an attempt that never began took no time."""
    attempt = job.current
    return job.spent_s if attempt.begun is None else attempt.begun.spent_s(paths, attempt.end, attempt.seen_s)


def _noted(write: Callable[[], None], done: list[bool]) -> None:
    """Write, and note that it is written; the queue goes on where the store refuses it."""
    write()
    done.append(True)


class RunRecorder:
    """Records the runs of one launch's jobs.

    Args:
        queue: What writes it.
        state: Where runs keep their files.
        identity: Tags that stand on every run of this launch: code, environment, profile.
        notice: Called with what the user should know of outages.
        params_first: Whether a run has its params before its attempt starts: a program may log its own there, and must
            find the config's there.
        secrets: Texts that no note quotes, where the end of a log holds them.
    """

    def __init__(
        self,
        queue: WriteQueue,
        state: StateDir,
        identity: Mapping[str, str],
        notice: Callable[[str], None],
        *,
        params_first: bool,
        secrets: Sequence[str] = (),
    ) -> None:
        self._queue = queue
        self._ledger = queue.ledger
        self._state = state
        self._identity = identity
        self._notice = notice
        self._params_first = params_first
        self._secrets = secrets
        self._owner = owner_tag()
        self._trainer = identity.get(tags.TRAINER)
        self._renewed_s = time.monotonic()
        self._shown_away = False
        self._signals_while_busy = 0
        self._ends: list[Callable[[], None]] = []
        self._deliveries: dict[Job, _Delivery] = {}

    @property
    def environment(self) -> str:
        """What a run's record says of the environment where its attempt starts."""
        return self._identity.get(tags.ENV, "")

    @property
    def experiment(self) -> str:
        """The experiment's name."""
        return self._ledger.experiment

    def open(self, job: Job, more: Mapping[str, str] | None = None) -> None:
        """Have a run created for a job's attempt, or the one that earlier attempts left opened again.

        Args:
            job: The job.
            more: Tags of this attempt.
        """
        own = {tags.ATTEMPT: str(job.current.number), tags.OWNER: self._owner, **job.pruned_before}
        now = {**own, **self._identity, **job.tags, **(more or {})}
        is_new = job.run_id is None and not job.has_twin  # nothing that waits to be written is about its run
        if not is_new:
            self.send_ends()  # its last attempt's among them, or its twin's
        self._queue.ask(job, functools.partial(self._open, job, now), first=is_new)

    def opened(self, timeout_s: float) -> list[Job]:
        """The jobs whose runs are open now, or are `refused`, waiting up to `timeout_s` seconds for the first.

        Raises:
            RecordError: The record cannot be written, or the store is away for too long.
        """
        answers = self._queue.answers(timeout_s)
        for job, opened in answers:
            if not isinstance(opened, _Opened):
                job.refused = opened
                continue
            job.opened(opened.run_id)
            for text in opened.told:
                self._notice(f"{job.label}: {text}")
        return [job for job, _ in answers]

    def begin(self, job: Job) -> None:
        """Follow the attempt of a job whose run is open."""
        paths = self._state.run(job.open_run_id)
        job.progress.judged = _judged_so_far(job, paths)
        self._deliveries[job] = _Delivery(
            JournalReader(paths),
            WandbAddress(paths.log(job.current.number)),
            params_sent=self._params_first,
            sent_s=time.monotonic(),
        )

    def follow(self, job: Job) -> list[Metrics]:
        """Read on in a running job's journal, and have the record follow; returns what its trainer logged."""
        run_id, delivery = job.open_run_id, self._deliveries[job]
        paths = self._state.run(run_id)
        rows = []
        for entries in delivery.reader.batches():
            delivery.unsent = delivery.unsent or bool(entries)
            for entry in entries:
                if isinstance(entry, End):
                    job.current.note_end(entry)
                elif isinstance(entry, Metrics) and not entry.is_of_machine:
                    rows.append(entry)
                    job.progress.note(entry)
        now_s = time.monotonic()
        if (delivery.unsent or not delivery.params_sent) and now_s - delivery.sent_s >= SEND_S:
            self._queue.deliver(run_id, paths, None if delivery.params_sent else job.config)
            delivery.unsent, delivery.params_sent, delivery.sent_s = False, True, now_s
        if not delivery.data_known and (data := declared_data(paths)):
            self._queue.do(functools.partial(self._ledger.dataset, run_id, data))
            delivery.data_known = True
        if not delivery.environment_known and paths.environment.exists():
            self._note_environment(run_id, paths.environment.read_text(encoding="utf-8"))
            delivery.environment_known = True
        if (address := delivery.wandb.look()) is not None:
            self._queue.do(functools.partial(self._ledger.tag, run_id, {tags.WANDB: address}))
        return rows

    def ended(self, job: Job, verdict: Verdict, left: Mapping[str, str] | None = None) -> None:
        """Keep an attempt's outcome on disk, and have the run ended once `send_ends` is called.

        Args:
            job: The job.
            verdict: How its attempt ended.
            left: Tags that say what the attempt left elsewhere.
        """
        address = self._deliveries.pop(job).wandb.look(has_ended=True)
        trial, number = job.step.trial, job.current.number
        paths = self._state.run(job.open_run_id)
        job.progress.settle()
        # Another record would not have what a search suggested: no command trains it once more.
        is_suggested = tags.SEARCH in job.tags
        repeat = "" if is_suggested and verdict.outcome.is_result else job.repeat
        anew = self._anew(job, paths, repeat)
        note = trial_note(
            trial,
            repeat,
            verdict.outcome,
            verdict.reason,
            job.progress.metrics,
            paths.log(number),
            scores={one: (job.progress.score(one), job.progress.to_beat(one)) for one in job.criteria},
        )
        note = with_remarks(note, paths.remarks)
        for secret in self._secrets:
            note = note.replace(secret, "***")
        job.spent_s = _spent_s(job, paths)
        more = {
            tags.NOTE: note,
            tags.EPOCHS: _epochs_tag(job),
            **readings_tag(paths),
            **tags.seconds_tag(job.spent_s),
            **(left or {}),
            **({tags.WANDB: address} if address else {}),
            **anew,
        }
        if verdict.outcome is Outcome.PRUNED and job.pruning is not None:
            more |= with_pruning(job.step.record, job.pruning, verdict.reason, more)
        outcome = KeptOutcome(number, verdict.outcome, verdict.reason, more)
        # A store that answers has it in a moment, and keeps it; one that is away may be so for hours.
        outcome.keep(paths, durable=self._ledger.outage.lasts_s > 0)
        writes = outcome.writes(self._ledger, job.open_run_id, trial.name, job.config, paths)
        done: list[bool] = []
        self._ends += [functools.partial(_noted, write, done) for write in writes]
        if verdict.outcome.is_result:
            self._ends.append(functools.partial(self._trim, job, paths, lambda: len(done) == len(writes)))

    def _anew(self, job: Job, paths: RunPaths, repeat: str) -> dict[str, str]:
        """The tag that says whether an attempt began anew; where its curves are of two trainings, the note and the user are told, too."""
        text = job.current.end.anew if job.current.end else ""
        if mixed := tags.anew_of(text):
            sentence = (
                f"attempt {job.current.number} began anew, with other values than the one before; up to step {max(mixed.values())} the curves "
                f"keep the earlier ones ({shortened(list(mixed))})"
            )
            remedy = f"; `{repeat} --again` trains it anew" if repeat else ""
            paths.remark(f"{sentence}{remedy}")
            self._notice(f"{job.label}: {sentence}{remedy}")
        return {tags.ANEW: text} if text else {}

    def _trim(self, job: Job, paths: RunPaths, is_recorded: Callable[[], bool]) -> None:
        """Remove the checkpoints that are not kept, unless the store lacks something of the run, or the run."""
        if is_recorded() and paths.run_id not in self._ledger.refusals.lost:
            trim(paths, job.keeps, Trash(self._state.trash))

    def give_up(self, job: Job) -> None:
        """Have a trial given up on which this `sweep run` does not work any more."""
        self.send_ends()
        shared = {**self._identity, **job.tags}
        of_trial = functools.partial(give_up, self._ledger, job.step.trial, self._state)
        self._queue.do(functools.partial(of_trial, parent=job.parent, repeat=job.repeat, shared=shared))

    def send_ends(self) -> None:
        """Have the runs ended whose attempts ended: after what starts now, so that no slot waits for it."""
        for write in self._ends:
            self._queue.do(write)
        self._ends.clear()

    def watch(self, parents: Iterable[str], *, is_busy: bool, signals: int) -> None:
        """Renew leases and show an outage; once nothing runs its length counts, and a further signal ends it.

        Args:
            parents: The sweeps' runs.
            is_busy: Whether a trial runs.
            signals: How often the user asked to stop.

        Raises:
            RecordError: The record cannot be written, or the store was away for too long.
        """
        self._queue.check()
        for sentence in self._ledger.refusals.news():
            self._notice(sentence)
        self._renew_leases(parents)
        outage = self._ledger.outage
        if is_busy:
            outage.excuse()
            self._signals_while_busy = signals
        elif outage.lasts_s and signals > self._signals_while_busy:
            outage.abandon()
        if (is_away := outage.lasts_s > OUTAGE_SHOWN_S) != self._shown_away:
            self._shown_away = is_away
            self._notice(AWAY.format(why=outage.why) if is_away else BACK)

    def is_complete(self, timeout_s: float) -> bool:
        """Whether everything is in the record, waiting up to `timeout_s` seconds for it.

        Raises:
            RecordError: As `watch`.
        """
        return self._queue.wait(timeout_s)

    def _open(self, job: Job, now: Mapping[str, str]) -> _Opened | Held | Settled | Left:
        """Open a job's run, unless another job or `sweep run` has its trial."""
        try:
            opened = self._create(job, now) if job.run_id is None else self._reopen(job, job.run_id, now)
        except RunGoneError:  # somebody deleted it: the trial begins anew, in another run
            opened = self._create(job, now)
        if self._params_first and isinstance(opened, _Opened):
            self._ledger.deliver(opened.run_id, self._state.run(opened.run_id), job.config)
        return opened

    def _create(self, job: Job, now: Mapping[str, str]) -> _Opened | Held | Settled | Left:
        trial = job.step.trial
        create = functools.partial(
            self._ledger.trial_run,
            sweep=trial.sweep,
            trial=trial.name,
            fingerprint=trial.fingerprint,
            parent=job.parent,
            tags=now,
        )
        made = self._ledger.claims.take_new(
            trial.fingerprint, create, trainer=self._trainer, after_own=job.has_twin, search=job.pruning
        )
        return _Opened(made) if isinstance(made, str) else made

    def _reopen(self, job: Job, run_id: str, now: Mapping[str, str]) -> _Opened | Held | Settled:
        reopen = functools.partial(self._ledger.reopen, run_id, now)
        fingerprint = job.step.trial.fingerprint
        last_steps = self._ledger.claims.take_again(
            fingerprint,
            run_id,
            reopen,
            trainer=self._trainer,
            after_own=job.has_twin,
            search=job.pruning,
        )
        if isinstance(last_steps, Held | Settled):
            return last_steps
        takes_over = not job.current.is_adopted  # an attempt that runs is writing the journal
        told = self._ledger.agree(run_id, self._state.run(run_id), last_steps, takes_over=takes_over)
        return _Opened(run_id, told)

    def _note_environment(self, run_id: str, environment: str) -> None:
        """Correct what `open` said of the environment where the attempt runs in another one."""
        if environment != self.environment:
            self._queue.do(functools.partial(self._ledger.tag, run_id, {tags.ENV: environment}))

    def _renew_leases(self, parents: Iterable[str]) -> None:
        now_s = time.monotonic()
        if now_s - self._renewed_s >= RENEW_S:
            self._renewed_s = now_s
            for parent in parents:
                self._queue.do(functools.partial(self._renew_lease, parent), once=("lease", parent))

    def _renew_lease(self, parent: str) -> None:
        self._ledger.tag(parent, {tags.LEASE: lease_until()})  # counted from when it is written
