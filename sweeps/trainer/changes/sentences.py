"""Says of runs that differ in code which files and keys of `trainer:` have changed since, and what trains them anew."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from analysis.read.provenance import (
    BY_NAME,
    CONFIG_OF_ALL,
    NOW,
    SAID,
    Part,
    are_alike,
    are_same_content,
    code_identity_of,
    code_of,
    differences,
    identity,
    identity_of,
    shortened,
)
from sweeps.rundir.paths import StateDir
from sweeps.sources.following.readings import readings_now
from sweeps.trainer.changes.files import Changed, changed_files, changed_in_place, what_became
from sweeps.trainer.changes.named_files import files_now

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from analysis.read.provenance import Difference
    from analysis.read.store import RunRecord
    from sweeps.spec.trainer.model import TrainerSpec

_REMEDIED = (Part.CODE, Part.FILES)
"""The parts that a trial gets anew when it is trained again here."""
_THEN = "since then: "
_MOST_COPIES = 5
"""So many copies of code are compared with what is there now."""


def told(
    named_runs: Iterable[tuple[str, RunRecord]],
    now: Mapping[str, str],
    trainer: TrainerSpec,
    again: Callable[[Collection[str]], tuple[str, str]],
    read_again: str = "",
    *,
    from_now: bool = False,
) -> list[str]:
    """In what runs differ, a sentence for each part; of code with what has changed since, as far as copies tell.

    Args:
        named_runs: The runs, each with the name that it is listed under.
        now: Tags that a trial started now would get, as `differences` takes them.
        trainer: What would run now.
        again: Gives the shell command that trains the trials of runs anew, by their ids, and what it trains: `them`, or more.
        read_again: The shell command that reads what trials left once more; empty: there is none.
        from_now: Whether to leave out what they differ in only among themselves.
    """
    named_runs = tuple(named_runs)
    runs = [run for _, run in named_runs]
    files, readings = files_now(runs), readings_now(runs, trainer.sources)
    now = {**now, Part.FILES.tag: json.dumps(files), Part.METRICS.tag: json.dumps(readings)}
    sentences = []
    for found in differences(named_runs, now):
        if from_now and not any(NOW in names for _, names in found.groups):
            continue
        parts = [str(found)]
        if found.part is Part.CODE and found.is_certain:
            since = _since(named_runs, trainer, StateDir.here(), now)
            parts += since.words
            if since.words and since.is_whole and (alike := _alike(found)):
                parts = [f"the code has changed since these ran ({shortened(alike)})", *since.words]
                if (one := since.words[0].removeprefix(_THEN)) != since.words[0]:
                    parts = [f"{parts[0]}: {one}"]
            parts += [f"`{since.command}` shows how"] if since.command else []
        if found.part in BY_NAME and (alike := _alike(found)):
            current = dict(identity_of(found.part, now[found.part.tag]))
            names = sorted({name for run in runs for name in _changed(run, found.part, current)})
            have = "have" if found.part is Part.FILES else "has"
            parts = [f"{found.part} {have} changed since these ran ({shortened(alike)}): {shortened(names)}"]
        if found.part is Part.METRICS:
            parts.append(_reading_again(_other(named_runs, now, found.part), read_again, again))
        elif found.part in _REMEDIED and found.is_certain:
            command, which = again(_other(named_runs, now, found.part))
            parts.append(
                f"finished trials stay as they are, `{command}` trains {which} with the {found.part} of now"
            )
        sentences.append("; ".join(parts))
    return sentences


def _reading_again(
    run_ids: Collection[str], read_again: str, again: Callable[[Collection[str]], tuple[str, str]]
) -> str:
    """What makes the metrics of runs alike: they are read once more, if what they left is here, or trained anew."""
    command, which = again(run_ids)
    trains = f"`{command}` trains {which} with the reading of now"
    state = StateDir.here()
    if not read_again or not any(state.run(run_id).root.is_dir() for run_id in run_ids):
        return f"finished trials stay as they are, {trains}"
    return f"finished trials stay as they are: `{read_again}` reads what they left, and says which values are others; {trains}"


def _other(named_runs: Iterable[tuple[str, RunRecord]], now: Mapping[str, str], part: Part) -> set[str]:
    """The ids of the runs that are not as they would be now in a part."""
    current = identity_of(part, now.get(part.tag, ""))
    if part in BY_NAME:
        contents = dict(current)
        return {run.run_id for _, run in named_runs if _changed(run, part, contents)}
    known = ((run.run_id, identity(run, part)) for _, run in named_runs)
    return {run_id for run_id, own in known if own is not None and not are_alike(own, current)}


def _changed(run: RunRecord, part: Part, current: Mapping[str, str]) -> list[str]:
    """The files that are not as a run found them, or the metrics that are read otherwise, by what each is now."""
    own = identity(run, part) or ()
    return [name for name, content in own if not are_same_content(current.get(name, content), content)]


def _alike(found: Difference) -> tuple[str, ...]:
    """The names of the runs where they are all alike, and what would run now alone is not: then no digest tells more."""
    groups = [names for _, names in found.groups if names != (NOW,)]
    return groups[0] if len(groups) == 1 and NOW not in groups[0] else ()


class _Since(NamedTuple):
    """What has changed since runs began.

    Attributes:
        words: An entry for the runs of which the same is said.
        is_whole: Whether files are named, or none has changed.
        command: A shell command that shows how a file was before; empty: none, or there are several such times.
    """

    words: list[str]
    is_whole: bool
    command: str = ""


def _since(
    named_runs: Sequence[tuple[str, RunRecord]],
    trainer: TrainerSpec,
    state: StateDir,
    now: Mapping[str, str],
) -> _Since:
    """What has changed since runs began, in words."""
    current = code_of(now.get(Part.CODE.tag, ""))
    codes: dict[str, tuple[dict[str, Any], list[str]]] = {}
    for name, run in named_runs:
        code = code_of(run.tags.get(Part.CODE.tag, ""))
        codes.setdefault(json.dumps([_kept(code), code.get(SAID)]), (code, []))[1].append(name)
    by_changes: dict[str, list[str]] = {}
    copies: dict[_Kept, Changed] = {}
    is_whole = all(_differ_in_what_is_said_alone(code, current) for code, _ in codes.values())
    for code, names in codes.values():
        kept = _kept(code)
        if kept.digest and kept not in copies and len(copies) < _MOST_COPIES:
            is_older = CONFIG_OF_ALL not in code
            copies[kept] = (
                changed_in_place(trainer, kept.digest, state)
                if kept.is_in_place
                else changed_files(trainer, kept.digest, state, with_all_configs=is_older)
            )
        files = copies.get(kept, Changed()).words
        is_whole = is_whole or bool(files)
        if changes := [*_said_otherwise(code.get(SAID), current.get(SAID)), *files]:
            by_changes.setdefault(shortened(changes), []).extend(names)
    commands = [changed.command for changed in copies.values() if changed.command]
    if len(by_changes) == 1 and len(codes) <= _MOST_COPIES:
        command = commands[0] if len(commands) == 1 else ""
        return _Since([f"{_THEN}{changes}" for changes in by_changes], is_whole, command)
    return _Since([f"since {shortened(names)}: {changes}" for changes, names in by_changes.items()], is_whole)


def _differ_in_what_is_said_alone(code: Mapping[str, Any], current: Mapping[str, Any]) -> bool:
    """Whether two records of code are alike but for what the file says around a command."""
    one, other = (code_identity_of({**whole, SAID: None}) for whole in (code, current))
    return are_alike(one, other)


def _said_otherwise(then: object, now: object) -> Iterator[str]:
    """The keys of `trainer:` that say something else now, with what became of them; none where nothing was recorded."""
    if not isinstance(then, dict) or not isinstance(now, dict):
        return
    for key, change in what_became(then, now).items():
        yield f"{SAID}.{key} ({change})" if key else f"{SAID} (changed)"


class _Kept(NamedTuple):
    """What tells which files have changed since a run began.

    Attributes:
        digest: Of the copy of its code, or of the code that was run in place; empty: nothing tells.
        is_in_place: Whether it was run in place.
    """

    digest: str
    is_in_place: bool


def _kept(code: Mapping[str, Any]) -> _Kept:
    is_in_place = code.get("in_place") is True
    digest = code.get("digest" if is_in_place else "snapshot")
    return _Kept(digest if isinstance(digest, str) and digest.isalnum() else "", is_in_place)
