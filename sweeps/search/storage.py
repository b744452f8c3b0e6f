"""Optuna's storage of a study: a thread copies the study in memory, which the search uses, to it a moment later.

The search never waits for the storage, and loses nothing with it: the record has every trial, and the next `sweep run`
brings the study up to date. So a storage that is away is tried again for as long as the search goes on.
"""

from __future__ import annotations

import contextlib
import math
import threading
import time
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from analysis.read.errors import masked
from sweeps.errors import StudyError
from sweeps.record.outage import FIRST_WAIT_S, LONGEST_WAIT_S, first_line, is_away
from sweeps.search.pickled_state import runs_code
from sweeps.search.samplers import quiet

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import optuna
    from optuna.pruners import BasePruner
    from optuna.storages import InMemoryStorage, RDBStorage
    from optuna.trial import FrozenTrial

DELAY_S = 0.2
"""How long a trial's changes are gathered: one that ends within this time is stored once."""
YIELD_S = 0.025
"""The longest pause in storing while a slot waits for its next trial: several times what filling one takes."""
_LOCKED_FOR_S = 60.0
Direction: TypeAlias = Literal["minimize", "maximize"]


class StoredStudy:
    """One study in a storage."""

    def __init__(
        self,
        storage: RDBStorage,
        url: str,
        name: str,
        directions: Sequence[Direction],
        metrics: Sequence[str],
    ) -> None:
        self._storage, self._url, self._name = storage, url, name
        self._directions, self._metrics = list(directions), list(metrics)
        self._written: dict[int, tuple[int, FrozenTrial]] = {}
        self._attributes: dict[str, Any] = {}
        self._dirty: dict[int, float] = {}
        """Trials that are not stored as they are, each with the time from which that may be done."""
        self._is_writing = self._is_hurried = self._is_closed = False
        self._yields = False
        self._failure: BaseException | None = None
        """Why the last try failed: what it left half done is not certain until one succeeds."""
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    @classmethod
    def open(
        cls, url: str, name: str, directions: Sequence[Direction], metrics: Sequence[str]
    ) -> StoredStudy:
        """Open a study, or make it where the storage does not have it.

        Raises:
            StudyError: The storage cannot be opened.
        """
        with _storage_errors(url):
            stored = cls(open_storage(url), url, name, directions, metrics)
            stored._study = stored._make()
        return stored

    def in_memory(self, pruner: BasePruner) -> tuple[optuna.Study, InMemoryStorage]:
        """The study as it is stored, in memory: this one follows it from now on.

        Raises:
            StudyError: The storage cannot be reached, or holds code in place of a sampler's state.
        """
        import optuna

        self._memory = optuna.storages.InMemoryStorage()
        self._leader = optuna.create_study(
            study_name=self._name, storage=self._memory, directions=self._directions, pruner=pruner
        )
        with _storage_errors(self._url):
            trials = self._study.get_trials(deepcopy=False)
            self._attributes = dict(self._storage.get_study_system_attrs(self._study_id))
        if any(runs_code(trial.system_attrs) for trial in trials):
            raise StudyError(
                f"{masked(self._url)}: the study {self._name} holds a sampler's state that may run code, which only somebody "
                "else can have written; name another `storage`: the study is made anew from the record"
            )
        memory_id = self._memory.get_study_id_from_name(self._name)
        for key, value in self._attributes.items():
            self._memory.set_study_system_attr(memory_id, key, value)
        for trial in trials:
            trial_id = trial._trial_id  # noqa: SLF001 - Optuna has no other name for it
            self._leader.add_trial(trial)
            self._written[trial.number] = (trial_id, trial)
        return self._leader, self._memory

    def clear(self) -> None:
        """Begin anew, with nothing stored.

        Raises:
            StudyError: The storage cannot be reached.
        """
        import optuna

        with _storage_errors(self._url):
            optuna.delete_study(study_name=self._name, storage=self._storage)
            self._study = self._make()
        self._written, self._attributes = {}, {}

    def changed(self, number: int) -> None:
        """Take note that a trial is not as it was."""
        with self._changed:
            is_first = not self._dirty
            self._dirty.setdefault(number, time.monotonic() + DELAY_S)
            if is_first:  # of the others, nobody who waits need wake
                self._changed.notify_all()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="study", daemon=True)
            self._thread.start()

    def give_way(self, *, yes: bool) -> None:
        """Pause storing while a slot waits for its next trial: suggesting one needs the interpreter for itself."""
        with self._changed:
            self._yields = yes
            if not yes:
                self._changed.notify_all()

    @property
    def trouble(self) -> str:
        """Why the study is not up to date, or empty."""
        failure = self._failure
        return (
            f"{masked(self._url)}: the search's study cannot be written: {_reason(failure)}"
            if failure
            else ""
        )

    def flush(self, patience_s: float) -> bool:
        """Whether everything is stored, waiting up to `patience_s` seconds for it."""
        with self._changed:
            self._is_hurried = True
            self._changed.notify_all()
            self._changed.wait_for(
                lambda: not (self._dirty or self._is_writing) or self._is_given_up, patience_s
            )
            self._is_hurried = False
            return not (self._dirty or self._is_writing)

    def close(self) -> None:
        """Store no more."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        if self._thread is not None and (self._failure is None or self._is_given_up):
            self._thread.join(DELAY_S)
        self._storage.remove_session()
        self._storage.engine.dispose()

    @property
    def _is_given_up(self) -> bool:
        return self._failure is not None and not is_away(self._failure)

    def _make(self) -> optuna.Study:
        import optuna

        study = optuna.create_study(
            study_name=self._name, storage=self._storage, directions=self._directions, load_if_exists=True
        )
        if not study.metric_names:
            study.set_metric_names(self._metrics)
        self._study_id = self._storage.get_study_id_from_name(self._name)
        return study

    def _run(self) -> None:
        wait_s = FIRST_WAIT_S
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._dirty or self._is_closed)
                if not self._failure:
                    left_s = min(self._dirty.values(), default=0.0) - time.monotonic()
                    self._changed.wait_for(lambda: self._is_hurried or self._is_closed, max(0.0, left_s))
                if self._is_closed:
                    return
                numbers, self._is_writing = self._due(), True
            try:
                self._store(numbers)
            except Exception as error:  # noqa: BLE001 - whatever it is, the search goes on without
                self._failure = error
            else:
                self._failure, wait_s = None, FIRST_WAIT_S
            with self._changed:
                self._is_writing = False
                if self._failure is not None:
                    self._dirty = dict.fromkeys(numbers, 0.0) | self._dirty
                self._changed.notify_all()
                if self._is_given_up:
                    return
                if self._failure is not None:
                    self._changed.wait_for(lambda: self._is_closed, wait_s)
                    wait_s = min(2 * wait_s, LONGEST_WAIT_S)

    def _due(self) -> list[int]:
        """Take the trials that are to be stored now: by number, as the storage counts new ones itself."""
        at_once = self._failure is not None or self._is_hurried
        now_s = math.inf if at_once else time.monotonic()
        numbers = sorted(number for number, due_s in self._dirty.items() if due_s <= now_s)
        for number in numbers:
            del self._dirty[number]
        return numbers

    def _store(self, numbers: Sequence[int]) -> None:
        trials = self._leader.get_trials(deepcopy=False)
        memory = self._memory.get_study_system_attrs(self._memory.get_study_id_from_name(self._name))
        for key, value in memory.items():
            if self._attributes.get(key) != value:
                self._storage.set_study_system_attr(self._study_id, key, value)
                self._attributes[key] = value
        for number in numbers:
            with self._changed:
                self._changed.wait_for(
                    lambda: not self._yields or self._is_hurried or self._is_closed, YIELD_S
                )
            self._store_trial(trials[number])

    def _store_trial(self, trial: FrozenTrial) -> None:
        number = trial.number
        before = self._as_stored(number) if self._failure is not None else self._written.get(number)
        if before is None:
            trial_id = self._storage.create_new_trial(self._study_id, template_trial=trial)
            self._written[number] = (trial_id, trial)
            return
        trial_id, then = before
        for key, value in trial.user_attrs.items():
            if then.user_attrs.get(key) != value:
                self._storage.set_trial_user_attr(trial_id, key, value)
        for key, value in trial.system_attrs.items():
            if then.system_attrs.get(key) != value:
                self._storage.set_trial_system_attr(trial_id, key, value)
        for step, value in trial.intermediate_values.items():
            if step not in then.intermediate_values or _differ(value, then.intermediate_values[step]):
                self._storage.set_trial_intermediate_value(trial_id, step, value)
        if trial.state is not then.state:
            self._storage.set_trial_state_values(trial_id, trial.state, trial.values)
        self._written[number] = (trial_id, trial)

    def _as_stored(self, number: int) -> tuple[int, FrozenTrial] | None:
        """A trial as the storage has it, where that is not certain: a call whose answer was lost may have been carried out."""
        try:
            trial_id = self._storage.get_trial_id_from_study_id_trial_number(self._study_id, number)
        except KeyError:
            return None
        return trial_id, self._storage.get_trial(trial_id)


def _differ(one: float, other: float) -> bool:
    return one != other and not (math.isnan(one) and math.isnan(other))


@contextlib.contextmanager
def _storage_errors(url: str) -> Iterator[None]:
    """Turn what a storage raises into a `StudyError`."""
    import optuna
    from sqlalchemy.exc import SQLAlchemyError

    try:
        with quiet():
            yield
    except (
        optuna.exceptions.StorageInternalError,
        SQLAlchemyError,
        OSError,
        ImportError,
        ValueError,
    ) as error:
        message = f"{masked(url)}: the search's study cannot be reached: {_reason(error)}"
        raise StudyError(message) from error


def _reason(error: BaseException) -> str:
    """The first line of the error that a storage's error is about."""
    return first_line(error.__cause__ or error)


def open_storage(url: str) -> RDBStorage:
    """Optuna's storage at a URL.

    An sqlite file is written without waiting for the disk: what a power cut would lose of it, the record has.
    """
    from optuna.storages import RDBStorage
    from sqlalchemy import event

    if not url.startswith("sqlite"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
        # A server that was restarted since is noticed before the next query, not by it.
        return RDBStorage(url, engine_kwargs={"pool_pre_ping": True}, heartbeat_interval=None)
    storage = RDBStorage(url, engine_kwargs={"connect_args": {"timeout": _LOCKED_FOR_S}})

    def hurry(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=OFF")

    event.listen(storage.engine, "connect", hurry)
    storage.engine.dispose()  # the next connection is the first with these settings
    return storage
