"""Compares runs by code, files, data, environment and how metrics were read: the one rule that plan, status and report share. Pure.

Two runs are alike in a part of their provenance where these are equal:

- trainer: the function's dotted name, or the command's template. Only a run with neither is like all others.
- code: the digest of the trainer's sources, that of what they import from their project, that of the config files that count for all
  trials (where an earlier version recorded one of them: of all config files), and what the file says around a command (`cwd`, `env`, ...); where a run has none of its sources, the commit and whether there were uncommitted
  changes. A commit that leaves the digests as they were makes no difference. Earlier versions recorded nothing of imports, of
  config files, of what the file says, or outside git of scripts that a shell's text names: such a run is like each that is the same in the rest.
- files: those that the arguments of both trials name, path by path; a file that only one of them names is no difference, and
  neither is what earlier versions did not record.
- how metrics are read: the sources and keys of the file by which a metric was read of a program, metric by metric, as files are:
  a metric that only one of them has is no difference, and neither is what earlier versions did not record.
- data: the identity that the trainer declared.
- environment: everything recorded of it but the host. The same packages give the same results on another host. Earlier versions did not
  record what the trainer's own modules import (`packages`): such a run is like each that is the same in the rest.

Of an adopted run, which `sweep` did not run, a part that is not recorded is not known: it is neither said to be like that
of other runs, nor to differ from it.

Any other finished or pruned run that lacks a part differs from runs that have it: its part is "not recorded". A run without a result may
lack a part because it has not come that far (data are declared after the start), so that part of it is not compared.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from analysis.read import tags

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from analysis.read.store import RunRecord

Identity = tuple[tuple[str, str], ...]
"""What is compared of one part, as pairs of a key and its value; empty where nothing is recorded."""

SAID = "trainer"
"""The part of recorded code that has what the file says around a command, by its keys."""
CONFIG_OF_ALL = "config_of_all"
"""The part of recorded code that has the digest of the configs that count for all trials; where it is, `config` stands for nothing."""
_CONFIG = "config"
_DIGEST, _COMMIT = "digest", "commit"
PACKAGES = "packages"
"""The part of a recorded environment that has the versions of what the trainer's own modules import, by its names."""
_LATER = ("imports", _CONFIG, SAID, CONFIG_OF_ALL, PACKAGES)
"""What earlier versions did not record: the files that the sources import, configs, and packages; empty where there are none."""
HOST = "host"
"""The part of a recorded environment that is not compared."""
NOW = "now"
"""Stands among the names for what a trial started now would have."""
_NOT_KNOWN: Identity = (("", "adopted, not known"),)
_MOST_NAMES = 3
"""How many runs a sentence names of each group; it counts the others."""


class Part(StrEnum):
    """A part of a run's provenance, as messages call it."""

    TRAINER = "trainer"
    CODE = "code"
    FILES = "files"
    METRICS = "how metrics are read"
    DATA = "data"
    ENVIRONMENT = "environment"

    @property
    def tag(self) -> str:
        """The tag that holds it."""
        return _TAGS[self]


_TAGS = {
    Part.TRAINER: tags.TRAINER,
    Part.CODE: tags.CODE,
    Part.FILES: tags.FILES,
    Part.METRICS: tags.METRICS,
    Part.DATA: tags.DATA,
    Part.ENVIRONMENT: tags.ENV,
}

AND = " + "
"""Stands between the readings of a metric that several sources give."""
BY_NAME = (Part.FILES, Part.METRICS)
"""The parts that are compared name by name: of files by path, of readings by metric."""


@dataclass(frozen=True)
class Difference:
    """One part of the provenance in which runs differ.

    Attributes:
        part: Which.
        groups: For each value, the keys that differ in words and the names of the runs that have it.
        is_certain: Whether two runs are known to differ in it; False where it is only not known of some.
    """

    part: Part
    groups: tuple[tuple[str, tuple[str, ...]], ...]
    is_certain: bool = True

    @property
    def claim(self) -> str:
        """What is said of the runs: `differ in code`, or `may differ in code`."""
        return f"{'' if self.is_certain else 'may '}differ in {self.part}"

    def __str__(self) -> str:
        """The difference as a sentence: `runs differ in code: digest x (a); digest y (b, c)`."""
        groups = (f"{words} ({shortened(names)})" for words, names in self.groups)
        return f"runs {self.claim}: {'; '.join(groups)}"


