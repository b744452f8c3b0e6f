"""Watches the file of a `sweep run` that goes on, and the notes of further `sweep run`s: both become wishes of its supervisor.

A thread of its own reads, checks and plans, so that trials start and end meanwhile.
"""

from __future__ import annotations

import functools
import queue
import threading
import time
from typing import TYPE_CHECKING, Self

from analysis.read.errors import AnalysisError
from sweeps.commands.running.fixed_parts import changed_searches, fixed_changes
from sweeps.commands.running.handover import Answer, notes_to_this
from sweeps.commands.running.settling import Settling
from sweeps.commands.running.starting import job_of
from sweeps.commands.session import session_of
from sweeps.errors import SpecError, SweepError
from sweeps.planning.plan import anew
from sweeps.scheduler.wishes.wish import Wish
from sweeps.spec.parser import read_spec_text
from sweeps.spec.yaml_reader import read_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sweeps.commands.running.handover import Note
    from sweeps.commands.running.open_sweeps import OpenSweeps
    from sweeps.commands.session import Session
    from sweeps.executors.slots import Slots
    from sweeps.planning.plan import Plan, Step
    from sweeps.scheduler.job import Job
    from sweeps.scheduler.write_queue import WriteQueue

LOOK_S = 0.1
"""How often the file is read."""
AGAIN_S = 2.0
"""How often a store that is away is asked again what it has of the trials."""
CLOSE_S = 5.0
"""How long the thread is waited for at the end."""


class NotTakenError(SweepError):
    """A file that is in order, and cannot be taken up while trials run."""


class FileWatch:
    """Makes wishes of the file, as a `WishSource`; a context manager.

    Args:
        sweeps: The sweeps of the `sweep run`.
        slots: What trials must fit in.
        writes: Writes the record.
        retry_failed: Whether failed trials of what is new in the file are taken up again.
    """

    def __init__(
        self,
        sweeps: OpenSweeps,
        slots: Slots,
        writes: WriteQueue,
        *,
        retry_failed: bool,
    ) -> None:
        self._sweeps = sweeps
        self._slots = slots
        self._writes = writes
        self._retry_failed = retry_failed
        self._start = sweeps.session.spec
        self._path = sweeps.session.request.file
        self._said = f"{self._path} was saved"
        self._settling = Settling((sweeps.session.spec.text, ""))
        self._news: queue.SimpleQueue[Wish | str] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._taking = threading.Lock()
        self._is_busy = False
        self._notes: set[Note] = set()
        self._thread = threading.Thread(target=self._watch, name="file watch", daemon=True)
        self.trials = frozenset(step.trial.fingerprint for step in _of_grids(sweeps.session, sweeps.plan))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._thread.join(CLOSE_S)

    @property
    def is_settled(self) -> bool:
        """Whether the file is as it was taken up, or refused, and nothing is on its way."""
        with self._taking:
            return not self._is_busy and self._news.empty() and self._settling.is_settled(self._content())

    def due(self) -> Iterator[Wish | str]:
        """What has come since it was asked last."""
        while not self._news.empty():
            yield self._news.get()

    def _watch(self) -> None:
        while not self._closing.wait(LOOK_S):
            notes = [note for note in notes_to_this(self._sweeps.state) if note not in self._notes]
            self._notes.update(notes)
            with self._taking:
                content = self._content()
                self._is_busy = self._settling.take(content, time.monotonic()) or bool(notes)
                if notes:
                    self._settling.taken(content)
            for note in notes:
                self._take(content, note)
            if self._is_busy and not notes:
                self._take(content)
            self._is_busy = False

    def _content(self) -> tuple[str, str]:
        """What the file holds, or what is wrong where it cannot be read."""
        try:
            return read_text(self._path), ""
        except SpecError as error:
            return "", str(error)

    def _take(self, content: tuple[str, str], note: Note | None = None) -> None:
        """Make a wish of the file, or say why there is none; a store that is away is asked again and again."""
        is_told = False
        while not self._closing.is_set():
            try:
                wish = self._wish(content, note)
            except AnalysisError as error:
                if not is_told:
                    self._news.put(f"{self._said}, and is taken up once the tracking store answers: {error}")
                is_told = True
                self._closing.wait(AGAIN_S)
                continue
            except SweepError as error:
                self._refuse(error, note)
            except Exception as error:  # noqa: BLE001 - trials go on, whatever is wrong with what reads the file
                self._refuse(NotTakenError(f"{type(error).__name__}: {error}"), note)
            else:
                self._news.put(wish)
            return

    def _refuse(self, error: SweepError, note: Note | None) -> None:
        self._news.put(f"{self._said}, and is not taken up; as it was before, it stays in force")
        for line in str(error).splitlines():
            self._news.put(line)
        if note is not None:
            self._answer(note, Answer(taken=False, words=str(error)))

    def _answer(self, note: Note, answer: Answer) -> None:
        note.answer(answer)
        self._notes.discard(note)

    def _wish(self, content: tuple[str, str], note: Note | None) -> Wish:
        """Make a wish of the file.

        Raises:
            SweepError: The file is wrong, or cannot be taken up now.
            AnalysisError: The record cannot be read.
        """
        before, (text, wrong) = self._sweeps.session, content
        if wrong:
            raise NotTakenError(wrong)
        spec, asked = read_spec_text(text, str(self._path)), before.request
        if fixed := list(fixed_changes(before.spec, spec, asked.profile)):
            remedy = f"`{before.command('stop')}`, then `{before.next_run()}`, takes it up"
            raise NotTakenError(f"{self._path}: {', '.join(fixed)}: cannot change while trials run; {remedy}")
        session = session_of(asked, spec, before.trainer, before.record.tracking_uri)
        plan = session.selected_plan()
        self._sweeps.open(session, plan, self._slots, self._writes, is_over=self._closing.is_set)
        since_start = set(changed_searches(self._start, spec, asked.profile))
        for name in changed_searches(before.spec, spec, asked.profile):
            if name in since_start:
                said = f"the search {name} goes on as it began; the next `sweep run` reads its part"
                self._news.put(f"{self._said}: {said}")
        return self._wish_of(session, plan, note)

    def _wish_of(self, session: Session, plan: Plan, note: Note | None) -> Wish:
        steps, paces = session.in_start_order(plan, _of_grids(session, plan))
        parents = self._sweeps.parents
        jobs: dict[str, Job] = {}
        for step in steps:
            if not step.action.is_over and step.trial.fingerprint not in jobs:
                jobs[step.trial.fingerprint] = job_of(session, paces, step, parents[step.trial.sweep])
        trials = frozenset(step.trial.fingerprint for step in steps)
        commit = functools.partial(self._sweeps.take_up, session, plan)
        make = functools.partial(Wish, trials, jobs, tuple(parents.values()), commit=commit)
        if note is None:
            return make(self._said, retry_failed=self._retry_failed)
        return make(
            f"pid {note.pid} asks for {self._path} as it is",
            is_whole=True,
            retry_failed=note.retry_failed,
            answer=lambda words: self._answer(note, Answer(taken=True, words=words)),
        )


def _of_grids(session: Session, plan: Plan) -> list[Step]:
    """The steps of sweeps that are no searches."""
    searches = session.searches
    return [anew(step) for step in plan.steps if step.trial.sweep not in searches]
