"""Tells the hooks of a file what happens: each event once, beside the scheduler, at most a few at a time."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter, deque
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.read.outcomes import Outcome
from sweeps.hooks import fire
from sweeps.hooks.event import Event
from sweeps.hooks.owed import Owed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from analysis.read.store import RunRecord
    from sweeps.rundir.paths import StateDir
    from sweeps.spec.launch.hooks import Hook, Hooks

LINGER_S = 5.0
"""How long the end of a `sweep run` waits for its hooks; those that take longer go on without it."""
AT_ONCE = 4
LOOK_S = 0.02


@dataclass(frozen=True, slots=True)
class _Called:
    """A hook that runs."""

    event: Event
    process: subprocess.Popen[bytes]
    log: Path


class HookCaller:
    """Tells the hooks of one `sweep run`. Without hooks it does nothing, and leaves no file.

    Args:
        hooks: What the file says under `on:`.
        state: Where it is noted what is yet to be told.
        experiment: The experiment.
        file: The spec's path; commands run in its folder.
        about: What this `sweep run` is about, in words: `done` is told once of each.
    """

    def __init__(
        self, hooks: Hooks, state: StateDir, experiment: str, file: Path, about: Sequence[str] = ()
    ) -> None:
        self._hooks = hooks
        self._folder = state.root / "hooks"
        self._owed = Owed(self._folder / "owed")
        self._experiment = experiment
        self._file = file
        digest = hashlib.sha256(json.dumps([experiment, *about]).encode()).hexdigest()
        self._done_key = f"done-{digest[:16]}"
        self._states: dict[str, str] = {}
        self._begun: set[str] = set()
        self._unnoted: set[str] = set()
        self._waiting: deque[tuple[Event, str]] = deque()
        self._called: list[_Called] = []
        self._said: list[str] = []

    def heed(self, hooks: Hooks, states: Mapping[str, str]) -> None:
        """Call these hooks from now on, and count these trials: the file was saved while trials run.

        Args:
            hooks: What the file says under `on:` now.
            states: The states of its trials, by fingerprint, as planned; what is known of one already counts.
        """
        anew = self._begun if hooks and not self._hooks else ()
        self._hooks = hooks
        for key in anew:
            self._owe(key)
        self._states = {
            fingerprint: self._states.get(fingerprint, state) for fingerprint, state in states.items()
        }

    def states(self, states: Mapping[str, str]) -> None:
        """Take note of the states of trials, by fingerprint, for the counts."""
        self._states.update(states)

    def owe_done(self) -> None:
        """Note that the end of this `sweep run` is to be told, now or by a later one."""
        self._owe(self._done_key)

    def owe(self, run_id: str, attempt: int) -> None:
        """Note that the end of a run's attempt, which is about to begin, is to be told."""
        self._owe(_key(run_id, attempt))

    def drop(self, run_id: str, attempt: int) -> None:
        """Note that the end of an attempt is not to be told: another one follows."""
        self._begun.discard(_key(run_id, attempt))
        self._owed.drop(_key(run_id, attempt))

    def left(self, runs: Iterable[RunRecord]) -> None:
        """Tell of the runs that ended and of which nobody told: their supervisor died before."""
        owed = self._owed.keys() if self._hooks else set()
        for run in runs if owed else ():
            if _key(run.run_id, run.attempt) in owed and not run.is_open:
                where = {"sweep": run.sweep, "trial": run.trial, "run_id": run.run_id}
                self.ended(run.outcome or "", run.reason, attempt=run.attempt, **where)

    def ended(
        self,
        outcome: str,
        reason: str,
        *,
        sweep: str,
        trial: str,
        run_id: str = "",
        attempt: int = 0,
    ) -> None:
        """Tell of the end of a trial.

        Args:
            outcome: Its outcome; it is told where it is finished or failed.
            reason: Why.
            sweep: Its sweep.
            trial: Its name.
            run_id: Its run; empty where it came to none: then no other supervisor knows of it either.
            attempt: Its last attempt.
        """
        if outcome in {Outcome.FINISHED, Outcome.FAILED}:
            about = {"reason": reason, "sweep": sweep, "trial": trial, "run_id": run_id, "attempt": attempt}
            key = _key(run_id, attempt) if run_id else ""
            self._tell(str(outcome), str(outcome), key, **about)
        elif run_id:
            self.drop(run_id, attempt)

    def done(self, exit_code: int) -> None:
        """Tell that all is over, if that is owed; with another exit code of `sweep run` than 0 and 1 it is not over."""
        if exit_code in {0, 1}:
            outcome = Outcome.FAILED if exit_code else Outcome.FINISHED
            self._tell("done", str(outcome), self._done_key)

    def poll(self) -> list[str]:
        """Start what waits, see what has ended; returns what the user should know, a line each."""
        for called in [one for one in self._called if one.process.poll() is not None]:
            self._called.remove(called)
            self._conclude(called)
        while self._waiting and len(self._called) < AT_ONCE:
            event, key = self._waiting.popleft()
            if (hook := self._hooks.by_event.get(event.name)) is not None:
                self._call(event, key, hook)
            elif key:
                self._owed.drop(key)
        said, self._said = self._said, []
        return said

    def finish(self) -> list[str]:
        """Wait a little for the hooks that run or wait; returns what the user should know."""
        until_s = time.monotonic() + LINGER_S
        said = self.poll()
        while (self._called or self._waiting) and time.monotonic() < until_s:
            time.sleep(LOOK_S)
            said += self.poll()
        for called in self._called:
            said.append(
                f"hook `{called.event.name}` of {called.event.label} goes on; its output: {called.log}"
            )
        if self._waiting:
            said.append(f"{len(self._waiting)} calls of hooks are left; the next `sweep run` makes them")
        self._called, self._waiting = [], deque()
        return said

    def _owe(self, key: str) -> None:
        """Leave a note of what is to be told; where the disk takes none, only this process knows."""
        self._begun.add(key)
        if not self._hooks:
            return
        try:
            self._owed.owe(key)
        except OSError as error:
            if not self._unnoted:
                folder, why = self._owed.folder, error.strerror
                self._said.append(
                    f"{folder}: cannot be written: {why}; no later `sweep run` tells the hooks what this one cannot"
                )
            self._unnoted.add(key)

    def _event(self, name: str, outcome: str, **about: Any) -> Event:
        counts = dict(Counter(self._states.values()))
        return Event(name, self._experiment, str(self._file.absolute()), outcome, counts=counts, **about)

    def _tell(self, name: str, outcome: str, key: str, **about: Any) -> None:
        self._begun.discard(key)
        if name in self._hooks.by_event:
            self._waiting.append((self._event(name, outcome, **about), key))
        elif key:
            self._owed.drop(key)

    def _call(self, event: Event, key: str, hook: Hook) -> None:
        """Start a hook, in a session of its own: no signal that stops the sweep reaches it."""
        name = event.run_id or "sweep"
        order = {
            "words": hook.words,
            "directory": str(self._file.absolute().parent),
            "environment": event.environment(),
            "url": hook.url,
            "payload": event.payload(),
            "limit_s": fire.LIMIT_S,
            "note": str(self._owed.path(key)) if key and key not in self._unnoted else "",
        }
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            number, path = tempfile.mkstemp(".log", f"{event.name}-{name}-", self._folder)
            with os.fdopen(number) as output:
                process = subprocess.Popen(
                    [sys.executable, "-I", fire.__file__],
                    stdin=subprocess.PIPE,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
        except OSError as error:
            self._said.append(f"hook `{event.name}` of {event.label}: cannot be called: {error.strerror}")
            return
        assert process.stdin is not None  # noqa: S101 - a pipe
        with (
            contextlib.suppress(OSError),
            process.stdin as given,
        ):  # one that is killed meanwhile is seen to have ended
            given.write(json.dumps(order).encode())
        self._called.append(_Called(event, process, Path(path)))

    def _conclude(self, called: _Called) -> None:
        try:
            lines = called.log.read_text(encoding="utf-8", errors="replace").split("\n")
            if called.process.returncode == 0 and lines == [""]:
                called.log.unlink()
        except OSError:  # somebody, or the hook itself, has tidied up
            lines = []
        if called.process.returncode == 0:
            return
        why = next((line for line in reversed(lines) if line.strip()), "it was killed")
        self._said.append(
            f"hook `{called.event.name}` of {called.event.label}: {why.strip()}; its output: {called.log}"
        )


def _key(run_id: str, attempt: int) -> str:
    return f"{run_id}.{attempt}"
