"""Says by what of the file each metric of a run was read, and by what it would be now: runs are compared by it, metric by metric.

A reading is the kind of its source, of a file with a digest of its path, and a digest of all that decides the values: the pattern
as far as this metric needs its groups, the column, `step`, `several`, `at` and `derive`. A default that is written out, the order
of keys and what other metrics are read of make no difference.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING

from analysis.read import tags
from analysis.read.provenance import AND, parts_of
from sweeps.rundir.paths import write_atomically
from sweeps.sources.following.naming import Naming, Several, fits
from sweeps.spec.trainer.expression import Expression
from sweeps.spec.trainer.source_model import (
    ALL,
    CARRIED,
    COUNT,
    FINAL,
    MLFLOW,
    NAME_GROUPS,
    OWN_MLFLOW,
    STEP_NAMES,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from analysis.read.store import RunRecord
    from sweeps.rundir.paths import RunPaths
    from sweeps.spec.trainer.source_model import Source, Sources

EARLIER = "earlier"
"""The reading of a metric of which it is known only that it was another one than now."""
_MADE_OF_SEVERAL = frozenset({"series", "settings"})
"""Stand for a source where a journal has what is recorded at the end, or later than it was read."""
_GROUP = re.compile(r"\(\?P<(\w+)>")


def readings_of(read_by: Mapping[str, Collection[str]], sources: Sources) -> dict[str, str]:
    """How metrics were read.

    Args:
        read_by: The identities of the sources that gave each metric: of several what came first is recorded, whichever that was.
        sources: What was read; metrics that others gave, too, are left out.
    """
    readings = _Readings(sources)
    found = ((key, readings.by(key, identities)) for key, identities in read_by.items())
    return {key: reading for key, reading in found if reading}


def readings_now(runs: Iterable[RunRecord], sources: Sources) -> dict[str, str]:
    """How the metrics of runs would be read now; those that no source names any more are left out."""
    return current({text for run in runs if (text := run.tags.get(tags.METRICS, ""))}, sources)


def current(recorded: Iterable[str], sources: Sources) -> dict[str, str]:
    """The same, by the tags of runs.

    Of a metric that was read in several ways it is one of these where the file still has it.
    """
    readings = _Readings(sources)
    found: dict[str, str] = {}
    for key, then in sorted({pair for text in recorded for pair in tags.readings_of(text).items()}):
        now = readings.now(key, then)
        if now and (key not in found or now == then):
            found[key] = now
    return found


def recorded_readings(paths: RunPaths) -> dict[str, str]:
    """How the metrics of a run were read, as its directory has it; empty where it says nothing."""
    try:
        return tags.readings_of(paths.readings.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def keep_readings(paths: RunPaths, found: Mapping[str, str]) -> None:
    """Have the run's directory say how its metrics were read."""
    write_atomically(paths.readings, json.dumps(dict(found)))


def note_readings(
    paths: RunPaths,
    read_by: Mapping[str, Collection[str]],
    recorded_by: Mapping[str, Collection[str]],
    sources: Sources,
) -> None:
    """Add the metrics that were read for the first time, the sources that gave one of them only later, and what was read otherwise.

    Args:
        paths: The run's files.
        read_by: As `readings_of` takes it, of all attempts.
        recorded_by: The same of those whose values were recorded by these sources; earlier ones may have been by others.
        sources: What was read.
    """
    before = recorded_readings(paths)
    whole, own = readings_of(read_by, sources), readings_of(recorded_by, sources)
    found = {
        key: _noted(before.get(key, ""), whole.get(key, ""), own.get(key, "")) for key in {**whole, **own}
    }
    if any(before.get(key, "") != reading for key, reading in found.items()):
        keep_readings(paths, {**before, **{key: reading for key, reading in found.items() if reading}})


def _noted(then: str, whole: str, own: str) -> str:
    """How a metric was read in all, of which is known how it was read before, is read by all sources of now, and what these recorded."""
    if not then:
        return whole
    if whole and parts_of(then) <= parts_of(whole):
        return whole
    *_, last = ways = then.split(tags.THEN)
    if own and parts_of(last) < parts_of(own):
        return tags.THEN.join([*ways[:-1], own])
    return (
        then if not own or any(parts_of(own) <= parts_of(way) for way in ways) else f"{then}{tags.THEN}{own}"
    )