def differences(
    named_runs: Iterable[tuple[str, RunRecord]],
    now: Mapping[str, str] | None = None,
    metrics: Collection[str] | None = None,
) -> tuple[Difference, ...]:
    """Find the parts in which runs differ among themselves, or from what would run now.

    Args:
        named_runs: The runs, each with the name that it is listed under.
        now: Tags that a trial started now would get; parts that it lacks are compared among the runs alone.
        metrics: Those that are compared: how others are read is no difference; None: all.

    Returns:
        One for each part that differs, in the order of `Part`.
    """
    named_runs = tuple(named_runs)
    found = []
    for part in Part:
        groups: defaultdict[Identity, list[str]] = defaultdict(list)
        for name, run in named_runs:
            if (own := identity(run, part)) is not None:
                groups[_of_metrics(own, metrics) if part is Part.METRICS else own].append(name)
        if now is not None and part.tag in now and groups:
            current = identity_of(part, now[part.tag])
            if current not in groups:
                groups[current].append(NOW)
        known = _by_shared_names(groups) if part in BY_NAME else _with_older(groups)
        if len(known) > 1 and known.keys() != {(), _NOT_KNOWN}:
            words = _words(list(known), most=_MOST_NAMES if part in BY_NAME else None)
            described = tuple((words[own], tuple(names)) for own, names in known.items())
            found.append(Difference(part, described, is_certain=len(known.keys() - {_NOT_KNOWN}) > 1))
    return tuple(found)


def _of_metrics(one: Identity, metrics: Collection[str] | None) -> Identity:
    return one if metrics is None else tuple(pair for pair in one if pair[0] in metrics)


def claims(found: Iterable[Difference]) -> str:
    """What differences claim together: `differ in code and data, may differ in environment`; empty where there is none."""
    certain: defaultdict[bool, list[str]] = defaultdict(list)
    for difference in found:
        certain[difference.is_certain].append(difference.part)
    return ", ".join(
        f"{'' if is_certain else 'may '}differ in {' and '.join(certain[is_certain])}"
        for is_certain in (True, False)
        if is_certain in certain
    )


def are_alike(one: Identity, other: Identity) -> bool:
    """Whether two identities of one part are no difference."""
    return _current(one) == _current(other) or _is_older(one, other) or _is_older(other, one)


def _current(one: Identity) -> Identity:
    """An identity without what is recorded for the comparison with earlier versions alone."""
    return tuple(pair for pair in one if pair[0] != _CONFIG) if _has(one, CONFIG_OF_ALL) else one


def _has(one: Identity, key: str) -> bool:
    return any(own == key for own, _ in one)


def _is_older(one: Identity, other: Identity) -> bool:
    """Whether one is what an earlier version recorded of the same code: all but its imports, its configs, or what the file says."""
    own = dict(one)
    is_of_command = SAID in own and not is_watched(one)
    later = (*_LATER, _DIGEST) if is_of_command else _LATER
    return (
        one not in (other, _NOT_KNOWN)
        and other != _NOT_KNOWN
        and one == tuple(pair for pair in other if pair[0] in own or pair[0] not in later)
    )


def is_watched(code: Identity) -> bool:
    """Whether an identity of code tells an edit: it has a digest of the sources, or a commit, or is not known."""
    return code == _NOT_KNOWN or any(key in (_DIGEST, _COMMIT) for key, _ in code)


def _with_older(groups: Mapping[Identity, list[str]]) -> dict[Identity, list[str]]:
    """The groups, each of an earlier version put to the first that it is like."""
    found: dict[Identity, list[str]] = {}
    for own, names in groups.items():
        like = own
        while (newer := next((other for other in groups if _is_older(like, other)), None)) is not None:
            like = newer
        first = next((other for other in found if _current(other) == _current(like)), like)
        found.setdefault(first, []).extend(names)
    return found


def shared_names(named: Iterable[Identity]) -> dict[Identity, Identity]:
    """What makes a difference of the files that runs name, or of their metrics: of those that several have, the ones that are not the same for all.

    Args:
        named: The files, or the readings of metrics, of each run.

    Returns:
        For each of them those that differ, together with those of runs with which it shares none that does; runs are
        alike where these are equal, and one for which they are empty is like all.
    """
    distinct = dict.fromkeys(named)
    contents: defaultdict[str, set[str]] = defaultdict(set)
    for own in distinct:
        for path, content in own:
            contents[path].add(content)
    fullest = {path: {one: _fullest(one, found) for one in found} for path, found in contents.items()}
    groups: list[dict[str, str]] = []
    group_of: dict[Identity, dict[str, str]] = {}
    for own in distinct:
        differing = {
            path: fullest[path][content] for path, content in own if len({*fullest[path].values()}) > 1
        }
        if not differing:
            group_of[own] = {}
            continue
        group = next((group for group in groups if _agrees(differing, group)), None)
        if group is None:
            groups.append(group := {})
        group |= differing
        group_of[own] = group
    return {own: tuple(sorted(group.items())) for own, group in group_of.items()}


def are_same_content(one: str, other: str) -> bool:
    """Whether two contents of one name are no difference: of readings one may be a part of the other.

    Of several sources that give a metric, a run that was interrupted early may have met some only.
    """
    own, others = parts_of(one), parts_of(other)
    return own <= others or others <= own


def parts_of(content: str) -> frozenset[str]:
    """What a content is made of; one that was read in several ways is like none of them."""
    return frozenset({content} if tags.THEN in content else content.split(AND))


def _fullest(content: str, beside: Iterable[str]) -> str:
    """The content that stands for one beside others: that of which it is a part, with the most parts."""
    own = parts_of(content)
    holding = [other for other in beside if own <= parts_of(other)]
    return max(holding, key=lambda other: (other.count(AND), other))


