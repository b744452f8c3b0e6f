"""What a study must be told so that it says what the record says. Pure: the record wins, and it is said why."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sweeps.planning.search_trials import Params


class State(Enum):
    """How a trial stands, in the study as in the record."""

    OPEN = "running"
    COMPLETE = "complete"
    PRUNED = "pruned"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Known:
    """A trial as the record has it, or one that was suggested and has no run yet.

    Attributes:
        fingerprint: Its config's identity.
        params: What was suggested.
        state: How it stands; a finished run without a finite value of every objective is FAILED to a sampler.
        values: Its values, where it is COMPLETE.
        curve: The first objective by epoch.
        run_id: Its run, or None.
        name: Its name, or empty.
    """

    fingerprint: str
    params: Params
    state: State
    values: tuple[float, ...] | None
    curve: Mapping[int, float]
    run_id: str | None
    name: str


@dataclass(frozen=True, slots=True)
class Told:
    """A trial as the study has it; its fingerprint is None where its suggestion is none of the file's."""

    number: int
    state: State
    params: Params
    values: tuple[float, ...] | None
    fingerprint: str | None


@dataclass(frozen=True, slots=True)
class Mending:
    """What to do to the study.

    Attributes:
        rebuild: Whether it is made anew, because it holds what the record does not: then `add` is all of it.
        tell: Open trials of the study that have ended, by number.
        drop: Open trials of the study that can never be run.
        add: Trials that the study lacks.
        go_on: Open trials of the study that go on, by fingerprint.
        unstarted: Those of them that have no run yet, in the order in which they were suggested.
        words: What was wrong, a line a kind.
    """

    rebuild: bool
    tell: tuple[tuple[int, Known], ...]
    drop: tuple[int, ...]
    add: tuple[Known, ...]
    go_on: Mapping[str, tuple[int, ...]]
    unstarted: tuple[Known, ...]
    words: tuple[str, ...]


def reconcile(known: Sequence[Known], told: Sequence[Told]) -> Mending:
    """Compare the record's trials with the study's.

    Args:
        known: The record's trials, one a config, in the order in which they began.
        told: The study's trials, by number.
    """
    record = {trial.fingerprint: trial for trial in known}
    wrong = [trial for trial in told if _is_wrong(trial, record)]
    unstarted = tuple(
        {
            trial.fingerprint: Known(trial.fingerprint, trial.params, State.OPEN, None, {}, None, "")
            for trial in told
            if trial.state is State.OPEN and trial.fingerprint is not None and trial.fingerprint not in record
        }.values()
    )
    if wrong:
        why = tuple(_why(trial, record.get(trial.fingerprint or "")) for trial in wrong)
        return Mending(True, (), (), (*known, *unstarted), {}, unstarted, why)
    tell, drop = [], []
    go_on: dict[str, tuple[int, ...]] = {}
    for trial in told:
        if trial.state is not State.OPEN:
            continue
        if trial.fingerprint is None:
            drop.append(trial.number)
            continue
        mine = record.get(trial.fingerprint)
        if mine is not None and mine.state is not State.OPEN:
            tell.append((trial.number, mine))
        else:
            go_on[trial.fingerprint] = (*go_on.get(trial.fingerprint, ()), trial.number)
    seen = {trial.fingerprint for trial in told}
    add = tuple(trial for trial in known if trial.fingerprint not in seen)
    words: list[str] = []
    if tell:
        words.append(f"{_trials(len(tell))} had ended without the study being told")
    if add and told:
        words.append(f"{_trials(len(add))} of the record had been missing")
    return Mending(False, tuple(tell), tuple(drop), add, go_on, unstarted, tuple(words))


def _is_wrong(trial: Told, record: Mapping[str, Known]) -> bool:
    """Whether a trial that the study calls ended did not end so; failures without a run are harmless."""
    if trial.state is State.OPEN:
        return False
    mine = record.get(trial.fingerprint or "")
    if mine is None:
        return trial.state is not State.FAILED
    return trial.state is not mine.state or (
        trial.state is State.COMPLETE and not _same(trial.values, mine.values)
    )


def _same(one: Sequence[float] | None, other: Sequence[float] | None) -> bool:
    if one is None or other is None or len(one) != len(other):
        return False
    return all(math.isclose(a, b, rel_tol=1e-9) for a, b in zip(one, other, strict=True))


def _why(trial: Told, mine: Known | None) -> str:
    if mine is None:
        return f"the study's trial {trial.number} ({trial.state.value}) is not in the record"
    name = mine.name or mine.fingerprint
    if trial.state is not mine.state:
        return f"the study called {name} {trial.state.value}, the record has it {mine.state.value}"
    return f"the study had {name} at {_listed(trial.values)}, the record has it at {_listed(mine.values)}"


def _listed(values: Sequence[float] | None) -> str:
    return ", ".join(f"{value:.6g}" for value in values or ())


def _trials(count: int) -> str:
    return f"{count} trial{'' if count == 1 else 's'}"