class _Readings:
    """Knows how the sources of a file read each metric."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._naming = Naming(sources.rename)
        own = [source for source in sources.sources if source.kind != MLFLOW]
        self._by_identity = {source.identity: source for source in (*own, OWN_MLFLOW)}

    def by(self, key: str, identities: Collection[str]) -> str:
        """How sources read a metric; empty where one of them is not in the file, or nothing tells which it is."""
        if key in self._sources.derive:
            return self._derived(key)
        own = [one for one in identities if one not in _MADE_OF_SEVERAL]
        sources = [self._by_identity[one] for one in own if one in self._by_identity]
        if len(sources) < len(own):
            return ""
        named = [] if own else [one for one in self._by_identity.values() if self._names(one, key)]
        found = sources or (named if len(named) == 1 else [])
        return AND.join(sorted({self._of(source, key) for source in found}))

    def now(self, key: str, then: str) -> str:
        """How a metric is read that was read so; empty where nothing names it."""
        if key in self._sources.derive:
            return self._derived(key)
        last = then.rpartition(tags.THEN)[2]
        return AND.join(sorted({now for one in last.split(AND) if (now := self._now(key, one))}))

    def _now(self, key: str, then: str) -> str:
        """The same, of one source."""
        named = [source for source in self._by_identity.values() if self._names(source, key)]
        sure = [source for source in named if _has_names(source) or key in self._sources.rename.values()]
        likely = [source for source in named if source not in sure]
        place = then.rpartition(".")[0]
        found: Sequence[Source] = [*sure, *(source for source in likely if _place(source) == place)]
        found = found or self._in_its_place(likely, then.partition(" ")[0])
        readings = [self._of(source, key) for source in found]
        return then if then in readings else next(iter(readings), "")

    def _in_its_place(self, likely: Sequence[Source], kind: str) -> Sequence[Source]:
        """The only source of the same kind, or the only one where none of that kind is left."""
        alike = [source for source in likely if source.kind == kind]
        if not alike and all(source.kind != kind for source in self._by_identity.values()):
            alike = [source for source in likely if source.kind != MLFLOW]
        return alike if len(alike) == 1 else ()

    def _names(self, source: Source, key: str) -> list[str]:
        """By which names a source may have a metric; those with a `{part}` as they are written."""
        if _has_names(source):
            names = [*source.groups, *(name for name, _ in source.derive)]
            return [name for name in names if self._naming.of(name).key == key]
        renamed = (old for old, new in self._sources.rename.items() if fits(new).fullmatch(key))
        own = [key] if self._naming.of(key).key == key else []
        return sorted({*renamed, *own})

    def _derived(self, key: str) -> str:
        return f"derive .{_digest(_plain(self._sources.derive[key]))}"

    def _of(self, source: Source, key: str) -> str:
        names = self._names(source, key) or [key]
        derive = {name: _plain(text) for name, text in source.derive if name in names}
        needed = set(names if _has_names(source) else NAME_GROUPS)
        several = Several(source)
        fates = sorted({several.of(name, key) for name in names})
        step = _step(source)
        used = {*_names_in(step), *(one for text in derive.values() for one in Expression.parse(text).names)}
        definition = [
            [] if _has_names(source) else names,
            _pattern(source.text, needed, used) if source.kind == "stdout" else "",
            step if ALL not in fates else "",
            source.at,
            fates,
            derive,
            list(self._leading(source, step)),
        ]
        return f"{_place(source)}.{_digest(definition)}"

    def _leading(self, source: Source, step: str) -> Iterator[tuple[str, str]]:
        """The patterns that lead its lines, as far as its own do not tell the step."""
        asked = source.carried_names
        if step != CARRIED and (source.kind != "stdout" or step in (COUNT, FINAL) or (step and not asked)):
            return
        for other in self._sources.sources:
            if other.kind != "stdout" or other == source:
                continue
            own = _step(other)
            if other.tells_steps_only or asked.intersection(other.groups).difference(source.groups):
                yield _pattern(other.text, (), {*_names_in(own), *asked, *STEP_NAMES}), own


def _has_names(source: Source) -> bool:
    """Whether it is a pattern whose own text has the names of its metrics."""
    return source.kind == "stdout" and not source.reads_names


def _place(source: Source) -> str:
    """Where it reads: its kind, of a file with a digest of the path as it is written."""
    return f"{source.kind} {_digest(source.written or source.text) if source.has_path else ''}"


def _step(source: Source) -> str:
    """What is its step; what is usual for a pattern written out."""
    return _plain(source.step) if source.step or source.kind != "stdout" else source.step_name


def _names_in(step: str) -> tuple[str, ...]:
    return () if step in ("", CARRIED, COUNT, FINAL) else Expression.parse(step).names


def _pattern(text: str, own: Collection[str], used: Collection[str]) -> str:
    """A pattern with the names of those groups alone that matter."""

    def name(group: re.Match[str]) -> str:
        if group[1] in own:
            return "(?P<>"
        return group[0] if group[1] in used else "("

    return _GROUP.sub(name, text)


def _plain(expression: str) -> str:
    """An expression without the blanks that mean nothing."""
    return re.sub(r"\s+", "", expression) if '"' not in expression and "`" not in expression else expression


def _digest(definition: object) -> str:
    return hashlib.sha256(json.dumps(definition).encode("utf-8", "surrogatepass")).hexdigest()[:6]