def _agrees(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    return all(other.get(path, content) == content for path, content in one.items())


def _by_shared_names(groups: Mapping[Identity, list[str]]) -> dict[Identity, list[str]]:
    """The names by the files, or the readings, in which they differ; without those that differ from none."""
    found: dict[Identity, list[str]] = {}
    for own, shared in shared_names(groups).items():
        if shared:
            found.setdefault(shared, []).extend(groups[own])
    return found


def identity(run: RunRecord, part: Part) -> Identity | None:
    """Return what is compared of one part of a run; None where the run has not come far enough to record it.

    Of files and of readings it is all that the run has: those of several runs are compared by `shared_names`.
    """
    recorded = identity_of(part, run.tags.get(part.tag, ""))
    if part in BY_NAME:
        return recorded or None
    if run.adopted and not recorded and part is not Part.TRAINER:
        return _NOT_KNOWN
    if recorded or (part is not Part.TRAINER and run.has_result):
        return recorded
    return None  # of a trainer: earlier versions did not record it


@lru_cache(maxsize=1024)  # thousands of runs share a few identities
def identity_of(part: Part, tag: str) -> Identity:
    """What is compared of the tag of a part."""
    if part is Part.TRAINER:
        return (("", tag),) if tag else ()
    if part is Part.FILES:
        return tuple((path, state.content) for path, state in sorted(tags.files_of(tag).items()))
    if part is Part.METRICS:
        return tuple(sorted(tags.readings_of(tag).items()))
    recorded = _document(tag)
    if recorded is None:
        return (("", tag),) if tag else ()
    return code_identity_of(recorded) if part is Part.CODE else _pairs(recorded)


def code_of(tag: str) -> dict[str, Any]:
    """What a tag says of code; empty where it is something else."""
    return _document(tag) or {}


def code_identity_of(recorded: Mapping[str, Any]) -> Identity:
    """What is compared of recorded code."""
    first = (_DIGEST,) if recorded.get(_DIGEST) is not None else (_COMMIT, "dirty")
    return _pairs({key: recorded[key] for key in (*first, *_LATER) if recorded.get(key) is not None})


def _document(tag: str) -> dict[str, Any] | None:
    try:
        recorded = json.loads(tag)
    except ValueError:
        return None
    return recorded if isinstance(recorded, dict) else None


def _pairs(recorded: Mapping[str, Any]) -> Identity:
    return tuple(
        (key, value if isinstance(value, str) else json.dumps(value, sort_keys=True))
        for key, value in sorted(recorded.items())
        if key != HOST
    )


def _words(identities: Sequence[Identity], most: int | None = None) -> dict[Identity, str]:
    """Describe each of several identities by the keys in which they differ, by so many at most."""
    known = [one for one in identities if one != _NOT_KNOWN]
    is_older = any(_has(one, _CONFIG) and not _has(one, CONFIG_OF_ALL) for one in known)
    values = {one: dict(spelled_out(one, with_every_config=is_older)) for one in known}
    keys = sorted({key for one in values.values() for key in one})
    differing = [key for key in keys if len({one.get(key) for one in values.values()}) > 1]
    return {
        one: _listed([told(key, own[key]) for key in differing if key in own], most)
        or (f"no {' and no '.join(differing)}" if own and differing else "known" if own else "not recorded")
        for one, own in values.items()
    } | {_NOT_KNOWN: _NOT_KNOWN[0][1]}


def _listed(parts: Sequence[str], most: int | None) -> str:
    return shortened(parts, len(parts) if most is None else most)


def spelled_out(one: Identity, *, with_every_config: bool = False) -> Identity:
    """An identity in the terms of users: what the file says around a command key by key (`trainer.cwd`), and one digest of configs.

    Args:
        one: The identity.
        with_every_config: Whether the digest is that of every config, by which records of earlier versions are compared.
    """
    if with_every_config:
        pairs = [pair for pair in one if pair[0] != CONFIG_OF_ALL]
    else:
        pairs = [(_CONFIG if key == CONFIG_OF_ALL else key, value) for key, value in _current(one)]
    return tuple(pair for key, value in pairs for pair in _spelled_out(key, value))


def _spelled_out(key: str, value: str) -> Identity:
    if key == PACKAGES and (versions := _document(value)) is not None:
        return tuple((name, str(version)) for name, version in sorted(versions.items()))
    return _said(value) if key == SAID else ((key, value),)


def _said(text: str) -> Identity:
    found = _document(text)
    if found is None:
        return ((SAID, text),)
    return tuple((f"{SAID}.{key}" if key else SAID, str(value)) for key, value in sorted(found.items()))


def told(key: str, value: str) -> str:
    """A pair of an identity in words."""
    if tags.THEN in value:
        ways = value.count(tags.THEN) + 1
        return f"{key} read in {'two' if ways == 2 else ways} ways: {value}"  # noqa: PLR2004 - a word for few
    return f"{key} {value}".strip() if value else f"no {key}"


def shortened(names: Sequence[object], most: int = _MOST_NAMES) -> str:
    """The first few names, and how many more there are."""
    shown = ", ".join(map(str, names[:most]))
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
