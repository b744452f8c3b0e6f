"""Gathers the facts about a file's state directory: from the disk, from the record, and from the last report. Reads only."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from analysis.figures.files.figure_cache import IMAGES, last_manifest
from analysis.read import tags
from analysis.results.pictures.artifacts import local_folder
from sweeps.disk.tree import files_below
from sweeps.freeing.facts import Facts, Folder
from sweeps.freeing.run_reading import RunReader, may_work
from sweeps.freeing.standing import Wish
from sweeps.program.outputs.written_files import Written
from sweeps.rundir.lease import liveness
from sweeps.rundir.lock import held_locks
from sweeps.rundir.paths import RunPaths
from sweeps.trainer.snapshot import MOST_ADDED_BYTES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from pathlib import Path

    from analysis.read.record import Record
    from analysis.read.store import RunPlace, RunRecord
    from sweeps.commands.session import Session
    from sweeps.freeing.decisions import Kind
    from sweeps.rundir.paths import StateDir


def gather(session: Session, state: StateDir, out: Path, kinds: Collection[Kind] = ()) -> Facts:
    """Look at all that may go, the report in `out` included; copies are compared only where they are asked for.

    Raises:
        AnalysisError: The record cannot be read.
    """
    session.record.refresh()
    folders = [RunPaths(folder) for folder in sorted(_folders(state.root / "runs"))]
    wish = _wish(session)
    places = session.record.places() if session.record.exists else []
    is_held = _is_held(session)
    at_work = {paths.root for paths in folders if may_work(paths)}
    reader = RunReader(session, wish, places=places, is_held=is_held, at_work=at_work, kinds=kinds)
    runs = sorted(reader.read(folders), key=lambda run: (run.label, run.folder))
    # While anything may be at work here, of whichever file, all copies of the code are needed.
    is_busy = is_held or bool(at_work) or held_locks(state)
    return Facts(
        runs=tuple(runs),
        snapshots=tuple(_snapshots(session.record, state, folders, places, is_busy=is_busy)),
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


class _Code(NamedTuple):
    """What a run says of the code that it began with.

    Attributes:
        snapshot: The digest of its copy; empty where it does not say.
        is_clean: Whether it was that of a commit, so that there is no difference.
    """

    snapshot: str
    is_clean: bool


def _code_of(run: RunRecord) -> _Code:
    try:
        said = json.loads(run.tags.get(tags.CODE, ""))
    except ValueError:
        said = None
    if not isinstance(said, dict):
        return _Code("", is_clean=False)
    return _Code(str(said.get("snapshot", "")), bool(said.get("commit")) and said.get("dirty") is False)


def _snapshots(
    record: Record, state: StateDir, runs: Iterable[RunPaths], places: Iterable[RunPlace], *, is_busy: bool
) -> Iterator[Folder]:
    """The copies of code; `is_busy`: something may be at work here."""
    listed = (*record.runs, *record.others)
    going_on = {_code_of(run).snapshot for run in listed if run.is_trial and not run.has_result}
    written, dirty = _written_into(runs), _unrecorded(listed, places)
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


def _written_into(runs: Iterable[RunPaths]) -> set[str] | None:
    """The files that programs wrote into copies of code; None: nobody knows."""
    found: set[str] = set()
    for paths in runs:
        try:
            found |= set(Written.of_json(json.loads(paths.written.read_text(encoding="utf-8"))).copied)
        except FileNotFoundError:
            continue
        except (OSError, ValueError, KeyError, TypeError):
            return None
    return found


def _unrecorded(runs: Sequence[RunRecord], places: Iterable[RunPlace]) -> set[str]:
    """The copies of which the record may lack the difference from their commit: it is looked for where this machine has it."""
    codes = map(_code_of, runs)
    began = {code.snapshot for code in codes if code.snapshot and not code.is_clean}
    if not began:
        return set()
    of_sweeps = {run.run_id for run in runs if run.is_sweep}
    recorded = set()
    for place in places:
        folder = local_folder(place.artifacts) if place.run_id in of_sweeps else None
        if folder is not None:
            recorded |= {path.stem for path in _entries(folder / "code") if path.suffix == ".diff"}
    return began - recorded


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
        paths = [out / figure[name] for name in ("path", "svg", "pdf", "film") if name in figure]
        if not shown or any(fingerprint in wish.fingerprints for fingerprint in shown):
            continue
        for path in paths:
            if path.is_file() and path.resolve().is_relative_to(out.resolve()) and path.suffix in IMAGES:
                yield Folder(path, files_below(path))


def _folders(place: Path) -> Iterator[Path]:
    return (path for path in _entries(place) if path.is_dir() and not path.is_symlink())


def _entries(place: Path) -> list[Path]:
    try:
        return list(place.iterdir())
    except OSError:
        return []
