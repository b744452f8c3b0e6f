"""Finds a search's trials in the record, counts how far the search is, and scores its trials. Pure."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from analysis.read import tags
from analysis.read.standing import standing_runs
from analysis.results.searches.prunings import as_seen, own_pruning

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from analysis.read.store import PointColumns, RunRecord
    from analysis.results.searches.prunings import PruningSearch
    from sweeps.planning.search_trials import Params, SearchTrials
    from sweeps.planning.sweep import Sweep
    from sweeps.planning.trial import Trial
    from sweeps.spec.search_space import Objective

_NAME = re.compile(r"trial-(\d+)")

Curves = dict[str, dict[int, float]]
"""A run's objective metrics: by key, the value of each epoch."""


@dataclass(frozen=True, slots=True)
class Member:
    """A recorded trial of a search.

    Attributes:
        trial: The trial.
        params: What was suggested.
        run: Its run, as it counts for the search: see `as_seen`.
        until: The last step that counts, of a run that the search pruned and another sweep went on with; None: all of them.
    """

    trial: Trial
    params: Params
    run: RunRecord
    until: int | None = None

    @property
    def ended(self) -> bool:
        """Whether it counts towards the search's total."""
        outcome = self.run.outcome
        return outcome is not None and outcome.is_end and not self.run.is_open


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a search is, from the record alone.

    Attributes:
        sweep: The sweep's name.
        wanted: How many trials there are to be in all.
        ended: How many ended, by outcome.
        begun: How many are under way or interrupted.
        points: The starting points that have not been tried.
        how: Sampler and pruner, in words.
    """

    sweep: str
    wanted: int
    ended: Mapping[str, int]
    begun: int
    points: tuple[Params, ...]
    how: str

    @property
    def done(self) -> int:
        """How many trials ended."""
        return sum(self.ended.values())

    @property
    def to_begin(self) -> int:
        """How many trials are still to be suggested."""
        return max(0, self.wanted - self.done - self.begun)


def trial_number(name: str) -> int | None:
    """`7` for `trial-007`."""
    match = _NAME.fullmatch(name)
    return int(match[1]) if match else None


def next_number(sweep: str, records: Iterable[RunRecord]) -> int:
    """The number that the next trial of a search is named by; none is used twice, whatever the file said then."""
    numbers = (trial_number(str(entry["name"])) for record in records if (entry := entry_of(record, sweep)))
    return max((number for number in numbers if number is not None), default=0) + 1


def numbered_name(number: int) -> str:
    """`trial-007`."""
    return f"trial-{number:03d}"


def entry_of(record: RunRecord, sweep: str) -> dict[str, object] | None:
    """What a run's tag says of it as a trial of a search; None where it is none."""
    try:
        entry = json.loads(record.tags.get(tags.SEARCH, "{}"))[sweep]
        return entry if isinstance(entry["params"], dict) and isinstance(entry["name"], str) else None
    except (ValueError, KeyError, TypeError):
        return None


def tag_text(before: str, sweep: str, name: str, params: Params, study: str, number: int) -> str:
    """The tag's value with an entry for a sweep laid into what stood there."""
    try:
        entries = json.loads(before or "{}")
    except ValueError:
        entries = {}
    entry = {"name": name, "study": study, "number": number, "params": params}
    return json.dumps({**(entries if isinstance(entries, dict) else {}), sweep: entry})


def members(search: SearchTrials, records: Iterable[RunRecord]) -> list[Member]:
    """The runs that are trials of a search as the file has it now, one a config, by start.

    A run counts if it was suggested for this sweep, its suggestion lies in the space, and the config that it
    makes with the file's other settings is the config that the run had. A key that was set then and is searched now
    is part of the suggestion, and one that was searched then and is set now is not.
    """
    found: dict[str, Member] = {}
    for record in records:
        entry = entry_of(record, search.sweep) if record.is_trial else None
        if entry is None:
            continue
        params = search.fitted(entry["params"])  # type: ignore[arg-type]
        trial = search.trial(params, str(entry["name"]))
        if trial is not None and trial.fingerprint == record.fingerprint:
            search.note_recorded(params)
            found[record.run_id] = Member(trial, params, record)
    standing = {run.run_id for run in standing_runs(member.run for member in found.values()).values()}
    return [_as_it_counts(member, search.pruning) for run_id, member in found.items() if run_id in standing]


def _as_it_counts(member: Member, search: PruningSearch | None) -> Member:
    own = own_pruning(member.run, search)
    return replace(member, run=as_seen(member.run, search), until=own.step if own is not None else None)


def with_recorded(sweeps: Sequence[Sweep], records: Sequence[RunRecord]) -> tuple[Sweep, ...]:
    """The sweeps, the searches among them with the trials that the record has."""
    return tuple(
        replace(sweep, trials=tuple(member.trial for member in members(sweep.search, records)))
        if sweep.search is not None
        else sweep
        for sweep in sweeps
    )


def progress(search: SearchTrials, records: Sequence[RunRecord]) -> Progress:
    """How far a search is."""
    mine = members(search, records)
    tried = {member.trial.fingerprint for member in mine}
    points = []
    for params in search.points:
        trial = search.trial(params, "")
        if trial is not None and trial.fingerprint not in tried:
            points.append(params)
    sampler, pruner = search.spec.sampler.name, search.spec.pruner.name
    return Progress(
        sweep=search.sweep,
        wanted=search.spec.total,
        ended=Counter(str(member.run.outcome) for member in mine if member.ended),
        begun=sum(not member.ended for member in mine),
        points=tuple(points),
        how=sampler if pruner == "none" else f"{sampler}, {pruner}",
    )


def curves_by_run(batches: Iterable[PointColumns]) -> dict[str, Curves]:
    """Points as they stand in the record to curves; of a step that was logged twice the latest value stands."""
    found: dict[str, Curves] = {}
    points = (point for batch in batches for point in zip(*batch, strict=True))
    for run_id, key, step, _, value in sorted(points, key=lambda point: point[3:]):
        found.setdefault(run_id, {}).setdefault(key, {})[step] = value
    return found


def until(curves: Curves, last: int | None) -> Curves:
    """Curves up to a step; all of them where there is none."""
    if last is None:
        return curves
    return {
        key: {step: value for step, value in curve.items() if step <= last} for key, curve in curves.items()
    }


def scores(objectives: Sequence[Objective], curves: Curves) -> tuple[float, ...] | None:
    """A trial's values, one an objective; None where one was not logged or is not a number."""
    values = [objective.value(curves.get(objective.key, {})) for objective in objectives]
    if any(value is None or math.isnan(value) for value in values):
        return None
    return tuple(float(value) for value in values if value is not None)


def left_out(sweeps: Iterable[Sweep], others: Sequence[RunRecord], trainer: str) -> Iterator[str]:
    """What of searches' history is another trainer's, in a sentence for each search.

    Args:
        sweeps: The sweeps.
        others: Runs of other trainers.
        trainer: What names this one.
    """
    for sweep in sweeps:
        if sweep.search is not None and (found := members(sweep.search, others)):
            trainers = ", ".join(sorted({member.run.tags[tags.TRAINER] for member in found}))
            change = f"trainer {trainers} -> {trainer}"
            yield f"changed: {change}: of {sweep.name}, {len(found)} that the former ran do not count"
