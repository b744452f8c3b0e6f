"""Puts what several records hold of the same trials into one sweep: the record becomes one more setting that varies. Pure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from analysis.results.provenance_marks import with_marks
from analysis.results.results import SweepResults

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from analysis.results.results import Result

RECORD = "record"
"""The axis that tells the records apart; its values are their names."""


def side_by_side(records: Mapping[str, Sequence[SweepResults]]) -> tuple[SweepResults, ...]:
    """Return one sweep for each that the records share; `records` are by name, each with the same sweeps in the same order."""
    return with_marks(
        [
            _joined(dict(zip(records, of_records, strict=True)))
            for of_records in zip(*records.values(), strict=True)
        ]
    )


def same_runs(results: Iterable[Result]) -> str:
    """Say how many runs several records hold alike, as a copy of a store does; empty where none."""
    held: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for result in results:
        if result.run and RECORD in result.trial.axes:
            held[result.run.run_id][result.trial.axes[RECORD]] = None
    shared = [tuple(records) for records in held.values() if len(records) > 1]
    if not shared:
        return ""
    names = " and ".join(dict.fromkeys(name for records in shared for name in records))
    runs = "1 run is" if len(shared) == 1 else f"{len(shared)} runs are"
    return f"{runs} the same in {names}: one is a copy of the other there, and a run is compared with itself."


def _joined(of_records: Mapping[str, SweepResults]) -> SweepResults:
    first = next(iter(of_records.values())).expected
    results = tuple(_named(result, name) for name, sweep in of_records.items() for result in sweep.results)
    trials = tuple(result.trial for result in results)
    return SweepResults(replace(first, axes=(RECORD, *first.axes), trials=trials), results)


def _named(result: Result, name: str) -> Result:
    trial = replace(
        result.trial,
        name=f"{result.trial.name} ({name})",
        axes={RECORD: name, **result.trial.axes},
    )
    return replace(result, trial=trial, mark="")
