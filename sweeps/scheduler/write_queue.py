"""The queue of writes to the record: one thread does them in order, so that nothing else waits for the tracking store.

What is asked for is kept in memory as long as the store is away, but never what it writes: metrics and artifacts
stay in a run's journal and outbox until they are sent, and an outcome in `outcome.json` beside them. So a
supervisor that dies, or gives up, leaves nothing behind that the next `sweep run` cannot send.
"""

from __future__ import annotations

import functools
import threading
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from sweeps.errors import RecordError, RefusedError, RunGoneError

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from sweeps.record.ledger import Ledger
    from sweeps.rundir.paths import RunPaths
    from sweeps.spec.yaml_reader import Value

MANY = 24
"""Once so many requests wait, starting more trials has no precedence."""
KEPT = "what is not sent yet is kept on disk, and the next run of the file sends it"


@dataclass(frozen=True, slots=True)
class _Work:
    do: Callable[[], Any]
    once: Hashable | None = None
    asker: Any = None
    first: bool = False


class WriteQueue:
    """Writes with a ledger, one request after the other, in a thread of its own; a context manager.

    An error that `Ledger` does not wait out ends it: what was asked for later is not done, and `check` raises. What the
    store refuses for good ends nothing: who asked gets the `RefusedError` as the answer.

    Args:
        ledger: Writes, and knows of outages; while the queue is open, nobody else writes with it.
    """

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._work: deque[_Work] = deque()
        self._queued: set[Hashable] = set()
        self._answers: list[tuple[Any, Any]] = []
        self._failure: BaseException | None = None
        self._closed = False
        self._changed = threading.Condition()

    def __enter__(self) -> Self:
        threading.Thread(target=self._run, name="write queue", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def do(self, work: Callable[[], object], once: Hashable | None = None) -> None:
        """Have something written; with `once`, not if the same is asked for already and not begun."""
        self._put(_Work(work, once))

    def ask(self, asker: object, work: Callable[[], Any], *, first: bool = False) -> None:
        """Have something written whose result `answers` returns; `first`: before what waits, unless that is a lot."""
        self._put(_Work(work, asker=asker, first=first))

    def deliver(self, run_id: str, paths: RunPaths, config: Mapping[str, Value] | None = None) -> None:
        """Have a run's journal sent, as far as it goes when its turn comes, with its config's params."""
        once = ("deliver", run_id, config is not None)
        self.do(functools.partial(self.ledger.deliver, run_id, paths, config), once=once)

    def answers(self, timeout_s: float) -> list[tuple[Any, Any]]:
        """Who asked, each with the result, waiting up to `timeout_s` seconds for the first.

        Raises:
            RecordError: As `check`.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._answers or self._failure, timeout_s)
            answers, self._answers = self._answers, []
        self.check()
        return answers

    def wait(self, timeout_s: float) -> bool:
        """Whether everything is in the record, waiting up to `timeout_s` seconds for it.

        Raises:
            RecordError: As `check`.
        """
        with self._changed:
            self._changed.wait_for(lambda: not self._work or self._failure, timeout_s)
        self.check()
        return not self._work

    def check(self) -> None:
        """Raise the error that ended the queue, if one did.

        Raises:
            RecordError: The record cannot be written, or the store is away for too long.
        """
        if isinstance(self._failure, RecordError):
            raise RecordError(f"{self._failure}; {KEPT}") from self._failure
        if self._failure is not None:
            raise self._failure

    def close(self) -> None:
        """Write no more; what is being written now may still arrive."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _answer(self, work: _Work) -> Any:
        """Do a piece of work; one that the store refuses for good is that piece's loss, and its asker's answer."""
        try:
            return work.do()
        except RefusedError as error:
            if work.asker is None and not isinstance(error, RunGoneError):  # which is told already
                self.ledger.refusals.tell(str(error))
            return error

    def _put(self, work: _Work) -> None:
        with self._changed:
            if work.once is not None:
                if work.once in self._queued:
                    return
                self._queued.add(work.once)
            if work.first and len(self._work) <= MANY:
                place = 1  # behind what is being done, and what was asked for before with the same precedence
                while place < len(self._work) and self._work[place].first:
                    place += 1
                self._work.insert(place, work)
            else:
                self._work.append(work)
            self._changed.notify_all()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._work or self._closed)
                if self._closed:
                    return
                work = self._work[0]
                self._queued.discard(work.once)
            try:
                answer = self._answer(work)
            except BaseException as error:  # noqa: BLE001 - `check` raises it where the supervisor runs
                with self._changed:
                    self._failure = error
                    self._changed.notify_all()
                return
            with self._changed:
                self._work.popleft()
                if work.asker is not None:
                    self._answers.append((work.asker, answer))
                self._changed.notify_all()
