"""Claims on trials: of all `sweep run`s that share a store, one at a time trains a trial.

MLflow has no compare-and-swap. So a supervisor first shows that it wants a trial, in a way that every other one sees:
by the new run, RUNNING, or by a tag on the run that is to go on. Then it looks who else wants or has the trial. Where
nobody does, the trial is its own. Of two, the later to show itself must see the other, so that never both go on; where
both see each other, the one that showed itself first waits until the other has withdrawn.
"""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from analysis.read import tags
from analysis.read.record import is_of_another_trainer, open_store
from analysis.results.searches.prunings import as_seen
from sweeps.rundir.lease import LEASE_S, is_at_work, liveness, owner_of, words_of_owner
from sweeps.rundir.process_identity import ProcessIdentity, this_process

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from analysis.read.store import RunRecord
    from analysis.results.searches.prunings import PruningSearch
    from sweeps.record.mlflow_client import PatientClient

WAIT_S = 5.0
"""How long one that showed itself first waits for another to withdraw; then it withdraws itself."""
LOOK_S = 0.05
"""How often it looks."""
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Held:
    """Another `sweep run` has the trial, or the sweep.

    Attributes:
        run: Its run.
        by: Who it is, in words.
    """

    run: RunRecord
    by: str


@dataclass(frozen=True, slots=True)
class Settled:
    """Another `sweep run` has brought the trial to its end since this one began.

    Attributes:
        run: Its run, with an outcome.
    """

    run: RunRecord


@dataclass(frozen=True, slots=True)
class Left:
    """A search of another sweep has pruned the trial since this one began: it is to go on in that run.

    Attributes:
        run: The run, as it counts for who asks.
    """

    run: RunRecord


@dataclass(frozen=True, slots=True, order=True)
class _Claim:
    """Who wants a run, in the order in which they showed it."""

    since_ms: int
    digest: str


