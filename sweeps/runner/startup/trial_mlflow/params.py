"""Sends a program's params beside those of the trial's config, without failing the trial and without losing one."""

from __future__ import annotations

import ast
import json
import threading
import time
from typing import TYPE_CHECKING, Any

from .trial import rank

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from .trial import Trial

PREFIX = "script."
"""Before the key of a value that is another one than the run has."""
ASIDE = "program-params.jsonl"
"""In the run's directory: what no store takes, in full."""
MOST_AT_ONCE = 100
"""Params that stores take in one call."""
MOST_CHARACTERS = 6000
"""Of a param's value."""
AWAY_S = 5.0
"""A store that takes so long to refuse is away, and is not asked about each param."""
_SHOWN = 80
_WORDS = {"true": True, "false": False, "null": None, "none": None}


class Params:
    """What a program logs of params to the trial's run.

    Args:
        trial: Whose they are.
        known: Asks the store for the params that the run has.
        send: Sends at most `MOST_AT_ONCE` params (key, text) to the run.
    """

    def __init__(
        self,
        trial: Trial,
        known: Callable[[], Mapping[str, str]],
        send: Callable[[Sequence[tuple[str, str]]], object],
    ) -> None:
        self._trial = trial
        self._ask = known
        self._send_some = send
        self._known: dict[str, Any] | None = None
        self._lock = threading.RLock()

    def log(self, params: Iterable[tuple[str, Any]]) -> None:
        """Send what the run does not have: a value that differs as `script.KEY`, equal ones not at all. Never raises."""
        if rank():
            return  # told with the metrics; a rank's own number differs from the first's, and is no param of the trial
        with self._lock:
            if self._known is None:
                self._known = self._asked()
            fresh = [pair for key, value in params for pair in self._placed(str(key), str(value))]
            for start in range(0, len(fresh), MOST_AT_ONCE):
                self._send(fresh[start : start + MOST_AT_ONCE])

    def _asked(self) -> dict[str, Any]:
        try:
            known = dict(self._ask())
        except Exception:  # noqa: BLE001 - the store says so again when it is written
            known = {}
        return {**known, **self._trial.config}

    def _placed(self, key: str, text: str) -> Sequence[tuple[str, str]]:
        """Where a value goes: under its key, under `script.KEY`, or nowhere, as the run has it."""
        known = self._known or {}
        if len(text) > MOST_CHARACTERS:
            self._aside(
                key, text, f"has {len(text)} characters, of which a store takes {MOST_CHARACTERS}; it is cut"
            )
            text = text[:MOST_CHARACTERS]
        for place in (key, PREFIX + key):
            if place not in known:
                known[place] = text
                if place != key:
                    self._trial.tell(
                        f"the program logs the param {key} as {_shown(text)}, and the run has {_shown(known[key])}: "
                        f"it is kept as {place}"
                    )
                return [(place, text)]
            if is_same(text, known[place]):
                return ()
        self._aside(key, text, f"has a third value, and the run keeps {_shown(known[key])} and {PREFIX}{key}")
        return ()

    def _send(self, params: Sequence[tuple[str, str]]) -> None:
        """Send them; where the store refuses, find out which, and set those aside."""
        began_s = time.monotonic()
        try:
            self._send_some(params)
        except Exception as error:  # noqa: BLE001 - whatever a store raises about params, it does not fail a trial
            if len(params) > 1 and time.monotonic() - began_s < AWAY_S:
                middle = len(params) // 2
                self._send(params[:middle])
                self._send(params[middle:])
                return
            lines = str(error).strip().splitlines() or [repr(error)]
            for key, text in params:
                self._aside(key, text, f"is not recorded, the store refuses it: {lines[0][:300]}")

    def _aside(self, key: str, text: str, why: str) -> None:
        self._trial.tell(f"the param {_shown(key)} ({_shown(text)}) {why}; it is kept in {ASIDE}")
        try:
            with (self._trial.folder / ASIDE).open("a", encoding="utf-8") as file:
                file.write(json.dumps({"key": key, "value": text, "why": why}) + "\n")
        except OSError:
            return  # it is told


def is_same(given: Any, recorded: Any) -> bool:
    """Whether two values are one in another spelling: 1, 1.0 and True, `[1,2]` and (1, 2), None and `null`."""
    if isinstance(given, str) and isinstance(recorded, str) and given == recorded:
        return True
    return bool(_value(_cut(given)) == _value(_cut(recorded)))


def _cut(value: Any) -> Any:
    return value[:MOST_CHARACTERS] if isinstance(value, str) else value


def _value(spelled: Any) -> Any:
    if isinstance(spelled, str):
        spelled = _parsed(spelled.strip())
    if isinstance(spelled, (list, tuple)):
        return [_value(item) for item in spelled]
    if isinstance(spelled, dict):
        return {str(key): _value(value) for key, value in spelled.items()}
    return "nan" if spelled != spelled else spelled  # noqa: PLR0124 - the one value that is not itself


def _parsed(text: str) -> Any:
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    for read in (int, float):
        try:
            return read(text)
        except ValueError:
            continue
    if text[:1] in ("[", "(", "{"):
        for parse in (json.loads, ast.literal_eval):
            try:
                return parse(text)
            except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
                continue
    return text


def _shown(value: Any) -> str:
    text = str(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "..."
