"""Runs of different code, data or environment: which kinds there are, and the mark that each carries in figures."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from string import ascii_lowercase
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from analysis.read.store import RunRecord
    from analysis.results.results import Result, StudyResults

PROVENANCE = ("code", "data", "env")
HOST = "host"
WORDS = {"code": "code", "data": "data", "env": "environment"}


@dataclass(frozen=True)
class Difference:
    """What runs that are compared do not share.

    Attributes:
        what: `code`, `data` or `env`.
        groups: For each value found, what it is (the parts that differ) and the names of the trials that have it.
    """

    what: str
    groups: tuple[tuple[str, tuple[str, ...]], ...]


def differences(results: Iterable[Result]) -> tuple[Difference, ...]:
    """Say in what code, data or environment the runs differ; nothing where they share all three."""
    runs = [(result.trial.name, result.run) for result in results if result.run]
    found = []
    for what in PROVENANCE:
        groups: defaultdict[str, list[str]] = defaultdict(list)
        for name, run in runs:
            groups[_identity(run, what)].append(name)
        if len(groups) > 1:
            texts = _told_apart(list(groups))
            found.append(Difference(what, tuple((texts[tag], tuple(names)) for tag, names in groups.items())))
    return tuple(found)


def with_marks(studies: Sequence[StudyResults]) -> tuple[StudyResults, ...]:
    """Give each result the mark of its kind, the commonest kind `a`; no marks where all runs are of one kind."""
    runs = {result.run.run_id: result.run for found in studies for result in found.results if result.run}
    counted = Counter(_kind(run) for run in runs.values())
    if len(counted) < 2:  # noqa: PLR2004 - one kind is no difference
        return tuple(studies)
    marks = {kind: _mark(number) for number, (kind, _) in enumerate(counted.most_common())}
    return tuple(
        replace(
            found,
            results=tuple(
                replace(result, mark=marks[_kind(result.run)]) if result.run else result
                for result in found.results
            ),
        )
        for found in studies
    )


def unlike(results: Iterable[Result]) -> bool:
    """Whether runs of more than one kind are among the results."""
    return len({result.mark for result in results if result.run}) > 1


def _kind(run: RunRecord) -> tuple[str, ...]:
    return tuple(_identity(run, what) for what in PROVENANCE)


def _identity(run: RunRecord, what: str) -> str:
    """What tells two runs apart; of code the digest where there is one: a commit may change nothing that trains.

    Of an environment all but the host: the same packages give the same results on another one.
    """
    tag = run.tags.get(f"sweeps.{what}", "")
    if what == "env" and HOST in (parts := _parts(tag)):
        return json.dumps({key: part for key, part in parts.items() if key != HOST})
    digest = _parts(tag).get("digest", "null") if what == "code" else "null"
    return tag if digest == "null" else json.dumps({"digest": digest})


def _mark(number: int) -> str:
    times, letter = divmod(number, len(ascii_lowercase))
    return ascii_lowercase[letter] * (times + 1)


def _told_apart(tags: Sequence[str]) -> dict[str, str]:
    """Describe each of several tags by the parts in which they differ."""
    parsed = {tag: _parts(tag) for tag in tags}
    keys = sorted({key for parts in parsed.values() for key in parts})
    differing = [key for key in keys if len({str(parts.get(key)) for parts in parsed.values()}) > 1]
    return {
        tag: ", ".join(f"{key} {parts[key]}".strip() for key in differing if key in parts) or "not recorded"
        for tag, parts in parsed.items()
    }


def _parts(tag: str) -> dict[str, Any]:
    try:
        value = json.loads(tag)
    except ValueError:
        value = None
    if isinstance(value, dict):
        return {key: json.dumps(part) if not isinstance(part, str) else part for key, part in value.items()}
    return {"": tag} if tag else {}
