"""Marks the runs of a report by their provenance group: `[a]`, `[b]`, ... where code, files, data, environment or how metrics are read differ.

A provenance group is the runs that share all of it. `analysis.read.provenance` has the rule that compares them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from string import ascii_lowercase
from typing import TYPE_CHECKING, Any

from analysis.read.provenance import BY_NAME, Part, are_alike, differences, identity, shared_names
from analysis.results.expected import SEED_AXIS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from analysis.read.provenance import Difference, Identity
    from analysis.read.store import RunRecord
    from analysis.results.results import Result, SweepResults

_Provenance = tuple["Identity | None", ...]
"""The identity of each part of a run; None for a part that it has not come to."""


def run_differences(
    results: Iterable[Result], metrics: Collection[str] | None = None
) -> tuple[Difference, ...]:
    """Return the parts in which the runs of these results differ, of how metrics are read those of some; see `differences`."""
    named = ((result.trial.name, result.run) for result in results if result.run)
    return differences(named, metrics=metrics)


def differ_by_seed_alone(results: Iterable[Result], settings: int) -> bool:
    """Whether these results of so many settings differ from those of other seeds alone, as where a seed came later.

    Settings that all ran with each seed are compared seed by seed, so that no difference comes from there.
    """
    by_seed: defaultdict[Any, list[Result]] = defaultdict(list)
    for result in results:
        by_seed[result.trial.axes.get(SEED_AXIS)].append(result)
    is_whole = len(by_seed) > 1 and all(len(own) == settings for own in by_seed.values())
    return is_whole and not any(run_differences(own) for own in by_seed.values())


def marked_groups(results: Sequence[Result], difference: Difference) -> list[tuple[str, tuple[str, ...]]]:
    """Describe each group of a difference with the marks of its runs before: `[a] digest x`, and their names; `[a]` first."""
    marks = {result.trial.name: result.mark for result in results}
    groups = [
        (sorted({marks[name] for name in names}, key=_in_order), words, names)
        for words, names in difference.groups
    ]
    groups.sort(key=lambda group: [_in_order(mark) for mark in group[0]])
    return [(f"[{', '.join(own)}] {words}", names) for own, words, names in groups]


def with_marks(sweeps: Sequence[SweepResults]) -> tuple[SweepResults, ...]:
    """Give each result the mark of its provenance group, the largest group `a`; no marks where there is one alone.

    A run that has not come to a part is put to the largest group that it differs from in nothing else.
    """
    runs = {result.run.run_id: result.run for sweep in sweeps for result in sweep.results if result.run}
    named = {
        part: shared_names(filter(None, (identity(run, part) for run in runs.values()))) for part in BY_NAME
    }
    provenances = {run_id: _provenance(run, named) for run_id, run in runs.items()}
    groups: list[_Provenance] = []
    counted = Counter(provenances.values()).most_common()
    for own, _ in sorted(counted, key=lambda item: item[0].count(None)):  # the whole ones first; stable
        if not any(_agree(own, group) for group in groups):
            groups.append(own)
    if len(groups) < 2:  # noqa: PLR2004 - one group is no difference
        return tuple(sweeps)
    marks = {
        run_id: _mark(next(number for number, group in enumerate(groups) if _agree(own, group)))
        for run_id, own in provenances.items()
    }
    return tuple(
        replace(
            sweep,
            results=tuple(
                replace(result, mark=marks[result.run.run_id]) if result.run else result
                for result in sweep.results
            ),
        )
        for sweep in sweeps
    )


def have_several_marks(results: Iterable[Result]) -> bool:
    """Whether runs of more than one provenance group are among the results."""
    return len({result.mark for result in results if result.run}) > 1


def marks_of(results: Iterable[Result]) -> str:
    """The marks of some results as they stand behind a name: ` [a, b]`; empty where none has one."""
    marks = sorted({result.mark for result in results if result.run and result.mark}, key=_in_order)
    return f" [{', '.join(marks)}]" if marks else ""


def _provenance(run: RunRecord, named: Mapping[Part, Mapping[Identity, Identity]]) -> _Provenance:
    """What is compared of a run; of the files that it names, and of its metrics, those that differ."""
    compared = {part: identity(run, part) for part in Part}
    for part, differing in named.items():
        compared[part] = differing.get(compared[part] or ()) or None
    return tuple(compared.values())


def _agree(one: _Provenance, other: _Provenance) -> bool:
    return all(a is None or b is None or are_alike(a, b) for a, b in zip(one, other, strict=True))


def _in_order(mark: str) -> tuple[int, str]:
    """What marks are sorted by: `z` stands before `aa`."""
    return len(mark), mark


def _mark(number: int) -> str:
    times, letter = divmod(number, len(ascii_lowercase))
    return ascii_lowercase[letter] * (times + 1)
