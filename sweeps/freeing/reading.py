"""Gathers the facts about a file's state directory: from the disk, from the record, and from the last report. Reads only."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from analysis.figures.figure_cache import last_manifest
from analysis.read import tags
from sweeps.disk.tree import files_below
from sweeps.freeing.facts import Facts, Folder
from sweeps.freeing.run_reading import RunReader, local_folder, may_work
from sweeps.freeing.standing import Wish
from sweeps.rundir.lease import liveness
from sweeps.rundir.lock import held_locks
from sweeps.rundir.paths import RunPaths
from sweeps.trainer.snapshot import MOST_ADDED_BYTES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

    from sweeps.commands.session import Session
    from sweeps.freeing.decisions import Kind
    from sweeps.rundir.paths import StateDir


def gather(session: Session, state: StateDir, out: Path, kinds: Collection[Kind] = ()) -> Facts:
    """Look at all that may go.

    Args:
        session: The file with its record.
        state: The state directory.
        out: The folder of its report.
        kinds: What is asked for; empty: all. Copies are not compared where they are not.

    Raises:
        AnalysisError: The record cannot be read.
    """
    session.record.refresh()
    folders = sorted(_folders(state.root / "runs"))
    wish = _wish(session)
    reader = RunReader(session, wish, is_held=_is_held(session), kinds=kinds)
    runs = reader.read([RunPaths(folder) for folder in folders])
    return Facts(
        runs=tuple(sorted(runs, key=lambda run: (run.label, run.folder))),
        snapshots=tuple(_snapshots(session, state, folders)),
        trash=tuple(Folder(path, files_below(path)) for path in sorted(_entries(state.trash))),
        figures=tuple(_figures(session, wish, out)),
    )


def _wish(session: Session) -> Wish:
    plan = session.whole_plan()
    return Wish(
        frozenset(step.trial.fingerprint for step in plan.steps),
        frozenset(sweep.name for sweep in session.sweeps if not session.request.sweeps),
        session.profile or "",
        session.request.wish,
    )


def _is_held(session: Session) -> bool:
    """Whether a `sweep run` holds a sweep of the experiment, on this machine or another."""
    runs = session.record.runs
    is_alive = liveness(runs)
    at_work = any(run.is_sweep and run.status == "RUNNING" and is_alive(run) for run in runs)
    return at_work or bool(session.holders())


def _snapshots(session: Session, state: StateDir, runs: Collection[Path]) -> Iterator[Folder]:
    """The copies of code. While anything may be at work here, of whichever file, all of them are needed."""
    is_busy = _is_held(session) or held_locks(state) or any(may_work(RunPaths(folder)) for folder in runs)
    going_on = {
        _digest(run.tags.get(tags.CODE, ""))
        for run in (*session.record.runs, *session.record.others)
        if run.is_trial and (run.outcome is None or not run.outcome.is_result)
    }
    written, dirty = _written_into(runs), _unrecorded(session)
    for path in sorted(_entries(state.root / "snapshots")):
        needed = "a `sweep run` is at work here" if is_busy else ""
        digest = path.name.partition("-")[0].partition(".")[0]
        files = files_below(path)
        if not needed and digest in going_on:
            needed = "a run that is not done began with them"
        if not needed and (written is None or any(f"/snapshots/{path.name}/" in name for name in written)):
            needed = "a trial wrote files into them"
        if not needed and (digest in dirty or any(file.size > MOST_ADDED_BYTES for file in files)):
            needed = "the record may not have all their code"
        yield Folder(path, files, needed)


def _written_into(runs: Iterable[Path]) -> set[str] | None:
    """The files that programs wrote into copies of code; None: nobody knows."""
    found: set[str] = set()
    for folder in runs:
        try:
            found |= set(json.loads(RunPaths(folder).written.read_text(encoding="utf-8"))["copied"])
        except FileNotFoundError:
            continue
        except (OSError, ValueError, KeyError, TypeError):
            return None
    return found


def _unrecorded(session: Session) -> set[str]:
    """The copies of which the record may lack the difference from their commit: it is looked for where this machine has it."""
    runs = (*session.record.runs, *session.record.others)
    began = {
        _digest(run.tags.get(tags.CODE, "")) for run in runs if not _is_clean(run.tags.get(tags.CODE, ""))
    }
    began.discard("")
    if not began:
        return set()
    places = {place.run_id: place for place in session.record.places()}
    recorded = set()
    for run in runs:
        place = places.get(run.run_id) if run.is_sweep else None
        folder = local_folder(place.artifacts) if place is not None else None
        if folder is not None:
            recorded |= {path.stem for path in _entries(folder / "code") if path.suffix == ".diff"}
    return began - recorded


def _is_clean(code: str) -> bool:
    """Whether the code was that of a commit, so that there is no difference."""
    try:
        said = json.loads(code)
        return bool(said["commit"]) and said["dirty"] is False
    except (ValueError, KeyError, TypeError):
        return False


def _digest(code: str) -> str:
    try:
        return str(json.loads(code)["snapshot"])
    except (ValueError, KeyError, TypeError):
        return ""


def _figures(session: Session, wish: Wish, out: Path) -> Iterator[Folder]:
    """The report's figures of which the file has no trial any more; a report of a part of the sweeps says nothing of others."""
    last = last_manifest(out)
    here = (session.spec.experiment, session.request.file.name, session.profile)
    if (
        session.request.wish != session.request.file.name
        or session.request.sweeps
        or (last.get("experiment"), last.get("spec"), last.get("profile")) != here
    ):
        return
    for figure in last.get("figures", ()):
        shown = [trial["fingerprint"] for trial in figure["trials"]]
        paths = [out / figure[name] for name in ("path", "svg")]
        if not shown or any(fingerprint in wish.fingerprints for fingerprint in shown):
            continue
        for path in paths:
            if (
                path.is_file()
                and path.resolve().is_relative_to(out.resolve())
                and path.suffix in {".png", ".svg"}
            ):
                yield Folder(path, files_below(path))


def _folders(place: Path) -> Iterator[Path]:
    return (path for path in _entries(place) if path.is_dir() and not path.is_symlink())


def _entries(place: Path) -> list[Path]:
    try:
        return list(place.iterdir())
    except OSError:
        return []
