"""Says of runs that differ in code which files have changed since, and what trains them anew."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from analysis.read import tags
from analysis.read.provenance import NOW, Part, differences, shortened
from sweeps.rundir.paths import StateDir
from sweeps.trainer.changes.files import changed_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from analysis.read.provenance import Difference
    from analysis.read.store import RunRecord
    from sweeps.spec.trainer.model import TrainerSpec

_MOST_COPIES = 5
"""So many copies of code are compared with what is there now."""


def told(
    named_runs: Iterable[tuple[str, RunRecord]],
    now: Mapping[str, str],
    trainer: TrainerSpec,
    again: str,
    *,
    from_now: bool = False,
) -> list[str]:
    """In what runs differ, a sentence for each part; of code with the files that have changed since, as far as copies tell.

    Args:
        named_runs: The runs, each with the name that it is listed under.
        now: Tags that a trial started now would get, as `differences` takes them.
        trainer: What would run now.
        again: The shell command that trains the runs' trials anew.
        from_now: Whether to leave out what they differ in only among themselves.
    """
    named_runs = tuple(named_runs)
    sentences = []
    for found in differences(named_runs, now):
        if from_now and not any(NOW in names for _, names in found.groups):
            continue
        parts = [str(found)]
        if found.part is Part.CODE and found.is_certain:
            files = _since(named_runs, trainer, StateDir.here())
            if files and (alike := _alike(found)):
                parts = [f"runs differ in code from now ({shortened(alike)})"]
            parts += files
            parts.append(f"finished trials stay as they are, `{again}` trains them with the code of now")
        sentences.append("; ".join(parts))
    return sentences


def _alike(found: Difference) -> tuple[str, ...]:
    """The names of the runs where they are all alike, and what would run now alone is not: then no digest tells more."""
    groups = [names for _, names in found.groups if names != (NOW,)]
    return groups[0] if len(groups) == 1 and NOW not in groups[0] else ()


def _since(named_runs: Sequence[tuple[str, RunRecord]], trainer: TrainerSpec, state: StateDir) -> list[str]:
    """The files that have changed since runs began, in words: one entry for the runs of which the same is said."""
    names: dict[str, list[str]] = {}
    for name, run in named_runs:
        if (digest := _copy_of(run)) is not None:
            names.setdefault(digest, []).append(name)
    by_files: dict[str, list[str]] = {}
    for digest in list(names)[:_MOST_COPIES]:
        if files := changed_files(trainer, digest, state):
            by_files.setdefault(shortened(files), []).extend(names[digest])
    if len(by_files) == 1 and len(names) <= _MOST_COPIES:
        return [f"since then: {files}" for files in by_files]
    return [f"since {shortened(runs)}: {files}" for files, runs in by_files.items()]


def _copy_of(run: RunRecord) -> str | None:
    """The digest of the copy of code that a run had; None: it had none."""
    try:
        recorded = json.loads(run.tags.get(tags.CODE, ""))
    except ValueError:
        return None
    digest = recorded.get("snapshot") if isinstance(recorded, dict) else None
    return digest if isinstance(digest, str) and digest.isalnum() else None