class Claims:
    """Takes trials and sweeps of one experiment for this process.

    Args:
        client: The store's client.
        experiment: The experiment's name.
        began_ms: Since when what others bring to its end counts, since the epoch: when this process read the record.
    """

    def __init__(self, client: PatientClient, experiment: str, began_ms: int) -> None:
        self._client = client
        self._experiment = experiment
        self._began_ms = began_ms
        self._store = open_store(client.uri)
        self._me = this_process()

    def take_new(
        self,
        fingerprint: str,
        create: Callable[[], str],
        *,
        trainer: str | None = None,
        after_own: bool = False,
        search: PruningSearch | None = None,
    ) -> str | Held | Settled | Left:
        """Take a trial that has no run.

        Args:
            fingerprint: The trial's.
            create: Creates its run, RUNNING, with this process as owner.
            trainer: Whose runs count; None: those of all trainers.
            after_own: Whether another job of this process had the trial before: what came of it counts, too.
            search: The trial's search, where that has a pruner: only what it pruned itself is pruned.

        Returns:
            The run; or why the trial is not to be had, and the new run is deleted then.

        Raises:
            RecordError: The store cannot be read or written.
        """
        if after_own and (came := self._came_of(self.runs_of(fingerprint, trainer), search, after_own=True)):
            return came
        run_id = create()
        found = self._contend(
            lambda: self.runs_of(fingerprint, trainer), run_id, after_own=after_own, search=search
        )
        if found is not None:
            self._delete(run_id)
        return found or run_id

    def take_again(
        self,
        fingerprint: str,
        run_id: str,
        reopen: Callable[[], _T],
        *,
        trainer: str | None = None,
        after_own: bool = False,
        search: PruningSearch | None = None,
    ) -> _T | Held | Settled:
        """Take a trial that has a run.

        Args:
            fingerprint: The trial's.
            run_id: The run.
            reopen: Makes it RUNNING, with this process as owner.
            trainer: As in `take_new`.
            after_own: As in `take_new`.
            search: As in `take_new`.

        Returns:
            What `reopen` gives; or why the trial is not to be had.

        Raises:
            RecordError: The store cannot be read or written.
        """
        return self._take_again(
            lambda: self.runs_of(fingerprint, trainer), run_id, reopen, after_own=after_own, search=search
        )

    def take_sweep(
        self, sweep: str, existing: str | None, open_run: Callable[[], str]
    ) -> str | Held | Settled:
        """Take a sweep: open its run, which exists or is created by `open_run`; as `take_new` and `take_again`."""

        def runs() -> Sequence[RunRecord]:
            return [run for run in self._tagged(tags.KIND, tags.KIND_SWEEP) if run.sweep == sweep]

        if existing is not None:
            return self._take_again(runs, existing, open_run)
        run_id = open_run()
        found = self._contend(runs, run_id)
        if found is not None:
            self._delete(run_id)
        assert not isinstance(found, Left)  # noqa: S101 - no sweep's run is pruned
        return found or run_id

    def runs_of(self, fingerprint: str, trainer: str | None) -> Sequence[RunRecord]:
        """The runs of a trial as the store has them now; of a trainer, or of all (None)."""
        found = self._tagged(tags.FINGERPRINT, fingerprint)
        return [run for run in found if not is_of_another_trainer(run, trainer)]

    def _delete(self, run_id: str) -> None:
        """Delete a run that was created in vain; it is not to stand RUNNING among the deleted ones."""
        self._client.call(lambda: self._client.store.set_terminated(run_id, "KILLED"))
        self._client.call(lambda: self._client.mlflow.delete_run(run_id))

    def _take_again(
        self,
        runs: Callable[[], Sequence[RunRecord]],
        run_id: str,
        reopen: Callable[[], _T],
        *,
        after_own: bool = False,
        search: PruningSearch | None = None,
    ) -> _T | Held | Settled:
        now_ms = int(time.time() * 1000)
        tag = f"{tags.CLAIM}.{_digest(self._me)}"
        claim = json.dumps(
            {"owner": self._me.to_json(), "since_ms": now_ms, "until_ms": now_ms + int(LEASE_S * 1000)}
        )
        self._client.of_run(run_id, lambda: self._client.store.set_tag(run_id, tag, claim))
        found = self._contend(runs, run_id, now_ms, after_own=after_own, search=search)
        answer = reopen() if found is None or isinstance(found, Left) else found
        self._client.of_run(run_id, lambda: self._withdraw(run_id, tag))
        return answer

    def _withdraw(self, run_id: str, tag: str) -> None:
        if (
            tag in self._client.store.get_run(run_id).tags
        ):  # else an earlier try, whose answer was lost, did it
            self._client.store.delete_tag(run_id, tag)

    def _contend(
        self,
        runs: Callable[[], Sequence[RunRecord]],
        run_id: str,
        since_ms: int | None = None,
        *,
        after_own: bool = False,
        search: PruningSearch | None = None,
    ) -> Held | Settled | Left | None:
        """Look who else wants or has it, now that this process has shown that it wants it; None: nobody."""
        until_s = time.monotonic() + WAIT_S
        while True:
            listed = runs()
            came = self._came_of(listed, search, after_own=after_own)
            if isinstance(came, Settled):
                return came
            others = sorted(self._others(listed), key=lambda other: other[0])
            if not others:
                return came
            if since_ms is None:
                since_ms = next((run.start_ms for run in listed if run.run_id == run_id), 0)
            first, run = others[0]
            if first < _Claim(since_ms, _digest(self._me)) or time.monotonic() > until_s:
                return Held(run, words_of_owner(run))
            time.sleep(LOOK_S)

    def _others(self, listed: Sequence[RunRecord]) -> Iterator[tuple[_Claim, RunRecord]]:
        """Who else wants or has one of these runs, and is at work; each with the run."""
        for run in listed:
            owner = owner_of(run)
            if run.is_open and owner is not None and owner != self._me and self._is_alive(run, owner):
                yield _Claim(run.start_ms, _digest(owner)), run
            for tag, text in run.tags.items():
                if tag.startswith(f"{tags.CLAIM}.") and (claim := self._living_claim(text)):
                    yield claim, run

    def _living_claim(self, text: str) -> _Claim | None:
        try:
            kept = json.loads(text)
            owner = ProcessIdentity.from_json(kept["owner"])
            since_ms, until_ms = int(kept["since_ms"]), int(kept["until_ms"])
        except (ValueError, KeyError, TypeError):
            return None
        is_alive = owner != self._me and is_at_work(owner, until_ms)
        return _Claim(since_ms, _digest(owner)) if is_alive else None

    def _is_alive(self, run: RunRecord, owner: ProcessIdentity) -> bool:
        if owner.is_listed:
            return owner.is_alive()
        return liveness(self._tagged(tags.KIND, tags.KIND_SWEEP))(run)

    def _came_of(
        self, listed: Sequence[RunRecord], search: PruningSearch | None, *, after_own: bool
    ) -> Settled | Left | None:
        """What others made of a trial since this process read the record: its end, or a run that another search pruned."""
        left = None
        for run in listed:
            is_end = run.outcome is not None and run.outcome.is_end
            is_new = is_end and (run.end_ms or 0) >= self._began_ms
            if (
                is_new
                and run.is_trial
                and not run.set_aside_ms
                and not run.is_open
                and (after_own or owner_of(run) != self._me)
            ):
                seen = as_seen(run, search)
                if seen.has_ended:
                    return Settled(seen)
                left = Left(seen)
        return left

    def _tagged(self, tag: str, value: str) -> Sequence[RunRecord]:
        return self._client.call(lambda: self._store.runs_tagged(self._experiment, tag, value))


def _digest(owner: ProcessIdentity) -> str:
    """A short name of a process, the same wherever it is made."""
    return hashlib.sha256(json.dumps(owner.to_json(), sort_keys=True).encode()).hexdigest()[:12]
