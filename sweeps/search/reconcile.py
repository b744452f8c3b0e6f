"""Comparison of a search's study with the record, and the changes that make the study agree with it.

Where the two differ the record wins, and the reason is given. Pure: `sweeps.search.job_source` makes the changes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sweeps.planning.search_trials import Params


class State(Enum):
    """State of a trial, in the study as in the record."""

    OPEN = "running"
    COMPLETE = "complete"
    PRUNED = "pruned"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class RecordedTrial:
    """A trial as the record has it, or one that was suggested and has no run yet.

    Attributes:
        fingerprint: Its config's identity.
        params: The suggestion.
        state: Its state; a finished run without a finite value of every objective is FAILED to a sampler.
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
class StudyTrial:
    """A trial as the study has it; its fingerprint is None where the file's space does not have its suggestion."""

    number: int
    state: State
    params: Params
    values: tuple[float, ...] | None
    fingerprint: str | None


@dataclass(frozen=True, slots=True)
class Repair:
    """The changes that make a study agree with the record.

    Attributes:
        rebuild: Whether the study is made anew, because it contradicts the record: then `add` is all of it.
        tell: Open trials of the study that have ended, by number.
        drop: Open trials of the study that can never be run.
        add: Trials that the study lacks.
        open_numbers: The numbers of the open trials that stay open, by fingerprint.
        unstarted: Those of them that have no run yet, in the order in which they were suggested.
        findings: What differed, in words.
    """

    rebuild: bool
    tell: tuple[tuple[int, RecordedTrial], ...]
    drop: tuple[int, ...]
    add: tuple[RecordedTrial, ...]
    open_numbers: Mapping[str, tuple[int, ...]]
    unstarted: tuple[RecordedTrial, ...]
    findings: tuple[str, ...]


def reconcile(recorded: Sequence[RecordedTrial], study: Sequence[StudyTrial]) -> Repair:
    """Compare the record's trials with the study's.

    Args:
        recorded: The record's trials, one a config, in the order in which they began.
        study: The study's trials, by number.
    """
    by_fingerprint = {trial.fingerprint: trial for trial in recorded}
    unstarted = _unstarted(study, by_fingerprint)
    wrong = [trial for trial in study if _is_wrong(trial, by_fingerprint)]
    if wrong:
        why = tuple(_why(trial, by_fingerprint.get(trial.fingerprint or "")) for trial in wrong)
        return Repair(True, (), (), (*recorded, *unstarted), {}, unstarted, why)
    tell, drop = [], []
    open_numbers: dict[str, tuple[int, ...]] = {}
    for trial in study:
        if trial.state is not State.OPEN:
            continue
        if trial.fingerprint is None:
            drop.append(trial.number)
            continue
        mine = by_fingerprint.get(trial.fingerprint)
        if mine is not None and mine.state is not State.OPEN:
            tell.append((trial.number, mine))
        else:
            open_numbers[trial.fingerprint] = (*open_numbers.get(trial.fingerprint, ()), trial.number)
    seen = {trial.fingerprint for trial in study}
    add = tuple(trial for trial in recorded if trial.fingerprint not in seen)
    findings: list[str] = []
    if tell:
        findings.append(f"{_trials(len(tell))} had ended, still open in the study")
    if add and study:
        findings.append(f"{_trials(len(add))} of the record had been missing")
    return Repair(False, tuple(tell), tuple(drop), add, open_numbers, unstarted, tuple(findings))


def _unstarted(
    study: Sequence[StudyTrial], recorded: Mapping[str, RecordedTrial]
) -> tuple[RecordedTrial, ...]:
    """The open trials of a study that the record does not have, one a config."""
    trials = {
        trial.fingerprint: RecordedTrial(trial.fingerprint, trial.params, State.OPEN, None, {}, None, "")
        for trial in study
        if trial.state is State.OPEN and trial.fingerprint is not None and trial.fingerprint not in recorded
    }
    return tuple(trials.values())


def _is_wrong(trial: StudyTrial, recorded: Mapping[str, RecordedTrial]) -> bool:
    """Whether a trial that the study has as ended did not end so; failures without a run are harmless."""
    if trial.state is State.OPEN:
        return False
    mine = recorded.get(trial.fingerprint or "")
    if mine is None:
        return trial.state is not State.FAILED
    return trial.state is not mine.state or (
        trial.state is State.COMPLETE and not _same(trial.values, mine.values)
    )


def _same(one: Sequence[float] | None, other: Sequence[float] | None) -> bool:
    if one is None or other is None or len(one) != len(other):
        return False
    return all(math.isclose(a, b, rel_tol=1e-9) for a, b in zip(one, other, strict=True))


def _why(trial: StudyTrial, mine: RecordedTrial | None) -> str:
    if mine is None:
        return f"the study's trial {trial.number} ({trial.state.value}) is not in the record"
    name = mine.name or mine.fingerprint
    if trial.state is not mine.state:
        return f"the study had {name} as {trial.state.value}, the record has it as {mine.state.value}"
    return f"the study had {name} at {_listed(trial.values)}, the record has it at {_listed(mine.values)}"


def _listed(values: Sequence[float] | None) -> str:
    return ", ".join(f"{value:.6g}" for value in values or ())


def _trials(count: int) -> str:
    return f"{count} trial{'' if count == 1 else 's'}"
